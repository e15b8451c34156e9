"""The works behind the package: every one that a table or module names is known, whole, and in CITATION.cff."""

from __future__ import annotations

import csv
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import footstrike
from footstrike.citations import Work, cited, named_in, sources, works
from footstrike.errors import InputError
from footstrike.workers import client

ROOT = Path(__file__).resolve().parents[1]
MODULES = [m.name for m in pkgutil.walk_packages(footstrike.__path__, "footstrike.")]
NATIVE = re.compile(
    r"^from footstrike\.(opensim\.osim|workers\.casadi_) import|^import (opensim|casadi)", re.MULTILINE
)


def modules_with_citations() -> list[str]:
    found = []
    for name in MODULES:
        text = Path(str(importlib.util.find_spec(name).origin)).read_text(encoding="utf-8")
        if re.search(r"^CITES\b", text, re.MULTILINE):
            assert not NATIVE.search(text), f"{name} cannot be asked for its citations"
            found.append(name)
    return found


@pytest.mark.parametrize("work", works().values(), ids=list(works()))
def test_works_are_whole(work: Work) -> None:
    assert {"title", "journal", "year", "pages"} <= work.fields.keys()
    assert all(", " in author for author in work.authors)
    first = work.authors[0].split(",")[0]
    assert work.names[0].startswith(first)
    assert work.names[0].endswith(work.fields["year"])
    count = len(work.authors)
    assert ("et al." in work.names[0]) == (count > 2)
    assert work.bibtex.count("{") == work.bibtex.count("}")
    assert f"  author = {{{work.authors[0]}" in work.bibtex


def test_every_doi_of_the_tables_is_known() -> None:
    dois = {str(w.fields["doi"]) for w in works().values() if "doi" in w.fields}
    for table in sorted((ROOT / "models").glob("*.csv")):
        with table.open(newline="", encoding="utf-8") as stream:
            text = "\n".join(row.get("source", "") for row in csv.DictReader(stream))
        found = {doi.rstrip("):") for doi in re.findall(r"doi:(10\.[^\s;,\"]+)", text)}
        assert found <= dois, table.name


def test_modules_cite_known_works() -> None:
    names = modules_with_citations()
    assert "footstrike.dynamics.contact" in names
    for name in names:
        keys = importlib.import_module(name).CITES
        if name == client.__name__:
            keys = [key for of_engine in keys.values() for key in of_engine]
        assert cited(keys)


def test_citation_cff_has_every_work() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    for key, work in works().items():
        assert work.fields["title"] in text, key
        assert f"doi: {work.fields['doi']}\n" in text if "doi" in work.fields else True, key
    assert text.count("  - type: article\n") == len(works())


def test_texts_and_rows_name_their_works() -> None:
    assert named_in("trunk: Hamner & Delp 2013; skeleton (doi:10.1016/j.jbiomech.2010.06.025)") == [
        "hamner2010",
        "hamner2013",
    ]
    assert sources("rhythm.csv", lambda row: row["rhythm"] == "christophy") == ["christophy2012"]
    assert "christophy2012" not in sources("rhythm.csv", lambda row: row["rhythm"] == "lfb")


def test_each_work_is_cited_once_and_unknown_ones_are_refused() -> None:
    assert [w.key for w in cited(["seth2018", "hamner2010", "seth2018"])] == ["seth2018", "hamner2010"]
    with pytest.raises(InputError, match="did you mean 'hamner2010'"):
        cited(["hamner20101"])


def test_titles_keep_the_capitals_of_names() -> None:
    assert "title = {{CasADi}: a software framework" in works()["andersson2019"].bibtex
    assert "title = {Collocation at {Gaussian} points}" in works()["de_boor1973"].bibtex
