"""Balances on motions that are known exactly, and OpenSim's forward dynamics of small models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from synthetic import analytic_run, changed
from toy_bodies import ARM, GRAVITY, INERTIA, MASS, one_body

from footstrike.control.sample import Kinematics
from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.rigid_body import Force, Tree
from footstrike.errors import ModelError
from footstrike.export.forward_check import forward_agreement, forward_drift
from footstrike.model.description import Array, ContactSphere, Description
from footstrike.model.subject import Subject
from footstrike.outcomes import laws
from footstrike.outcomes.laws import balance
from footstrike.runs import assemble
from footstrike.workers.client import Worker

PENDULUM = one_body({"swing": ("rotation", 2)})
THROWN = one_body(
    {"pelvis_tx": ("translation", 0), "pelvis_ty": ("translation", 1), "pelvis_tilt": ("rotation", 2)}
)
BALL = one_body(
    {"pelvis_ty": ("translation", 1)},
    (ContactSphere("ball_r", "body", np.zeros(3), 0.1, 1e5, 0.5, 0.8, 0.5),),
)


def integrated(
    d: Description, acceleration: Callable[[Array, Array], Array], state: Array
) -> tuple[Array, Kinematics]:
    """A motion of ``d`` over half a second to the integrator's last digits."""
    n = len(d.coordinates)
    time = np.linspace(0.0, 0.5, 2001)

    def rate(_: float, x: Array) -> Array:
        return np.concatenate([x[n:], acceleration(x[:n], x[n:])])

    x = solve_ivp(rate, (0.0, 0.5), state, "DOP853", time, rtol=1e-12, atol=1e-12).y
    a = np.array([acceleration(*np.split(column, 2)) for column in x.T]).T
    named = [dict(zip(d.coordinate_names, part, strict=True)) for part in (x[:n], x[n:], a)]
    return time, Kinematics(*named)


def swing(q: Array, _: Array) -> Array:
    return -MASS * GRAVITY * ARM / (INERTIA + MASS * ARM**2) * np.sin(q)


def fall(q: Array, qd: Array) -> Array:
    """The centre of mass falls freely, the body turns evenly about it."""
    pull = ARM * qd[2] ** 2
    return np.array([pull * np.sin(q[2]), -pull * np.cos(q[2]) - GRAVITY, 0.0])


def bounce(q: Array, qd: Array) -> Array:
    tree = Tree(BALL)
    state = tree.motion({"pelvis_ty": q[0]}, {"pelvis_ty": qd[0]})
    return np.array([contact_forces(tree, state, BALL.spheres)[0].force[1] / MASS - GRAVITY])


def test_a_pendulum_keeps_its_energy() -> None:
    time, motion = integrated(PENDULUM, swing, np.array([1.0, 0.0]))
    m = assemble.mechanics(PENDULUM, (), motion)
    b = balance(m, motion, time)
    assert np.abs(m.torques["swing"]).max() <= 1e-9
    assert np.abs(b.power_w_per_kg["body"]).max() <= 1e-7
    # its hinge carries what the balance of momentum lacks: at the bottom weight and m L w^2
    w2 = 2 * (1 - np.cos(1.0)) * MASS * GRAVITY * ARM / (INERTIA + MASS * ARM**2)
    assert b.momentum_imbalance_max_bw == pytest.approx(1 + ARM * w2 / GRAVITY, rel=1e-5)


def test_a_driven_pendulum_has_the_energy_of_its_joint() -> None:
    time = np.linspace(0.0, 1.0, 4001)
    swing = {"q": np.sin(3 * time), "qd": 3 * np.cos(3 * time), "qdd": -9 * np.sin(3 * time)}
    motion = Kinematics(*({"swing": values} for values in swing.values()))
    b = balance(assemble.mechanics(PENDULUM, (), motion), motion, time)
    assert b.positive_work_j_per_kg > abs(b.work_j_per_kg["joints"])
    assert b.energy_imbalance_share <= 1e-6


