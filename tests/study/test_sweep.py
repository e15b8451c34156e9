"""A sweep can be killed, shared, copied, merged and taken up again: nothing is lost, nothing is solved twice."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy_cells import DEADLY_DEG, ENTRIES, GRID, UNSOLVED_DEG, children, kill, solves

import footstrike as fs
from footstrike.errors import FootstrikeError, InputError, WorkerError
from footstrike.study import local
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import make_plan
from footstrike.study.sweep import Sweep, merge_sweeps, sweep
from footstrike.study.tally import Tally

Start = Callable[..., "subprocess.Popen[str]"]


def files(folder: Path) -> dict[str, bytes]:
    """Bytes of the cells; a file that is being written is not one."""
    finished = (path for path in sorted((folder / "cells").iterdir()) if path.suffix != ".part")
    return {path.name: path.read_bytes() for path in finished}


def until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def finished(folder: Path) -> int:
    return len(list((folder / "cells").glob("*.h5")))


def is_whole(found: Sweep) -> None:
    """All is solved, each file is what its name says, and nothing else is left in the folder."""
    assert found.status()["solved"] == len(found.plan.cells) == ENTRIES - 2
    assert found.folder.tidy(found.plan) == []
    assert sorted(files(found.folder.path)) == sorted(f"{key}.h5" for key in found.plan.entries)
    assert (
        list((found.folder.path / "failed").iterdir())
        == list((found.folder.path / "running").iterdir())
        == []
    )


def test_each_cell_is_solved_once_and_read_as_a_table(tmp_path: Path) -> None:
    seen: list[Tally] = []
    found = fs.sweep(GRID, tmp_path / "out", workers=2, watch=seen.append)
    is_whole(found)
    assert set(solves(tmp_path).values()) == {1}
    assert len(solves(tmp_path)) == ENTRIES
    assert (seen[-1].solved, seen[-1].failed, seen[-1].open, seen[-1].running) == (ENTRIES, 0, 0, ())
    table = found.to_frame()
    assert list(table.index) == [e.key for e in found.plan.cells]
    assert set(table["status"]) == {"solved"}
    assert sorted(table["asked_step_length_relative_pct"].unique()) == [-10, 0, 10]
    assert table.attrs["varied"]["knee_flexion"] == "asked_knee_flexion_deg"
    assert table.attrs["units"]["asked_step_length_m"] == "m"
    assert table["contact_time_s"].notna().all()
    for key, run in found.runs().items():
        assert run.spec["knee_flexion_deg"] == table.loc[key, "asked_knee_flexion_deg"]
    assert list(found.habits()) == list(dict.fromkeys(table["habit"]))
    assert set(found.habits_frame()["strike"]) == {"rearfoot", "forefoot"}


def test_a_finished_sweep_solves_nothing(tmp_path: Path) -> None:
    sweep(GRID, tmp_path / "out", workers=1)
    sweep(GRID, tmp_path / "out")
    assert set(solves(tmp_path).values()) == {1}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_sweep_goes_on_where_it_was(
    workers: int, tmp_path: Path, elsewhere: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setenv("TOY_SECONDS", "0.2")
    started = elsewhere(GRID, out, workers)
    until(lambda: finished(out) >= 4)
    processes = children(started.pid)
    kill(started.pid)
    started.communicate()
    until(lambda: not [p for p in processes if Path(f"/proc/{p}").exists()])  # its workers end too
    before = files(out)
    assert 4 <= len(before) < ENTRIES
    monkeypatch.setenv("TOY_SECONDS", "0")
    is_whole(sweep(GRID, out, workers=2))
    assert set(solves(tmp_path).values()) == {1}
    assert before.items() <= files(out).items()
    assert solves(tmp_path, "begun").total() <= ENTRIES + workers


def test_a_killed_worker_is_replaced(
    tmp_path: Path, elsewhere: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setenv("TOY_SECONDS", "0.2")
    started = elsewhere(GRID, out, 2)
    for number in (3, 8):
        until(lambda number=number: finished(out) >= number)
        kill(children(started.pid)[0])
    _, errors = started.communicate(timeout=60)
    assert started.returncode == 0, errors
    is_whole(Sweep(out))
    assert set(solves(tmp_path).values()) == {1}
    assert solves(tmp_path, "begun").total() <= ENTRIES + 2


def test_two_sweeps_in_one_folder_share_the_work(
    tmp_path: Path, elsewhere: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_SECONDS", "0.1")
    both = [elsewhere(GRID, tmp_path / "out", 2) for _ in range(2)]
    for one in both:
        _, errors = one.communicate(timeout=60)
        assert one.returncode == 0, errors
    is_whole(Sweep(tmp_path / "out"))
    assert solves(tmp_path, "begun") == solves(tmp_path)
    assert set(solves(tmp_path).values()) == {1}


def test_a_sweep_whose_companion_is_killed_takes_over(
    tmp_path: Path, elsewhere: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setenv("TOY_SECONDS", "0.2")
    both = [elsewhere(GRID, out, 1) for _ in range(2)]
    until(lambda: finished(out) >= 6)
    kill(both[0].pid)
    both[0].communicate()
    _, errors = both[1].communicate(timeout=60)
    assert both[1].returncode == 0, errors
    is_whole(Sweep(out))
    assert set(solves(tmp_path).values()) == {1}


def test_shards_and_their_merge_are_one_sweep(tmp_path: Path) -> None:
    whole = sweep(GRID, tmp_path / "whole", workers=2)
    parts = [tmp_path / f"part-{i}" for i in (1, 2, 3)]
    for i, part in enumerate(parts, 1):
        sweep(GRID, part, workers=1, shard=f"{i}/3")
        assert Sweep(part).status()["open"] > 0
    merged = merge_sweeps(parts, tmp_path / "merged")
    is_whole(merged)
    assert files(tmp_path / "merged") == files(tmp_path / "whole")
    assert merged.plan.same_work(whole.plan)


def test_shards_in_one_folder_are_one_sweep(tmp_path: Path) -> None:
    for i in (1, 2):
        sweep(GRID, tmp_path / "out", shard=f"{i}/2", workers=1)
    is_whole(Sweep(tmp_path / "out"))
    assert set(solves(tmp_path).values()) == {1}


def test_a_copied_folder_is_a_sweep(tmp_path: Path) -> None:
    sweep(GRID, tmp_path / "out", shard="1/2", workers=1)
    done = finished(tmp_path / "out")
    shutil.copytree(tmp_path / "out", tmp_path / "copy")
    is_whole(sweep(GRID, tmp_path / "copy", workers=1))
    assert solves(tmp_path).total() == ENTRIES
    assert finished(tmp_path / "out") == done


def test_a_damaged_file_is_noticed_and_solved_again(tmp_path: Path) -> None:
    found = sweep(GRID, tmp_path / "out", workers=1)
    before = files(tmp_path / "out")
    first, second, third, *_ = found.plan.entries  # a habit is among them
    for key, damage in {first: lambda b: b[: len(b) // 2], second: zeroed, third: lambda _b: b""}.items():
        found.folder.cell_file(key).write_bytes(damage(before[f"{key}.h5"]))
    is_whole(sweep(GRID, tmp_path / "out", workers=1))
    assert files(tmp_path / "out") == before
    assert sorted(solves(tmp_path).values()) == [1] * (ENTRIES - 3) + [2, 2, 2]


def zeroed(data: bytes) -> bytes:
    """A page of the file lost."""
    middle = len(data) // 2
    return data[:middle] + bytes(4096) + data[middle + 4096 :]


def test_a_file_of_another_cell_is_noticed(tmp_path: Path) -> None:
    found = sweep(GRID, tmp_path / "out", workers=1)
    before = files(tmp_path / "out")
    one, other = found.plan.cells[:2]
    shutil.copy(found.folder.cell_file(one.key), found.folder.cell_file(other.key))
    is_whole(sweep(GRID, tmp_path / "out", workers=1))
    assert files(tmp_path / "out") == before


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    size = len(make_plan(GRID).to_json()) + 100
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        with pytest.raises(FootstrikeError, match=r"\.h5 failed: file too large; nothing was left behind"):
            sweep(GRID, out, workers=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    written = [p for p in out.rglob("*") if p.is_file() and p.parent.name != "running"]
    assert [p.name for p in written] == ["plan.json"]
    is_whole(sweep(GRID, out, workers=2))


def test_remains_of_a_killed_process_go(tmp_path: Path) -> None:
    found = sweep(GRID, tmp_path / "out", workers=1)
    key = found.plan.cells[0].key
    for name in (f"cells/.{key}.h5-abc.part", f"failed/.{key}.json-abc.part"):
        (tmp_path / "out" / name).write_bytes(b"half")
    (tmp_path / "out" / "running" / f"{key}.lock").touch()
    is_whole(sweep(GRID, tmp_path / "out", workers=1))


def test_failed_cells_keep_their_reason_until_they_are_tried_again(tmp_path: Path) -> None:
    table = {**GRID, "grid": {"strike": ["rearfoot"], "knee_flexion": [10, UNSOLVED_DEG]}}
    found = sweep(table, tmp_path / "out")
    (failure,) = found.status()["failures"]
    assert failure["asked"] == {"strike": "rearfoot", "knee_flexion": UNSOLVED_DEG}
    assert (failure["status"], failure["reason"]) == ("not_converged", "too much for a toy")
    assert sorted(found.to_frame()["status"]) == ["not_converged", "solved"]
    begun = solves(tmp_path, "begun").total()
    sweep(table, tmp_path / "out")
    assert solves(tmp_path, "begun").total() == begun
    sweep(table, tmp_path / "out", retry=True)
    assert solves(tmp_path, "begun").total() == begun + 1


def test_cells_of_a_habit_that_failed_are_refused_with_its_reason(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "out")
    plan = folder.begin(make_plan(GRID))
    habit = next(iter(plan.entries.values()))
    folder.fail(habit, "infeasible", "no such runner")
    found = sweep(GRID, tmp_path / "out", workers=1)
    refused = [one for one in found.status()["failures"] if one["status"] == "refused"]
    assert len(refused) == 9
    assert all("no such runner" in one["reason"] for one in refused)
    is_whole(sweep(GRID, tmp_path / "out", retry=True, workers=1))


def test_a_cell_that_kills_its_process_fails_alone(tmp_path: Path) -> None:
    table = {**GRID, "grid": {"strike": ["rearfoot"], "knee_flexion": [10, 20, DEADLY_DEG]}}
    found = sweep(table, tmp_path / "out", workers=2)
    (failure,) = found.status()["failures"]
    assert failure["status"] == "crashed"
    assert "signal 9" in failure["reason"]
    assert found.status()["solved"] == 2


def test_workers_that_cannot_start_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "COMMAND", ("-c", "raise SystemExit('no such thing')"))
    with pytest.raises(WorkerError, match="no such thing"):
        sweep(GRID, tmp_path / "out")


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    sweep(GRID, tmp_path / "out")
    other = {**GRID, "grid": {"strike": ["rearfoot"], "knee_flexion": [10]}}
    with pytest.raises(InputError, match="holds another sweep"):
        sweep(other, tmp_path / "out")
    sweep(other, tmp_path / "other")
    with pytest.raises(InputError, match="holds another sweep"):
        merge_sweeps([tmp_path / "out", tmp_path / "other"], tmp_path / "both")
    plan = tmp_path / "out" / "plan.json"
    whole = json.loads(plan.read_text())
    plan.write_text(json.dumps({**whole, "fingerprint": "old", "entries": whole["entries"][:-1]}))
    with pytest.raises(InputError, match="another version"):
        sweep(GRID, tmp_path / "out")
    plan.write_text("{")
    with pytest.raises(InputError, match=r"plan\.json cannot be used"):
        sweep(GRID, tmp_path / "out")
    with pytest.raises(InputError, match="holds no sweep"):
        Sweep(tmp_path)


def test_a_worker_of_another_version_refuses(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "out")
    plan = folder.begin(make_plan(GRID))
    text = (tmp_path / "out" / "plan.json").read_text()
    (tmp_path / "out" / "plan.json").write_text(text.replace(plan.fingerprint, "0" * 64))
    with pytest.raises(FootstrikeError, match="another version"):
        local.solve_locally(folder, plan, tuple(plan.entries), 1, lambda _tally: None)


@pytest.mark.parametrize("given", [{"workers": 0}, {"shard": "3/2"}])
def test_bad_options_are_refused_before_anything_is_written(given: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputError):
        sweep(GRID, tmp_path / "out", **given)
    assert not (tmp_path / "out").exists()


def test_a_worker_that_has_finished_is_no_dead_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_GOODBYE_SECONDS", "1")  # between its last word and its end
    found = sweep(GRID, tmp_path / "out", workers=2)
    is_whole(found)
