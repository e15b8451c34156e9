"""Foot contact: OpenSim's own force on the same spheres, and what no contact may do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native import run_native
from toy_bodies import one_body

from footstrike.dynamics.contact import contact_force
from footstrike.dynamics.rigid_body import Tree, stack, stack_matrix
from footstrike.model.description import Array, ContactSphere, Description
from footstrike.model.subject import Subject
from footstrike.workers.client import Worker

BALL = ContactSphere("ball", "body", np.zeros(3), 0.03, 1e6, 0.8, 0.8, 0.2)
TREE = Tree(one_body({**{f"t{n}": ("translation", k) for k, n in enumerate("xyz")}, "turn": ("rotation", 2)}))


def push(
    height: Array | float, velocity: tuple[Array | float, ...] = (0.0, 0.0, 0.0), turn: float = 0.0
) -> Array:
    """(T, 3) N on the ball whose lowest point is ``height`` (m) above ground."""
    y = np.atleast_1d(np.asarray(height, dtype=float)) + BALL.radius
    speeds = dict(zip(("tx", "ty", "tz"), velocity, strict=True))
    motion = TREE.motion({"tx": 0.0, "ty": y, "tz": 0.0, "turn": 0.0}, {**speeds, "turn": turn})
    size = max(len(y), *(np.size(v) for v in velocity))
    return stack(contact_force(TREE, motion, BALL).force, size)


def test_nothing_pushes_in_flight() -> None:
    force = push(np.linspace(0.02, 0.5, 50), (4.0, -2.0, 1.0))
    assert np.abs(force).max() < 1.0
    assert np.abs(push(np.array([0.1]), (4.0, -2.0, 1.0))).max() < 1e-9


def test_a_deeper_sphere_pushes_harder() -> None:
    assert np.all(np.diff(push(np.linspace(0.002, -0.012, 60))[:, 1]) > 0)


def test_hertz_force_of_a_resting_sphere() -> None:
    """At depth the smoothing fades: f = 4/3 k sqrt(r k) d^(3/2) with k = E^(2/3) / 2."""
    depth = 0.012
    k = 0.5 * BALL.stiffness ** (2 / 3)
    expected = 4 / 3 * k * np.sqrt(BALL.radius * k) * depth**1.5
    assert push(-depth)[0, 1] == pytest.approx(expected, rel=0.06)


@settings(max_examples=200, deadline=None)
@given(
    height=st.floats(-0.015, 0.05),
    velocity=st.tuples(*[st.floats(-8.0, 8.0)] * 3),
    turn=st.floats(-20.0, 20.0),
)
def test_no_adhesion_and_friction_within_its_cone(
    height: float, velocity: tuple[float, float, float], turn: float
) -> None:
    fx, fy, fz = push(height, velocity, turn)[0]
    assert fy >= -0.005 * push(height)[0, 1]  # what the smooth end of damping leaves
    assert np.hypot(fx, fz) <= BALL.friction * abs(fy) * (1 + 1e-12)


@settings(max_examples=100, deadline=None)
@given(height=st.floats(-0.015, 0.0), vx=st.floats(-5.0, 5.0), vz=st.floats(-5.0, 5.0))
def test_friction_takes_energy(height: float, vx: float, vz: float) -> None:
    fx, _, fz = push(height, (vx, 0.0, vz))[0]
    assert fx * vx + fz * vz <= 1e-12


def test_a_rebounding_sphere_gives_back_less_than_it_took() -> None:
    depth = np.full(40, -0.008)
    approach = np.linspace(0.05, 2.0, 40)
    assert np.all(push(depth, (0.0, -approach, 0.0))[:, 1] > push(depth, (0.0, approach, 0.0))[:, 1])


def test_rolling_without_slip_meets_no_friction() -> None:
    """The point midway through the indentation stands still when the ball rolls on it."""
    depth, turn = 0.004, -10.0
    rolling = -turn * (BALL.radius - depth / 2)
    assert push(-depth, (rolling, 0.0, 0.0), turn)[0, 0] == pytest.approx(0.0, abs=1e-9)
    assert push(-depth, (1.5 * rolling, 0.0, 0.0), turn)[0, 0] < -10.0


PATHS: dict[str, Callable[[Array], Array]] = {
    "touch-down": lambda s: push(0.004 * s, (0.5, -0.5, 0.2)),
    "standstill": lambda s: push(-0.006 + 0 * s, (0.5 * s, -0.1, 0.0)),
    "standstill sideways": lambda s: push(-0.006 + 0 * s, (0.0, -0.1, 0.4 * s)),
    "rebound": lambda s: push(-0.006 + 0 * s, (0.3, 2.5 * s, 0.0)),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_are_continuous(path: str, order: int) -> None:
    """The steps of a derivative between neighbours halve with their distance; a jump would stay."""

    def step(count: int) -> float:
        s = np.linspace(-1.0, 1.0, count)
        derivative = np.diff(PATHS[path](s), order, axis=0) / (s[1] - s[0]) ** order
        return float(np.abs(np.diff(derivative, axis=0)).max())

    assert step(8001) <= 0.55 * step(4001)


def states_in_contact(runner: Description, count: int = 200) -> tuple[Array, Array]:
    """(count, n) random postures with the lowest sphere up to 12 mm deep, and speeds, slow and fast."""
    random = np.random.default_rng(7)
    tree, names = Tree(runner), runner.coordinate_names
    q = np.array([c.default for c in runner.coordinates]) + 0.1 * random.standard_normal((count, len(names)))
    motion = tree.motion(dict(zip(names, q.T, strict=True)))
    heights = [
        stack(tree.position(motion, s.body, [float(x) for x in s.location]), count)[:, 1] - s.radius
        for s in runner.spheres
    ]
    q[:, names.index("pelvis_ty")] += random.uniform(-0.012, 0.0, count) - np.min(heights, axis=0)
    speed = np.where(np.arange(count) % 2, 0.02, 0.5)[:, None]
    return q, speed * random.standard_normal(q.shape)


def test_forces_are_those_of_opensim(worker: Worker) -> None:
    """On every loaded sphere: the normal force, and where it slips little, friction and where both act."""
    text = worker.call("build_runner", Subject(legs="none"))
    runner: Description = worker.call("describe", text)
    names, (q, qd) = runner.coordinate_names, states_in_contact(runner)
    theirs = run_native("opensim_side.contact_wrenches", text, names, list(zip(q, qd, strict=True)))
    tree, compared, slow = Tree(runner), 0, 0
    motion = tree.motion(dict(zip(names, q.T, strict=True)), dict(zip(names, qd.T, strict=True)))
    for sphere in runner.spheres:
        expected = np.array([record[sphere.name] for record in theirs])
        force = contact_force(tree, motion, sphere)
        ours = stack(force.force, len(q))
        R = stack_matrix(tree.orientation(motion, sphere.body), len(q))
        moment = np.cross(np.einsum("tij,tj->ti", R, stack(force.point, len(q))), ours)
        loaded = expected[:, 1] > 20.0
        compared += int(loaded.sum())
        assert ours[loaded, 1] == pytest.approx(expected[loaded, 1], rel=1e-6)
        friction = np.hypot(ours[:, 0], ours[:, 2])
        gripping = loaded & (
            friction < 0.3 * sphere.friction * ours[:, 1]
        )  # so is the slip, in transition speeds
        slow += int(gripping.sum())
        scale = np.linalg.norm(expected[gripping, :3], axis=1, keepdims=True)
        assert np.all(
            np.abs(ours - expected[:, :3])[gripping][:, [0, 2]]
            <= 0.005 * friction[gripping, None] + 1e-6 * scale
        )
        assert np.all(np.abs(moment - expected[:, 3:])[gripping] <= 0.005 * 0.2 * scale)
    assert compared > 50
    assert slow > 20
