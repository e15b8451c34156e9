"""How large the cache grows, what it says of itself, and how it is emptied."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import footstrike as fs
from footstrike.cache.contents import FRESH_S
from footstrike.cache.entries import entry
from footstrike.cache.results import Format, cached
from footstrike.errors import FootstrikeError, InputError
from footstrike.stages import STAGES

BYTES: Format[bytes] = Format(lambda data: data, lambda data: data)
SIZE = 1000


def put(stage: str, k: int, hours_ago: float = 0.0) -> Path:
    cached(stage, (k,), lambda: b"x" * (SIZE - 32), BYTES)  # with its digest SIZE
    used(entry(stage, k).file, hours_ago)
    return entry(stage, k).file


def used(file: Path, hours_ago: float) -> None:
    then = time.time() - 3600.0 * hours_ago
    os.utime(file, (then, then))


def test_the_last_used_of_all_stages_stay_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [put(stage, k, hours_ago=50 - k) for k, stage in enumerate(["gaits", "functions", "runs"] * 3)]
    assert cached("gaits", (0,), pytest.fail, BYTES).found  # the oldest until now
    monkeypatch.setenv("FOOTSTRIKE_CACHE_LIMIT", str(5 * SIZE / 1e9))
    new = put("paths", 100)
    left = [file.exists() for file in files]
    assert left == [k in (0, 6, 7, 8) for k in range(9)]
    assert new.exists()
    assert fs.cache_info()["bytes"] == 5 * SIZE


def test_what_was_used_just_now_stays_even_above_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [put("gaits", k) for k in range(3)]
    used(files[1], hours_ago=(FRESH_S + 60.0) / 3600.0)
    monkeypatch.setenv("FOOTSTRIKE_CACHE_LIMIT", "1e-9")
    new = put("runs", 1)
    assert [file.exists() for file in [*files, new]] == [True, False, True, True]


def test_files_of_others_neither_count_nor_go(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("gaits", 1)
    theirs = [
        root / "gaits" / "notes.txt",
        root / "pictures" / ("a" * 32),
        root / "gaits" / "folder" / "file",
    ]
    for file in theirs:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"theirs" * 1000)
        used(file, hours_ago=100.0)
    assert fs.cache_info()["results"] == 1
    monkeypatch.setenv("FOOTSTRIKE_CACHE_LIMIT", "1e-9")
    put("gaits", 2)
    assert fs.clear_cache() == {"results": 2, "bytes": 2 * SIZE}
    assert all(file.exists() for file in theirs)


@pytest.mark.parametrize("limit", ["many", "0", "-1", "nan", "inf", "5 GB"])
def test_a_limit_that_is_no_size_is_refused_before_anything_is_made(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTSTRIKE_CACHE_LIMIT", limit)
    with pytest.raises(InputError, match=f"FOOTSTRIKE_CACHE_LIMIT '{limit}' is not a size"):
        cached("gaits", (1,), pytest.fail, BYTES)
    with pytest.raises(InputError, match="more than 0"):
        fs.cache_info()


def test_it_says_what_it_holds(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fs.cache_info()["results"] == 0  # nor is there a folder yet
    assert not root.exists()
    put("gaits", 1, hours_ago=2.0)
    used(put("gaits", 2), hours_ago=(time.time() - 1e9) / 3600.0)
    put("runs", 1)
    monkeypatch.setenv("FOOTSTRIKE_CACHE_LIMIT", "0.5")
    used(entry("gaits", 1).file, hours_ago=(time.time() - 1.5e9) / 3600.0)
    found = fs.cache_info()
    assert (found["folder"], found["limit_bytes"]) == (str(root), 500_000_000)
    assert (found["results"], found["bytes"]) == (3, 3 * SIZE)
    assert list(found["stages"]) == list(STAGES)
    assert found["stages"]["gaits"] == {
        "results": 2, "bytes": 2 * SIZE, "last_used": "2017-07-14T02:40:00+00:00"
    }  # fmt: skip
    assert found["stages"]["paths"] == {"results": 0, "bytes": 0, "last_used": None}


def test_a_stage_is_cleared_alone_and_all_together() -> None:
    for stage in ("gaits", "runs"):
        put(stage, 1)
    assert fs.clear_cache("gaits") == {"results": 1, "bytes": SIZE}
    assert not cached("gaits", (1,), lambda: b"", BYTES).found
    assert cached("runs", (1,), pytest.fail, BYTES).found
    assert fs.clear_cache()["results"] == 2
    assert fs.clear_cache() == {"results": 0, "bytes": 0}
    with pytest.raises(InputError, match="stage 'gait' is unknown; did you mean 'gaits'"):
        fs.clear_cache("gait")


def test_what_cannot_be_removed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    file = put("gaits", 1)

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(
        FootstrikeError, match=rf"1 of 1 results cannot be removed: {file} \(permission denied"
    ):
        fs.clear_cache()
