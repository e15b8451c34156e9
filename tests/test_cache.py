"""Results kept between sessions: whole or not at all, whatever kills, fills or damages the place where they lie."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from footstrike import cache
from footstrike.cache import Place, content, place
from footstrike.stages import STAGES
from footstrike.workers.client import Worker

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def unfinished(root: Path) -> list[str]:
    folder = root / "unfinished"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def leave(root: Path, process: int) -> Path:
    """What a process leaves that dies while it writes."""
    file = root / "unfinished" / f"{cache._machine()}-{process}-abc"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"half")
    return file


def dead() -> int:
    """Number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_is_kept_is_found_by_its_values(root: Path) -> None:
    one, other = place("gaits", "a", np.arange(3.0)), place("gaits", "a", np.arange(4.0))
    assert one.read() is None
    assert one.write(b"result")
    assert place("gaits", "a", np.arange(3.0)).read() == b"result"
    assert other.read() is None
    assert place("runs", "a", np.arange(3.0)).read() is None
    assert one.file != other.file
    assert unfinished(root) == []


def test_values_do_not_run_into_each_other() -> None:
    assert place("gaits", "ab", "c") != place("gaits", "a", "bc")


def test_sharing_in_memory_is_no_difference() -> None:
    array = np.arange(3.0)
    assert content([array, array]) == content([array, array.copy()])


@pytest.mark.parametrize("damage", [lambda d: d[:-1], lambda d: d[:5], lambda d: b"x" + d[1:], lambda d: b""])
def test_a_damaged_result_is_none_and_goes(damage) -> None:
    kept = place("gaits", 1)
    kept.write(b"a result of some length, longer than its digest at the end")
    kept.file.write_bytes(damage(kept.file.read_bytes()))
    assert kept.read() is None
    assert not kept.file.exists()
    assert kept.write(b"again")
    assert kept.read() == b"again"


def test_the_last_used_stay_and_unfinished_ones_do_not_count(root: Path) -> None:
    most = STAGES["functions"].most
    assert most is not None
    kept = [place("functions", k) for k in range(most + 2)]
    (root / "functions" / "tmpabc").mkdir(parents=True)
    for age, one in enumerate(kept[:most]):
        one.write(b"set")
        os.utime(one.file, (1000.0 + age, 1000.0 + age))
    leave(root, os.getpid())
    assert kept[0].read() == b"set"  # used: the youngest now
    for one in kept[most:]:
        one.write(b"set")
    assert [one.read() is None for one in kept] == [k in (1, 2) for k in range(most + 2)]
    assert len(list((root / "functions").iterdir())) == most


def test_what_dead_processes_left_goes_when_something_is_kept(root: Path) -> None:
    leave(root, dead())
    mine = leave(root, os.getpid())
    elsewhere = root / "unfinished" / "another-machine-7-abc"
    elsewhere.write_bytes(b"half")
    forgotten = root / "unfinished" / "another-machine-8-abc"
    forgotten.write_bytes(b"half")
    os.utime(forgotten, (0.0, 0.0))
    place("gaits", 1).write(b"result")
    assert unfinished(root) == sorted([mine.name, elsewhere.name])


WRITES = """
import os, sys, time
from footstrike import cache
os.fsync = lambda handle: (print("writing", flush=True), time.sleep(60))
cache.place("gaits", 1).write(b"x" * 1000)
"""


@pytest.mark.parametrize("kill", SIGNALS)
def test_a_killed_writer_leaves_nothing_that_stays(kill: signal.Signals, root: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITES],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # ignored in the background of a shell
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    assert len(unfinished(root)) == 1
    process.send_signal(kill)
    process.wait()
    process.stdout.close()
    assert place("gaits", 1).read() is None
    place("gaits", 2).write(b"result")
    assert unfinished(root) == []


def test_an_interrupted_writer_tidies_up(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        place("gaits", 1).write(b"result")
    assert unfinished(root) == []


def test_what_a_worker_left_goes_with_it(root: Path) -> None:
    with Worker("casadi") as worker:
        worker.call("ping")
        assert worker.pid
        leave(root, worker.pid)
    assert unfinished(root) == []


def test_a_worker_whose_parent_is_killed_takes_its_own_along(root: Path) -> None:
    script = (
        "import time\nfrom footstrike.workers.client import Worker\nworker = Worker('casadi')\n"
        "worker.call('ping')\nprint(worker.pid, flush=True)\ntime.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    leave(root, int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 20
    while unfinished(root) and time.monotonic() < end:
        time.sleep(0.05)
    assert unfinished(root) == []


def test_several_processes_may_keep_the_same(root: Path) -> None:
    script = (
        "from footstrike.cache import place\n"
        "for k in range(100):\n"
        "    one = place('functions', k % 20)\n"
        "    assert one.write(b'%d' % (k % 20) * 5000)\n"
        "    assert one.read() in (None, b'%d' % (k % 20) * 5000)\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate()[1] for process in processes] == [b""] * 3
    assert unfinished(root) == []
    assert len(list((root / "functions").iterdir())) == STAGES["functions"].most


def test_a_place_that_cannot_be_written_is_no_harm(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root.write_text("a file where the folder should be")
    assert not place("gaits", 1).write(b"result")
    assert place("gaits", 1).read() is None
    cache.abandon()
    root.unlink()
    one = place("gaits", 1)
    one.file.mkdir(parents=True)  # a folder where the file should be
    assert not one.write(b"result")
    assert one.read() is None
    assert unfinished(root) == []


def test_a_full_disk_leaves_nothing(root: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        assert not place("gaits", 1).write(b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert place("gaits", 1).read() is None
    assert unfinished(root) == []
    assert list((root / "gaits").iterdir()) == []


def test_a_relative_cache_is_where_the_caller_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from footstrike.workers.client import worker_environment

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOOTSTRIKE_CACHE", "here")
    assert cache.folder() == tmp_path / "here"
    assert worker_environment()["FOOTSTRIKE_CACHE"] == str(tmp_path / "here")
    assert place("gaits", 1) == Place(tmp_path / "here" / "gaits" / place("gaits", 1).file.name, None)
