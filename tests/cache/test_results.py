"""Cached results: whole or not at all, made once, whatever kills, fills or damages the place where they lie."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from footstrike.cache import entries, unfinished
from footstrike.cache.entries import Entry, content, entry
from footstrike.cache.location import folder
from footstrike.cache.lock import Lock
from footstrike.cache.results import Format, cached
from footstrike.workers.client import Worker

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]
BYTES: Format[bytes] = Format(lambda data: data, lambda data: data)
Start = Callable[[str], subprocess.Popen[str]]


def begun(root: Path) -> list[str]:
    """What is unfinished."""
    place = root / "unfinished"
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


def leave(root: Path, name: str = "gaits-abc") -> None:
    """What a process leaves that is killed while it writes."""
    (root / "unfinished").mkdir(parents=True, exist_ok=True)
    (root / "unfinished" / f"{name}.lock").touch()
    (root / "unfinished" / f"{name}-xyz.part").write_bytes(b"half")


def never() -> bytes:
    pytest.fail("made again")


def ended(process: subprocess.Popen[str]) -> list[str]:
    """Lines that a process printed until it ended, without an error."""
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    return out.splitlines()


def test_a_result_is_found_by_its_values(root: Path) -> None:
    assert cached("gaits", ("a", np.arange(3.0)), lambda: b"result", BYTES) == (b"result", False)
    assert cached("gaits", ("a", np.arange(3.0)), never, BYTES) == (b"result", True)
    assert not cached("gaits", ("a", np.arange(4.0)), lambda: b"other", BYTES).found
    assert not cached("runs", ("a", np.arange(3.0)), lambda: b"other", BYTES).found
    assert begun(root) == []


def test_a_result_of_other_code_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    cached("gaits", (1,), lambda: b"result", BYTES)
    monkeypatch.setattr(entries, "fingerprint", lambda stage: f"another {stage}")
    assert not cached("gaits", (1,), lambda: b"other", BYTES).found


def test_values_do_not_run_into_each_other() -> None:
    assert entry("gaits", "ab", "c") != entry("gaits", "a", "bc")


def test_sharing_in_memory_is_no_difference() -> None:
    array = np.arange(3.0)
    assert content([array, array]) == content([array, array.copy()])


def test_made_or_found_it_is_the_same() -> None:
    halves = Format[float](lambda x: f"{x:.1f}".encode(), float)
    made, found = (cached("gaits", (1,), lambda: 0.123, halves) for _ in range(2))
    assert made == (0.1, False)
    assert found == (0.1, True)


def test_what_has_no_bytes_is_not_found_again(root: Path) -> None:
    unsolved = Format[str](lambda text: None, bytes.decode)
    assert [cached("gaits", (1,), lambda: "unsolved", unsolved) for _ in range(2)] == [
        ("unsolved", False)
    ] * 2
    assert not (root / "gaits").exists()
    assert begun(root) == []


@pytest.mark.parametrize("damage", [lambda d: d[:-1], lambda d: d[:5], lambda d: b"x" + d[1:], lambda d: b""])
def test_a_damaged_result_is_made_again(damage: Callable[[bytes], bytes]) -> None:
    data = b"a result of some length, longer than its digest at the end"
    cached("gaits", (1,), lambda: data, BYTES)
    file = entry("gaits", 1).file
    file.write_bytes(damage(file.read_bytes()))
    assert cached("gaits", (1,), lambda: data, BYTES) == (data, False)
    assert cached("gaits", (1,), never, BYTES) == (data, True)


def test_bytes_that_their_reader_refuses_are_made_again() -> None:
    number = Format[int](lambda n: b"%d" % n, int)
    cached("gaits", (1,), lambda: b"written by another version", BYTES)
    assert cached("gaits", (1,), lambda: 3, number) == (3, False)
    assert cached("gaits", (1,), lambda: 4, number) == (3, True)


def test_an_error_while_making_leaves_nothing(root: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        cached("gaits", (1,), lambda: b"%d" % (1 // 0), BYTES)
    assert begun(root) == []
    assert not cached("gaits", (1,), lambda: b"result", BYTES).found


MAKES = """
def make():
    print("made", flush=True)
    time.sleep(0.5)
    return b"result"
