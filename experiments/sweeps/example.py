"""The solved example of the explorer that the package carries, from the folder of the map.

    footstrike sweep map -o map
    python experiments/sweeps/example.py map

Writes experiments/sweeps/map.json.xz: surfaces through all solved gaits, and the motion of every second one.
"""

from __future__ import annotations

import argparse
import json
import lzma
from pathlib import Path

from footstrike.report.explorer import EXAMPLE, contents
from footstrike.study.sweep import Sweep

MOVING = 50


def main() -> None:
    """Write the file."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("folder", type=Path)
    options.add_argument("-o", "--output", type=Path, default=Path(*EXAMPLE))
    args = options.parse_args()
    text = json.dumps(contents(Sweep(args.folder), MOVING), separators=(",", ":"), allow_nan=False)
    args.output.write_bytes(lzma.compress(text.encode(), preset=9))


if __name__ == "__main__":
    main()
