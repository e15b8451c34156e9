"""Works that the package builds on: which ones a text names, and how they are cited."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from footstrike.brief import brief
from footstrike.errors import unknown_name
from footstrike.resources import resource

Row = Mapping[str, str]


@dataclass(frozen=True)
class Work:
    """A published work.

    Attributes
    ----------
    key
        Its name in ``models/citations.toml`` and in BibTeX.
    names
        How texts refer to it, the usual way first: ``"Hamner et al. 2010"``.
    fields
        ``title``, ``journal``, ``year``, ``volume``, ``pages``, ``doi``, as far as there are any.
    """

    key: str
    names: tuple[str, ...]
    authors: tuple[str, ...]
    fields: Mapping[str, str]

    __repr__ = brief

    @property
    def bibtex(self) -> str:
        """An entry for a .bib file."""
        entries = {"author": " and ".join(self.authors), **self.fields}
        inside = "".join(f"  {name} = {{{_protected(name, value)}}},\n" for name, value in entries.items())
        return f"@article{{{self.key},\n{inside}}}\n"

    @property
    def reference(self) -> str:
        """One line of a list of references."""
        f = self.fields
        where = " ".join(f[n] for n in ("journal", "volume") if n in f)
        pages = f":{f['pages'].replace('--', '-')}" if "pages" in f else ""
        doi = f", doi:{f['doi']}" if "doi" in f else ""
        return f"{', '.join(a.replace(',', '') for a in self.authors)} ({f['year']}) {f['title']}. {where}{pages}{doi}"

    def is_named_in(self, text: str) -> bool:
        """Whether a text refers to it, by name or DOI."""
        doi = self.fields.get("doi")
        return any(name in text for name in self.names) or (doi is not None and f"doi:{doi}" in text)


@cache
def works() -> dict[str, Work]:
    """All works of ``models/citations.toml``, by key."""
    table = tomllib.loads(resource("models", "citations.toml").read_text(encoding="utf-8"))
    return {key: _work(key, entry) for key, entry in table.items()}


def cited(keys: Iterable[str]) -> list[Work]:
    """Works by key, each once, in the order in which they are first named.

    Raises
    ------
    InputError
        A key is unknown.
    """
    known = works()
    out = []
    for key in dict.fromkeys(keys):
        if key not in known:
            raise unknown_name("citation", key, known)
        out.append(known[key])
    return out


def named_in(text: str) -> list[str]:
    """Keys of the works that a text refers to."""
    return [key for key, work in works().items() if work.is_named_in(text)]


def sources(table: str, of: Callable[[Row], bool] = lambda row: True) -> list[str]:
    """Keys of the works behind a table of ``models/``; of a .csv only behind the rows that are asked for."""
    path = resource("models", table)
    if path.suffix != ".csv":
        return named_in(path.read_text(encoding="utf-8"))
    with path.open(newline="", encoding="utf-8") as stream:
        return named_in("\n".join(row["source"] for row in csv.DictReader(stream) if of(row)))


def _work(key: str, entry: dict[str, Any]) -> Work:
    fields = {name: str(value) for name, value in entry.items() if name not in ("as", "authors")}
    return Work(key, tuple(entry["as"]), tuple(entry["authors"]), fields)


def _protected(name: str, value: str) -> str:
    """Titles keep the capitals of names, which BibTeX styles would take away."""
    return _NAME.sub(r"{\g<0>}", value) if name == "title" else value


_NAME = re.compile(r"^\w+[A-Z]\w*|(?<=.)\b\w*[A-Z]\w*")
