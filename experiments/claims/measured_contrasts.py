"""Write the contrasts of measured runners at 3.5 m/s as a table of the docs.

python experiments/claims/measured_contrasts.py [-o docs/data/measured_contrasts.csv]
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from footstrike.claims.definitions import claims
from footstrike.claims.measured_runners import measured_contrasts


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("-o", "--out", type=Path, default=Path("docs/data/measured_contrasts.csv"))
    of = {
        m.field: [c.id for c in claims() for x in c.metric if x.field == m.field]
        for c in claims()
        for m in c.metric
    }
    with options.parse_args().out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            [
                "claims",
                "metric",
                "rearfoot",
                "forefoot",
                "effect",
                "95 % interval",
                "Hedges' g",
                "runners",
                "how",
            ]
        )
        for c in measured_contrasts(speed=3.5):
            writer.writerow(
                [
                    " ".join(of.get(c.metric, [])),
                    c.metric,
                    f"{c.rearfoot:.3g}",
                    f"{c.forefoot:.3g}",
                    f"{c.effect:+.3g}",
                    f"{c.low:+.3g} to {c.high:+.3g}",
                    f"{c.effect_size:+.2f}",
                    f"{c.n[0]}, {c.n[1]}",
                    c.how,
                ]
            )


if __name__ == "__main__":
    main()