assert cached("gaits", (1,), make, BYTES, lambda words: print(words, flush=True)).value == b"result"
"""


def test_of_two_processes_one_makes_a_result_and_the_other_waits_for_it(root: Path, elsewhere: Start) -> None:
    one, other = sorted([ended(p) for p in [elsewhere(MAKES), elsewhere(MAKES)]], key=len)
    assert "made" in one + other
    assert (one + other).count("made") == 1
    assert set(one + other) <= {"made", "waiting for another process that makes the same"}
    assert begun(root) == []


def test_who_waits_says_so_and_reads_what_the_other_made(root: Path, elsewhere: Start) -> None:
    other = elsewhere("def make():\n    print('made', flush=True)\n    sys.stdin.read()\n    return b'theirs'\n"
                      "cached('gaits', (1,), make, BYTES)")  # fmt: skip
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "made\n"
    told: list[str] = []

    def tell(words: str) -> None:
        told.append(words)
        if other.stdin is not None and not other.stdin.closed:
            other.stdin.close()

    assert cached("gaits", (1,), never, BYTES, tell) == (b"theirs", True)
    assert set(told) == {"waiting for another process that makes the same"}
    other.wait()
    for stream in (other.stdout, other.stderr):
        assert stream is not None
        stream.close()
    assert begun(root) == []


def test_threads_of_one_process_make_a_result_once(root: Path) -> None:
    made: list[int] = []

    def use() -> None:
        cached("gaits", (1,), lambda: (made.append(1), time.sleep(0.2)) and b"result", BYTES)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert begun(root) == []


def test_what_a_killed_process_was_making_is_made_by_the_next(root: Path, elsewhere: Start) -> None:
    other = elsewhere("cached('gaits', (1,), lambda: (print('made', flush=True), time.sleep(60)), BYTES)")
    assert other.stdout is not None
    assert other.stdout.readline() == "made\n"
    assert len(begun(root)) == 1
    other.kill()
    other.communicate()
    assert cached("gaits", (1,), lambda: b"mine", BYTES, pytest.fail) == (b"mine", False)
    assert begun(root) == []


MANY = """
for k in range(START, 10**6):
    cached("gaits", (k,), lambda: (time.sleep(0.003), b"%06d" % k * 20_000)[1], BYTES)
    print(k, flush=True)
