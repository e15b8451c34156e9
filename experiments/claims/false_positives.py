"""How often the rule finds an effect of the strike where there is none: contrasts of runners of one and the same group.

    python experiments/claims/false_positives.py [-o docs/data/false_positives.csv]

Every contrast draws 19 and 6 runners from one group (half of the contrasts from each), by the modes between runners, and takes
their means for those of two groups. Metrics are those of the reference gaits (knee, times, ground force), read from the
curves without a solve. Two kinds of inputs move them: the errors of the two groups' means, to first order, and what the
members share, which cancels. The rule is applied as to a simulated contrast of groups, with the claims' own thresholds: with
the share of agreeing signs that the claims ask for (97.5 %, which leaves 5 % by its two sides), and with 80 %.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pandas import DataFrame

from footstrike.claims.definitions import ClaimMetric, claims
from footstrike.claims.measured_runners import carried_group, group_runners
from footstrike.claims.verdicts import judge
from footstrike.gait.variation import LEG_MODES
from footstrike.study.propagation import Interval, LinearEffect, Propagated, propagate
from footstrike.study.uncertain import UncertainInput, uncertain_inputs

SIZES = {"rearfoot": 19, "forefoot": 6}
GROUPS = tuple(SIZES)
SPEED = 3.5
RULES = {"as the claims ask": None, "agreement of 80 %": 0.8}


def metrics() -> dict[str, ClaimMetric]:
    """Metrics of the claims whose SD between runners is known, and which the curves of a runner have."""
    known = group_runners(carried_group("rearfoot", SPEED), np.zeros((1, len(LEG_MODES)))).columns
    found = {m.field: m for claim in claims() for m in claim.metric if m.effect == "strike" and m.sign}
    return {name: m for name, m in found.items() if m.between_runner_sd and name in known}


def null_effects(count: int, seed: int) -> DataFrame:
    """Effects of ``count`` contrasts of two sets of runners of one group, a row each, by metric."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(count):
        group = carried_group(GROUPS[k % 2], SPEED)
        means = [
            group_runners(group, rng.standard_normal((n, len(LEG_MODES)))).mean() for n in SIZES.values()
        ]
        rows.append(means[1] - means[0])
    return DataFrame(rows).reset_index(drop=True)


def errors_of_means(inputs: list[UncertainInput], group: str) -> dict[str, Propagated]:
    """Distribution of an effect about zero that comes of the errors of both means of one group, by metric."""
    step = 0.1
    both = np.concatenate([step * np.eye(len(LEG_MODES)), -step * np.eye(len(LEG_MODES))])
    made = group_runners(carried_group(group, SPEED), both)
    out = {}
    for name in metrics():
        values = made[name].to_numpy()
        slopes = (values[: len(LEG_MODES)] - values[len(LEG_MODES) :]) / (2 * step)
        gradient = {
            i.name: (1.0 if i.members == "forefoot" else -1.0) * slopes[LEG_MODES.index(i.sets)]
            for i in inputs
        }
        out[name] = propagate(inputs, LinearEffect(0.0, {k: float(v) for k, v in gradient.items()}))
    return out


def judged(count: int, seed: int = 1) -> Iterator[list]:
    """Rows: rule, metric, contrasts, found an effect, share, 'no effect', undecided."""
    inputs = [i for i in uncertain_inputs() if i.members != "both"]
    effects, of = null_effects(count, seed), metrics()
    errors = [errors_of_means(inputs, group) for group in GROUPS]
    for rule, agreement in RULES.items():
        whole: list[str] = []
        for name, metric in of.items():
            verdicts = []
            for k, effect in effects[name].dropna().items():
                about = errors[int(k) % 2][name]
                moved = about.samples + effect
                found = Propagated(float(effect), about.basis, Interval.of(moved), (), moved, 0, 0)
                asked = {} if agreement is None else {"agreement": agreement}
                verdicts.append(judge(found, metric.sign or 1, metric.between_runner_sd, **asked).verdict)
            whole += verdicts
            yield [rule, name, *_counts(verdicts)]
        yield [rule, "all", *_counts(whole)]


def _counts(verdicts: list[str]) -> list:
    false = sum(v in ("supported", "contradicted") for v in verdicts)
    nil, open_ = (verdicts.count(v) for v in ("no effect", "undecided"))
    return [len(verdicts), false, f"{false / len(verdicts):.3f}", nil, open_]


HEAD = ["rule", "metric", "contrasts", "false positives", "share", "no effect", "undecided"]


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--count", type=int, default=200)
    options.add_argument("-o", "--out", type=Path, default=Path("docs/data/false_positives.csv"))
    given = options.parse_args()
    rows = list(judged(given.count))
    with given.out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(rows)
    for row in rows:
        print(*row, sep="  ")


if __name__ == "__main__":
    main()