def test_what_falls_freely_obeys_both_balances() -> None:
    time, motion = integrated(THROWN, fall, np.array([0.0, 1.0, 0.2, 3.0, 2.0, 6.0]))
    b = balance(assemble.mechanics(THROWN, (), motion), motion, time)
    assert b.momentum_imbalance_max_bw <= 1e-8
    assert np.abs(b.impulse_bw_s).max() <= 1e-10
    assert np.abs(b.power_w_per_kg["body"]).max() <= 1e-6
    assert b.energy_imbalance_rms_w_per_kg <= 1e-6


def test_a_ball_gets_its_momentum_and_energy_from_the_ground() -> None:
    time, motion = integrated(BALL, bounce, np.array([0.3, 0.0]))
    b = balance(assemble.mechanics(BALL, BALL.spheres, motion), motion, time)
    assert np.abs(b.power_w_per_kg["ground"]).max() > 10.0
    assert b.momentum_imbalance_max_bw <= 1e-7
    assert np.abs(b.energy_imbalance_w_per_kg).max() <= 1e-6
    assert np.abs(b.impulse_bw_s).max() <= 1e-4
    assert b.work_j_per_kg["ground"] < -0.1  # Hunt and Crossley's damping
    assert b.work_j_per_kg["body"] == pytest.approx(b.work_j_per_kg["ground"], abs=1e-6)


def test_a_wrong_ground_force_breaks_the_balances() -> None:
    time, motion = integrated(BALL, bounce, np.array([0.3, 0.0]))
    m = assemble.mechanics(BALL, BALL.spheres, motion)
    stated = {"right": 1.05 * assemble.ground_forces(m)["right"]}
    b = balance(m, motion, time, stated)
    peak = assemble.ground_forces(m)["right"][:, 1].max() / assemble.weight(BALL)
    assert b.momentum_imbalance_max_bw == pytest.approx(0.05 * peak, rel=1e-6)
    assert b.impulse_bw_s[1] < -1e-3
    f = m.contact[0]
    wrong = replace(m, contact=[Force(f.body, f.point, [f.force[0], 1.05 * f.force[1], f.force[2]])])
    broken = balance(wrong, motion, time)
    assert broken.energy_imbalance_rms_w_per_kg > 0.1


def test_periodicity_sees_a_jump() -> None:
    run = analytic_run()
    turn = 2 * np.pi * run.time / run.period
    pelvis = {"pelvis_tx": run.speed * run.time, "pelvis_ty": np.cos(turn), "pelvis_tz": 0 * turn}
    speeds = {k: np.cos(turn) for k in (*pelvis, "knee")}
    closed = changed(run, coordinates=pelvis | {"knee": np.sin(turn)}, speeds=speeds)
    assert laws.periodicity(closed).angle_deg <= 1e-9
    assert laws.periodicity(closed).progress_m <= 1e-9
    open_ = changed(closed, coordinates=pelvis | {"knee": np.sin(turn) + 0.01 * turn})
    assert laws.periodicity(open_).angle_deg == pytest.approx(np.rad2deg(0.02 * np.pi))


@pytest.mark.parametrize("name", ["couplers", "forces"])
def test_forward_accelerations_undo_inverse_dynamics(worker: Worker, toys: dict[str, str], name: str) -> None:
    d = worker.call("describe", toys[name])
    q, qd, qdd = np.random.default_rng(5).uniform(-0.6, 0.6, (3, 6, len(d.coordinates)))
    tau = _torques(d, q, qd, qdd)
    theirs = worker.call("forward_accelerations", toys[name], d.coordinate_names, q, qd, tau, contact=False)
    np.testing.assert_allclose(theirs, qdd, atol=1e-10)


def test_ball_joints_are_refused(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["joints"])
    zeros = np.full((1, len(d.coordinates)), 0.3)
    with pytest.raises(ModelError, match="ball or free joint"):
        worker.call("forward_accelerations", toys["joints"], d.coordinate_names, zeros, zeros, zeros)