"""


def test_killed_at_ten_instants_nothing_finished_is_lost_and_nothing_unfinished_stays(
    root: Path, elsewhere: Start
) -> None:
    finished: list[int] = []
    instants = random.Random(1)
    for start in range(0, 10_000, 1000):
        process = elsewhere(MANY.replace("START", str(start)))
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(instants.uniform(0.0, 0.1))
        process.kill()
        finished += map(int, [first, *process.communicate()[0].splitlines()])
        assert (
            len(list((root / "gaits").iterdir())) - len(finished) <= start // 1000 + 1
        )  # written, not yet told
    assert len(finished) >= 10
    for k in finished:
        assert cached("gaits", (k,), never, BYTES).value == b"%06d" % k * 20_000
    assert begun(root) == []
    for file in (root / "gaits").iterdir():
        assert Entry(file).read() is not None
    assert {path.name for path in root.iterdir()} == {"gaits", "unfinished"}


WRITES = """
os.fsync = lambda handle: (print("writing", flush=True), time.sleep(60))
cached("gaits", (1,), lambda: b"x" * 1000, BYTES)
"""


@pytest.mark.parametrize("kill", SIGNALS)
def test_a_killed_writer_leaves_nothing_that_stays(
    kill: signal.Signals, root: Path, elsewhere: Start
) -> None:
    reset = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\n"  # ignored in a shell's background
    process = elsewhere(reset + WRITES)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    assert len(begun(root)) == 2
    process.send_signal(kill)
    process.communicate()
    cached("runs", (2,), lambda: b"result", BYTES)
    assert begun(root) == []
    assert not cached("gaits", (1,), lambda: b"result", BYTES).found


def test_an_interrupted_writer_tidies_up(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cached("gaits", (1,), lambda: b"result", BYTES)
    assert begun(root) == []


def test_what_is_being_made_elsewhere_is_not_swept_away(root: Path, elsewhere: Start) -> None:
    process = elsewhere(WRITES.replace("time.sleep(60)", "sys.stdin.read()"))
    assert process.stdout is not None
    process.stdout.readline()
    leave(root)
    assert len(begun(root)) == 4
    cached("runs", (2,), lambda: b"result", BYTES)
    assert len(begun(root)) == 2
    ended(process)
    assert cached("gaits", (1,), never, BYTES).value == b"x" * 1000


def test_where_locks_do_not_work_results_are_made_and_old_leftovers_go(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Lock) -> bool:
        raise OSError("no locks available")

    leave(root, "gaits-new")
    leave(root, "gaits-old")
    os.utime(root / "unfinished" / "gaits-old-xyz.part", (0.0, 0.0))
    monkeypatch.setattr(Lock, "take", refuse)
    assert cached("gaits", (1,), lambda: b"result", BYTES, pytest.fail) == (b"result", False)
    assert cached("gaits", (1,), never, BYTES) == (b"result", True)
    assert "gaits-new-xyz.part" in begun(root)
    assert "gaits-old-xyz.part" not in begun(root)


def test_a_lock_whose_file_was_removed_is_no_lock(tmp_path: Path) -> None:
    """Who opened the file before its holder removed it must not hold a lock that nobody else sees."""
    first, second = Lock(tmp_path / "a.lock"), Lock(tmp_path / "a.lock")
    assert first.take()
    assert not second.take()
    handle = os.open(tmp_path / "a.lock", os.O_RDWR)
    first.release()
    assert os.fstat(handle).st_nlink == 0
    os.close(handle)
    assert second.take()
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_what_a_worker_left_goes_with_it(root: Path) -> None:
    with Worker("casadi") as worker:
        worker.call("ping")
        leave(root)
    assert begun(root) == []


def test_a_worker_whose_parent_is_gone_takes_its_own_along(
    root: Path, tmp_path: Path, elsewhere: Start
) -> None:
    (tmp_path / "its-own").mkdir()
    leaves = (
        "from footstrike.workers.serve import _leave_after\n"
        f"watch = threading.Thread(target=_leave_after, args=(sys.stdin.read, {str(tmp_path / 'its-own')!r}))\n"
        "watch.start()\n"
    )
    process = elsewhere(leaves + WRITES)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    assert len(begun(root)) == 2
    ended(process)
    assert begun(root) == []


def test_a_folder_that_cannot_be_written_is_no_harm(root: Path) -> None:
    told: list[str] = []
    root.write_text("a file where the folder should be")
    assert cached("gaits", (1,), lambda: b"result", BYTES, told.append) == (b"result", False)
    unfinished.sweep()
    unfinished.abandon()
    root.unlink()
    entry("gaits", 1).file.mkdir(parents=True)  # a folder where the file should be
    assert cached("gaits", (1,), lambda: b"result", BYTES, told.append) == (b"result", False)
    assert len(told) == 2
    assert all("the cache cannot be written (" in words for words in told)
    assert begun(root) == []


def test_a_folder_that_may_only_be_read_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    cached("gaits", (1,), lambda: b"result", BYTES)
    monkeypatch.setattr(os, "utime", refuse)
    monkeypatch.setattr(Path, "mkdir", refuse)
    assert cached("gaits", (1,), never, BYTES) == (b"result", True)
    assert cached("gaits", (2,), lambda: b"made", BYTES) == (b"made", False)


def test_a_full_disk_leaves_nothing(root: Path) -> None:
    told: list[str] = []
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        result = cached("gaits", (1,), lambda: b"x" * 5000, BYTES, told.append)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert result == (b"x" * 5000, False)
    assert told == ["the cache cannot be written (file too large); the work goes on without"]
    assert begun(root) == []
    assert list((root / "gaits").iterdir()) == []


def test_a_relative_cache_is_where_the_caller_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from footstrike.workers.client import worker_environment

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOOTSTRIKE_CACHE", "here")
    assert folder() == tmp_path / "here"
    assert worker_environment()["FOOTSTRIKE_CACHE"] == str(tmp_path / "here")
    assert entry("gaits", 1).file.parent == tmp_path / "here" / "gaits"
