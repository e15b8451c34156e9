"""Small model files written out by hand: a chain of pendulums about z, hanging from the ground."""

from __future__ import annotations

from collections.abc import Sequence

BODY = (
    '<Body name="{name}"><mass>{mass}</mass><mass_center>0 -0.2 0</mass_center>'
    "<inertia>0.1 0.1 0.1 0 0 0</inertia></Body>"
)
FRAMES = """
<socket_parent_frame>{name}_p</socket_parent_frame><socket_child_frame>{name}_c</socket_child_frame>
<coordinates>{coordinates}</coordinates>
<frames>
  <PhysicalOffsetFrame name="{name}_p"><socket_parent>{parent}</socket_parent>
    <translation>0 {down} 0</translation></PhysicalOffsetFrame>
  <PhysicalOffsetFrame name="{name}_c"><socket_parent>{child}</socket_parent></PhysicalOffsetFrame>
</frames>"""
COORDINATE = '<Coordinate name="{name}"><range>{low} {high}</range></Coordinate>'
MUSCLE = """
<Thelen2003Muscle name="{name}"><max_isometric_force>500</max_isometric_force>
  <optimal_fiber_length>0.15</optimal_fiber_length><tendon_slack_length>0.1</tendon_slack_length>
  <GeometryPath name="path"><PathPointSet><objects>{points}</objects></PathPointSet></GeometryPath>
</Thelen2003Muscle>"""
POINT = """<PathPoint name="{name}"><socket_parent_frame>{frame}</socket_parent_frame>
  <location>{location}</location></PathPoint>"""
CONDITIONAL = """<ConditionalPathPoint name="{name}"><socket_parent_frame>{frame}</socket_parent_frame>
  <location>{location}</location><socket_coordinate>{coordinate}</socket_coordinate>
  <range>{low} {high}</range></ConditionalPathPoint>"""


def model(bodies: str, joints: str, forces: str = "", more: str = "", encoding: str = "UTF-8") -> str:
    """The whole file."""
    return f"""<?xml version="1.0" encoding="{encoding}"?>
<OpenSimDocument Version="40000"><Model name="small"><gravity>0 -9.81 0</gravity>
<BodySet name="bodyset"><objects>{bodies}</objects></BodySet>
<JointSet name="jointset"><objects>{joints}</objects></JointSet>
<ForceSet name="forceset"><objects>{forces}</objects></ForceSet>
{more}
</Model></OpenSimDocument>"""


def coordinate(name: str, low: float = -1.0, high: float = 1.0) -> str:
    """A coordinate with its range, rad."""
    return COORDINATE.format(name=name, low=low, high=high)


def pin(name: str, parent: str, child: str, turn: str, down: float = -0.4) -> str:
    """A PinJoint ``down`` below the parent's origin; ``turn`` is its coordinate."""
    return f'<PinJoint name="{name}">{FRAMES.format(name=name, parent=parent, child=child, coordinates=turn, down=down)}</PinJoint>'


def joint_of_six(name: str, child: str, coordinates: Sequence[str]) -> str:
    """A CustomJoint on the ground whose six axes each have a coordinate."""
    axes = "".join(
        f'<TransformAxis name="{kind}{k + 1}"><coordinates>{coordinates[3 * (kind == "translation") + k]}</coordinates>'
        f"<axis>{' '.join('1' if i == k else '0' for i in range(3))}</axis>"
        '<LinearFunction name="function"><coefficients>1 0</coefficients></LinearFunction></TransformAxis>'
        for kind in ("rotation", "translation")
        for k in range(3)
    )
    frames = FRAMES.format(
        name=name, parent="/ground", child=child, down=0, coordinates="".join(map(coordinate, coordinates))
    )
    return f'<CustomJoint name="{name}">{frames}<SpatialTransform>{axes}</SpatialTransform></CustomJoint>'


def chain(
    turns: Sequence[str] = ("hip", "knee"),
    joints: Sequence[str] = ("hip", "knee", "ankle"),
    bodies: Sequence[str] = ("thigh", "shank", "foot"),
    forces: str = "",
    encoding: str = "UTF-8",
) -> str:
    """As many pendulums as there are ``turns``; the first hangs from the ground's origin."""
    count = len(turns)
    paths = ["/ground", *(f"/bodyset/{b}" for b in bodies[:count])]
    pins = [
        pin(joints[k], paths[k], paths[k + 1], coordinate(turns[k]), -0.4 if k else 0.0) for k in range(count)
    ]
    masses = "".join(BODY.format(name=bodies[k], mass=8.0 / 2**k) for k in range(count))
    return model(masses, "".join(pins), forces, encoding=encoding)


def muscle(name: str, *points: str) -> str:
    """A muscle along points."""
    return MUSCLE.format(name=name, points="".join(points))


def point(name: str, frame: str, location: str) -> str:
    """A path point fixed on a frame."""
    return POINT.format(name=name, frame=frame, location=location)
