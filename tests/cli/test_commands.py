"""The command line: one clear line for everything that goes wrong, results on stdout, progress on stderr."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from synthetic import analytic_run, changed

from footstrike.cli import commands
from footstrike.cli.progress_line import TerminalProgress, told
from footstrike.errors import InputError, SolveError
from footstrike.model.limits import step_length_limits
from footstrike.simulation.request import Request

EVENT = {"stage": "solving", "iteration": 3, "objective": 1.5, "infeasibility": 1e-3, "elapsed_s": 2.0}


@pytest.fixture
def api(monkeypatch):
    """A stand-in for the public functions, so that nothing is solved here."""
    fake = types.SimpleNamespace(asked=[])

    def simulate(request, progress):
        fake.asked.append(request)
        progress(EVENT)
        return analytic_run(samples=101)

    fake.simulate = simulate
    monkeypatch.setattr(commands, "_api", lambda: fake)
    return fake


def failed(capsys, *arguments: str) -> tuple[int, str]:
    """Exit code and the one line of error; nothing on stdout, no traceback."""
    code = commands.run(list(arguments))
    output, errors = capsys.readouterr()
    assert output == ""
    assert "Traceback" not in errors
    lines = [text for text in errors.splitlines() if text.startswith("error: ")]
    assert len(lines) == 1, errors
    return code, lines[0]


def test_simulate_prints_one_json_object(api, capsys, tmp_path):
    path = tmp_path / "new" / "run.h5"
    code = commands.run(["simulate", "--strike", "rearfoot", "--speed", "3.5", "-o", str(path), "--json"])
    output, errors = capsys.readouterr()
    found = json.loads(output, parse_constant=pytest.fail)
    assert code == 0
    assert found["status"] == "solved"
    assert found["vgrf_impact_peak_bw"] is None
    assert path.exists()
    assert "solving" in errors
    assert api.asked[0].speed == 3.5


def test_simulate_prints_tables(api, capsys):
    assert commands.run(["simulate", "--strike", "forefoot"]) == 0
    output, _ = capsys.readouterr()
    assert "contact time, s" in output
    assert "L5S1" in output


def test_an_unsolved_simulation_prints_its_status_and_exits_3(api, capsys):
    api.simulate = lambda request, progress: changed(
        analytic_run(samples=11), status="not_converged", message="use more points"
    )
    code = commands.run(["simulate", "--strike", "rearfoot", "--json"])
    output, errors = capsys.readouterr()
    assert code == 3
    assert json.loads(output)["status"] == "not_converged"
    assert "use more points" in errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--strike", "heel"], ["strike", "'heel'", "rearfoot, forefoot"]),
        (["--strike", "rearfot"], ["did you mean 'rearfoot'"]),
        ([], ["--strike"]),
        (["--strike", "rearfoot", "--speed", "abc"], ["speed", "'abc'", "2 to 5.5 m/s"]),
        (["--strike", "rearfoot", "--speed", "9"], ["speed", "'9'", "2 to 5.5 m/s"]),
        (["--strike", "rearfoot", "--speed", "nan"], ["speed", "2 to 5.5 m/s"]),
        (["--strike", "rearfoot", "--step-length", "3"], ["step_length", "3 m", "out of reach", "allowed"]),
        (["--strike", "rearfoot", "--step-length", "-1"], ["step_length -1 m", "from 0.3 to 3 m"]),
        (["--strike", "rearfoot", "--points", "2.5"], ["points", "'2.5'", "whole number from 30"]),
        (["--strike", "rearfoot", "--knee-flexion", "80"], ["knee_flexion 80 deg", "0 to 60 deg"]),
        (["--strike", "rearfoot", "--trunk-lean", "50"], ["trunk_lean 50 deg", "-15 to 35 deg"]),
        (["--strike", "rearfoot", "--cadence", "170", "--step-length", "1.2"], ["cadence", "exclude"]),
        (["--strike", "rearfoot", "--legs", "torque"], ["legs", "did you mean 'torques'"]),
        (["--strike", "rearfoot", "--sex", "femal"], ["sex", "did you mean 'female'"]),
        (["--strike", "rearfoot", "--left-strike", "heel"], ["left_strike", "rearfoot, forefoot"]),
        (["--strike", "rearfoot", "--sped", "3"], ["--sped"]),
    ],
)
def test_bad_input_of_simulate(api, capsys, arguments, words):
    code, message = failed(capsys, "simulate", *arguments)
    assert code == 2
    for word in words:
        assert word in message
    assert not api.asked


def test_bad_output_is_refused_before_solving(api, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    for target in (tmp_path, tmp_path / "file" / "run.h5"):
        code, message = failed(capsys, "simulate", "--strike", "rearfoot", "-o", str(target))
        assert code == 2
        assert str(target.name) in message or "file" in message
    assert not api.asked


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["claims", "--preset", "fast"], "quick, standard, full"),
        (["report", "/nowhere/at/all"], "/nowhere/at/all does not exist"),
        (["validate", "/nowhere"], "/nowhere does not exist"),
        (["export", "missing.h5", "out"], "missing.h5 does not exist"),
        (["export", "missing.h5", "out", "--to", "matlab"], "'matlab'"),
        (["model", "show", "missing.osim"], "missing.osim does not exist"),
        (["simulat"], "simulat"),
        (["model", "bild"], "bild"),
        (["--frobnicate"], "--frobnicate"),
    ],
)
def test_bad_input_elsewhere(capsys, arguments, word):
    code, message = failed(capsys, *arguments)
    assert code == 2
    assert word in message


def test_errors_of_the_package_keep_their_code(api, capsys):
    for error, code in ((InputError("bad"), 2), (SolveError("no"), 3)):
        api.simulate = lambda request, progress, error=error: (_ for _ in ()).throw(error)
        assert failed(capsys, "simulate", "--strike", "rearfoot") == (code, f"error: {error}")


def test_interrupt_and_unexpected_error(api, capsys, monkeypatch, tmp_path):
    def stopped(request, progress):
        raise KeyboardInterrupt

    api.simulate = stopped
    assert failed(capsys, "simulate", "--strike", "rearfoot") == (130, "error: interrupted")

    def broken(request, progress):
        raise ZeroDivisionError("oops")

    api.simulate = broken
    monkeypatch.setattr("footstrike.cli.crash.user_log_path", lambda _name: tmp_path)
    code, message = failed(capsys, "simulate", "--strike", "rearfoot")
    assert code == 3
    log = next(tmp_path.glob("*.log"))
    assert str(log) in message
    assert "ZeroDivisionError: oops" in log.read_text()


def checked(passed):
    row = {"check": "total mass", "value": 75.0, "limit": 70.0, "unit": "kg", "passed": passed, "detail": "x"}
    muscle = {
        "muscle": "psoas_r", "type": "Thelen2003Muscle", "path": "polynomial", "coordinates": ["hip"],
        "terms": 5, "length_rms_mm": 0.5, "moment_arm_rms_mm": 1.25, "left_out_share": 0.1,
    }  # fmt: skip
    kind = {
        "type": "Thelen2003Muscle", "number": 1, "straight_paths": 0, "force_error_max": 0.25,
        "force_error_rms": 0.125, "worst": "psoas_r",
    }  # fmt: skip
    return {
        "model": "legs", "passed": passed, "understood": {"bodies": 3},
        "checks": [row, {**row, "check": "rhythm", "passed": True}],
        "muscle_types": [kind], "muscles": [muscle], "warnings": ["the [model] has no arms"],
    }  # fmt: skip


def test_model_check_fails_with_its_rows(api, capsys):
    api.check_model = lambda model, progress: checked(False)
    code = commands.run(["model", "check", "--json"])
    output, errors = capsys.readouterr()
    assert code == 3
    assert json.loads(output) == checked(False)
    assert "total mass" in errors
    assert "rhythm" not in errors


def test_model_check_prints_what_was_understood(api, capsys):
    api.check_model = lambda model, progress: checked(True)
    assert commands.run(["model", "check"]) == 0
    output = capsys.readouterr().out
    for word in ("legs", "bodies", "total mass", "Thelen2003Muscle", "25.0", "psoas_r", "1.25", "10.0%"):
        assert word in output
    assert "- the [model] has no arms" in output


def event(stage, **counted):
    none = dict.fromkeys(("iteration", "objective", "infeasibility"))
    return {"stage": stage, "elapsed_s": 0.0, **none, **counted}


COUNTED = [
    event("reading"),
    *(event("fitting [paths]", completed=k, total=30) for k in (0, 10, 20)),
    event("solving", iteration=7, completed=7, total=200),
]


def test_a_log_file_names_each_stage_once():
    shown = io.StringIO()
    with TerminalProgress(Console(file=shown, width=100)) as progress:
        for each in COUNTED:
            progress.show(each)
    assert shown.getvalue().count("fitting [paths]") == 1
    assert len(shown.getvalue().splitlines()) == 3


def test_on_a_terminal_a_stage_that_counts_has_a_bar_that_fills():
    shown = io.StringIO()
    filled = {}
    with TerminalProgress(Console(file=shown, width=120, force_terminal=True, color_system=None)) as progress:
        for each in COUNTED:
            progress.show(each)
            progress._bars.refresh()
            filled[each["stage"], each.get("completed")] = shown.getvalue().split("\r")[-1].count("━")
    assert [filled["fitting [paths]", k] for k in (0, 10, 20)] == [0, 8, 16]
    assert "7 of 200  iteration 7" in shown.getvalue()
    assert shown.getvalue().count("✓ fitting [paths]") == 1


def test_how_far_a_stage_is_says_what_it_counts():
    assert told(event("fitting paths", completed=11, total=30)) == "11 of 30  0 s"
    assert told(event("reading")) == "0 s"
    assert told(EVENT) == "iteration 3  objective 1.5  infeasibility 1.0e-03  2 s"


def test_help_does_not_load_the_scientific_stack():
    code = (
        "import sys; from footstrike.cli import commands; code = commands.run(['--help']);"
        "heavy = {'numpy', 'scipy', 'h5py', 'matplotlib', 'pydantic', 'casadi', 'opensim', 'jinja2'};"
        "sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) or code else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("claims", "simulate", "validate", "report", "explore", "export", "model"):
        assert name in done.stdout


@given(speed=st.floats(2.0, 5.5), share=st.floats(0, 1))
def test_every_reachable_step_is_accepted(speed, share):
    low, high = step_length_limits(speed)
    assert Request.of(strike="rearfoot", speed=speed, step_length=low + share * (high - low)).speed == speed


def test_request_is_checked_from_python_too():
    with pytest.raises(InputError, match="did you mean 'step_length'"):
        Request.of(strike="rearfoot", steplength=1.0)
    with pytest.raises(InputError, match="'trunk_leen' is unknown"):
        Request.of(strike="rearfoot", trunk_leen=5)
    with pytest.raises(InputError, match="strike is missing"):
        Request()
    assert Request(strike="rearfoot").specification()["speed_mps"] == 3.5


SCRIPT = "import sys; from footstrike.cli import commands; commands._api = lambda: __import__('fake_api'); commands.main()"
SOLVES = (
    "import time\n"
    "from pathlib import Path\n"
    "from footstrike.files import write_atomically\n"
    "def simulate(request, progress):\n"
    "    none = dict.fromkeys(('iteration', 'objective', 'infeasibility'))\n"
    "    try:\n"
    "        progress(dict(stage='solving', elapsed_s=0.0, **none))\n"
    "        time.sleep(60)\n"
    "    finally:\n"
    "        Path('tidied up').touch()\n"
)


def start(tmp_path, body: str, *arguments: str, **options) -> subprocess.Popen[str]:
    (tmp_path / "fake_api.py").write_text(body)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    env = {**os.environ, "PYTHONPATH": path, **options.pop("env", {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments],
        text=True,
        env=env,
        cwd=tmp_path,
        **{"preexec_fn": hearing, **pipes, **options},
    )


def hearing() -> None:
    """A process that the shell started in the background, and its children, would ignore interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 143, "terminated"),
        (signal.SIGHUP, 129, "the terminal was closed"),
    ],
)
def test_a_signal_in_a_real_process(tmp_path, number, code, words):
    process = start(tmp_path, SOLVES, "simulate", "--strike", "rearfoot")
    assert "solving" in process.stderr.readline()
    process.send_signal(number)
    output, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert output == ""
    assert errors.splitlines()[-1] == f"error: {words}"
    assert "Traceback" not in errors
    assert (tmp_path / "tidied up").exists()


