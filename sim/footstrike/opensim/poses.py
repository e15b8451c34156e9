"""Puts a model into states given by its free coordinates, for every kind of joint. OpenSim worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from footstrike.dynamics.joint_functions import evaluate
from footstrike.errors import unknown_name
from footstrike.opensim.joints import eliminate
from footstrike.opensim.opened_model import Array, each
from footstrike.opensim.osim import osim

_STEP = 0.125  # rad or m, to find out which entry of the state a coordinate is


class Poses:
    """Free coordinates of a model; dependent ones follow their couplers, the others stay at their defaults.

    Parameters
    ----------
    names : free coordinates, the columns of every array given later (frames, n), rad and m
    """

    def __init__(self, model: Any, state: Any, names: Sequence[str]) -> None:
        self.model, self.state, self.names = model, state, list(names)
        self.gone = eliminate(model, state)
        coordinates = {c.getName(): c for c in each(model.getCoordinateSet())}
        free = [n for n in coordinates if n not in self.gone.fixed.keys() | self.gone.dependents.keys()]
        for name in self.names:
            if name not in free:
                raise unknown_name("free coordinate", name, free)
        self.default = {n: float(c.getValue(state)) for n, c in coordinates.items()}
        for name in self.gone.dependents:
            coordinates[name].setLocked(state, False)
        self.slot = {n: self._slot(c) for n, c in coordinates.items() if n not in self.gone.fixed}
        self.rest = state.getQ().to_numpy().copy()

    def _slot(self, coordinate: Any) -> int:
        before = self.state.getQ().to_numpy().copy()
        value = coordinate.getValue(self.state)
        coordinate.setClamped(self.state, False)
        coordinate.setValue(self.state, value + _STEP, False)
        slot = int(np.argmax(np.abs(self.state.getQ().to_numpy() - before)))
        coordinate.setValue(self.state, value, False)
        return slot

    def follow(
        self, q: Array, qd: Array | None = None, qdd: Array | None = None
    ) -> tuple[Array, Array, Array]:
        """Position, rate and acceleration of every entry of OpenSim's position vector, each (frames, nq)."""
        still = np.zeros_like(q)
        given = [q, still if qd is None else qd, still if qdd is None else qdd]
        frames = len(q)
        value: dict[str, list[Array]] = {
            n: [np.full(frames, v), np.zeros(frames), np.zeros(frames)] for n, v in self.default.items()
        }
        value |= {n: [a[:, k] for a in given] for k, n in enumerate(self.names)}
        for name in self.gone.dependents:
            value[name] = [np.zeros(frames)] * 3
        for c in self.gone.couplers:
            x, v, a = value[c.independent]
            f, first, second = evaluate(c.function, x)
            parts = (f, first * v, first * a + second * v * v)
            value[c.dependent] = [old + new for old, new in zip(value[c.dependent], parts, strict=True)]
        out = [
            np.tile(self.rest, (frames, 1)),
            np.zeros((frames, len(self.rest))),
            np.zeros((frames, len(self.rest))),
        ]
        for name, slot in self.slot.items():
            for array, column in zip(out, value[name], strict=True):
                array[:, slot] = column
        return out[0], out[1], out[2]

    def slopes(self, q: Array) -> dict[str, dict[str, Array]]:
        """Derivative of every coordinate to the free ones it follows: coordinate -> free one -> (frames,)."""
        frames = len(q)
        value = {n: np.full(frames, v) for n, v in self.default.items()}
        value |= {n: q[:, k] for k, n in enumerate(self.names)}
        out: dict[str, dict[str, Array]] = {
            n: {} if n in self.gone.fixed else {n: np.ones(frames)} for n in self.default
        }
        for name in self.gone.dependents:
            value[name], out[name] = np.zeros(frames), {}
        for c in self.gone.couplers:
            f, first, _ = evaluate(c.function, value[c.independent])
            value[c.dependent] = value[c.dependent] + f
            for free, slope in out[c.independent].items():
                out[c.dependent][free] = out[c.dependent].get(free, 0.0) + first * slope
        return out

    def place(self, row: Array) -> None:
        """Put the model into one row of positions and compute positions."""
        self.state.setQ(osim.Vector.createFromMat(row))
        self.model.realizePosition(self.state)
