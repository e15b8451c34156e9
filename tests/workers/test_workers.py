"""Both engines answer whatever the user's process does: clash, crash, Ctrl-C, fork, a parent that is gone."""

from __future__ import annotations

import ast
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import footstrike
from footstrike.errors import ModelError, WorkerError
from footstrike.model.subject import Subject
from footstrike.workers import client
from footstrike.workers.client import Worker, opensim_worker

PACKAGE = Path(footstrike.__file__).parent
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def runner(worker: Worker) -> str:
    text: str = worker.call("build_runner", Subject(legs="none"))
    return text


def script(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a user's script from ``folder``, with ``folder``/tmp for temporary files."""
    (folder / "user.py").write_text(text)
    (folder / "tmp").mkdir()
    return subprocess.run(
        [sys.executable, "user.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), "TMPDIR": str(folder / "tmp")},
        capture_output=True,
        text=True,
        timeout=120,
    )


BOTH_ANSWER = """
from footstrike.workers.client import casadi_worker, opensim_worker
from footstrike.model.subject import Subject
description = opensim_worker().call("describe", opensim_worker().call("build_runner", Subject()))
with casadi_worker() as casadi_engine:
    print(len(description.coordinates), casadi_engine.call("ping").split(".")[0])
"""
ORDERS = {
    "opensim first": "import opensim\nimport footstrike\n",
    "opensim last": "import footstrike\nimport footstrike.workers.client\nimport opensim\n",
    "casadi first": "import casadi\nimport footstrike\n",
    "casadi last": "import footstrike\nimport footstrike.workers.client\nimport casadi\n",
    "opensim, then casadi": "import opensim\ntry:\n    import casadi\nexcept ImportError:\n    pass\n",
    "casadi, then opensim": "import casadi\ntry:\n    import opensim\nexcept ImportError:\n    pass\n",
}


@pytest.mark.parametrize("order", ORDERS)
def test_both_engines_answer_whatever_the_script_imports(order: str, tmp_path: Path) -> None:
    done = script(ORDERS[order] + BOTH_ANSWER, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["31", "3"]


def test_nothing_is_left_in_the_users_folder_nor_in_the_temporary_one(tmp_path: Path) -> None:
    done = script(BOTH_ANSWER, tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")) == ["tmp", "user.py"]


LIGHT = """
import sys
import footstrike
assert "simulate" in dir(footstrike)
{use}
heavy = {{"opensim", "casadi", "matplotlib", "scipy", "h5py"}} & set(sys.modules)
print(",".join(sorted(heavy)))
"""


@pytest.mark.parametrize(
    "use", ["", "from footstrike.cli import commands; assert commands.run(['--help']) == 0"]
)
def test_importing_and_help_stay_light(use: str, tmp_path: Path) -> None:
    done = script(LIGHT.format(use=use), tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""


def test_the_public_functions_load_no_engine(tmp_path: Path) -> None:
    use = "for name in footstrike.__all__: getattr(footstrike, name)"
    done = script(LIGHT.format(use=use), tmp_path)
    assert done.returncode == 0, done.stderr
    assert not {"opensim", "casadi"} & set(done.stdout.splitlines()[-1].split(","))


@pytest.mark.parametrize("engine", ["opensim", "casadi"])
def test_one_module_imports_each_engine(engine: str) -> None:
    importers = [f.name for f in sorted(PACKAGE.rglob("*.py")) if engine in imported(f)]
    assert importers == [{"opensim": "osim.py", "casadi": "casadi_.py"}[engine]]


def imported(file: Path) -> set[str]:
    """First parts of the absolute imports of a module, those inside functions included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


@POSIX
def test_a_killed_worker_is_named_and_replaced(worker: Worker, runner: str) -> None:
    pid = worker.pid
    assert pid is not None
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            worker.call("describe", runner)
        except WorkerError as error:
            errors.append(error)

    os.kill(pid, signal.SIGSTOP)  # so that the task is surely not finished
    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.2)
    os.kill(pid, signal.SIGKILL)
    asking.join(30.0)
    assert not asking.is_alive()
    assert len(errors) == 1
    assert "opensim worker was killed by SIGKILL" in str(errors[0])
    assert "'describe'" in str(errors[0])
    assert "memory" in str(errors[0])
    assert worker.call("describe", runner).name == "footstrike_runner"
    assert worker.pid not in (None, pid)


@POSIX
def test_closing_from_another_thread_ends_a_waiting_call(runner: str) -> None:
    worker = Worker("opensim")
    worker.call("describe", runner)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGSTOP)
    closing = threading.Timer(0.3, worker.close)
    closing.start()
    with pytest.raises(WorkerError, match="describe"):
        worker.call("describe", runner)
    closing.join()
    assert worker.pid is None


@POSIX
def test_an_interrupted_call_ends_the_worker_at_once(runner: str, request: pytest.FixtureRequest) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with Worker("opensim") as worker:
        worker.call("describe", runner)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGSTOP)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            worker.call("describe", runner)
        assert worker.pid is None
        assert worker.call("describe", runner).name == "footstrike_runner"


def test_calls_from_several_threads_do_not_mix(worker: Worker) -> None:
    answers: dict[str, str] = {}

    def build(name: str) -> None:
        answers[name] = worker.call("build_runner", Subject(name=name, legs="none"))

    threads = [threading.Thread(target=build, args=(name,)) for name in ("anna", "berta", "clara")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    assert all(f'<Model name="{name}">' in text for name, text in answers.items())
    assert len(answers) == 3


def test_what_a_task_refuses_arrives_as_it_was_raised(worker: Worker) -> None:
    with pytest.raises(ModelError, match="OpenSim cannot"):
        worker.call("describe", "<OpenSimDocument/>")
    assert worker.pid is not None


def test_what_nobody_foresaw_arrives_with_its_traceback(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="opensim worker failed in 'describe': TypeError") as caught:
        worker.call("describe")
    assert "Traceback" in caught.value.__notes__[0]
    with pytest.raises(WorkerError, match="no_such_task"):
        worker.call("no_such_task")
    assert worker.pid is not None


def test_a_worker_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker("opensim")
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(WorkerError, match="cannot be started"):
        worker.call("ping")
    assert worker.pid is None


def test_a_worker_that_dies_says_its_last_words() -> None:
    worker = Worker("nonsense")  # type: ignore[arg-type]
    with pytest.raises(WorkerError, match=r"ended with code 1 .* last words: KeyError: 'nonsense'"):
        worker.call("ping")
    assert worker.pid is None


ORPHAN = """
import os, signal, sys, threading, time
import numpy as np
from footstrike.workers.client import Worker
from footstrike.model.subject import Subject
worker = Worker("opensim")
text = worker.call("build_runner", Subject())
names = worker.call("describe", text).coordinate_names
if {busy}:
    long = np.zeros((1_000_000, len(names)))
    threading.Thread(target=worker.call, args=("inverse_dynamics", text, names, long, long, long)).start()
    time.sleep(1.0)
child = os.fork() if {forked} else None
if child == 0:
    time.sleep(60.0)
    os._exit(0)
print(worker.pid, child or "", flush=True)
time.sleep(0.2)
os.kill(os.getpid(), signal.SIGKILL)
"""


@POSIX
@pytest.mark.parametrize(("busy", "forked"), [(False, False), (True, False), (False, True)])
def test_a_worker_ends_with_its_parent(busy: bool, forked: bool, tmp_path: Path) -> None:
    file = tmp_path / "user.py"
    file.write_text(ORPHAN.format(busy=busy, forked=forked))
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "TMPDIR": str(tmp_path)}
    with (tmp_path / "out").open("w+") as out:
        subprocess.run([sys.executable, str(file)], env=environment, stdout=out, timeout=60, check=False)
        out.seek(0)
        pid, *children = map(int, out.read().split())
    try:
        deadline = time.monotonic() + 10.0
        while running(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not running(pid)
        assert not list(tmp_path.glob("footstrike-*"))
    finally:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def running(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent to notice does not."""
    status = Path(f"/proc/{pid}/stat")
    if status.parent.parent.joinpath("self").exists():
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


FORKED = """
import os
from footstrike.workers.client import opensim_worker
from footstrike.model.subject import Subject
before = opensim_worker().call("build_runner", Subject())
pid = opensim_worker().pid
child = os.fork()
if child == 0:
    assert opensim_worker().pid is None
    assert opensim_worker().call("build_runner", Subject()) == before
    raise SystemExit(0)
assert os.waitpid(child, 0)[1] == 0
assert opensim_worker().call("build_runner", Subject()) == before
assert opensim_worker().pid == pid
"""


@POSIX
def test_a_fork_of_the_users_process_gets_a_worker_of_its_own(tmp_path: Path) -> None:
    done = script(FORKED, tmp_path)
    assert done.returncode == 0, done.stderr


def test_paths_are_those_of_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker stands in another folder, so a relative path is made absolute before it is sent."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(client._Process, "ask", lambda self, request, progress: ("result", request))
    with Worker("opensim") as worker:
        _, args, kwargs, _ = worker.call("task", Path("a.osim"), "b.osim", c=Path("c.osim"))
    assert args == (tmp_path / "a.osim", "b.osim")
    assert kwargs == {"c": tmp_path / "c.osim"}


def test_the_shared_worker_is_shared() -> None:
    assert opensim_worker() is opensim_worker()
