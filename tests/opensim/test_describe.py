from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from native import run_native

from footstrike.dynamics.joint_functions import evaluate
from footstrike.dynamics.rigid_body import Tree, stack
from footstrike.errors import ModelError
from footstrike.model.description import Description, Muscle, Piecewise
from footstrike.workers.client import Worker

STATES = 12


def states(d: Description, speed: float = 2.0) -> Any:
    rng = np.random.default_rng(3)
    q, qd, qdd = rng.uniform(-1, 1, (3, STATES, len(d.coordinates)))
    low, high = np.array([(c.minimum, c.maximum) for c in d.coordinates]).T
    return low + (high - low) * (q + 1) / 2, speed * qd, 10 * qdd


def ours(d: Description, q: Any, qd: Any, qdd: Any) -> Any:
    tree = Tree(d)
    columns = [dict(zip(d.coordinate_names, a.T, strict=True)) for a in (q, qd, qdd)]
    tau = tree.inverse_dynamics(tree.motion(*columns))
    return np.column_stack([np.broadcast_to(tau[n], len(q)) for n in d.coordinate_names])


@pytest.mark.parametrize("name", ["joints", "couplers", "prescribed"])
def test_inverse_dynamics_is_opensims(worker: Worker, toys: dict[str, str], name: str) -> None:
    d = worker.call("describe", toys[name])
    motion = states(d)
    theirs = worker.call("inverse_dynamics", toys[name], d.coordinate_names, *motion)
    np.testing.assert_allclose(ours(d, *motion), theirs, atol=1e-11 * np.abs(theirs).max())


@pytest.mark.parametrize("name", ["functions", "two_coordinates", "knee"])
def test_inverse_dynamics_is_the_rate_of_opensims_momenta(
    worker: Worker, toys: dict[str, str], name: str
) -> None:
    d = worker.call("describe", toys[name])
    motion = states(d)
    theirs = worker.call("momentum_balance", toys[name], d.coordinate_names, *motion)
    np.testing.assert_allclose(ours(d, *motion), theirs, atol=1e-8 * np.abs(theirs).max())
    assert d.unlike_opensim


def test_opensims_solver_agrees_where_no_speed_is_involved(worker: Worker, toys: dict[str, str]) -> None:
    for name in ("functions", "two_coordinates", "knee"):
        d = worker.call("describe", toys[name])
        q, qd, qdd = states(d, speed=0.0)
        theirs = worker.call("inverse_dynamics", toys[name], d.coordinate_names, q, qd, qdd)
        np.testing.assert_allclose(ours(d, q, qd, qdd), theirs, atol=1e-11 * np.abs(theirs).max())


def test_splines_go_on_outside_their_knots_as_in_opensim(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["functions"])
    q = np.linspace(-4.0, 4.0, 17)[:, None] * np.ones(len(d.coordinates))
    still = np.zeros_like(q)
    theirs = worker.call("inverse_dynamics", toys["functions"], d.coordinate_names, q, still, still)
    np.testing.assert_allclose(ours(d, q, still, still), theirs, atol=1e-10 * np.abs(theirs).max())


def test_pieces_are_the_same_for_symbols(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["functions"])
    curved = [a.function for j in d.joints for a in j.axes if isinstance(a.function, Piecewise)]
    x = np.linspace(-2, 2, 33)
    symbolic = run_native("toy_symbols.evaluate_functions", curved, x)
    for f, values in zip(curved, symbolic, strict=True):
        np.testing.assert_allclose(values, np.array(np.broadcast_arrays(*evaluate(f, x))), atol=1e-12)


def test_couplers_are_eliminated_in_any_order(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["couplers"])
    assert d.coordinate_names == ["pin0_0", "pin1_0", "pin7_0"]
    assert set(d.fixed) == {"pin5_0"}
    both = [c for c in d.couplers if c.name == "both"]
    assert [c.independent for c in both] == ["pin0_0", "pin1_0"]
    assert any("off" in w and "pin7_0 is free" in w for w in d.warnings)


