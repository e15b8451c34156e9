"""Sphinx: the documentation as a site. `sphinx-build -W -b html docs build/site` makes it, without a network."""

from __future__ import annotations

import sys
from pathlib import Path

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
