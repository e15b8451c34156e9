"""The whole tracking program: what is unknown, what it is compared with, and what every point sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footstrike.cache.entries import content
from footstrike.control.basis import Basis, carried, clean
from footstrike.control.blocks import Blocks
from footstrike.control.guess import fill_guess
from footstrike.control.layout import Layout
from footstrike.control.linear_rows import Rows, activation_dynamics, close, prescribe
from footstrike.control.memory import recalled
from footstrike.control.nlp import EventRow, PointFunctions, Program
from footstrike.control.optimum import (
    LEAST_AIM,
    Evaluation,
    Variables,
    add_choices,
    add_loads,
    aim_rows,
    aim_value,
)
from footstrike.control.parameters import parameters, structure
from footstrike.control.point import Point
from footstrike.control.point_data import term_data
from footstrike.control.problem import TrackProblem, change_names
from footstrike.control.solution import Controls, Ends, Gait
from footstrike.model.sides import mirror

Array = NDArray[np.float64]

NOTHING: Mapping[str, float] = {}
CHANGE_BOUNDS = {"log_stiffness": 3.0, "x": 0.03, "y": 0.03, "log_dissipation": 2.0}
_CHANGE_PRIOR = 0.02  # cost of a change as large as its bound: keeps what the forces do not tell


def layout_of(problem: TrackProblem, basis: Basis, point: Point) -> Layout:
    """Where the variables of a problem lie."""
    return Layout(
        basis.size,
        len(point.splines),
        len(basis.breaks) - (problem.ends != "free"),
        len(point.controls),
        len(basis.points),
        len(point.balanced),
        len(point.loads),
        len(problem.references),
        point.shared.total,
    )


def habitual_aims(
    problem: TrackProblem, basis: Basis, point: Point, functions: PointFunctions
) -> dict[str, float]:
    """Values of the aims in the habitual gait, by name."""
    if not problem.aims:
        return {}
    x = np.zeros(layout_of(problem, basis, point).count)
    fill_guess(replace(problem, guess=problem.habit), basis, point, layout_of(problem, basis, point), 0, x)
    loads = _loads(problem, basis, point, functions, x)
    return {aim.name: max(aim_value(aim, point, basis, loads), LEAST_AIM) for aim in problem.aims}


def _loads(problem: TrackProblem, basis: Basis, point: Point, functions: PointFunctions, x: Array) -> Array:
    """(K, loads) of the first gait at variables whose loads do not count."""
    layout = layout_of(problem, basis, point)
    nodes = node_map(problem.ends, point.controls, len(basis.breaks))
    seen = _seen(basis, basis.points, layout, nodes, point.seen)
    own = np.array(list(parameters(problem).values()))
    return Evaluation(functions, seen, own).loads(point, layout, x)


def tracking_program(
    problem: TrackProblem,
    basis: Basis,
    point: Point,
    functions: PointFunctions,
    habitual: Mapping[str, float] = NOTHING,
) -> tuple[Program, Layout]:
    """The program of a tracking problem, and where its variables lie.

    ``habitual`` has the values of its aims in the habitual gait (:func:`habitual_aims`).
    """
    layout = layout_of(problem, basis, point)
    guess = np.zeros(layout.count)
    low, high = np.full(layout.count, -np.inf), np.full(layout.count, np.inf)
    centre = np.zeros(layout.count)
    data, rows = [], Rows(layout.count)
    nodes = node_map(problem.ends, point.controls, len(basis.breaks))
    for g, reference in enumerate(problem.references):
        data.append(term_data(problem, basis, point, g, habitual))
        if problem.habit:
            habit = problem.habit.gaits[g]
            of_motion = centre[layout.coefficients(g)].reshape(layout.size, -1)[:, : len(point.names)]
            of_motion[:] = carried(habit.basis, habit.coefficients, basis)
        fill_guess(problem, basis, point, layout, g, guess)
        tendons = low[layout.coefficients(g)].reshape(layout.size, -1)[:, len(point.names) :]
        tendons[:] = 0.0  # a tendon pulls: so does a spline of such coefficients
        low[layout.activations(g)], high[layout.activations(g)] = problem.drive.floor, 1.0
        most = np.tile([problem.drive.limit.get(n, np.inf) for n in point.balanced], layout.points)
        low[layout.reserved(g)], high[layout.reserved(g)] = -most, most
        bound = problem.duration_bound
        low[layout.duration(g)] = reference.duration * (1 - bound)
        high[layout.duration(g)] = reference.duration * (1 + bound)
        close(rows, problem.ends, basis, point.splines, layout, g, reference.speed)
        prescribe(rows, problem, basis, point, layout, g)
        shortest = low[layout.duration(g)]
        activation_dynamics(rows, problem, np.diff(basis.breaks) * shortest, nodes, layout, g)
    for k, name in enumerate(point.change_names):
        i = layout.shared.start + k
        bound = _of_kind(CHANGE_BOUNDS, name)
        low[i], high[i] = -bound, bound
        guess[i] = problem.guess.contact.get(name, 0.0) if problem.guess else 0.0
    at = Variables(layout, guess, low, high)
    add_choices(problem, point, at)
    if problem.loads:
        add_loads(problem, basis, point, at, _loads(problem, basis, point, functions, guess), habitual)
        aim_rows(rows, problem, basis, point, layout)
    linear, linear_low, linear_high = rows.matrix()
    return (
        Program(
            functions,
            _seen(basis, basis.points, layout, nodes, point.seen),
            np.tile(basis.weights, layout.gaits),
            np.concatenate(data, axis=1),
            linear,
            linear_low,
            linear_high,
            -point.bounds,
            point.bounds,
            low,
            high,
            guess,
            _roughness(problem, basis, layout, len(point.names)),
            centre,
            _event_rows(problem, basis, point, layout, nodes),
            np.array(list(parameters(problem).values())),
        ),
        layout,
    )


def gait_of(x: Array, problem: TrackProblem, basis: Basis, point: Point, layout: Layout, gait: int) -> Gait:
    """What the variables say of a gait."""
    coefficients = x[layout.coefficients(gait)].reshape(layout.size, layout.splines)
    n = len(point.names)
    controls = None
    if layout.muscles:
        free = x[layout.activations(gait)].reshape(-1)
        nodes = node_map(problem.ends, point.controls, len(basis.breaks))
        controls = Controls(
            point.controls,
            free[nodes],
            list(problem.drive.compliant),
            coefficients[:, n:],
            point.balanced,
            x[layout.reserved(gait)].reshape(layout.points, layout.reserves),
        )
    duration = float(x[layout.duration(gait)])
    return Gait(basis, point.names, coefficients[:, :n], duration, problem.ends, controls)


def node_map(ends: Ends, muscles: list[str], count: int) -> NDArray[np.intp]:
    """(nodes, M) place of every muscle's activation among the free ones; a closed cycle starts as it ends."""
    M = len(muscles)
    free = count if ends == "free" else count - 1
    inner = np.arange(free * M).reshape(free, M)
    if ends == "free":
        return inner
    other = [muscles.index(mirror(m)[0]) for m in muscles] if ends == "mirrored" else list(range(M))
    return np.vstack([inner[-1:, other], inner])


