"""Makes the loads of a runner, with what muscles add to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from footstrike.brief import brief
from footstrike.control.point_loads import (
    COMPONENTS,
    BoneForce,
    BrakingForce,
    Damage,
    EffortLoad,
    LevelForce,
    Load,
    MetabolicRate,
    MuscleHeat,
    Resultant,
    TendonForce,
)
from footstrike.control.problem import Drive
from footstrike.dynamics.rigid_body import Motion, Tree, stack, stack_matrix
from footstrike.lumbar.levels import chord_axes
from footstrike.model.description import Array, Description, Muscle, PullPolynomial
from footstrike.model.muscle_groups import QUADRICEPS, TRICEPS_SURAE
from footstrike.muscles.energetics import constants, energetics
from footstrike.muscles.patella import patella_ratio
from footstrike.muscles.path_fit import all_exponents
from footstrike.muscles.pull_fit import Axes, Pulls, joint_pulls
from footstrike.muscles.running_paths import RUNNING_RANGE_DEG, Measure

DAMAGE_UNIT_BW = 4.0  # what counts as one of a compression before it is raised to a power
PATELLA_ORDER = 8


@dataclass(frozen=True)
class LoadMaker:
    """Loads of a runner at a speed (m/s); those of joints get the muscles' pulls by :meth:`with_pulls`."""

    __repr__ = brief

    description: Description
    drive: Drive
    speed: float
    pulls: Mapping[str, Pulls] = field(default_factory=dict)

    @property
    def weight(self) -> float:
        """Of the body, N."""
        return float(self.description.mass * np.linalg.norm(self.description.gravity))

    def with_pulls(self, loads: Sequence[Load], measure: Measure) -> LoadMaker:
        """The same with the pulls of muscles on the joints of these loads."""
        joints = {load.joint: axes_of(load) for load in loads if load.joint}
        return replace(self, pulls=joint_pulls(self.description, measure, joints, self.drive.paths))

    def level(self, level: str, component: str) -> Load:
        """Component of the force of a lumbar level, body weights."""
        place, sign = COMPONENTS[component]
        pull = self._pull(level, place, sign)
        return LevelForce(f"{component} {level}", self.weight, pull, {}, level, component)

    def resultant(self, level: str) -> tuple[Load, ...]:
        """Components and size of the force of a lumbar level, body weights."""
        parts = tuple(self.level(level, component) for component in COMPONENTS)
        return *parts, Resultant(f"resultant {level}", parts=tuple(p.name for p in parts))

    def damage(self, level: str, exponent: int) -> tuple[Load, ...]:
        """Compression of a lumbar level, and a power of it."""
        load = self.level(level, "compression")
        return load, Damage(f"damage {level} {exponent}", DAMAGE_UNIT_BW, {}, {}, load.name, exponent)

    def bone(self, joint: str, bone: str, side: str) -> Load:
        """Force of a leg's joint along a bone, compression positive, body weights."""
        pull = self._pull(f"{joint}_{side}", 0, -1.0)
        return BoneForce(f"{joint} {side}", self.weight, pull, {}, f"{joint}_{side}", f"{bone}_{side}")

    def achilles(self, side: str) -> Load:
        """Force of an Achilles tendon, body weights."""
        whole = {m.name: _constant(1.0) for m in self._of(TRICEPS_SURAE, side)}
        return TendonForce(f"achilles {side}", self.weight, whole)

    def patella(self, side: str) -> Load:
        """Force behind a patella, body weights."""
        knee = f"knee_angle_{side}"
        pull = {m.name: _patella(knee) for m in self._of(QUADRICEPS, side)}
        return TendonForce(f"patella {side}", self.weight, pull)

    def metabolic_rate(self) -> Load:
        """Metabolic rate of all muscles above that at rest, J/kg/m."""
        of = energetics(self.drive.muscles)
        heat = {
            m.name: MuscleHeat(float(mass), float(slow))
            for m, mass, slow in zip(self.drive.muscles, of.mass, of.slow, strict=True)
        }
        rest = constants().minimum_heat * float(of.mass.sum())
        return MetabolicRate("metabolic rate", self.description.mass * self.speed, {}, heat, rest)

    def effort(self) -> Load:
        """Squared activations."""
        return EffortLoad("effort")

    def braking(self, side: str) -> Load:
        """Backward force on a foot, body weights."""
        return BrakingForce(f"braking {side}", side=side)

    def _of(self, groups: Sequence[str], side: str) -> list[Muscle]:
        return [m for m in self.drive.muscles if m.group in groups and m.name.endswith(f"_{side}")]

    def _pull(self, joint: str, place: int, sign: float) -> dict[str, PullPolynomial]:
        if joint not in self.pulls:
            return {}
        own = self.pulls[joint].polynomials[place]
        return {name: replace(p, coefficients=sign * p.coefficients) for name, p in own.items()}


def axes_of(load: Load) -> Axes:
    """The axes along which the force of a load's joint is told."""
    if isinstance(load, LevelForce):

        def chord(tree: Tree, motion: Motion, frames: int) -> Array:
            axes = chord_axes(tree, motion, load.level)
            return np.stack([stack(axis, frames) for axis in axes], axis=1)

        return chord
    assert isinstance(load, BoneForce)

    def along(tree: Tree, motion: Motion, frames: int) -> Array:
        return stack_matrix(tree.orientation(motion, load.bone), frames)[:, None, :, 1]

    return along


def _constant(value: float) -> PullPolynomial:
    none = np.zeros(0)
    return PullPolynomial((), none, none, np.zeros((1, 0), dtype=int), np.array([value]))


def _patella(knee: str) -> PullPolynomial:
    """Force behind the patella per newton of the quadriceps, over the range of running."""
    low, high = np.deg2rad(RUNNING_RANGE_DEG["knee_angle"])
    centre, scale = (low + high) / 2, (high - low) / 2
    x = np.cos(np.pi * (np.arange(200) + 0.5) / 200)
    exponents = all_exponents(1, PATELLA_ORDER)
    design = x[:, None] ** exponents[:, 0]
    ratio = patella_ratio(-(centre + scale * x))
    coefficients = np.asarray(np.linalg.lstsq(design, ratio, rcond=None)[0], dtype=float)
    return PullPolynomial((knee,), np.array([centre]), np.array([scale]), exponents, coefficients)
