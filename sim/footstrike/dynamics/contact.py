"""Foot contact: smoothed Hunt-Crossley spheres on the plane y = 0.

The form is that of OpenSim's SmoothSphereHalfSpaceForce (Serrancolí et al. 2019, IEEE TNSRE 27:1597; Sherman
et al. 2011, Procedia IUTAM 2:241), with one difference: the friction's ``min(s, 1)`` of the relative slip ``s``
is ``s / (1 + s^4)^(1/4)``, which has derivatives of every order and departs by less than 0.3 % below
``s = 0.3``. Viscous friction is left out, and static friction is the dynamic one.
"""

from __future__ import annotations

from collections.abc import Iterable

from footstrike.dynamics.rigid_body import Force, Motion, Tree
from footstrike.dynamics.scalars import Scalar, cross, minus, plus, sqrt, tanh, transform_back
from footstrike.model.contact_smoothing import contact_smoothing
from footstrike.model.description import ContactSphere

CITES = ("serrancoli2019", "sherman2011")


def contact_force(tree: Tree, motion: Motion, sphere: ContactSphere) -> Force:
    """Ground's force on the foot (N, ground frame) at the point midway through the indentation.

    Location, stiffness and dissipation of the sphere may be symbols, so that they can be estimated.
    """
    centre = tree.position(motion, sphere.body, sphere.location)
    indentation = sphere.radius - centre[1]
    down = [0.0, -sphere.radius + 0.5 * indentation, 0.0]
    w = tree.angular_velocity(motion, sphere.body)
    v = plus(tree.velocity(motion, sphere.body, sphere.location), cross(w, down))
    normal = _normal_force(sphere, indentation, -v[1])
    slip = sqrt(v[0] * v[0] + v[2] * v[2] + contact_smoothing().constant_contact_force)
    relative = slip / sphere.transition_velocity
    grip = sphere.friction * normal * relative / (1 + relative**4) ** 0.25 / slip
    local = transform_back(
        tree.orientation(motion, sphere.body), minus(plus(centre, down), tree.position(motion, sphere.body))
    )
    return Force(sphere.body, local, [-grip * v[0], normal, -grip * v[2]])


def contact_forces(tree: Tree, motion: Motion, spheres: Iterable[ContactSphere]) -> list[Force]:
    """The forces of all spheres."""
    return [contact_force(tree, motion, s) for s in spheres]


def _normal_force(sphere: ContactSphere, indentation: Scalar, approach: Scalar) -> Scalar:
    """Hertz force with Hunt-Crossley damping, N; ``approach`` is the speed into the ground, m/s."""
    smoothing = contact_smoothing()
    k = 0.5 * sphere.stiffness ** (2 / 3)
    depth = indentation * indentation + smoothing.constant_contact_force
    hertz = 4 / 3 * k * sqrt(sphere.radius * k) * depth**0.75
    hertz = hertz * (0.5 + 0.5 * tanh(smoothing.hertz_smoothing * indentation))
    c = sphere.dissipation
    damped = hertz * (1 + 1.5 * c * approach)
    return damped * (0.5 + 0.5 * tanh(smoothing.hunt_crossley_smoothing * (approach + 2 / (3 * c))))
