"""A stride of habitual running on the reduced runner, for tests of what a motion makes of muscles and joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from footstrike.dynamics.rigid_body import Motion, Tree
from footstrike.gait.targets import target
from footstrike.model.description import Array, Description
from footstrike.model.rows import LEVELS

Series = dict[str, Array]


@dataclass(frozen=True)
class Runner:
    """The reduced runner, and one stride of habitual rearfoot running at 2.5 m/s in 40 frames."""

    text: str
    description: Description
    period: float
    q: Series
    qd: Series
    qdd: Series

    @property
    def frames(self) -> int:
        return len(self.q["pelvis_ty"])

    @property
    def weight(self) -> float:
        return self.description.mass * 9.80665

    def moving(self) -> tuple[Tree, Motion]:
        tree = Tree(self.description, keep=LEVELS)
        return tree, tree.motion(self.q, self.qd, self.qdd)

    def rows(self, series: Series) -> Array:
        return np.column_stack([series[name] for name in self.description.coordinate_names])


def stride(speed: float, frames: int) -> tuple[float, Series, Series, Series]:
    """A target's motion with its exact derivatives: it is a sum of harmonics."""
    aim = target("rearfoot", speed)
    rate = 2 * np.pi / aim.stride_time
    series: tuple[Series, Series, Series] = ({}, {}, {})
    for name, values in aim.coordinates.items():
        x = np.fft.rfft(values[:-1]) / (len(values) - 1)
        order = np.arange(len(x))
        x[1:] *= 2.0
        wave = np.exp(2j * np.pi * np.outer(np.arange(frames) / frames, order))
        for k, out in enumerate(series):
            out[name] = (wave @ (x * (1j * order * rate) ** k)).real
    return aim.stride_time, *series
