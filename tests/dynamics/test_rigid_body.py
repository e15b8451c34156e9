"""Equations of motion: OpenSim's own answers, the same on symbols, and laws of mechanics."""

from __future__ import annotations

import numpy as np
import pytest
from native import run_native

from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.rigid_body import Force, Tree, stack, stack_matrix
from footstrike.model.description import Array, Description
from footstrike.model.subject import Subject
from footstrike.workers.client import Worker, casadi_worker

STATES = 50
STEP = 1e-4  # s, of the finite differences in time


@pytest.fixture(scope="module")
def osim_text(worker: Worker) -> str:
    text: str = worker.call("build_runner", Subject(legs="none"))
    return text


@pytest.fixture(scope="module")
def runner(worker: Worker, osim_text: str) -> Description:
    described: Description = worker.call("describe", osim_text)
    return described


def random_states(runner: Description, count: int = STATES, seed: int = 0) -> tuple[Array, Array, Array]:
    """(count, n) coordinates over half their range, speeds and accelerations as in running."""
    random = np.random.default_rng(seed)
    centre = np.array([(c.minimum + c.maximum) / 2 for c in runner.coordinates])
    half = np.array([(c.maximum - c.minimum) / 2 for c in runner.coordinates])
    n = len(centre)
    q = centre + np.minimum(half, 1.0) * random.uniform(-0.8, 0.8, (count, n))
    return q, random.normal(0.0, 5.0, (count, n)), random.normal(0.0, 100.0, (count, n))


def named(runner: Description, values: Array) -> dict[str, Array]:
    return dict(zip(runner.coordinate_names, values.T, strict=True))


def generalised(
    runner: Description, q: Array, qd: Array, qdd: Array, forces: list[Force] | None = None
) -> Array:
    """(frames, n) by numpy."""
    tree = Tree(runner)
    motion = tree.motion(named(runner, q), named(runner, qd), named(runner, qdd))
    tau = tree.inverse_dynamics(motion, forces or [])
    return np.stack([np.broadcast_to(tau[name], len(q)) for name in runner.coordinate_names], axis=1)


def relative_to_largest(found: Array, expected: Array) -> float:
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def test_numbers_agree_with_opensim(worker: Worker, osim_text: str, runner: Description) -> None:
    states = random_states(runner)
    expected = worker.call("inverse_dynamics", osim_text, runner.coordinate_names, *states)
    assert relative_to_largest(generalised(runner, *states), expected) <= 1e-6


def test_numbers_agree_with_opensim_under_ground_forces(
    worker: Worker, osim_text: str, runner: Description
) -> None:
    states = random_states(runner, seed=1)
    random = np.random.default_rng(2)
    points, pushes = random.normal(0.0, 0.1, (2, 3)), random.normal(0.0, 800.0, (2, 3))
    forces = [
        Force(b, list(p), list(f)) for b, p, f in zip(("calcn_r", "toes_l"), points, pushes, strict=True)
    ]
    tree = Tree(runner)
    motion = tree.motion(named(runner, states[0]))
    wrenches = {}
    for force, push in zip(forces, pushes, strict=True):
        at = stack(tree.position(motion, force.body, force.point), STATES)
        wrenches[force.body] = np.concatenate(
            [np.cross(at, push), np.broadcast_to(push, (STATES, 3))], axis=1
        )
    expected = worker.call("inverse_dynamics", osim_text, runner.coordinate_names, *states, wrenches)
    assert relative_to_largest(generalised(runner, *states, forces), expected) <= 1e-6


def test_symbols_agree_with_opensim_and_with_numbers(
    worker: Worker, osim_text: str, runner: Description
) -> None:
    states = random_states(runner, seed=3)
    with casadi_worker() as engine:
        symbolic = engine.call("inverse_dynamics", runner, *states)
        touching = engine.call("inverse_dynamics", runner, *states, contact=True)
    expected = worker.call("inverse_dynamics", osim_text, runner.coordinate_names, *states)
    assert relative_to_largest(symbolic, expected) <= 1e-6
    assert relative_to_largest(symbolic, generalised(runner, *states)) <= 1e-9
    tree = Tree(runner)
    motion = tree.motion(named(runner, states[0]), named(runner, states[1]))
    ground = contact_forces(tree, motion, runner.spheres)
    assert relative_to_largest(touching, generalised(runner, *states, ground)) <= 1e-9


def trajectory(runner: Description, time: Array, seed: int = 4) -> tuple[Array, Array, Array]:
    """A smooth random motion and its exact time derivatives, (len(time), n) each."""
    random = np.random.default_rng(seed)
    q0, _, _ = random_states(runner, 1, seed)
    n = q0.shape[1]
    size, rate, phase = random.uniform(0.05, 0.3, n), random.uniform(5.0, 15.0, n), random.uniform(0, 6.0, n)
    angle = np.outer(time, rate) + phase
    return (
        q0 + size * np.sin(angle),
        size * rate * np.cos(angle),
        -size * rate**2 * np.sin(angle),
    )


