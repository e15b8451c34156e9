"""Conditional path points: one that comes with a jump is named and its far side left out, others stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import small_osim as small

from footstrike.check.model_check import check
from footstrike.model.description import PathPolynomial
from footstrike.muscles.path_fit import Targets, residuals
from footstrike.workers.client import Worker

LOW, HIGH = -2.1, np.deg2rad(5.0)  # rad, of the knee: the file's range within that of running
SWITCH = -1.4  # rad, with more flexion the point is part of the path


def extensor(via: str, coordinate: str = "/jointset/knee/knee_angle", low: float = -2.5) -> str:
    """A knee whose extensor runs over a point of the thigh when it is bent."""
    conditional = small.CONDITIONAL.format(
        name="via", frame="/bodyset/thigh", location=via, coordinate=coordinate, low=low, high=SWITCH
    )
    vasti = small.muscle(
        "vasti",
        small.point("p1", "/bodyset/thigh", "0.03 -0.1 0"),
        conditional,
        small.point("p3", "/bodyset/shank", "0.04 -0.03 0"),
    )
    bodies = "".join(small.BODY.format(name=n, mass=m) for n, m in (("thigh", 8), ("shank", 3)))
    joints = small.pin("hip", "/ground", "/bodyset/thigh", small.coordinate("hip"))
    joints += small.pin(
        "knee", "/bodyset/thigh", "/bodyset/shank", small.coordinate("knee_angle", -2.1, 0.17)
    )
    return small.model(bodies, joints, vasti)


def on_the_way() -> str:
    """A point on the straight line from one end to the other at the angle at which it comes."""
    start, knee, end = np.array([0.03, -0.1]), np.array([0.0, -0.4]), np.array([0.04, -0.03])
    turn = np.array([[np.cos(SWITCH), -np.sin(SWITCH)], [np.sin(SWITCH), np.cos(SWITCH)]])
    middle = (start + knee + turn @ end) / 2
    return f"{middle[0]:.9f} {middle[1]:.9f} 0"


def fitted(worker: Worker, text: str) -> tuple[PathPolynomial, tuple[str, ...]]:
    described = worker.call("describe", text)
    polynomial = described.muscles[0].polynomial
    assert polynomial is not None
    return polynomial, described.warnings


def test_a_jump_is_named_with_muscle_point_angle_and_millimetres(worker: Worker) -> None:
    text = extensor("0.08 -0.42 0")
    polynomial, warnings = fitted(worker, text)
    near = np.array([[0.0, SWITCH + 1e-3], [0.0, SWITCH - 1e-3]])
    length = worker.call("muscle_lengths", text, ["hip", "knee_angle"], near)[:, 0]
    jump = 1e3 * abs(length[1] - length[0])
    assert jump > 50
    named = next(w for w in warnings if "conditional path points" in w)
    assert f"vasti at via (knee_angle -80.2 deg, {jump:.0f} mm)" in named
    assert any("left out" not in w and "vasti 3" in w and "jumps" in w for w in warnings)
    assert polynomial.jump_share == pytest.approx((SWITCH - LOW) / (HIGH - LOW), abs=0.003)


def test_on_its_own_side_of_the_jump_the_polynomial_is_right(worker: Worker) -> None:
    text = extensor("0.08 -0.42 0")
    polynomial, _ = fitted(worker, text)
    knee = np.linspace(SWITCH + 0.01, 0.17, 50)[:, None]
    q = np.column_stack([np.zeros(50), knee])
    length = worker.call("muscle_lengths", text, ["hip", "knee_angle"], q)[:, 0]
    error, _ = residuals(polynomial, knee, Targets(length, np.zeros((50, 1))))
    assert np.abs(error).max() < 2e-3
    assert polynomial.length_rms_m < 1e-3
    assert polynomial.arm_rms_m < 1.5e-3


def test_the_check_leaves_the_far_side_out_as_well(tmp_path: Path) -> None:
    path = tmp_path / "conditional.osim"
    path.write_text(extensor("0.08 -0.42 0"))
    report = check(path)
    assert report.passed, [row for row in report.rows if not row["passed"]]
    assert report.muscles[0]["left_out_share"] == pytest.approx(0.32, abs=0.003)


def test_a_point_that_comes_without_a_jump_stays_in_the_whole_range(worker: Worker) -> None:
    polynomial, warnings = fitted(worker, extensor(on_the_way()))
    assert polynomial.jump_share == 0.0
    assert not any("jump" in w for w in warnings)


def test_a_switch_outside_the_range_of_motion_is_none(worker: Worker) -> None:
    polynomial, warnings = fitted(worker, extensor("0.08 -0.42 0", low=-9.0).replace("-1.4<", "-3.0<"))
    assert polynomial.jump_share == 0.0
    assert not any("jump" in w for w in warnings)


def test_a_coupled_coordinate_switches_where_its_leader_takes_it(worker: Worker) -> None:
    coupler = """<ConstraintSet><objects><CoordinateCouplerConstraint name="follow">
      <coupled_coordinates_function><LinearFunction><coefficients>0.5 0</coefficients></LinearFunction>
      </coupled_coordinates_function><independent_coordinate_names>knee_angle</independent_coordinate_names>
      <dependent_coordinate_name>patella</dependent_coordinate_name>
      </CoordinateCouplerConstraint></objects></ConstraintSet>"""
    patella = small.BODY.format(name="patella", mass=0.1)
    joint = small.pin("patella", "/bodyset/thigh", "/bodyset/patella", small.coordinate("patella", -2, 2))
    text = extensor("0.08 -0.42 0", "/jointset/patella/patella")
    text = text.replace("</objects></BodySet>", f"{patella}</objects></BodySet>")
    text = text.replace("</objects></JointSet>", f"{joint}</objects></JointSet>")
    text = text.replace("</Model>", f"{coupler}</Model>").replace("-2.5 -1.4", "-2.5 -0.7")
    polynomial, warnings = fitted(worker, text)
    assert any("vasti at via (patella -40.1 deg" in w for w in warnings)
    assert polynomial.jump_share == pytest.approx((SWITCH - LOW) / (HIGH - LOW), abs=0.003)
