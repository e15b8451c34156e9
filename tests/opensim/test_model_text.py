"""Model files that OpenSim reads otherwise than they are written, or refuses without saying where."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import small_osim as small

from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import ModelError
from footstrike.model.description import Description
from footstrike.workers.client import Worker

Describe = Callable[[str], Description]
FRONT = small.muscle(
    "front",
    small.point("a", "/bodyset/thigh", "0.05 -0.1 0"),
    small.point("b", "/bodyset/shank", "0.05 -0.1 0"),
)


@pytest.fixture(scope="module")
def describe(worker: Worker) -> Describe:
    return lambda text: worker.call("describe", text)


def assert_refused(describe: Describe, written: str, instead: str, words: str) -> None:
    """A small model in which something else stands ``instead`` is refused in these words."""
    text = small.chain(forces=FRONT)
    assert written in text
    with pytest.raises(ModelError, match=words):
        describe(text.replace(written, instead, 1))


@pytest.mark.parametrize(
    ("written", "instead", "words"),
    [
        ("<mass>8.0</mass>", "<mass>8,5</mass>", r"Body 'thigh': mass '8,5' has a decimal comma"),
        ("<mass>8.0</mass>", "<mass>8.5kg</mass>", r"Body 'thigh': mass '8\.5kg' is not a number"),
        ("<mass>8.0</mass>", "<mass>0x1A</mass>", r"'0x1A' cannot be read"),
        ("<mass>8.0</mass>", "<mass>1.0D1</mass>", r"'1\.0D1' cannot be read"),
        ("<mass>8.0</mass>", "<mass>8 5</mass>", r"mass '8 5' holds 2 values instead of 1"),
        ("<mass>8.0</mass>", "<mass>8</mass><mass>9</mass>", r"mass is given twice, '8' and '9'"),
        ("0 -0.2 0", "0 -0,2 0", r"mass_center '0 -0,2 0' has a decimal comma \('-0,2'\)"),
        ("0 -0.2 0", "0 -0.2", r"mass_center '0 -0\.2' holds 2 values instead of 3"),
        ("0.1 0.1 0.1 0 0 0", "0.1 0.1 0.1", r"inertia '0\.1 0\.1 0\.1' holds 3 values instead of 6"),
        ("<gravity>0 -9.81 0", "<gravity>0 -9,81 0", r"Model 'small': gravity"),
        ("<range>-1.0 1.0", "<range>-1.0", r"Coordinate 'hip': range"),
        ("0.05 -0.1 0<", "0.05 -0.1f 0<", r"PathPoint 'a' .*location"),
        ("<optimal_fiber_length>0.15", "<optimal_fiber_length>,15", r"Muscle 'front': optimal_fiber_length"),
        ("<translation>0 -0.4 0", "<translation>0 -,4 0", r"Frame 'knee_p' of PinJoint 'knee': translation"),
        ("</range>", "</range><clamped>ture</clamped>", r"clamped 'ture' is not true or false"),
        ('name="thigh"><mass>8.0', "name=thigh><mass>8,5", r"Body 'thigh': mass '8,5' has a decimal comma"),
        ("<mass>8.0", "<credits>A & B</credits><mass>8,5", r"Body 'thigh': mass '8,5' has a decimal comma"),
    ],
)
def test_numbers_that_are_not_read_whole_are_refused_by_name(
    describe: Describe, written: str, instead: str, words: str
) -> None:
    assert_refused(describe, written, instead, words)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("0 -0.2 0", "\n 0,\t-2e-1,\n +0. "),
        ("<mass>8.0</mass>", "<mass><!-- 7,5 kg once --> .8E+1 </mass>"),
        ("<range>-1.0 1.0", "<range>-1.0\n1.0"),
        ("</gravity>", "</gravity><credits>Lab 3,5 (2012), v1,0</credits><length_units>m2,5</length_units>"),
        ("</range>", "</range><clamped>False</clamped><locked>0</locked>"),
        (
            "<ForceSet",
            "<ControllerSet><objects/></ControllerSet><Unheard><of>2,5 m and 3,5</of></Unheard><ForceSet",
        ),
    ],
)
def test_numbers_in_any_layout_and_digits_in_texts_are_read(
    describe: Describe, written: str, instead: str
) -> None:
    text = small.chain(forces=FRONT)
    assert written in text
    plain, changed = describe(text), describe(text.replace(written, instead, 1))
    for one, other in zip(plain.bodies, changed.bodies, strict=True):
        assert (one.mass, one.com.tolist()) == (other.mass, other.com.tolist())
    assert [(c.minimum, c.maximum) for c in plain.coordinates] == [
        (c.minimum, c.maximum) for c in changed.coordinates
    ]


OLD = """<?xml version="1.0" encoding="UTF-8"?>
<OpenSimDocument Version="20302"><Model name="old"><gravity> 0 -9.81 0</gravity><BodySet><objects>
<Body name="ground"><mass>0</mass><mass_center> 0 0 0</mass_center><Joint/></Body>
<Body name="arm"><mass>2</mass><mass_center> 0 -0.2 0</mass_center>
<inertia_xx>0.02</inertia_xx><inertia_yy>0.01</inertia_yy><inertia_zz>0.02</inertia_zz>
<inertia_xy>0</inertia_xy><inertia_xz>0</inertia_xz><inertia_yz>0</inertia_yz>
<Joint><PinJoint name="shoulder"><parent_body>ground</parent_body>
<location_in_parent> 0.1 1.2 0</location_in_parent><orientation_in_parent> 0 0 0</orientation_in_parent>
<location> 0 0 0</location><orientation> 0 0 0</orientation>
<CoordinateSet><objects><Coordinate name="elevation"><default_value>0</default_value><range>-1 2</range>
</Coordinate></objects></CoordinateSet></PinJoint></Joint>
<VisibleObject><GeometrySet><objects><DisplayGeometry><geometry_file>arm.vtp</geometry_file>
<color> 1 1</color><transform> -0 0 -0 0 0 0</transform></DisplayGeometry></objects></GeometrySet>
<scale_factors> 1 1 1</scale_factors></VisibleObject></Body>
</objects></BodySet></Model></OpenSimDocument>"""


def test_files_of_older_versions_are_read_and_their_numbers_checked_as_well(describe: Describe) -> None:
    arm = describe(OLD).bodies[0]
    assert np.diag(arm.inertia).tolist() == [0.02, 0.01, 0.02]
    for written, instead, words in (
        ("<inertia_zz>0.02", "<inertia_zz>0,02", "Body 'arm': inertia_zz '0,02'"),
        (" 0.1 1.2 0<", " 0,1 1,2 0<", "PinJoint 'shoulder': location_in_parent"),
        (" 0.1 1.2 0<", " 0.1 1.2<", "holds 2 values instead of 3"),
    ):
        with pytest.raises(ModelError, match=words):
            describe(OLD.replace(written, instead))
    lacking = describe(OLD.replace("<inertia_yy>0.01</inertia_yy>", ""))
    assert any("not in the file" in w and "inertia_yy of arm" in w for w in lacking.warnings)


def test_what_is_empty_or_not_there_is_said(describe: Describe) -> None:
    text = small.chain()
    empty = describe(text.replace("<range>-1.0 1.0</range>", "<range></range>", 1))
    assert any("left empty" in w and "range of Coordinate 'hip'" in w for w in empty.warnings)
    centre = describe(text.replace("<mass_center>0 -0.2 0</mass_center>", "", 1))
    assert any("not in the file" in w and "mass_center of thigh" in w for w in centre.warnings)
    inertia = describe(text.replace("<inertia>0.1 0.1 0.1 0 0 0</inertia>", "", 1))
    assert any("no inertia" in w and "thigh" in w for w in inertia.warnings)


def static_moments(d: Description, angles: dict[str, float]) -> dict[str, float]:
    """Moments of gravity at rest, N m."""
    tree = Tree(d)
    still = dict.fromkeys(angles, 0.0)
    return {n: float(t) for n, t in tree.inverse_dynamics(tree.motion(angles, still, still)).items()}


def test_coordinates_of_one_name_are_told_apart(describe: Describe, worker: Worker) -> None:
    text = small.chain(("angle", "angle", "ankle"))
    d = describe(text)
    assert d.coordinate_names == ["hip_angle", "knee_angle", "ankle"]
    assert any("/jointset/knee/angle is knee_angle" in w for w in d.warnings)
    q = np.array([[0.3, 0.5, -0.2]])
    theirs = worker.call("inverse_dynamics", text, d.coordinate_names, q, 0 * q, 0 * q)[0]
    plain = describe(small.chain(("hip", "knee", "ankle")))
    ours = static_moments(d, dict(zip(d.coordinate_names, q[0], strict=True)))
    same = static_moments(plain, {"hip": 0.3, "knee": 0.5, "ankle": -0.2})
    assert list(ours.values()) == pytest.approx(list(same.values()), rel=1e-12)
    assert list(ours.values()) == pytest.approx(theirs.tolist(), rel=1e-9)
    torso, second, third = 9.81 * 8, 9.81 * 4, 9.81 * 2
    sines = [np.sin(0.3), np.sin(0.8), np.sin(0.6)]
    by_hand = 0.2 * torso * sines[0] + second * (0.4 * sines[0] + 0.2 * sines[1])
    by_hand += third * (0.4 * sines[0] + 0.4 * sines[1] + 0.2 * sines[2])
    assert ours["hip_angle"] == pytest.approx(by_hand, rel=1e-9)


def test_axes_of_custom_joints_follow_their_renamed_coordinates(describe: Describe) -> None:
    names = [f"q{k}" for k in range(6)]
    bodies = "".join(small.BODY.format(name=b, mass=1) for b in "ab")
    joints = "".join(small.joint_of_six(f"j{b}", f"/bodyset/{b}", names) for b in "ab")
    d = describe(small.model(bodies, joints))
    assert d.coordinate_names == [f"{j}_{n}" for j in ("ja", "jb") for n in names]
    assert [{a.coordinate for a in j.axes} for j in d.joints] == [
        {f"ja_{n}" for n in names},
        {f"jb_{n}" for n in names},
    ]


def test_a_bare_name_of_two_coordinates_is_refused_with_both_paths(describe: Describe) -> None:
    coupler = """<ConstraintSet><objects><CoordinateCouplerConstraint name="follow">
      <coupled_coordinates_function><LinearFunction><coefficients>1 0</coefficients></LinearFunction>
      </coupled_coordinates_function><independent_coordinate_names>angle</independent_coordinate_names>
      <dependent_coordinate_name>ankle</dependent_coordinate_name></CoordinateCouplerConstraint></objects></ConstraintSet>"""
    text = small.chain(("angle", "angle", "ankle")).replace("</Model>", coupler + "</Model>")
    with pytest.raises(
        ModelError, match=r"'follow' .*'angle', which is /jointset/hip/angle and /jointset/knee/angle"
    ):
        describe(text)


def test_bodies_and_muscles_of_one_name_in_several_sets_are_told_apart(
    describe: Describe, worker: Worker
) -> None:
    other = small.muscle(
        "front",
        small.point("a", "/bodyset/thigh", "0.1 -0.1 0"),
        small.point("b", "/bodyset/shank", "0.1 -0.1 0"),
    )
    set_aside = f'<ComponentSet name="componentset"><objects>{other}</objects></ComponentSet>'
    text = small.chain(forces=FRONT).replace("</Model>", set_aside + "</Model>")
    d = describe(text)
    assert [m.name for m in d.muscles] == ["forceset_front", "componentset_front"]
    lengths = worker.call(
        "muscle_lengths", text, d.coordinate_names, np.zeros((1, 2)), [m.name for m in d.muscles]
    )
    assert lengths[0] == pytest.approx([0.4, 0.4])
    bent = worker.call(
        "muscle_lengths", text, d.coordinate_names, np.array([[0.0, 0.5]]), ["componentset_front"]
    )
    assert bent[0, 0] == pytest.approx(np.hypot(0.1 - 0.1 * np.cos(0.5) - 0.1 * np.sin(0.5), 0.3 - 0.1 * np.sin(0.5) + 0.1 * np.cos(0.5)))  # fmt: skip

    grounded = describe(small.chain(bodies=("ground", "shank")))
    assert [b.name for b in grounded.bodies] == ["bodyset_ground", "shank"]
    assert grounded.mass == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (small.chain(bodies=("thigh", "thigh")), "BodySet 'bodyset' has two components of the name 'thigh'"),
        (small.chain(joints=("hip", "hip")), "JointSet 'jointset' has two components of the name 'hip'"),
    ],
)
def test_two_components_of_one_path_are_refused(describe: Describe, text: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        describe(text)


def test_muscles_of_one_path_are_numbered_and_named(describe: Describe) -> None:
    d = describe(small.chain(forces=FRONT + FRONT))
    assert len({m.name for m in d.muscles}) == 2
    assert any("given twice" in w and "front in forceset" in w for w in d.warnings)


def test_a_body_without_a_joint_is_named(describe: Describe) -> None:
    loose = small.BODY.format(name="loose", mass=1)
    with pytest.raises(ModelError, match="no joint carries 'loose'"):
        describe(small.chain().replace("</objects></BodySet>", f"{loose}</objects></BodySet>"))


def test_custom_joints_that_close_a_loop_are_named(describe: Describe) -> None:
    bodies = small.BODY.format(name="b", mass=1)
    joints = [small.joint_of_six(f"j{k}", "/bodyset/b", [f"q{k}{i}" for i in range(6)]) for k in range(2)]
    with pytest.raises(ModelError, match=r"joints 'j0', 'j1' carry 'b' and close a loop"):
        describe(small.model(bodies, "".join(joints)))


@pytest.mark.parametrize(
    ("written", "instead", "words"),
    [
        (
            "<max_i",
            "<minimum_activation>0.001</minimum_activation><max_i",
            r"inimum activation.*'/forceset/front'",
        ),
        ("<optimal_fiber_length>0.15", "<optimal_fiber_length>0", r"optimal_fiber_length.*'/forceset/front/"),
        ("/bodyset/shank</socket_parent>", "/bodyset/shnk</socket_parent>", r"/bodyset/shnk"),
    ],
)
def test_opensims_complaint_keeps_the_component(
    describe: Describe, written: str, instead: str, words: str
) -> None:
    assert_refused(describe, written, instead, words)


def test_opensims_warnings_while_loading_are_passed_on(describe: Describe) -> None:
    d = describe(small.chain(("hip", "knee", "ankle")).replace("<mass>4.0</mass>", "<mass>0</mass>"))
    assert any("OpenSim says: Body 'shank' is massless but nonzero inertia" in w for w in d.warnings)


def test_wrapping_surfaces_of_one_name_say_which_is_taken(describe: Describe, toys: dict[str, str]) -> None:
    text = toys["paths"]
    start, end = text.index("<WrapSphere "), text.index("</WrapSphere>") + len("</WrapSphere>")
    sphere = f'<WrapObjectSet name="wrapobjectset"><objects>{text[start:end]}</objects></WrapObjectSet>'
    at = text.index("<mass>", text.index('<Body name="b1">'))
    d = describe(text[:at] + sphere + text[at:])
    assert any("of one name" in w and "WrapSphere on b0 and b1 (that of b0" in w for w in d.warnings)
