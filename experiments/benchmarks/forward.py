"""How far OpenSim's forward dynamics agree with a solved stride, and how the laws of mechanics hold along it.

    python experiments/benchmarks/forward.py RUN.h5 [RUN.h5 ...] [--accuracy 1e-5]

prints for each run the balances of momentum and energy, the agreement of accelerations, and the drift of an
integration without feedback from right contact and from mid-flight. Half a minute for each run.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from footstrike.export.forward_check import Drift, forward_agreement, forward_drift
from footstrike.outcomes.laws import of_run, periodicity
from footstrike.runs.run import Run


def main() -> None:
    """Check and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("runs", type=Path, nargs="+")
    options.add_argument("--accuracy", type=float, default=1e-5)
    args = options.parse_args()
    for path in args.runs:
        run = Run.load(path)
        print(f"\n{path.name}: {run.strike}, {run.speed:g} m/s, {run.status}")
        _balances(run)
        _agreement(run)
        for supported in (True, False):
            started = time.perf_counter()
            drifts = forward_drift(run, supported=supported, accuracy=args.accuracy)
            seconds = time.perf_counter() - started
            for drift in drifts:
                _drift(drift)
            print(f"  ({seconds:.0f} s)", flush=True)


def _balances(run: Run) -> None:
    b, p = of_run(run), periodicity(run)
    largest = float(np.abs(b.energy_imbalance_w_per_kg).max())
    print(f"  momentum: largest imbalance {b.momentum_imbalance_max_bw:.4f} BW, impulse", end=" ")
    print("{:.1e} fore-aft, {:.1e} vertical BW s".format(*np.abs(b.impulse_bw_s[:2])))
    print(
        f"  energy: imbalance {b.energy_imbalance_rms_w_per_kg:.3f} rms, {largest:.3f} largest W/kg;", end=" "
    )
    print(f"{b.energy_error_w_per_kg:.1e} W/kg with the pelvis residual counted")
    print("  net work, J/kg: " + ", ".join(f"{k} {v:+.4f}" for k, v in b.work_j_per_kg.items()))
    print(f"  period: {p.angle_deg:.1e} deg, {p.pelvis_m:.1e} m, {p.angular_speed_rad_s:.1e} rad/s")


def _agreement(run: Run) -> None:
    a = forward_agreement(run)
    print(f"  accelerations: bodies {a.bodies:.1e}, with contact {a.contact:.1e},", end=" ")
    print(
        f"with OpenSim's friction law {a.friction:.2g} (rms {a.friction_rms:.2g}, worst {a.worst},", end=" "
    )
    print(f"{a.friction_force_bw:.3f} BW)", flush=True)


def _drift(drift: Drift) -> None:
    held = "all that the motion needs" if drift.supported else "joint torques only"
    print(f"  from {drift.start} ({1e3 * drift.start_s:.0f} ms), {held}:")
    for t, angle, median, way, worst in zip(
        drift.after_s, drift.angles_deg, drift.median_deg, drift.pelvis_m, drift.worst, strict=True
    ):
        print(
            f"    {1e3 * t:5.0f} ms  angles {angle:8.4f} rms {median:8.4f} median deg (most {worst}),",
            end=" ",
        )
        print(f"pelvis {1e3 * way:8.4f} mm")


if __name__ == "__main__":
    main()
