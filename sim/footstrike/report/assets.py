"""The files that a page is made of: templates, style and scripts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from footstrike.outcomes import spine
from footstrike.report import plain_words, words


@cache
def template(name: str) -> Template:
    """A page to fill in; whatever is not given is an error, and text is escaped."""
    environment = Environment(
        loader=PackageLoader("footstrike.report", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = words.number
    environment.filters["signed"] = words.signed
    environment.filters["labelled"] = words.labelled
    environment.filters["record_label"] = plain_words.labelled
    environment.filters["basis"] = plain_words.basis
    environment.filters["level"] = spine.shown
    return environment.get_template(name)


def asset(name: str) -> Markup:
    """A style or a script as it goes into a page."""
    return Markup(files("footstrike.report").joinpath("templates", name).read_text(encoding="utf-8"))


def scripts(names: Iterable[str]) -> Markup:
    """Scripts one after the other."""
    return Markup("\n").join(map(asset, names))
