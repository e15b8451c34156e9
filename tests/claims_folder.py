"""A folder of claims made of two analytic runs, for tests of the page and of tracing."""

from __future__ import annotations

import json
from pathlib import Path

from synthetic import looking_run

from footstrike.claims.contrasts import tables_hash
from footstrike.claims.judgement import (
    Errors,
    JudgedMember,
    Judgement,
    NamedFailure,
    Share,
    Turn,
    write_judgements,
)
from footstrike.outcomes.metrics import metrics

METRIC = "knee_flexion_contact_deg"


def record(contrast: str, verdict: str | None, effect: float, decides: bool = False) -> Judgement:
    runs = {"rearfoot": "rearfoot.h5", "forefoot": "solves/cells/forefoot.h5"}
    members = tuple(
        JudgedMember(weight=weight, values={"strike": strike, "speed": 3.5}, run=runs[strike])
        for weight, strike in ((-1.0, "rearfoot"), (1.0, "forefoot"))
    )
    return Judgement(
        claim="C1", metric=METRIC, label="knee flexion at contact", unit="deg", role="verdict", contrast=contrast,
        speed_mps=3.5, decides=decides, rearfoot=12.0, forefoot=12.0 + effect, members=members, effect=effect,
        low=effect - 2.0, high=effect + 2.0, mean=effect, errors=Errors(mean=0.1, low=0.2, high=0.3, above=0.01),
        above=0.97, below=0.03, basis="sample", solved=24, failed=1,
        failures=(NamedFailure(draw=3, member=1, reason="the <b>solve</b> did not converge"),),
        missing=("tone",), effect_size=effect / 4.0, sd=4.0, sd_source="a book", threshold=2.0, agreement=0.8,
        verdict=verdict, why="because", sentence="It came out so.", drivers={"lean": 1.5, "tone": -0.7},
        importance={"lean": Share(first=0.6, total=0.7)}, surrogate_error=0.1,
        flip=Turn(distance=1.7, to="undecided", inputs={"lean": -1.6, "tone": 0.4}), correlation=0.9,
        plain=(effect - 2.5, effect + 2.5), first_order=(effect - 1.5, effect + 1.5),
    )  # fmt: skip


def write_claims_folder(folder: Path) -> float:
    """Write it; the effect by its runs is returned."""
    runs = [looking_run("rearfoot"), looking_run("forefoot")]
    (folder / "solves" / "cells").mkdir(parents=True)
    runs[0].save(folder / "rearfoot.h5")
    runs[1].save(folder / "solves" / "cells" / "forefoot.h5")
    rear, fore = (float(metrics(run)[METRIC]) for run in runs)
    effect = fore - rear
    write_judgements(
        folder,
        [
            record("groups", "undecided", 1.0),
            record("conversion", "supported", effect, decides=True),
            record("measured", None, 10.0),
        ],
    )
    row = {"id": "C1", "title": "Knee flexion", "statement": "It bends the knee.", "metric": METRIC, "units": "deg",
           "label": "knee flexion at contact", "rearfoot": rear, "forefoot": fore, "effect": effect, "ci_low": None,
           "ci_high": None, "effect_size": None, "verdict": "supported", "why": "because",
           "evidence": {"for": ["a finding — Müller 2015 J Biomech 48:1009"], "against": []}}  # fmt: skip
    provenance = {
        "claims_tables_sha256": tables_hash(),
        "plan_sha256": "plan7",
        "versions": {"footstrike": "9.9"},
    }
    (folder / "claims.json").write_text(json.dumps({"claims": [row], "provenance": provenance}))
    return effect
