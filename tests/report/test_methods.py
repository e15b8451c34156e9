"""The methods text says what the run says, and cites what did the work and nothing else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from synthetic import analytic_run, changed

from footstrike.cli import commands
from footstrike.control.problem import Drive, TrackProblem, default_breaks
from footstrike.control.terms import HABITUAL
from footstrike.errors import InputError
from footstrike.model.subject import Subject
from footstrike.report.methods import TERMS, cite
from footstrike.runs.run import Run
from footstrike.simulation.record import OF_MUSCLES, record

OF_LEGS = {"rajagopal2016", "lai2017", "arnold2013", "de_groote2009", "anderson1999", "riener1999"}
OF_METABOLISM = {"bhargava2004", "umberger2003", "uchida2016"}
LEGS = [f"{name}_{side}" for name in ("soleus", "med_gas", "vas_int") for side in "rl"]


def problem(*muscles: str, moments: tuple[str, ...] = ()) -> TrackProblem:
    drive = Drive(muscles=muscles, balanced=muscles)  # type: ignore[arg-type]
    reference = SimpleNamespace(moments=dict.fromkeys(moments))
    return TrackProblem(None, (reference,), default_breaks(96), drive=drive)  # type: ignore[arg-type]


def run_of(muscles: list[str], **spec: object) -> Run:
    run = analytic_run(
        41, target="legs: Fukuchi 2017; trunk: Hamner & Delp 2013", model="footstrike_runner", **spec
    )
    forces = np.full((41, len(muscles)), 100.0)
    return changed(run, muscle_names=muscles, activations=forces / 1e3, muscle_forces=forces)


@pytest.fixture
def muscle_driven() -> Run:
    run = run_of(LEGS, **record(Subject(legs="hamner"), problem(*LEGS)))
    return changed(run, metabolic_rate=np.ones((41, len(LEGS))))


def keys(run: Run) -> set[str]:
    return {work.key for work in cite(run).works}


def test_a_muscle_driven_run_cites_legs_curves_and_metabolism(muscle_driven: Run) -> None:
    assert OF_LEGS | OF_METABOLISM | {"de_groote2016", "raabe2016"} <= keys(muscle_driven)


def test_torque_legs_cite_no_leg_muscles_but_the_trunks() -> None:
    found = keys(run_of(["RA_L5S1_T12L1_1_r"]))
    assert not found & (OF_LEGS | OF_METABOLISM)
    assert {"de_groote2016", "raabe2016", "hamner2010", "seth2018", "wachter2006"} <= found | {"seth2018"}


def test_without_muscles_no_muscle_curves_are_cited() -> None:
    bare = changed(run_of([]), activations=np.zeros((0, 0)), muscle_forces=np.zeros((0, 0)), lumbar={})
    assert not keys(bare) & {"de_groote2016", "vialle2005", *OF_LEGS}
    assert "Torques drive all joints" in cite(bare).text


def test_the_reference_follows_from_what_the_run_says(muscle_driven: Run) -> None:
    assert {"fukuchi2017", "hamner2013"} <= keys(muscle_driven)
    other = changed(muscle_driven, spec={**muscle_driven.spec, "target": "one of my own trials"})
    assert "hamner2013" not in keys(other)
    assert "one of my own trials" in cite(other).text


def test_the_rhythm_that_was_used_is_cited() -> None:
    usual = keys(run_of(LEGS, **record(Subject(legs="none"), problem())))
    other = keys(run_of(LEGS, **record(Subject(rhythm="lfb", legs="none"), problem())))
    assert "christophy2012" in usual
    assert "beaucage2019" in other


def test_a_scaled_runner_cites_its_proportions(muscle_driven: Run) -> None:
    tall = changed(muscle_driven, spec={**muscle_driven.spec, "height_m": 1.9, "mass_kg": 80.0})
    assert keys(tall) - keys(muscle_driven) == {"dumas2007", "reed1999", "handsfield2014"}
    assert "scaled to 1.9 m, 80 kg" in cite(tall).text


def test_weights_solver_checks_and_versions_are_told(muscle_driven: Run) -> None:
    solver = {**muscle_driven.solver, "points": 96, "iterations": 31, "opensim_residual_max_bw": 2e-4}
    text = cite(
        changed(muscle_driven, solver=solver, spec={**muscle_driven.spec, "versions": {"opensim": "4.6"}})
    ).text
    weights = HABITUAL.weights
    assert f"{weights['motion']:g} for {TERMS['motion']}" in text
    assert f"{weights['reserve']:g} for {TERMS['reserve']}" in text
    assert "96 collocation points in 32 intervals over half a stride" in text
    assert "31 iterations" in text
    assert "0.0002 body weights at the pelvis" in text
    assert "Versions: opensim 4.6." in text


def test_terms_that_do_not_act_are_not_told() -> None:
    recorded = record(Subject(legs="none"), problem())["problem"]["weights"]
    assert "rate" not in recorded  # its weight is 0
    assert not set(recorded) & {*OF_MUSCLES, "moment"}  # the problem has neither muscles nor moments


def test_tracked_moments_are_told() -> None:
    tracked = problem(moments=("L5S1_extension", "L5S1_bending"))
    text = cite(run_of(LEGS, **record(Subject(legs="none"), tracked))).text
    assert f"{HABITUAL.weights['moment']:g} for {TERMS['moment']}" in text
    assert "the net moments are L5S1_bending, L5S1_extension" in text


def test_every_weight_has_words() -> None:
    assert set(HABITUAL.weights) == set(TERMS)


def test_what_was_asked_for_is_told(muscle_driven: Run) -> None:
    asked = {"step_length_m": 1.1, "knee_flexion_deg": 20.0}
    text = cite(changed(muscle_driven, spec={**muscle_driven.spec, **asked})).text
    assert "with step length 1.1 m, knee flexion at contact 20 deg" in text


def test_an_older_run_says_what_it_lacks() -> None:
    text = cite(run_of(LEGS)).text
    assert "weights of the objective are not recorded" in text
    assert "96 collocation" not in text


def test_an_unsolved_run_is_refused(muscle_driven: Run) -> None:
    with pytest.raises(InputError, match="not solved"):
        cite(changed(muscle_driven, status="infeasible"))


def test_the_command_prints_text_bibtex_or_json(
    muscle_driven: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    methods = cite(muscle_driven)
    file = str(muscle_driven.save(tmp_path / "run.h5"))
    assert commands.run(["cite", file]) == 0
    assert capsys.readouterr().out == str(methods)
    assert commands.run(["cite", file, "--bibtex"]) == 0
    printed = capsys.readouterr().out
    assert printed == methods.bibtex
    assert printed.count("@article{") == len(methods.works)
    assert commands.run(["cite", file, "--json"]) == 0
    assert '"citations"' in capsys.readouterr().out