def test_prescribed_coordinates_are_held_and_clamps_recorded(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["prescribed"])
    assert d.coordinate_names == ["pin0_0"]
    assert d.coordinates[0].clamped
    assert d.fixed["pin1_0"] == pytest.approx(0.2 * np.sin(0.5))
    assert d.fixed["pin2_0"] == pytest.approx(0.3)
    assert [w for w in d.warnings if "prescribed" in w and "pin1_0" in w]
    assert not [w for w in d.warnings if "pin2_0" in w]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ellipsoid_joint", "joint 'scapula' is a EllipsoidJoint, which cannot be expressed: replace"),
        ("point_constraint", "constraint 'closing' is a PointConstraint, which closes a loop"),
        ("weld_constraint", "constraint 'closing' is a WeldConstraint, which closes a loop"),
        ("two_joints", "joints 'pin1', 'second' carry 'pin1_body' and close a loop"),
        ("mixing", "joint 'knee' uses a polynomial that mixes the coordinates a, b"),
        ("expression", "joint 'knee' uses a function of type ExpressionBasedFunction"),
        ("stray", "constraint 'lost' is not in the model's ConstraintSet: move it there"),
        ("circle", "couplers of pin0_0, pin1_0 depend on each other in a circle"),
    ],
)
def test_what_cannot_be_expressed_is_refused_by_name(
    worker: Worker, toys: dict[str, str], name: str, words: str
) -> None:
    with pytest.raises(ModelError) as caught:
        worker.call("describe", toys[name])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no OpenSimDocument with a Model"),
        ("what is this", "no OpenSimDocument with a Model"),
        ('<?xml version="1.0"?><html/>', "no OpenSimDocument with a Model"),
        ('<OpenSimDocument Version="40000"><Model name="x"/></OpenSimDocument>', "no bodies"),
    ],
)
def test_files_that_are_no_models(worker: Worker, text: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        worker.call("describe", text)


def test_broken_files_say_what_is_broken(worker: Worker, toys: dict[str, str]) -> None:
    whole = toys["muscles"]
    plugin = re.sub(r"<(/?)RigidTendonMuscle", r"<\1MyMuscle", whole)
    cases = {
        whole[: len(whole) // 2]: "not well-formed XML",
        plugin: "component 'RigidTendonMuscle' is of type 'MyMuscle', which OpenSim does not know",
        whole.replace("/bodyset/b1", "/bodyset/nobody"): "nobody",
    }
    for text, words in cases.items():
        with pytest.raises(ModelError, match=re.escape(words)) as caught:
            worker.call("describe", text)
        assert "\n" not in str(caught.value)


def test_forces_are_recorded_and_named_in_warnings(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["forces"])
    kinds = {f.kind for f in d.forces}
    assert kinds >= {
        "Ligament", "CoordinateActuator", "CoordinateLimitForce", "BushingForce",
        "ExpressionBasedBushingForce", "PointToPointSpring", "SpringGeneralizedForce",
        "ExpressionBasedCoordinateForce", "HuntCrossleyForce",
    }  # fmt: skip
    for force in d.forces:
        assert any(force.name in w and force.kind in w for w in d.warnings), force.name
    ligament = next(f for f in d.forces if f.kind == "Ligament")
    assert float(ligament.properties["pcsa_force"]) == 100.0
    assert "the model has no muscles" in d.warnings


def test_contact_on_the_ground_plane_is_understood(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["forces"])
    assert [s.name for s in d.spheres] == ["ball"]
    assert (d.spheres[0].radius, d.spheres[0].stiffness, d.spheres[0].friction) == (0.03, 3e6, 0.8)
    assert any("on_wall" in w and "not with the ground's plane" in w for w in d.warnings)
    assert any("static friction 0.9" in w for w in d.warnings)
    assert {s.kind for s in d.surfaces} == {"ContactHalfSpace", "ContactSphere"}


def test_contact_meshes_whose_files_are_missing_do_not_stop_the_model(
    worker: Worker, toys: dict[str, str]
) -> None:
    mesh = (
        '<ContactMesh name="sole"><socket_frame>/bodyset/b1</socket_frame><location>0.1 0 0</location>'
        "<orientation>0 0 0</orientation><filename>foot.obj</filename></ContactMesh>"
    )
    text = toys["forces"].replace('<ContactSphere name="ball">', f'{mesh}<ContactSphere name="ball">')
    text = text.replace("<geometry>ball floor</geometry>", "<geometry>sole floor</geometry>")
    d = worker.call("describe", text)
    sole = next(s for s in d.surfaces if s.name == "sole")
    assert (sole.kind, sole.body, sole.file) == ("ContactMesh", "b1", "foot.obj")
    assert "contact meshes are not read: sole (foot.obj)" in d.warnings
    assert any("hertz (HuntCrossleyForce)" in w for w in d.warnings)


def test_nothing_that_a_file_lists_is_dropped_in_silence(worker: Worker, toys: dict[str, str]) -> None:
    text = re.sub(r"(<components>)", r'\1<Gadget name="widget"/>', toys["reporting"], count=1)
    assert "widget" in text
    warnings = " ".join(worker.call("describe", text).warnings)
    assert "widget (Gadget)" in warnings
    assert "table (TableReporter" in warnings.split("probes and reporters are not used")[1]
    assert "power (ActuatorPowerProbe)" in warnings
    assert "nothing here uses" not in warnings


def test_pictures_that_are_missing_do_not_matter(worker: Worker, toys: dict[str, str]) -> None:
    picture = "<attached_geometry><Mesh name='m'><mesh_file>none.vtp</mesh_file></Mesh></attached_geometry>"
    text = toys["muscles"].replace('<Body name="b0">', f'<Body name="b0">{picture}', 1)
    assert "none.vtp" in text
    assert worker.call("describe", text).warnings == worker.call("describe", toys["muscles"]).warnings


def test_muscles_become_de_groote_fregly_with_the_error_stated(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["muscles"])
    by_name: dict[str, Muscle] = {m.name: m for m in d.muscles}
    assert "still" not in by_name
    assert any("still" in w for w in d.warnings)
    for muscle in by_name.values():
        assert muscle.max_isometric_force == 500.0
        assert muscle.optimal_fibre_length == 0.2
        assert len(muscle.path) == 2
    exact = by_name["DeGrooteFregly2016Muscle"]
    assert (exact.mapping_error, exact.width_scale, exact.passive_strain) == (0.0, 1.0, 0.6)
    rigid = by_name["rigid"]
    assert (rigid.tendon_strain, rigid.width_scale, rigid.passive_strain) == (0.0, 1.3, np.inf)
    for kind in ("Thelen2003Muscle", "Millard2012EquilibriumMuscle", "RigidTendonMuscle"):
        assert 0.05 < by_name[kind].mapping_error < 0.5
        assert 0.0 < by_name[kind].mapping_rms < by_name[kind].mapping_error
    millard = by_name["Millard2012EquilibriumMuscle"]
    assert millard.mapping_error == by_name["Millard2012AccelerationMuscle"].mapping_error
    assert millard.tendon_strain == pytest.approx(0.049)


DATA = os.environ.get("FOOTSTRIKE_DATA")
PUBLISHED = {
    "models/Hamner2010.osim": (29, 92, 70, 8, 0),
    "models/Rajagopal2016.osim": (29, 80, 38, 8, 2),
    "models/FBLS_Raabe2016.osim": (29, 324, 229, 10, 19),
}


@pytest.mark.skipif(not DATA, reason="FOOTSTRIKE_DATA is not set: published models are not here")
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_models(worker: Worker, name: str) -> None:
    path = Path(DATA or "", name)
    if not path.exists():
        pytest.skip(f"{name} is not below FOOTSTRIKE_DATA")
    d = worker.call("describe", path.read_text())
    free, muscles, straight, locked, coupled = PUBLISHED[name]
    assert (len(d.coordinates), len(d.muscles), len(d.fixed)) == (free, muscles, locked)
    assert sum(1 for m in d.muscles if m.path) == straight
    assert len({c.dependent for c in d.couplers}) == coupled
    for m in d.muscles:
        if m.polynomial is not None:
            assert m.polynomial.length_rms_m < 1e-3, m.name
            assert m.polynomial.arm_rms_m < 1.5e-3, m.name


def test_fixed_bodies_stay_where_opensim_has_them(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["no_coordinates"])
    tree = Tree(d)
    at = stack(tree.position(tree.motion({}), d.bodies[0].name), 1)[0]
    assert np.all(np.isfinite(at))