def momentum(runner: Description, q: Array, qd: Array) -> tuple[Array, Array, Array, Array]:
    """Linear and angular momentum (about the ground's origin), (T, 3); kinetic and potential energy, (T,)."""
    tree = Tree(runner)
    motion = tree.motion(named(runner, q), named(runner, qd))
    frames = len(q)
    linear, angular, kinetic, potential = np.zeros((frames, 3)), np.zeros((frames, 3)), 0.0, 0.0
    for body in runner.bodies:
        com = [float(x) for x in body.com]
        p = stack(tree.position(motion, body.name, com), frames)
        v = stack(tree.velocity(motion, body.name, com), frames)
        w = stack(tree.angular_velocity(motion, body.name), frames)
        R = stack_matrix(tree.orientation(motion, body.name), frames)
        spin = np.einsum("tij,jk,tlk,tl->ti", R, body.inertia, R, w)
        linear += body.mass * v
        angular += np.cross(p, body.mass * v) + spin
        kinetic = kinetic + 0.5 * body.mass * np.sum(v * v, axis=1) + 0.5 * np.sum(w * spin, axis=1)
        potential = potential - body.mass * p @ runner.gravity
    return linear, angular, np.asarray(kinetic), np.asarray(potential)


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_momentum_changes_by_gravity_and_what_the_pelvis_is_given(runner: Description, seed: int) -> None:
    """The pelvis translations' generalised forces are the only external force beside gravity."""
    time = np.arange(-2, 3) * STEP
    q, qd, qdd = trajectory(runner, time, seed)
    linear, _, _, _ = momentum(runner, q, qd)
    rate = _central(linear)
    tau = dict(zip(runner.coordinate_names, generalised(runner, q, qd, qdd)[2], strict=True))
    external = np.array([tau[f"pelvis_t{axis}"] for axis in "xyz"]) + runner.mass * runner.gravity
    assert rate == pytest.approx(external, abs=1e-6 * float(np.abs(external).max()))


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_a_ground_force_stands_in_for_what_the_pelvis_is_given(runner: Description, seed: int) -> None:
    """Pushing the foot with the missing force and moment leaves nothing for the pelvis to supply."""
    time = np.arange(-2, 3) * STEP
    q, qd, qdd = trajectory(runner, time, seed)
    linear, angular, _, _ = momentum(runner, q, qd)
    tree = Tree(runner)
    motion = tree.motion(named(runner, q))
    com = stack(tree.centre_of_mass(motion), 5)[2]
    weight = runner.mass * runner.gravity
    force = _central(linear) - weight
    moment = _central(angular) - np.cross(com, weight)
    feet = [stack(tree.position(motion, f"calcn_{side}"), 5)[2] for side in "rl"]
    pushes = _forces_with(np.array([*feet, feet[0] + np.array([0.2, 0.1, 0.05])]), force, moment)
    on_body = [("calcn_r", feet[0]), ("calcn_l", feet[1]), ("calcn_r", feet[0] + np.array([0.2, 0.1, 0.05]))]
    given = []
    for (body, at), push in zip(on_body, pushes, strict=True):
        R = stack_matrix(tree.orientation(motion, body), 5)[2]
        origin = stack(tree.position(motion, body), 5)[2]
        given.append(Force(body, list(R.T @ (at - origin)), list(push)))
    still = slice(2, 3)
    tau = generalised(runner, q[still], qd[still], qdd[still], given)[0]
    scale = float(np.abs(force).max())
    for name, value in zip(runner.coordinate_names, tau, strict=True):
        if name.startswith("pelvis_"):
            assert abs(value) <= 1e-5 * scale, name


def _forces_with(points: Array, force: Array, moment: Array) -> Array:
    """(3, 3) forces at three points whose sum and moment about the origin are as given; least squares."""
    rows = [np.tile(np.eye(3), 3), np.hstack([_skew(p) for p in points])]
    solution = np.linalg.lstsq(np.vstack(rows), np.concatenate([force, moment]), rcond=None)[0]
    return np.asarray(solution.reshape(3, 3))


def _skew(p: Array) -> Array:
    return np.array([[0, -p[2], p[1]], [p[2], 0, -p[0]], [-p[1], p[0], 0]])


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_power_is_the_rate_of_energy(runner: Description, seed: int) -> None:
    time = np.arange(-2, 3) * STEP
    q, qd, qdd = trajectory(runner, time, seed)
    _, _, kinetic, potential = momentum(runner, q, qd)
    power = float(np.sum(generalised(runner, q, qd, qdd) * qd, axis=1)[2])
    assert power == pytest.approx(float(_central(kinetic + potential)), rel=1e-6)


def _central(values: Array) -> Array:
    """First derivative in the middle of five equally spaced samples, fourth order."""
    return np.asarray((values[0] - 8 * values[1] + 8 * values[3] - values[4]) / (12 * STEP))


def test_velocities_and_accelerations_are_derivatives_of_positions(runner: Description) -> None:
    time = np.arange(-2, 3) * STEP
    q, qd, qdd = trajectory(runner, time)
    tree = Tree(runner)
    motion = tree.motion(named(runner, q), named(runner, qd), named(runner, qdd))
    for body in ("toes_l", "torso", "hand_r"):
        point = [0.03, -0.02, 0.05]
        p, v = stack(tree.position(motion, body, point), 5), stack(tree.velocity(motion, body, point), 5)
        a = stack(tree.acceleration(motion, body, point), 5)
        assert _central(p) == pytest.approx(v[2], abs=1e-6)
        assert _central(v) == pytest.approx(a[2], abs=1e-4)


def test_a_body_in_free_fall_feels_nothing(runner: Description) -> None:
    q, _, _ = random_states(runner, 5)
    qdd = np.zeros_like(q)
    for axis, pull in zip("xyz", runner.gravity, strict=True):
        qdd[:, runner.coordinate_names.index(f"pelvis_t{axis}")] = pull
    assert np.abs(generalised(runner, q, np.zeros_like(q), qdd)).max() <= 1e-9 * runner.mass


@pytest.mark.parametrize(("contact", "most"), [(False, (4800, 1383)), (True, (7150, 1463))])
def test_operation_counts_do_not_grow(runner: Description, contact: bool, most: tuple[int, int]) -> None:
    """Speed of a solve, independent of the machine: instructions, and non-zeros of the Jacobian."""
    instructions, nonzeros = run_native("casadi_side.operations", runner, contact)
    assert instructions <= most[0]
    assert nonzeros <= most[1]
