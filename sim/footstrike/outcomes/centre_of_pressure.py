"""Where under the right foot the ground pushes, and with what moment about the ankle."""

from __future__ import annotations

import numpy as np

from footstrike.outcomes.ground import Stance, in_stance
from footstrike.outcomes.registry import Quantity, several
from footstrike.runs.run import Run

SHARES_PCT = (10, 20, 40, 60, 80)  # of stance
EARLY, LATE = 0.03, 0.97  # of stance: before and after, the force is too small to place it
MOMENT = "ground_moment_about_ankle_peak_nm_per_kg"


def field(share_pct: int) -> str:
    """Name of the distance at a share of stance."""
    return f"cop_ahead_of_ankle_at_{share_pct}_pct_m"


@several(
    *(
        Quantity(
            field(share),
            "m",
            f"centre of pressure ahead of the ankle at {share} % of stance",
            "right foot, ahead of the ankle's centre",
        )
        for share in SHARES_PCT
    ),
    Quantity(
        MOMENT,
        "N m/kg",
        "peak moment of the ground force about the ankle",
        "right foot, 3 to 97 % of stance; weight and inertia of the foot are no part of it",
    ),
)
@in_stance
def under_foot(run: Run, phase: Stance) -> tuple[float, ...] | None:
    """Distance of the centre of pressure ahead of the ankle's centre, m, and the ground force's largest moment.

    The moment is that of the ground force alone about the ankle, plantarflexors against it positive, N m/kg: weight
    and inertia of the foot are no part of it.
    """
    point, force, ankle = run.ground_point.get("right"), run.ground_force["right"], run.points.get("ankle_r")
    if point is None or ankle is None:
        return None
    ahead = point[:-1, 0] - ankle[:-1, 0]
    moment = (force[:-1, 1] * ahead + force[:-1, 0] * ankle[:-1, 1]) / run.mass
    since = (run.time[:-1] - run.time[0] - phase.contact.start) % run.period / phase.contact.duration
    order = np.argsort(since)
    known = order[np.isfinite(ahead[order]) & (since[order] <= 1.0)]
    if not known.size:
        return None
    shares = np.array(SHARES_PCT) / 100.0
    places = np.interp(shares, since[known], ahead[known])
    firm = known[(since[known] >= EARLY) & (since[known] <= LATE)]
    return *map(float, places), float(moment[firm].max())
