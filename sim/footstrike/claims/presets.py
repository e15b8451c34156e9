"""How thorough a test of the claims is: what is simulated for it, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from footstrike.errors import unknown_name

REFERENCE_SPEED = 3.5
"""m/s, at which the claims are decided."""


@dataclass(frozen=True)
class Preset:
    """What a test of the claims simulates. At which speeds a claim runs, its own table says (``presets``).

    Attributes
    ----------
    name
        Of the preset.
    contrasts
        Those that are simulated (:mod:`footstrike.claims.contrasts`), as far as a claim asks for them.
    swept
        Ids of the claims whose factor is swept; all if None.
    levels
        How many levels of a swept factor, evenly among those of the claim, the two ends first; all if None.
    derivatives
        Whether the sensitivities of every unperturbed simulation are computed, for the first-order interval.
    draws
        Number of draws of the uncertain inputs, at 3.5 m/s.
    drawn
        The contrasts that every draw is solved for.
    speeds_of
        Name under which the claims' tables have their speeds.
    fixed
        (name, value) that all simulations share.
    """

    name: str
    contrasts: tuple[str, ...]
    swept: tuple[str, ...] | None = None
    levels: int | None = None
    derivatives: bool = True
    draws: int = 0
    drawn: tuple[str, ...] = ()
    speeds_of: str = ""
    fixed: tuple[tuple[str, Any], ...] = ()


_PAIRS = ("groups", "conversion", "conversion_back")
_ALL = (*_PAIRS, "sweep", "arms_held", "optimum", "optimum_against_habit")
PRESETS = {
    of.name: of
    for of in (
        Preset("quick", ("groups", "conversion"), speeds_of="quick"),
        Preset(
            "standard",
            _ALL,
            levels=2,
            draws=16,
            drawn=("groups", "conversion"),
            speeds_of="standard",
        ),
        Preset("full", _ALL, draws=200, drawn=(*_PAIRS, "optimum"), speeds_of="full"),
        Preset("check", ("groups",), derivatives=False, speeds_of="quick"),
    )
}
"""By name. ``check`` only shows that everything runs: the habitual pair, without uncertainty."""


def check_preset(name: str) -> str:
    """Return the name of a preset, or raise `InputError` with those that there are."""
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    return name
