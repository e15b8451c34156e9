"""How a knee that lands more bent than usual, or a toe that lands lower, goes on: regression over the steps of measured runners.

    python experiments/targets/covariation.py --data DIR

DIR holds ``rbds/RBDS*/RBDS*runT35.c3d`` (Fukuchi et al. 2017, PeerJ 5:e3298, CC-BY 4.0: markers at 150 Hz, force plate at
300 Hz). Knee flexion and the angles of thigh, shank and foot are those of lines between two markers of each segment in
the sagittal plane, so only their deviations from step to step mean anything. Printed for each foot: by how many degrees
each deviates, before and after contact, in a step whose knee is bent by one degree more than usual at contact; the mean
over feet; and the width of the Gaussian that leads through the knee's mean after contact. The same for a foot whose toe is
one degree lower at contact, with the widths before and after it. ``footstrike.control.reference`` has the widths as shares of
the stride, ``footstrike.control.modification`` the shares of the joints. Printed segments turn forward with their upper end +
(the foot: toe down), knee flexion and dorsiflexion of the ankle are +.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import ezc3d
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, filtfilt

from footstrike.gait.targets import target
from footstrike.outcomes.ground import FORCE_CUTOFF_HZ
from footstrike.runs.assemble import CONTACT_N

Array = NDArray[np.float64]

AROUND = np.arange(-0.10, 0.1201, 0.02)  # s, since contact
LINES = {
    "thigh": ("Thigh.Bottom.Lateral", "Thigh.Top.Lateral"),
    "shank": ("Shank.Bottom.Lateral", "Shank.Top.Lateral"),
    "foot": ("MT5", "Heel.Bottom"),
}
CUTOFF_HZ = 20.0


def slopes(trial: ezc3d.c3d, side: str, other: str, of: str) -> dict[str, Array]:
    """By segment and joint: (len(AROUND),) slope of its angle over that of ``of`` at contact."""
    rate = float(trial["header"]["points"]["frame_rate"])
    angle = {
        name: np.unwrap(np.arctan2(*(_marker(trial, f"{side}.{upper}") - _marker(trial, f"{side}.{lower}"))))
        for name, (lower, upper) in LINES.items()
    }
    angle["foot"] -= np.pi / 2
    angle["knee"] = angle["shank"] - angle["thigh"]
    angle["ankle"] = angle["shank"] - angle["foot"]
    frames = np.arange(len(angle["knee"])) / rate
    contacts = _contacts(
        trial, frames, _marker(trial, f"{side}.Heel.Bottom")[1], _marker(trial, f"{other}.Heel.Bottom")[1]
    )
    steps = {name: np.interp(contacts[:, None] + AROUND, frames, a) for name, a in angle.items()}
    deviation = {name: s - s.mean(axis=0) for name, s in steps.items()}
    at_contact = deviation[of][:, np.argmin(np.abs(AROUND))]
    return {name: at_contact @ d / (at_contact @ at_contact) for name, d in deviation.items()}


def widths(curve: Array, times: Array) -> Array:
    """Width of the Gaussian that leads through each value of a curve that is 1 at contact, s."""
    return np.asarray(np.abs(times) / np.sqrt(-np.log(curve)))


def _contacts(trial: ezc3d.c3d, frames: Array, heel: Array, other: Array) -> Array:
    """When the foot of ``heel`` meets the ground, s: the lower of both heels."""
    plate = trial["parameters"]["FORCE_PLATFORM"]
    channels = plate["CHANNEL"]["value"].ravel().astype(int) - 1
    up = -(plate["CAL_MATRIX"]["value"][2, :, 0] @ trial["data"]["analogs"][0][channels])
    rate = float(trial["header"]["analogs"]["frame_rate"])
    loaded = filtfilt(*butter(2, FORCE_CUTOFF_HZ / (rate / 2)), up) > CONTACT_N
    time = np.flatnonzero(np.diff(loaded.astype(int)) == 1) / rate
    inside = (time + AROUND[0] > frames[0]) & (time + AROUND[-1] < frames[-1])
    return np.asarray(time[inside & (np.interp(time, frames, heel) < np.interp(time, frames, other))])


def _marker(trial: ezc3d.c3d, name: str) -> Array:
    """(2, T) forward and up, m."""
    place = trial["parameters"]["POINT"]["LABELS"]["value"].index(name)
    rate = float(trial["header"]["points"]["frame_rate"])
    return np.asarray(filtfilt(*butter(2, CUTOFF_HZ / (rate / 2)), trial["data"]["points"][:2, place] / 1000))


def main() -> None:
    """Read the options, print the slopes of every foot and what follows."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    trials = {
        path.stem[:7]: ezc3d.c3d(str(path))
        for path in sorted((options.parse_args().data / "rbds").glob("*/*runT35.c3d"))
    }
    stride = target("rearfoot", 3.5).stride_time
    for of in ("knee", "foot"):
        print(f"{f'of a degree of the {of}, ms':28s}" + "".join(f"{1000 * t:7.0f}" for t in AROUND))
        feet = []
        for name, trial in trials.items():
            for side, other in (("R", "L"), ("L", "R")):
                feet.append(slopes(trial, side, other, of))
                print(f"{f'{name} {side} {of}':28s}" + "".join(f"{x:7.2f}" for x in feet[-1][of]))
        mean = {name: np.mean([f[name] for f in feet], axis=0) for name in feet[0]}
        spread = {name: np.std([f[name] for f in feet], axis=0, ddof=1) for name in feet[0]}
        at_contact = int(np.argmin(np.abs(AROUND)))
        for name, curve in mean.items():
            told = "".join(f"{x:7.2f}" for x in curve)
            print(f"{f'mean {name}':28s}{told}   SD at contact {spread[name][at_contact]:.2f}")
        for words, part in (("before", AROUND < -0.01), ("after", AROUND > 0.01)):
            used = part & (mean[of] > 0.05) & (mean[of] < 0.97)
            found = widths(mean[of][used], AROUND[used])
            print(f"width {words} contact {1000 * found.mean():.0f} ms ({1000 * found.min():.0f} to "
                  f"{1000 * found.max():.0f}), {found.mean() / stride:.3f} of a stride")  # fmt: skip


if __name__ == "__main__":
    main()