def test_the_runner_on_its_feet_accelerates_in_opensim_as_here(worker: Worker) -> None:
    """A runner that creeps and slides: but for the friction law above a third of its transition speed."""
    text = worker.call("build_runner", Subject(legs="none"))
    d = worker.call("describe", text)
    rng = np.random.default_rng(8)
    rows = {c.name: c.default + rng.uniform(-0.03, 0.03, 9) for c in d.coordinates}
    speeds = {n: rng.uniform(-0.5, 0.5, 9) for n in rows}
    accelerations = {n: rng.uniform(-20.0, 20.0, 9) for n in rows}
    tree = Tree(d)
    lowest = np.min(
        [tree.position(tree.motion(rows), s.body, list(s.location))[1] - s.radius for s in d.spheres], 0
    )
    rows["pelvis_ty"] = rows["pelvis_ty"] - lowest - 0.01
    run = changed(
        analytic_run(samples=9), model_osim=text, coordinates=rows, speeds=speeds, accelerations=accelerations
    )
    found = forward_agreement(run)
    assert found.bodies <= 1e-9
    assert found.contact <= 1e-9
    assert found.friction > 1e-6  # the two laws differ
    assert 1e-4 < found.friction_force_bw < 1.0


def test_the_runner_in_the_air_does_in_opensim_what_the_torques_tell(worker: Worker) -> None:
    """A motion that the pelvis has to be led through: with its forces it is repeated, without them it falls."""
    text = worker.call("build_runner", Subject(legs="none"))
    d = worker.call("describe", text)
    rng = np.random.default_rng(9)
    time = np.linspace(0.0, 0.3, 301)
    waves = {c.name: (rng.uniform(0.03, 0.08), 10 * time + rng.uniform(0.0, 6.0)) for c in d.coordinates}
    motion = Kinematics(
        {c.name: c.default + waves[c.name][0] * np.sin(waves[c.name][1]) for c in d.coordinates},
        {n: 10 * size * np.cos(turn) for n, (size, turn) in waves.items()},
        {n: -100 * size * np.sin(turn) for n, (size, turn) in waves.items()},
    )
    motion.q["pelvis_ty"] = motion.q["pelvis_ty"] + 1.0
    m = assemble.mechanics(d, d.spheres, motion)
    run = changed(
        analytic_run(samples=301),
        model_osim=text,
        time=time,
        coordinates=motion.q,
        speeds=motion.qd,
        accelerations=motion.qdd,
        torques=m.torques,
        ground_force=assemble.ground_forces(m),
    )
    for drift in forward_drift(run, supported=True):
        assert np.nanmax(drift.angles_deg) <= 0.01
        assert np.nanmax(drift.pelvis_m) <= 1e-5
        assert np.isfinite(drift.angles_deg).all()
    contact, _ = forward_drift(run)
    assert contact.pelvis_m[3] > 0.01


@pytest.mark.parametrize("name", ["couplers", "forces"])
def test_forward_integration_follows_the_motion_that_the_torques_were_made_for(
    worker: Worker, toys: dict[str, str], name: str
) -> None:
    """Couplers as constraints; other forces of a file do not act, and the contact is out of reach."""
    d = worker.call("describe", toys[name])
    n = len(d.coordinates)
    time = np.linspace(0.0, 0.2, 401)
    rng = np.random.default_rng(6)
    size, late = rng.uniform(0.05, 0.15, n), rng.uniform(0.0, 6.0, n)
    angle = 8.0 * time[:, None] + late
    q, qd, qdd = size * np.sin(angle), 8.0 * size * np.cos(angle), -64.0 * size * np.sin(angle)
    tau = _torques(d, q, qd, qdd)
    found = worker.call(
        "forward_integration",
        toys[name],
        d.coordinate_names,
        time,
        tau,
        (0.0, q[0], qd[0]),
        time[[100, 400]],
        contact=False,
        accuracy=1e-8,
    )
    np.testing.assert_allclose(found, q[[100, 400]], atol=2e-6)
    wrong = worker.call(
        "forward_integration",
        toys[name],
        d.coordinate_names,
        time,
        1.02 * tau,
        (0.0, q[0], qd[0]),
        time[[400]],
        contact=False,
    )
    assert np.abs(wrong - q[400]).max() > 1e-3


def _torques(d: Description, q: Array, qd: Array, qdd: Array) -> Array:
    tree = Tree(d)
    tau = tree.inverse_dynamics(
        tree.motion(*(dict(zip(d.coordinate_names, x.T, strict=True)) for x in (q, qd, qdd)))
    )
    return np.column_stack([np.broadcast_to(tau[name], len(q)) for name in d.coordinate_names])
