"""The job script of a sweep for SLURM: an array of shards, and a merge."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path

from footstrike.errors import InputError
from footstrike.study.design import expected_seconds
from footstrike.study.plan import Plan

HEADROOM = 3.0  # times the expected time that a job may take
MEMORY_GB = 4  # of one solve, its engines included


def sbatch_script(plan: Plan, experiment: Path | str, out: Path | str, shards: int) -> str:
    """A script for ``sbatch``: one job with one core for each shard, all in one folder.

    Raises
    ------
    InputError
        The sweep has fewer blocks than shards.
    """
    if not 1 <= shards <= plan.blocks:
        raise InputError(
            f"shards {shards} cannot be used (allowed: 1 to {plan.blocks}, the sweep's blocks; a smaller "
            "block in its file makes more)"
        )
    most = max(Counter(e.block for e in plan.entries.values()).values()) * -(-plan.blocks // shards)
    minutes = max(10, round(HEADROOM * most * expected_seconds(plan.experiment.get("fixed", {})) / 60.0))
    command = f"footstrike sweep {shlex.quote(str(experiment))} -o {shlex.quote(str(out))} --workers 1"
    return "\n".join(
        (
            "#!/bin/bash",
            f"#SBATCH --job-name={plan.name}",
            f"#SBATCH --array=1-{shards}",
            "#SBATCH --cpus-per-task=1",
            f"#SBATCH --mem={MEMORY_GB}G",
            f"#SBATCH --time={minutes}",
            f"#SBATCH --output={plan.name}-%a.log",
            "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1",
            f'{command} --shard "$SLURM_ARRAY_TASK_ID/{shards}"',
            "",
        )
    )