def test_a_hang_up_that_is_ignored_stays_so(tmp_path):
    quick = SOLVES.replace(
        "time.sleep(60)", "import os, signal; os.kill(os.getpid(), signal.SIGHUP); raise MemoryError"
    )
    process = start(
        tmp_path, quick, "simulate", "--strike", "rearfoot",
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    _, errors = process.communicate(timeout=20)
    assert "MemoryError" in errors
    assert process.returncode == 3


LONG = "def show_model(model, picture):\n    return {str(i): 'x' * 100 for i in range(200)}\n"


@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
def test_closed_streams_are_no_error(tmp_path, closed):
    process = start(
        tmp_path, LONG, "model", "show", "--json", preexec_fn=lambda: [os.close(handle) for handle in closed]
    )
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""
    assert output == "" if 1 in closed else len(json.loads(output)) == 200


def test_an_error_does_not_go_to_the_output_where_errors_are_closed(tmp_path):
    process = start(tmp_path, "", "simulate", "--strike", "x", preexec_fn=lambda: os.close(2))
    assert process.communicate(timeout=20)[0] == ""
    assert process.returncode == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
def test_a_full_output_is_one_line(tmp_path):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        process = start(tmp_path, LONG, "model", "show", "--json", stdout=full)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert errors.splitlines() == ["error: standard output cannot be written: no space left on device"]


def test_a_narrow_terminal_shows_every_number_whole(api, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert commands.run(["simulate", "--strike", "forefoot"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "contact time, s: 0.2167" in lines
    assert "level: L5S1" in lines
    assert not [line for line in lines if "…" in line or "│" in line]


def test_help_fits_a_narrow_terminal(tmp_path):
    process = start(tmp_path, "", "simulate", "--help", env={"COLUMNS": "20"})
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "--knee-flexion DEG" in output
    assert "│" not in output


def test_workers_need_no_environment(tmp_path):
    code = "from footstrike.workers.client import opensim_worker, casadi_worker as c\n"
    code += "print(opensim_worker().call('total_mass', opensim_worker().call('build_runner', __import__('footstrike').Subject())))\n"
    code += "with c() as w: w.call('ping')"
    bare = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=bare, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(75.3, abs=0.1)


def test_a_closed_pipe_is_no_error(tmp_path):
    body = "def show_model(model, picture):\n    return {str(i): 'x' * 100 for i in range(20000)}\n"
    process = start(tmp_path, body, "model", "show", "--json")
    process.stdout.read(10)
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    assert process.wait(timeout=20) in (0, 1)
    process.stderr.close()


def test_a_modified_gait_is_told_beside_what_was_asked_and_beside_habit(api, capsys):
    api.habit_of = lambda request, progress: analytic_run(samples=101)
    api.simulate = lambda request, progress: analytic_run(samples=101, knee_flexion_deg=20.0)
    assert commands.run(["simulate", "--strike", "rearfoot", "--knee-flexion", "20"]) == 0
    output, _ = capsys.readouterr()
    assert re.search(r"knee flexion at contact: asked 20 deg, got (12\S*); habit \1\n", output)
    assert "L5/S1, change from habit" in output
    assert "+0.0 %" in output


def test_without_its_habit_a_modified_gait_says_how_to_get_it(api, capsys):
    api.habit_of = lambda request, progress: None
    api.simulate = lambda request, progress: analytic_run(samples=101, from_strike="forefoot")
    assert commands.run(["simulate", "--strike", "rearfoot", "--from", "forefoot"]) == 0
    output, _ = capsys.readouterr()
    assert "footstrike simulate --strike forefoot --speed" in output
