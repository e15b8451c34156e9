"""When muscles switch on: onset of a burst of excitation around an expected instant of the stride."""

from __future__ import annotations

import numpy as np

from footstrike.model.muscle_groups import ERECTOR_SPINAE
from footstrike.outcomes import ground
from footstrike.outcomes.excitation import excitation
from footstrike.runs.run import Array, Run

SHARE_OF_RANGE = 0.25  # a muscle is on above this share of its range over the stride
SEARCH_PERCENT = 30.0  # of the stride, on either side of the expected onset

MUSCLES = {
    "erector spinae": ERECTOR_SPINAE,
    "gluteus maximus": ("gluteus_maximus",),
    "vasti": ("vasti",),
    "gastrocnemius": ("gastrocnemius",),
}
"""Muscles and their groups."""


def onset(run: Run, muscle: str, expected: float) -> float | None:
    """Onset of the right side's mean excitation, % of the stride from right contact, nearest to ``expected``.

    The onset is where the mean of all right-side parts of ``muscle`` (one of ``MUSCLES``) rises through a
    quarter of its range. Electromyograms show excitation, which leads activation; where activations do not obey
    dynamics (shared out frame by frame, no fibre states in the run) they stand for it. ``None`` if the run has no
    such part or it does not rise within 30 % of the stride.
    """
    phase = ground.stance(run)
    columns = run.muscles_of(MUSCLES[muscle], side="r")
    if phase is None or not columns or run.activations.size == 0:
        return None
    signal = excitation(run.time, run.activations) if run.fibre_length.size else run.activations
    level = signal[:-1, columns].mean(axis=1)
    rises = _rises(level - (level.min() + SHARE_OF_RANGE * np.ptp(level)))
    percent = 100.0 * (rises / level.size - phase.contact.start / run.period)
    distance = (percent - expected + 50.0) % 100.0 - 50.0
    if not distance.size or np.abs(distance).min() > SEARCH_PERCENT:
        return None
    return float(expected + distance[np.abs(distance).argmin()])


def _rises(level: Array) -> Array:
    """Sample positions where a periodic signal rises through zero, interpolated."""
    before = np.roll(level, 1)
    at = np.flatnonzero((level > 0) & (before <= 0))
    return np.asarray(at - 1 + before[at] / (before[at] - level[at]))
