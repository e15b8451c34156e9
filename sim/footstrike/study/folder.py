"""A sweep's folder: its plan, one file a solved cell, one a failed one, and who works at what.

``plan.json``; ``cells/<key>.h5`` (:meth:`footstrike.runs.run.Run.load`), written by rename; ``failed/<key>.json`` with status
and reason; ``running/<key>.lock``, locked by the process that solves the cell and free when that ends, however it does.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from footstrike.cache.lock import Lock
from footstrike.errors import FootstrikeError, InputError
from footstrike.files import check_folder, to_json, write_atomically
from footstrike.runs.run import Run
from footstrike.study.plan import Plan, PlannedRun, plan_of

PLAN, CELLS, FAILED, RUNNING = "plan.json", "cells", "failed", "running"


class SweepFolder:
    """The folder of a sweep."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"SweepFolder({str(self.path)!r})"

    @property
    def has_plan(self) -> bool:
        """Whether a sweep was begun here."""
        return (self.path / PLAN).is_file()

    def plan(self) -> Plan:
        """The plan.

        Raises
        ------
        InputError
            There is none, or it is damaged.
        """
        file = self.path / PLAN
        try:
            return plan_of(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise InputError(f"folder {self.path} holds no sweep ({PLAN} is missing)") from None
        except OSError as error:
            raise InputError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error
        except InputError as error:
            raise InputError(f"{file} cannot be used: {error}") from error

    def begin(self, plan: Plan, renew: bool = False) -> Plan:
        """Put the plan there, or find the same there already; the plan that is there is returned.

        With ``renew`` it takes the place of another one. Results of simulations that both have stay valid: their names tell
        what they depend on.

        Raises
        ------
        InputError
            The folder holds another sweep, or cannot be written.
        FootstrikeError
            The disk is full.
        """
        if not self.has_plan or (renew and not self._has(plan)):
            check_folder(self.path)
            write_atomically(self.path / PLAN, plan.to_json().encode())
        else:
            self._check_same(plan)
        for name in (CELLS, FAILED, RUNNING):
            check_folder(self.path / name)
        return self.plan()

    def _has(self, plan: Plan) -> bool:
        try:
            return self.plan().same_work(plan)
        except InputError:
            return False

    def _check_same(self, plan: Plan) -> None:
        there = self.plan()
        if there.same_work(plan):
            return
        if there.fingerprint != plan.fingerprint:
            raise InputError(
                f"folder {self.path} was begun with another version of Footstrike, its tables or libraries: "
                "give the name of another folder"
            )
        raise InputError(
            f"folder {self.path} holds another sweep ({there.name}, {len(there.cells)} cells): give the name of "
            "another folder; cells that both have are not solved again"
        )

    def cell_file(self, key: str) -> Path:
        """Where the run of an entry lies, once it is solved."""
        return self.path / CELLS / f"{key}.h5"

    def failed_file(self, key: str) -> Path:
        """Where the reason lies why an entry was not solved."""
        return self.path / FAILED / f"{key}.json"

    def is_solved(self, key: str) -> bool:
        """Whether its run is there."""
        return self.cell_file(key).exists()

    def is_failed(self, key: str) -> bool:
        """Whether it was tried without success, and not solved since."""
        return self.failed_file(key).exists() and not self.is_solved(key)

    def is_ended(self, key: str) -> bool:
        """Whether nothing is left to do for it."""
        return self.is_solved(key) or self.failed_file(key).exists()

    def load(self, key: str) -> Run:
        """The run of an entry.

        Raises
        ------
        InputError
            It is not there, or damaged.
        """
        return Run.load(self.cell_file(key))

    def reason(self, key: str) -> dict[str, Any]:
        """Why an entry was not solved: ``status``, ``reason``, ``asked``, ``when``."""
        file = self.failed_file(key)
        try:
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            return {"status": "unknown", "reason": f"{file} cannot be read: {error}"}
        return found

    def keep(self, entry: PlannedRun, data: bytes) -> None:
        """Write the run of an entry, given as the bytes of its file.

        Raises
        ------
        FootstrikeError
            It cannot be written; nothing is left behind.
        """
        write_atomically(self.cell_file(entry.key), data)
        self.failed_file(entry.key).unlink(missing_ok=True)

    def fail(self, entry: PlannedRun, status: str, reason: str) -> None:
        """Write why an entry was not solved.

        Raises
        ------
        FootstrikeError
            It cannot be written; nothing is left behind.
        """
        record = {
            "key": entry.key,
            "status": status,
            "reason": reason,
            "asked": entry.asked or entry.values,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_atomically(self.failed_file(entry.key), to_json(record, indent=1).encode())

    @contextlib.contextmanager
    def alone(self, key: str) -> Iterator[bool]:
        """Whether this process may solve an entry now, and while the context lasts no other one.

        Where files cannot be locked everybody may; work is then done twice, and each result is still whole.
        """
        lock = Lock(self.path / RUNNING / f"{key}.lock")
        try:
            mine = lock.take()
        except OSError as error:
            if not (self.path / RUNNING).is_dir():
                raise FootstrikeError(f"folder {self.path} is gone: {error}") from error
            mine = True
        try:
            yield mine
        finally:
            lock.release()

    def tidy(self, plan: Plan) -> list[str]:
        """Remove what killed processes left and cells that are damaged or of something else; the keys of these."""
        for lock in (self.path / RUNNING).glob("*.lock"):
            with self.alone(lock.stem):
                pass  # one that nobody holds goes when it is released
        for name in (CELLS, FAILED):
            for part in (self.path / name).glob(".*.part"):
                with self.alone(part.name[1 : part.name.index(".", 1)]) as mine:
                    if mine:
                        part.unlink(missing_ok=True)
        bad = [key for key in plan.entries if self.is_solved(key) and not self.is_sound(plan.entries[key])]
        for key in bad:
            self.cell_file(key).unlink(missing_ok=True)
        return bad

    def is_sound(self, entry: PlannedRun) -> bool:
        """Whether the file of a solved entry is whole, and of what it asks."""
        try:
            run = self.load(entry.key)
        except InputError:
            return False
        expected = entry.request.specification()
        if entry.derivatives and not run.sensitivities:
            return False
        return run.solved and all(run.spec.get(name) == value for name, value in expected.items())
