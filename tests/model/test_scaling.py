"""The runner at other sizes: what is conserved, and OpenSim's own mechanics of the scaled model."""

from __future__ import annotations

import numpy as np
import pytest

from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import InputError
from footstrike.model.description import Description
from footstrike.model.placement import path_length, posture
from footstrike.model.rows import RunnerTables
from footstrike.model.scaling import leg_scale, length_factors, scaled, standing_height
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables
from footstrike.simulation.request import Request
from footstrike.workers.client import Worker

SIZES = [
    Subject(1.50, 45.0, "female", legs="none"),
    Subject(1.65, 58.0, legs="none"),
    Subject(2.05, 110.0, "male", legs="none"),
]


def mass(tables: RunnerTables) -> float:
    return sum(b.mass for b in tables.bodies)


def test_no_size_leaves_the_runner_as_it_is(tables: RunnerTables) -> None:
    assert scaled(tables, Subject(legs="none")) is tables
    same = scaled(carried_tables(), Subject(1.80, mass(tables), legs="none"))
    for new, old in zip(same.bodies, tables.bodies, strict=True):
        assert new.mass == pytest.approx(old.mass, rel=1e-12)
        assert new.moments == pytest.approx(old.moments, rel=1e-9)
        assert new.com == pytest.approx(old.com)
    for new_f, old_f in zip(same.fascicles["full"], tables.fascicles["full"], strict=True):
        assert new_f.max_isometric_force == pytest.approx(old_f.max_isometric_force, rel=1e-12)


@pytest.mark.parametrize("runner", SIZES)
def test_mass_and_stature_are_those_asked_for(tables: RunnerTables, runner: Subject) -> None:
    new = scaled(carried_tables(), runner)
    assert abs(mass(new) - (runner.mass or 0)) < 1e-9
    ratio = standing_height(new, posture(new, {})) / standing_height(tables, posture(tables, {}))
    assert ratio * 1.80 == pytest.approx(runner.height, abs=1e-9)


@pytest.mark.parametrize("runner", SIZES)
def test_no_body_breaks_the_triangle_inequality(runner: Subject) -> None:
    for body in scaled(carried_tables(), runner).bodies:
        assert max(body.moments) <= (sum(body.moments) - max(body.moments)) * (1 + 1e-9), body.name


@pytest.mark.parametrize("runner", SIZES)
@pytest.mark.parametrize("chosen", ["full", "reduced"])
def test_standing_fibres_keep_their_normalised_length(
    tables: RunnerTables, runner: Subject, chosen: str
) -> None:
    def fibres(t: RunnerTables) -> list[float]:
        at = posture(t, {})
        return [
            (path_length(f.path, at) - f.tendon_slack_length) / f.optimal_fibre_length
            for f in t.fascicles[chosen]
        ]

    assert fibres(scaled(carried_tables(), runner)) == pytest.approx(fibres(tables), rel=1e-9)


def test_a_runner_of_the_same_build_is_geometrically_similar(tables: RunnerTables) -> None:
    f = 1.62 / 1.80
    new = scaled(carried_tables(), Subject(1.62, mass(tables) * f**3, legs="none"))
    for n, o in zip(new.bodies, tables.bodies, strict=True):
        assert n.moments == pytest.approx(np.array(o.moments) * f**5, rel=1e-9)
    q = {"knee_angle_r": -1.0, "hip_flexion_r": 0.6, "lumbar_bending": 0.2, "elbow_flex_l": 1.0}
    at, was = posture(new, q), posture(tables, q)
    for body, pose in was.bodies.items():
        assert at.bodies[body].p == pytest.approx(f * pose.p, abs=1e-12), body
    sphere, old = new.spheres[0], tables.spheres[0]
    depth = sphere.stiffness * np.sqrt(sphere.radius) * (0.1 * sphere.radius) ** 1.5
    was_depth = old.stiffness * np.sqrt(old.radius) * (0.1 * old.radius) ** 1.5
    assert depth / mass(new) == pytest.approx(was_depth / mass(tables))


def test_strength_follows_muscle_volume_over_fibre_length(tables: RunnerTables) -> None:
    new = scaled(carried_tables(), Subject(2.05, 110.0, legs="none"))
    volume = (47.05 * 2.05 * 110.0 + 1289.6) / (47.05 * 1.80 * mass(tables) + 1289.6)
    for n, o in zip(new.fascicles["reduced"], tables.fascicles["reduced"], strict=True):
        ratio = n.optimal_fibre_length / o.optimal_fibre_length
        assert n.max_isometric_force * ratio == pytest.approx(o.max_isometric_force * volume)


