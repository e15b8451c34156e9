"""Sweeps of real muscle-driven gaits: how fast, the same everywhere, and what survives.

    python experiments/benchmarks/sweeps.py speed      # random neighbours of both habits by one worker, then by two
    python experiments/benchmarks/sweeps.py ways       # two workers, a Dask cluster of two, two shards: the same files?
    python experiments/benchmarks/sweeps.py losses     # kill -9, a full disk, a damaged file, two sweeps at once

Each prints CSV. Every way of solving gets a cache of its own, in which derivatives and habitual gaits are there already
(``--cache``, made at the first call). ``ways`` and ``losses`` use few gaits on a coarse mesh; ``speed`` the default one.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import logged_worker

from footstrike.cli.commands import main as footstrike
from footstrike.runs.run import Run
from footstrike.study import local
from footstrike.study.plan import make_plan

SPEED: dict[str, Any] = {
    "fixed": {"speed": 3.5},
    "grid": {"strike": ["rearfoot", "forefoot"]},
    "sample": {
        "method": "latin_hypercube",
        "count": 15,
        "seed": 1,
        "ranges": {"step_length": [1.11, 1.35], "knee_flexion": [8.0, 32.0]},
    },
}
FEW: dict[str, Any] = {
    "fixed": {"speed": 3.5, "points": 30},
    "grid": {"strike": ["rearfoot", "forefoot"], "knee_flexion": [15, 18, 21]},
    "block": 2,
}
ME = [sys.executable, str(Path(__file__).resolve())]
KEPT = ("functions", "paths", "running_paths", "gaits")
"""What of a cache does not hold the runs themselves."""


class Place:
    """A folder with an experiment, and a new cache for every way of solving it."""

    def __init__(self, folder: Path, experiment: Mapping[str, Any]) -> None:
        self.folder, self.plan = folder, make_plan(experiment)
        self.experiment = experiment
        self.log = folder / "solves.log"
        self._prepare()

    def _prepare(self) -> None:
        """Derivatives and habitual gaits."""
        base = self.folder / "cache"
        fixed = self.experiment["fixed"]
        for strike in self.experiment["grid"]["strike"]:
            words = [f"--{name}={value}" for name, value in fixed.items()]
            subprocess.run(
                [*ME, "footstrike", "simulate", f"--strike={strike}", *words],
                env={**os.environ, "FOOTSTRIKE_CACHE": str(base)},
                stdout=subprocess.DEVNULL,
                check=True,
            )

    def environment(self, name: str) -> dict[str, str]:
        """Variables of a process that solves it in the named way."""
        cache = self.folder / "caches" / name
        if not cache.exists():
            for part in KEPT:
                if (self.folder / "cache" / part).exists():
                    shutil.copytree(self.folder / "cache" / part, cache / part, copy_function=os.link)
        here = str(Path(__file__).parent)
        paths = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        return {
            **os.environ,
            "FOOTSTRIKE_CACHE": str(cache),
            "SOLVES_LOG": str(self.log),
            "PYTHONPATH": paths,
        }

    def start(self, name: str, *options: str, out: str | None = None) -> subprocess.Popen[str]:
        """Begin a sweep."""
        file = self.folder / "experiment.json"
        file.write_text(json.dumps(self.experiment))
        return subprocess.Popen(
            [*ME, "sweep", str(file), str(self.out(out or name)), *options],
            env=self.environment(name),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def out(self, name: str) -> Path:
        """Folder of a way."""
        return self.folder / name

    def finished(self, name: str) -> dict[str, str]:
        """Hash by name of the files that are whole."""
        return {
            p.name: hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted((self.out(name) / "cells").glob("*.h5"))
        }

    def solves(self) -> Counter[str]:
        """How often each was solved, by what was asked."""
        return Counter(self.log.read_text().splitlines())


def run_sweep(file: str, out: str, *options: str) -> None:
    """What a started process does: ``fs.sweep`` with workers that write down what they solve."""
    import footstrike as fs

    local.COMMAND = logged_worker.COMMAND
    given = dict(option.split("=", 1) for option in options)
    if "most" in given:  # bytes of a file, as on a disk that is full
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (int(given["most"]), resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        )
    fs.sweep(
        json.loads(Path(file).read_text()),
        Path(out),
        workers=int(given["workers"]) if "workers" in given else None,
        shard=given.get("shard"),
        dask=given.get("dask"),
    )


def speed(place: Place) -> Iterator[list[Any]]:
    """Seconds of the random neighbours, from the moment at which the first habit is there."""
    yield ["workers", "gaits", "solved", "s in all", "median s", "largest s", "an hour"]
    for workers in (1, 2):
        name = f"workers{workers}"
        place.start(name, f"workers={workers}").communicate()
        cells = {e.key for e in place.plan.cells}
        ended = {p.stem: p.stat().st_mtime for p in (place.out(name) / "cells").glob("*.h5")}
        first = min(moment for key, moment in ended.items() if key not in cells)
        times = sorted(moment for key, moment in ended.items() if key in cells)
        each = _apart([first, *times], workers)
        whole = times[-1] - first
        yield [
            workers,
            len(cells),
            len(times),
            f"{whole:.0f}",
            f"{statistics.median(each):.1f}",
            f"{max(each):.1f}",
            f"{3600 * len(times) / whole:.0f}",
        ]


def _apart(moments: list[float], workers: int) -> list[float]:
    """Seconds from one end to the next, of each worker as if they took turns."""
    return [b - a for a, b in zip(moments[: -workers or None], moments[workers:], strict=True)]


@contextmanager
def cluster(place: Place, name: str) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler of Dask; its process and those of two workers."""
    address, preload = place.folder / f"{name}.json", place.folder / "preload.py"
    address.unlink(missing_ok=True)
    preload.write_text(
        "import logged_worker\nfrom footstrike.study import local\nlocal.COMMAND = logged_worker.COMMAND\n"
    )
    own = [["scheduler", "--port", "0", "--no-dashboard"]]
    own += [["worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--preload", str(preload)]] * 2
    started = []
    try:
        for kind, *options in own:
            line = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--scheduler-file", str(address)]
            started.append(
                subprocess.Popen(
                    [*line, *options],
                    cwd=place.folder,
                    env=place.environment(name),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            _until(address.exists)
        yield json.loads(address.read_text())["address"], started
    finally:
        for process in started:
            process.kill()
            process.wait()


def ways(place: Place) -> Iterator[list[Any]]:
    """The same sweep in three ways."""
    yield ["way", "files", "s", "same content as two workers"]
    for name in ("local", "dask", "shards"):
        began = time.perf_counter()
        if name == "local":
            place.start(name, "workers=2").communicate()
        elif name == "dask":
            with cluster(place, name) as (address, _):
                place.start(name, f"dask={address}").communicate()
        else:
            both = [place.start(name, f"shard={k}/2", "workers=1", out=f"{name}{k}") for k in (1, 2)]
            for process in both:
                process.communicate()
            from footstrike.study.sweep import merge_sweeps

            merge_sweeps([place.out(f"{name}{k}") for k in (1, 2)], place.out(name))
        found, first = _contents(place.out(name)), _contents(place.out("local"))
        same = sum(found.get(k) == v for k, v in first.items())
        yield [name, len(found), f"{time.perf_counter() - began:.0f}", f"{same} of {len(first)}"]


def _contents(folder: Path) -> dict[str, str]:
    """Hash by name of all that the files hold, but for the time that a solve took."""
    runs = {p.name: Run.load(p) for p in sorted((folder / "cells").glob("*.h5"))}
    return {
        name: replace(run, solver={**run.solver, "wall_s": 0.0}).content_hash() for name, run in runs.items()
    }


def losses(place: Place) -> Iterator[list[Any]]:
    """Each loss, then the same sweep again: what stayed, and what was solved how often."""
    yield ["what", "whole before", "of them the same after", "whole after", "solves", "solved twice"]
    for name, lose in LOSSES.items():
        place.log.unlink(missing_ok=True)
        lose(place, name)
        before = place.finished(name)
        place.start(name, "workers=2").communicate()
        after = place.finished(name)
        solves = place.solves()
        twice = sum(count > 1 for count in solves.values())
        same = sum(after.get(k) == v for k, v in before.items())
        yield [name, len(before), same, f"{len(after)} of {len(place.plan.entries)}", solves.total(), twice]


def _under_way(place: Place, name: str, option: str = "workers=2") -> subprocess.Popen[str]:
    """A sweep of which a part is finished."""
    process = place.start(name, option)
    _until(lambda: len(place.finished(name)) >= 3)
    return process


def _sweep_killed(place: Place, name: str) -> None:
    process = _under_way(place, name)
    process.kill()
    process.communicate()
    time.sleep(2.0)


def _worker_killed(place: Place, name: str) -> None:
    process = _under_way(place, name)
    os.kill(_workers(process.pid)[0], signal.SIGKILL)
    process.communicate()


def _dask_worker_killed(place: Place, name: str) -> None:
    _killed_on_dask(place, name, 1)


def _scheduler_killed(place: Place, name: str) -> None:
    _killed_on_dask(place, name, 0)
    time.sleep(2.0)


def _killed_on_dask(place: Place, name: str, which: int) -> None:
    with cluster(place, name) as (address, started):
        process = _under_way(place, name, f"dask={address}")
        started[which].kill()
        process.communicate()


def _disk_full(place: Place, name: str) -> None:
    process = place.start(name, "workers=2", "most=1000000")
    print(process.communicate()[1].strip().splitlines()[-1], file=sys.stderr)


def _file_damaged(place: Place, name: str) -> None:
    _sweep_killed(place, name)
    file = min((place.out(name) / "cells").glob("*.h5"))
    file.write_bytes(file.read_bytes()[:100_000])


def _two_at_once(place: Place, name: str) -> None:
    for process in [place.start(name, "workers=1") for _ in range(2)]:
        process.communicate()


LOSSES: dict[str, Callable[[Place, str], None]] = {
    "kill -9 of the sweep": _sweep_killed,
    "kill -9 of a worker": _worker_killed,
    "kill -9 of a Dask worker": _dask_worker_killed,
    "kill -9 of the scheduler": _scheduler_killed,
    "a full disk": _disk_full,
    "a damaged file": _file_damaged,
    "two sweeps in one folder": _two_at_once,
}


def _until(true: Callable[[], bool], seconds: float = 600.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise SystemExit("it did not come to that")
        time.sleep(0.05)


def _workers(pid: int) -> list[int]:
    """Workers of a sweep's process."""
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [c for c in children if logged_worker.__name__ in Path(f"/proc/{c}/cmdline").read_text()]


def main() -> None:
    """Print the table that is asked for."""
    if sys.argv[1:2] == ["sweep"]:
        return run_sweep(*sys.argv[2:])
    if sys.argv[1:2] == ["footstrike"]:
        del sys.argv[1]
        return footstrike()
    tables = {"speed": (speed, SPEED), "ways": (ways, FEW), "losses": (losses, FEW)}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", choices=tables)
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for all that is solved")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    make, experiment = tables[given.table]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in make(Place(given.output.absolute(), experiment)):
        writer.writerow(row)
        sys.stdout.flush()
    return None


if __name__ == "__main__":
    main()
