"""Files for a paper beside a page: its figures as SVG and PDF, its numbers as CSV, its works as BibTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from footstrike.files import check_folder, write_atomically
from footstrike.report.page_tables import Table
from footstrike.report.style import Picture, paper

KINDS = ("svg", "pdf")


def write_figures(folder: Path, pictures: Iterable[Picture], tables: Sequence[Table]) -> list[Path]:
    """Write every picture in both kinds and every table into a folder; files of the same names are replaced.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    check_folder(folder)
    files = {f"{p.name}.{kind}": paper(p.figure, kind) for p in pictures for kind in KINDS}
    files |= {t.file: t.text.encode("utf-8") for t in tables}
    for name, data in files.items():
        write_atomically(folder / name, data)
    return [folder / name for name in files]