def test_women_have_wider_hips_shorter_thighs_and_heavier_ones(tables: RunnerTables) -> None:
    man, woman = (length_factors(tables, Subject(1.70, 65.0, sex, legs="none")) for sex in ("male", "female"))
    assert woman["pelvis"][2] / man["pelvis"][2] == pytest.approx(1.204, abs=1e-3)
    assert woman["thigh"][1] < man["thigh"][1]
    assert woman["trunk"][1] > man["trunk"][1]
    male, female = (
        {b.name: b.mass for b in scaled(carried_tables(), Subject(1.70, 65.0, s, legs="none")).bodies}
        for s in ("male", "female")
    )
    assert female["femur_r"] > 1.1 * male["femur_r"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"height": 1.2}, "height 1.2 m cannot be used (allowed: a number from 1.4 to 2.1 m)"),
        ({"mass": 200.0}, "mass 200 kg cannot be used (allowed: a number from 40 to 130 kg)"),
        ({"height": 2.05, "mass": 45.0}, "does not go with height 2.05 m (allowed: 63.0 to 130.0 kg"),
        ({"height": float("nan")}, "height nan cannot be used"),
        ({"sex": "femal"}, "did you mean 'female'"),
    ],
)
def test_impossible_sizes_are_refused(given: dict[str, float], said: str) -> None:
    with pytest.raises(InputError) as caught:
        Subject(**given)  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_impossible_factors_are_refused() -> None:
    with pytest.raises(InputError, match=r"segment_factors of thigh: \(1, -1, 1\)"):
        Subject(segment_factors=(("thigh", (1.0, -1.0, 1.0)),), legs="none")
    with pytest.raises(InputError, match="did you mean 'thigh'"):
        Subject(segment_factors=(("thig", (1.0, 1.0, 1.0)),), legs="none")


def test_a_request_carries_the_size() -> None:
    asked = Request.of(strike="rearfoot", height=1.65, mass=58.0)
    assert (asked.subject.height, asked.subject.mass) == (1.65, 58.0)
    assert Request(strike="rearfoot").subject == Subject(legs="hamner")
    assert Request.of(strike="rearfoot", legs="torques").subject == Subject(legs="none")
    with pytest.raises(InputError, match="does not go with height"):
        Request.of(strike="rearfoot", height=2.05, mass=45.0)


def test_legs_scale_with_stature() -> None:
    assert leg_scale(Subject(legs="none")) == 1.0
    assert leg_scale(Subject(1.62, legs="none")) == pytest.approx(0.9, abs=1e-12)


@pytest.mark.parametrize("runner", SIZES)
def test_mechanics_of_the_scaled_model_are_opensims(worker: Worker, runner: Subject) -> None:
    text = worker.call("build_runner", runner)
    described: Description = worker.call("describe", text)
    assert abs(described.mass - (runner.mass or 0)) < 1e-9
    random = np.random.default_rng(0)
    middle = np.array([(c.minimum + c.maximum) / 2 for c in described.coordinates])
    half = np.array([min((c.maximum - c.minimum) / 2, 1.0) for c in described.coordinates])
    shape = (20, len(middle))
    q = middle + half * random.uniform(-0.8, 0.8, shape)
    qd, qdd = random.normal(0.0, 5.0, shape), random.normal(0.0, 100.0, shape)
    names = described.coordinate_names
    expected = worker.call("inverse_dynamics", text, names, q, qd, qdd)
    tree = Tree(described)
    tau = tree.inverse_dynamics(tree.motion(*(dict(zip(names, x.T, strict=True)) for x in (q, qd, qdd))), [])
    found = np.stack([np.broadcast_to(tau[n], len(q)) for n in names], axis=1)
    assert np.abs(found - expected).max() <= 1e-6 * np.abs(expected).max()


@pytest.mark.parametrize("runner", SIZES)
def test_muscles_of_the_scaled_model_are_those_of_the_tables(worker: Worker, runner: Subject) -> None:
    text = worker.call("build_runner", runner)
    names = worker.call("describe", text).coordinate_names
    found = worker.call("muscle_lengths", text, names, np.zeros((1, len(names))))[0]
    new = scaled(carried_tables(), runner)
    at = posture(new, {})
    assert found == pytest.approx([path_length(f.path, at) for f in new.fascicles["reduced"]], abs=1e-9)


def test_a_similar_runner_is_what_opensims_own_scaling_makes(worker: Worker) -> None:
    generic = worker.call("build_runner", Subject(legs="hamner"))
    bodies = [row.name for row in carried_tables().bodies]
    theirs = worker.call("scale_model", generic, dict.fromkeys(bodies, (0.9, 0.9, 0.9)), 60.0)
    own = worker.call("build_runner", Subject(1.62, 60.0, legs="hamner"))
    expected, found = (worker.call("describe", text) for text in (theirs, own))
    for a, b in zip(found.bodies, expected.bodies, strict=True):
        assert a.mass == pytest.approx(b.mass, rel=1e-12)
        assert a.com == pytest.approx(b.com, abs=1e-12)
        assert a.inertia == pytest.approx(b.inertia, rel=1e-9, abs=1e-15)
    for joint, other in zip(found.joints, expected.joints, strict=True):
        assert joint.parent_pose.p == pytest.approx(other.parent_pose.p, abs=1e-12)
    for muscle, same in zip(found.muscles, expected.muscles, strict=True):
        assert muscle.optimal_fibre_length == pytest.approx(same.optimal_fibre_length, rel=1e-9)
        assert muscle.tendon_slack_length == pytest.approx(same.tendon_slack_length, rel=1e-9)
    random = np.random.default_rng(1)
    q = random.uniform(-0.3, 0.3, (10, len(found.coordinates)))
    lengths = [worker.call("muscle_lengths", text, found.coordinate_names, q) for text in (own, theirs)]
    assert np.abs(lengths[0] - lengths[1]).max() < 2e-5  # OpenSim writes splines with six digits


def test_opensims_own_scaling_names_a_body_that_is_not_there(worker: Worker) -> None:
    with pytest.raises(InputError, match="did you mean 'femur_r'"):
        worker.call(
            "scale_model", worker.call("build_runner", Subject(legs="none")), {"femurr": (1, 1, 1)}, 70.0
        )
