from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import small_osim as small

from footstrike.check.model_check import check
from footstrike.dynamics.inertia import impossible_inertias, without_inertia
from footstrike.errors import ModelError
from footstrike.model.description import Body
from footstrike.workers.client import Worker

CELL = [f"cell_{k}" for k in range(6)]
FRONT = small.muscle(
    "front", small.point("a", "/ground", "0.05 0 0"), small.point("b", "/bodyset/thigh", "0.05 -0.1 0")
)


def with_load_cell() -> str:
    """A pendulum with a muscle beside a massless body on six coordinates."""
    massless = '<Body name="plate"><mass>0</mass><mass_center>0 0 0</mass_center><inertia>0 0 0 0 0 0</inertia></Body>'
    text = small.chain(("hip",), forces=FRONT)
    text = text.replace("</objects></BodySet>", f"{massless}</objects></BodySet>")
    cell = small.joint_of_six("cell", "/bodyset/plate", CELL)
    return text.replace("</objects></JointSet>", f"{cell}</objects></JointSet>")


def test_coordinates_without_inertia_are_named_and_the_rest_is_compared(
    tmp_path: Path, worker: Worker
) -> None:
    path = tmp_path / "cell.osim"
    path.write_text(with_load_cell())
    report = check(path)
    assert report.passed
    assert {row["check"] for row in report.rows} == {
        "total mass", "inverse dynamics", "muscle length", "moment arm", "muscle force on bodies",
    }  # fmt: skip
    warning = next(w for w in report.warnings if "without inertia" in w)
    assert all(name in warning for name in CELL)
    assert "hip" not in warning
    names = ["hip", *CELL]
    q = np.array([[0.4, *np.full(6, 0.1)]])
    theirs = worker.call("inverse_dynamics", path.read_text(), names, q, 0 * q, 0 * q)[0]
    assert theirs[0] == pytest.approx(8.0 * 9.81 * 0.2 * np.sin(0.4))
    assert theirs[1:] == pytest.approx(np.zeros(6))


def test_coordinates_are_without_inertia_alone_or_together(worker: Worker) -> None:
    def free(text: str) -> list[str]:
        return without_inertia(worker.call("describe", text))

    assert free(small.chain(("hip", "knee"))) == []
    twice = small.chain(("hip", "knee", "ankle"))
    same_axis = twice.replace("<mass>4.0</mass>", "<mass>0</mass>").replace("0 -0.4 0", "0 0 0")
    assert free(same_axis) == ["knee", "ankle"]  # two hinges at one place with a massless body between them
    light = twice.replace("<mass>2.0</mass>", "<mass>2e-5</mass>").replace(
        "<inertia>0.1 0.1 0.1 0 0 0</inertia></Body></objects>",
        "<inertia>1e-9 1e-9 1e-9 0 0 0</inertia></Body></objects>",
    )
    assert free(light) == []


def body(*moments: float, mass: float = 1.0) -> Body:
    return Body("shin", mass, np.zeros(3), np.diag(moments))


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (body(-0.1, 0.2, 0.2), "negative principal moment"),
        (body(0.1, 0.1, 0.3), "exceeds the sum of the others"),
        (body(0.0, 0.0, 0.0), "mass but no inertia"),
    ],
)
def test_bodies_that_cannot_be_are_named(odd: Body, words: str) -> None:
    (warning,) = impossible_inertias([odd, body(0.1, 0.1, 0.1)])
    assert words in warning
    assert "shin (1 kg" in warning


def test_rods_plates_points_without_mass_and_turned_bodies_are_possible() -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    turned = Body("t", 2.0, np.zeros(3), turn @ np.diag([0.1, 0.2, 0.29]) @ turn.T)
    possible = [body(0.0, 0.1, 0.1), body(0.1, 0.2, 0.3), body(0.0, 0.0, 0.0, mass=0.0), turned]
    assert impossible_inertias(possible) == []
    wrong = Body("t", 2.0, np.zeros(3), turn @ np.diag([0.1, 0.2, 0.4]) @ turn.T)
    assert len(impossible_inertias([wrong])) == 1


def test_what_is_no_finite_number_is_refused() -> None:
    with pytest.raises(ModelError, match="'shin'"):
        impossible_inertias([body(np.nan, 0.1, 0.1)])
    with pytest.raises(ModelError, match="'shin'"):
        impossible_inertias([body(0.1, 0.1, 0.1, mass=np.inf)])
