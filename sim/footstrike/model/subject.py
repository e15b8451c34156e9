"""Who runs, and what can be chosen about the model before it is built."""

from __future__ import annotations

from dataclasses import dataclass, fields

from footstrike.errors import InputError, unknown_name
from footstrike.model.anthropometry import SEGMENTS, check_factors, check_size
from footstrike.model.factors import check_factor
from footstrike.model.leg_tables import LEG_SETS
from footstrike.model.rows import Vec3
from footstrike.model.tables import TRUNK_SETS, carried_tables, rhythm_named

TONE, SPRINGS = (0.0, 0.1), (0.0, 2.0)


@dataclass(frozen=True)
class Subject:
    """Who runs: body size and what the model has; the generic runner (1.80 m, 75.3 kg) if no size is given.

    Attributes
    ----------
    height, mass
        m, kg; those of the generic runner where None (:mod:`footstrike.model.scaling`).
    sex
        ``"female"`` or ``"male"``: proportions and mass shares. None: those of a man, as the source models.
    segment_factors
        Measured lengths over those of the generic runner, (segment, (x, y, z)); they precede height and sex.
    rhythm
        How trunk rotation is shared by the lumbar levels: ``"christophy"`` or ``"lfb"`` (models/rhythm.csv).
    trunk
        Trunk fascicles: ``"reduced"`` or ``"full"`` (238).
    legs
        Leg muscles: ``"none"``, or ``"hamner"`` (84; the psoas is among the trunk fascicles).
    factors
        Strengths, masses or contact over those of the tables, (name, factor) (:data:`footstrike.model.factors.FACTORS`).
    tone
        Least activation of every muscle, 0 to 0.1; that of models/activation.toml if None.
    disc_springs
        Passive stiffness of the lumbar levels, times the middle of its published range, 0 (none) to 2
        (:mod:`footstrike.lumbar.disc_stiffness`).
    contact
        Whether the feet carry contact spheres and the ground a plane.
    fitted_contact
        Whether the spheres have the estimated parameters (models/contact.toml) or the anatomical start.
    actuators
        Whether every coordinate but the pelvis has a CoordinateActuator (for use in other OpenSim tools).
    name
        Name of the model.
    """

    height: float | None = None
    mass: float | None = None
    sex: str | None = None
    segment_factors: tuple[tuple[str, Vec3], ...] = ()
    rhythm: str = "christophy"
    trunk: str = "reduced"
    legs: str = "hamner"
    factors: tuple[tuple[str, float], ...] = ()
    tone: float | None = None
    disc_springs: float = 0.0
    contact: bool = True
    fitted_contact: bool = True
    actuators: bool = False
    name: str = "footstrike_runner"

    @property
    def is_scaled(self) -> bool:
        """Whether the body differs from the generic runner's."""
        size = (self.height, self.mass, self.sex)
        return any(value is not None for value in size) or bool(self.segment_factors)

    def __repr__(self) -> str:
        told = [f for f in fields(self) if getattr(self, f.name) != f.default]
        return f"Subject({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in told)})"

    def __post_init__(self) -> None:
        rhythm_named(carried_tables(), self.rhythm)
        check_size(self.height, self.mass, self.sex, sum(b.mass for b in carried_tables().bodies))
        for segment, factors in self.segment_factors:
            if segment not in SEGMENTS:
                raise unknown_name("segment", segment, SEGMENTS)
            check_factors(segment, factors)
        named = [name for name, _ in self.factors]
        for name, factor in self.factors:
            check_factor(name, factor)
            if named.count(name) > 1:
                raise InputError(f"{name} is given twice: leave one out")
        for name, value, (low, high) in (
            ("tone", self.tone, TONE),
            ("disc_springs", self.disc_springs, SPRINGS),
        ):
            if value is not None and not low <= value <= high:
                raise InputError(
                    f"{name} {value!r} cannot be used (allowed: a number from {low:g} to {high:g})"
                )
        if self.trunk not in TRUNK_SETS:
            raise unknown_name("trunk set", self.trunk, TRUNK_SETS)
        if self.legs != "none" and self.legs not in LEG_SETS:
            raise unknown_name("leg muscle set", self.legs, ["none", *LEG_SETS])


SIMULATED = Subject()
"""The runner of a simulation that asks for nothing else."""
