"""What can be chosen about the runner before it is built."""

from __future__ import annotations

from dataclasses import dataclass

from footstrike.errors import unknown_name
from footstrike.model.tables import TRUNK_SETS, carried_tables, rhythm_named


@dataclass(frozen=True)
class RunnerSpec:
    """Choices of the generic runner (1.80 m, 75.3 kg).

    Attributes
    ----------
    rhythm
        How trunk rotation is shared by the lumbar levels: ``"christophy"`` or ``"lfb"`` (models/rhythm.csv).
    trunk
        Trunk fascicles: ``"reduced"`` or ``"full"`` (238).
    contact
        Whether the feet carry contact spheres and the ground a plane.
    fitted_contact
        Whether the spheres have the estimated parameters (models/contact.toml) or the anatomical start.
    actuators
        Whether every coordinate but the pelvis has a CoordinateActuator (for use in other OpenSim tools).
    name
        Name of the model.
    """

    rhythm: str = "christophy"
    trunk: str = "reduced"
    contact: bool = True
    fitted_contact: bool = True
    actuators: bool = False
    name: str = "footstrike_runner"

    def __post_init__(self) -> None:
        rhythm_named(carried_tables(), self.rhythm)
        if self.trunk not in TRUNK_SETS:
            raise unknown_name("trunk set", self.trunk, TRUNK_SETS)
