from __future__ import annotations

from pathlib import Path

import pytest
import small_osim as small

from footstrike.check.model_check import check
from footstrike.check.model_file import read_model_file
from footstrike.errors import InputError
from footstrike.workers.client import Worker

ENCODINGS = ["ISO-8859-1", "UTF-8", "windows-1252", "UTF-16", "iso-8859-15"]


def written(folder: Path, text: str, encoding: str) -> Path:
    path = folder / "model.osim"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_names_are_read_in_the_encoding_that_the_file_declares(
    tmp_path: Path, worker: Worker, encoding: str
) -> None:
    text = small.chain(("Hüftwinkel", "Knie°"), bodies=("Oberschenkel_größe", "tibia_é"), encoding=encoding)
    file = read_model_file(written(tmp_path, text, encoding))
    described = worker.call("describe", file.text)
    assert described.coordinate_names == ["Hüftwinkel", "Knie°"]
    assert [b.name for b in described.bodies] == ["Oberschenkel_größe", "tibia_é"]
    assert file.warnings == ()


@pytest.mark.parametrize("declared", ["ISO-8859-1", "UTF-8"])
def test_names_that_differ_by_one_letter_only_stay_apart(tmp_path: Path, declared: str) -> None:
    muscles = "".join(
        small.muscle(
            name,
            small.point("a", "/ground", f"{x} 0 0"),
            small.point("b", "/bodyset/shank", f"{x} -0.1 0"),
        )
        for name, x in (("mü", 0.05), ("mö", 0.1))
    )
    path = written(tmp_path, small.chain(("kü", "kö"), forces=muscles, encoding=declared), "ISO-8859-1")
    report = check(path)
    assert report.understood["names of these"] == "kü, kö"
    assert report.passed, [row for row in report.rows if not row["passed"]]
    told = any("not in the encoding UTF-8" in w for w in report.warnings)
    assert told == (declared == "UTF-8")


def test_letters_of_older_files_survive_in_every_encoding_that_has_them(tmp_path: Path) -> None:
    text = "<?xml version='1.0' encoding='latin-1'?><!-- Holzbaur’s -->".replace("’", "é")
    file = read_model_file(written(tmp_path, text, "latin-1"))
    assert "Holzbauré" in file.text
    assert "encoding='UTF-8'" in file.text


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("klingon", "'klingon', which is unknown"), ("shift_jis", "not in the encoding 'shift_jis'")],
)
def test_an_encoding_that_does_not_fit_is_refused_by_name(tmp_path: Path, encoding: str, words: str) -> None:
    path = tmp_path / "model.osim"
    path.write_bytes(small.chain(encoding=encoding).encode() + b"\x81\xff")
    with pytest.raises(InputError, match=words):
        read_model_file(path)
