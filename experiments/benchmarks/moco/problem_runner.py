"""Our runner at 3.5 m/s over half a cycle, driven by torques or by muscles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from problem import PELVIS, Array, Drive, Problem, splined
from scipy.interpolate import make_interp_spline

from footstrike.control.problem import default_breaks
from footstrike.dynamics.rigid_body import Tree
from footstrike.gait.targets import Target, target
from footstrike.model.description import Description, Muscle, PathPolynomial
from footstrike.model.measured import MusclePath
from footstrike.model.sides import mirror
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables
from footstrike.workers.client import opensim_worker


def runner(t: Mapping[str, Any], muscles: bool) -> Problem:
    """The problem of the table [runner]."""
    worker = opensim_worker()
    spec = Subject(trunk=t["muscles_trunk"], legs=t["muscles_legs"] if muscles else "none")
    text = worker.call("build_runner", spec)
    description = worker.call("describe", text)
    description = replace(
        description, muscles=_muscles(text, description, tuple(t["ideal"])) if muscles else ()
    )
    names = description.coordinate_names
    aim = target(t["strike"], t["speed_mps"])
    duration = aim.stride_time / 2
    time = np.linspace(-0.3, 1.3, 641) * duration
    before = t["flight_before_contact"]
    curves = {n: _reference(aim, n, time / duration, before) for n in names}
    curves["pelvis_ty"] += _standing_height(description, aim, curves, time / duration / 2 - before)
    values, rates = splined(time, curves)
    driven = [n for n in names if not n.startswith(PELVIS)]
    scale = {n: next(s for start, s in t["scale_nm"].items() if n.startswith(start)) for n in driven}
    ideal = driven if not muscles else [n for n in driven if n.startswith(tuple(t["ideal"]))]
    drives = [Drive(n, scale[n] if n in ideal else t["reserve_nm"]) for n in driven]
    force_time, force = _forces(aim, description, before)
    return Problem(
        name="runner_muscles" if muscles else "runner_torque",
        model=text,
        description=description,
        muscles=muscles,
        ends="mirrored",
        start=0.0,
        end=duration,
        breaks=default_breaks(t["points"]),
        time=time,
        values=values,
        rates=rates,
        value_weights={n: t["motion"] / len(names) / duration * _weight(t, aim, n) for n in names},
        rate_weights={
            n: t["rate"] / len(names) / duration * _weight(t, aim, n) / t["rate_per_s"] ** 2 for n in names
        },
        force_time=force_time,
        force=force,
        force_weight=t["force"] / 6 / t["force_spread_bw"] ** 2 / duration,
        drives=tuple(drives),
        springs=(),
        effort_weight=t["torque"] / len(drives) / duration,
        activation_weight=t["activation"] / len(description.muscles) / duration if muscles else 0.0,
        convergence_tolerance=t["convergence_tolerance"],
        constraint_tolerance=t["constraint_tolerance"],
        advance=aim.speed * duration,
        activation_floor=t["activation_floor"],
        passive=_leg_muscles(description),
        tissue=_tissue(names) if muscles else {},
        notes=t,
    )


def _muscles(text: str, description: Description, ideal: tuple[str, ...]) -> tuple[Muscle, ...]:
    """All muscles that act on a coordinate, with the polynomials that Footstrike solves with, the trunk's too.

    They do not act on coordinates that ideal drives move: these count as neutral in their paths.
    """
    from footstrike.muscles.running_paths import running_paths

    def measure(names: list[str], q: Array, muscles: list[str]) -> list[MusclePath]:
        return list(opensim_worker().call("muscle_paths", text, names, q, muscles))

    paths = {n: _neutral(p, ideal) for n, p in running_paths(description, measure).items()}
    acting = {n for n, p in paths.items() if p.coordinates}
    return tuple(
        replace(m, polynomial=paths[m.name], path=()) for m in description.muscles if m.name in acting
    )


def _neutral(polynomial: PathPolynomial, kinds: tuple[str, ...]) -> PathPolynomial:
    """The polynomial with the coordinates of these kinds at zero."""
    kept = [k for k, n in enumerate(polynomial.coordinates) if not n.startswith(kinds)]
    gone = [k for k in range(len(polynomial.coordinates)) if k not in kept]
    at_zero = (-polynomial.centre / polynomial.scale)[gone]
    factor = np.prod(at_zero ** polynomial.exponents[:, gone], axis=1)
    exponents, row = np.unique(polynomial.exponents[:, kept], axis=0, return_inverse=True)
    return replace(
        polynomial,
        coordinates=tuple(polynomial.coordinates[k] for k in kept),
        centre=polynomial.centre[kept],
        scale=polynomial.scale[kept],
        exponents=exponents,
        coefficients=np.bincount(row.ravel(), polynomial.coefficients * factor, len(exponents)),
    )


def _leg_muscles(description: Description) -> tuple[str, ...]:
    """Names of the muscles that do not belong to the trunk."""
    trunk = {row.name for rows in carried_tables().fascicles.values() for row in rows}
    return tuple(m.name for m in description.muscles if m.name not in trunk)


def _tissue(names: list[str]) -> dict[str, tuple[float, ...]]:
    from footstrike.control.passive_moments import tissue_constants

    kinds = {n: n.removesuffix("_r").removesuffix("_l") for n in names}
    return {n: tissue_constants()[kind] for n, kind in kinds.items() if kind in tissue_constants()}


def _reference(aim: Target, name: str, phase: Array, before: float) -> Array:
    """Target of a coordinate over the half cycle, which begins shortly before right contact."""
    stride = np.mod(phase / 2 - before, 1.0)
    periodic = np.append(aim.coordinates[name][:-1], aim.coordinates[name][0])
    curve = make_interp_spline(aim.phase, periodic, k=3, bc_type="periodic")(stride)
    if name == "pelvis_tx":
        return np.asarray(curve + aim.speed * aim.stride_time / 2 * phase)
    return np.asarray(curve)


def _standing_height(
    description: Description, aim: Target, curves: Mapping[str, Array], stride: Array
) -> float:
    """How far to raise the pelvis so that the lowest right sphere sinks in 5 mm on average over stance, m.

    It is where both programs start from; the height is not tracked.
    """
    tree = Tree(description)
    motion = tree.motion(dict(curves))
    right = [s for s in description.spheres if s.name.endswith("_r")]
    bottoms = [
        np.asarray(tree.position(motion, s.body, list(map(float, s.location)))[1]) - s.radius for s in right
    ]
    stance = (stride > 0) & (stride < aim.contact_time / aim.stride_time)
    return float(-0.005 - np.min(bottoms, axis=0)[stance].mean())


def _weight(t: Mapping[str, Any], aim: Target, name: str) -> float:
    if name in ("pelvis_tx", "pelvis_ty"):
        return 0.0
    if name == "pelvis_tz":
        return 1 / float(t["pelvis_sideways_spread_m"]) ** 2
    spread = max(float(aim.spread[name][:-1].mean()), np.deg2rad(t["smallest_spread_deg"]))
    other = max(float(aim.spread[mirror(name)[0]][:-1].mean()), np.deg2rad(t["smallest_spread_deg"]))
    return 2 / (spread**2 + other**2)


def _forces(aim: Target, description: Description, before: float) -> tuple[Array, dict[str, Array]]:
    """Measured mean force of both feet over the half cycle, scaled to carry the weight; none in flight."""
    duration = aim.stride_time / 2
    time = np.linspace(-0.3, 1.3, 1281) * duration
    phase = time / duration / 2 - before
    weight = description.mass * float(np.linalg.norm(description.gravity))
    carried = np.trapezoid(aim.force["fy"], aim.force_phase) * aim.contact_time
    to_weight = weight * duration / float(carried)
    out = {}
    for side, shift in (("right", 0.0), ("left", 0.5)):
        stance = np.mod(phase + shift, 1.0) * aim.stride_time / aim.contact_time
        out[side] = np.zeros((len(time), 3))
        for k, axis in enumerate(("fx", "fy")):
            curve = to_weight * np.interp(stance, aim.force_phase, aim.force[axis])
            out[side][:, k] = np.where(stance <= 1.0, curve, 0.0)
    return time, out