def _roughness(problem: TrackProblem, basis: Basis, layout: Layout, coordinates: int) -> Any:
    """The jerk part of the objective, at the reference's duration, and the prior on contact changes."""
    blocks: list[Any] = []
    of_spline = sparse.diags((np.arange(layout.splines) < coordinates).astype(float))
    roughness = clean(basis.roughness())
    for reference in problem.references:
        scale = 2 * problem.objective.smoothness.weight / coordinates / (1e5 * reference.duration**3) ** 2
        rest = layout.stride - layout.size * layout.splines
        blocks += [sparse.kron(scale * roughness, of_spline), sparse.csr_matrix((rest, rest))]
    prior = [_CHANGE_PRIOR / _of_kind(CHANGE_BOUNDS, name) ** 2 for name in change_names(problem.contact)]
    prior += [0.0] * (layout.shared_count - len(prior))
    blocks.append(sparse.diags(prior) if prior else sparse.csr_matrix((0, 0)))
    return sparse.block_diag(blocks, format="csc")


def _of_kind(table: dict[str, float], name: str) -> float:
    return next(value for kind, value in table.items() if name.startswith(kind + "_"))


def _event_rows(
    problem: TrackProblem, basis: Basis, point: Point, layout: Layout, nodes: NDArray[np.intp]
) -> tuple[EventRow, ...]:
    rows = []
    model = content((problem.description, problem.contact, structure(problem))) if problem.events else b""
    for event in problem.events:
        what = model, event.quantity, event.side
        functions = recalled("event", what, partial(point.event, event))
        seen = _seen(basis, np.array([event.phase]), layout, nodes, point.seen)
        for gait in range(layout.gaits):
            own = seen[gait * point.seen.total : (gait + 1) * point.seen.total]
            rows.append(EventRow(functions, own, event.low, event.high))
    return tuple(rows)


def _seen(basis: Basis, phases: Array, layout: Layout, nodes: NDArray[np.intp], seen: Blocks) -> Any:
    """Sparse map from the variables to what is seen at phases of every gait, phase by phase.

    Reserves and loads are variables of the collocation points; elsewhere none is seen.
    """
    K, n = len(phases), layout.splines
    rows, columns, values = [], [], []

    def add(row: Any, column: Any, value: Array) -> None:
        r, c, v = np.broadcast_arrays(row, column, value)
        keep = v != 0.0
        rows.append(r[keep])
        columns.append(c[keep])
        values.append(v[keep])

    for g in range(layout.gaits):
        first = (g * K + np.arange(K)) * seen.total
        spline = np.arange(n)
        for d, block in enumerate(("value", "rate", "curvature")):
            matrix = clean(basis.matrix(phases, d))
            k, i = np.nonzero(matrix)
            add(
                (first[k] + seen[block].start)[:, None] + spline,
                layout.coefficients(g).start + i[:, None] * n + spline,
                np.broadcast_to(matrix[k, i][:, None], (len(k), n)),
            )
        interval = np.clip(np.searchsorted(basis.breaks, phases) - 1, 0, len(basis.breaks) - 2)
        step = np.diff(basis.breaks)[interval]
        share = (phases - basis.breaks[interval]) / step
        for node, part, slope in ((interval, 1 - share, -1 / step), (interval + 1, share, 1 / step)):
            for block, values_at in (("activation", part), ("activation_rate", slope)):
                size = seen.sizes[block]
                add(
                    (first + seen[block].start)[:, None] + np.arange(size),
                    layout.activations(g).start + nodes[node][:, :size],
                    np.broadcast_to(values_at[:, None], (K, size)),
                )
        if phases is basis.points:
            for block, count, place in (
                ("reserve", layout.reserves, layout.reserved(g)),
                ("load", layout.loads, layout.loaded(g)),
            ):
                add(
                    (first + seen[block].start)[:, None] + np.arange(count),
                    place.start + np.arange(K * count).reshape(K, count),
                    np.ones((K, count)),
                )
        add(first + seen["duration"].start, np.full(K, layout.duration(g)), np.ones(K))
        tail = np.arange(layout.shared_count)
        add(
            (first + seen["shared"].start)[:, None] + tail,
            layout.shared.start + tail,
            np.ones((K, len(tail))),
        )
    triplets = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(triplets, shape=(layout.gaits * K * seen.total, layout.count))
