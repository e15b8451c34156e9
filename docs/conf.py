"""Sphinx: the documentation as a site. `sphinx-build -W -b html docs build/site` makes it, without a network."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "sim"), str(HERE / "_ext")]

import footstrike  # noqa: E402

project = "Footstrike"
author = "The Footstrike authors"
project_copyright = "The Footstrike authors"
release = footstrike.__version__

extensions = [
    "myst_parser",
    "results",
    "rooms",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_ext"]

highlight_language = "none"  # a block that names no language is a command line or a formula
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_mock_imports = ["opensim", "casadi"]  # they cannot share a process, and no page needs either
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"Footstrike {release}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_copy_source = False
html_show_sphinx = False


def join_names(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keep attributes that share a line (``height, mass``) one field: Sphinx would take the first for a type."""
    section = ""
    for number, line in enumerate(lines):
        if line.startswith("---"):
            section = lines[number - 1]
        if section == "Attributes" and re.fullmatch(r"\w+(, \w+)+( : .*)?", line):
            names, colon, kind = line.partition(" : ")
            lines[number] = names.replace(", ", ",") + colon + kind


def setup(app: Any) -> None:
    """Run before napoleon reads the docstrings."""
    app.connect("autodoc-process-docstring", join_names, priority=400)
