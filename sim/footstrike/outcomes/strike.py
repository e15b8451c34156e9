"""Does each foot land as the strike that was named?"""

from __future__ import annotations

from collections.abc import Mapping

from footstrike.gait.foot_strike import between_markers, bound
from footstrike.gait.targets import Target
from footstrike.outcomes import ground, posture
from footstrike.runs.run import Run


def other_strike(run: Run, aims: Mapping[str, Target]) -> str:
    """What to add to the message where a foot lands otherwise than in its target; else nothing.

    ``aims`` by side, ``right`` and ``left``; the right one is enough where both feet do the same.
    """
    words = ""
    for side, aim in aims.items():
        phase, limit = ground.stance(run, side), bound(aim)
        if phase is None:
            continue
        skeleton = posture.segment_at(run, f"foot_pitch_{side[0]}", phase.touches)
        if skeleton is None or limit.holds(between_markers(skeleton)):
            continue
        foot = "the foot" if len(aims) == 1 else f"the {side} foot"
        words += (
            f"; but {foot} lands with a foot-strike angle of {skeleton:.1f} deg ({between_markers(skeleton):.1f} "
            f"between shoe markers), which is not a {aim.strike} landing ({limit} between shoe markers)"
        )
    return words
