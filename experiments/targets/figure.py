"""Figure of the gait targets: legs, trunk and ground force of both strikes at 3.5 m/s, mean and SD.

python experiments/targets/figure.py [-o docs/img/targets.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from footstrike.gait.bands import force_band, joint_band

SPEED = 3.5
COLOURS = {"rearfoot": "#b5442e", "forefoot": "#2b6ca3"}
PANELS = {
    "pelvis_tilt": "pelvis tilt (back +)",
    "pelvis_list": "pelvis list (right down +)",
    "pelvis_rotation": "pelvis rotation (to the left +)",
    "hip_flexion_r": "hip flexion",
    "hip_adduction_r": "hip adduction",
    "hip_rotation_r": "hip rotation (inward +)",
    "knee_angle_r": "knee angle (flexion \N{MINUS SIGN})",
    "ankle_angle_r": "ankle angle (dorsiflexion +)",
    "pelvis_ty": "pelvis height about its mean",
    "lumbar_extension": "lumbar extension",
    "lumbar_bending": "lumbar bending",
    "lumbar_rotation": "lumbar rotation",
    "arm_flex_r": "shoulder flexion",
    "fy": "vertical force",
    "fx": "fore-aft force",
}


def draw(path: Path) -> None:
    figure, axes = plt.subplots(5, 3, figsize=(11, 14), layout="constrained")
    for axis, (name, title) in zip(axes.flat, PANELS.items(), strict=True):
        force = name in ("fx", "fy")
        for strike, colour in COLOURS.items():
            band = force_band(strike, SPEED, name) if force else joint_band(strike, SPEED, name)
            axis.plot(band.percent, band.mean, color=colour, label=strike)
            low, high = band.mean - band.sd, band.mean + band.sd
            axis.fill_between(band.percent, low, high, color=colour, alpha=0.18, linewidth=0)
        axis.set_title(title, fontsize=10)
        axis.set_ylabel(band.unit)
        axis.set_xlabel("stance, %" if force else "stride, % from right contact")
        axis.margins(x=0)
        axis.spines[["top", "right"]].set_visible(False)
        axis.axhline(0.0, color="0.8", linewidth=0.8, zorder=0)
    axes.flat[0].legend(frameon=False)
    figure.suptitle(f"Targets at {SPEED} m/s: mean and SD")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/img/targets.png"))
    draw(parser.parse_args().output)
