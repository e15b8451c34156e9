"""What is uncertain about a simulation, as a table of inputs with distributions, and draws of it for both members of a pair.

Every input sets a variable of a simulation (:data:`footstrike.study.variables.VARIABLES`); inputs that set the same one add up.
Both members of a pair get the same draw, so that what both share cancels in their difference; an input of one strike's
group acts on the member whose habit is that strike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.errors import ModelError, unknown_name
from footstrike.gait.targets import HABITUAL
from footstrike.model.csv_rows import Row, rows
from footstrike.resources import resource
from footstrike.study.variables import VARIABLES, unit_of

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Array = NDArray[np.float64]

DISTRIBUTIONS = ("normal", "lognormal", "uniform", "choice")
BODY_MASS_INDEX = "body_mass_index"
"""Sets the mass together with the height: kg/m2."""
OF_MODIFIED = ("nearness",)
"""Variables that say nothing of a habitual gait."""
FURTHEST = 4.0
"""SDs of a normal beyond which nothing is drawn."""


@dataclass(frozen=True)
class UncertainInput:
    """One input.

    Attributes
    ----------
    name, unit, group, source
        Its name; unit of its values; what it belongs to in summaries; where the distribution comes from.
    sets, members
        The variable that it sets, and of whom: ``both``, or the member whose habit is that strike.
    distribution, a, b
        ``normal`` (mean, SD), ``lognormal`` (median, SD of the logarithm), ``uniform`` (low, high), or ``choice`` between two.
    nominal
        Its value where nothing is varied.
    """

    __repr__ = brief

    name: str
    sets: str
    members: str
    distribution: str
    a: float | str
    b: float | str
    nominal: float | str
    unit: str
    group: str
    source: str

    @property
    def is_number(self) -> bool:
        """Whether it has derivatives: a choice has none."""
        return self.distribution != "choice"

    @cached_property
    def _law(self) -> Any:
        from scipy import stats

        a, b = float(self.a), float(self.b)
        if self.distribution == "normal":
            return stats.norm(a, b)
        if self.distribution == "lognormal":
            return stats.lognorm(b, scale=a)
        return stats.uniform(a, b - a)

    @cached_property
    def mean(self) -> float:
        """Mean of the distribution; not of a choice."""
        return float(self._law.mean())

    @cached_property
    def sd(self) -> float:
        """SD of the distribution; not of a choice."""
        return float(self._law.std())

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Least and greatest value that is drawn; not of a choice."""
        from scipy.stats import norm

        if self.distribution == "uniform":
            return float(self.a), float(self.b)
        low, high = (float(self._law.ppf(norm.cdf(z))) for z in (-FURTHEST, FURTHEST))
        return low, high

    def at(self, quantile: Array) -> list[Any]:
        """Values at quantiles (n,), each between 0 and 1."""
        from scipy.stats import norm

        if not self.is_number:
            return [self.a if u < 0.5 else self.b for u in quantile]
        inside = np.clip(quantile, norm.cdf(-FURTHEST), norm.cdf(FURTHEST))
        return [float(v) for v in self._law.ppf(inside)]

    def acts_on(self, habit: str) -> bool:
        """Whether it acts on a member whose habitual strike is this."""
        return self.members in ("both", habit)


def uncertain_inputs(path: Path | None = None) -> tuple[UncertainInput, ...]:
    """The table of uncertain inputs, the carried one (experiments/claims/uncertain_inputs.csv) unless a path is given.

    Raises
    ------
    ModelError
        A value is missing or impossible; row, field, value and what is allowed are named.
    """
    found = tuple(
        _input(row) for row in rows(path or resource("experiments", "claims", "uncertain_inputs.csv"))
    )
    names = [i.name for i in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ModelError(f"the table of uncertain inputs has {twice[0]} twice: leave one out")
    return found


def _input(row: Row) -> UncertainInput:
    sets = row.text("sets", (*VARIABLES, BODY_MASS_INDEX))
    kind = row.text("distribution", DISTRIBUTIONS)
    nominal: float | str
    a: float | str
    b: float | str
    if kind == "choice":
        number = sets == "points"
        a, b, nominal = (int(row.number_of(f)) if number else row.text(f) for f in ("a", "b", "nominal"))
    else:
        a = row.positive("a") if kind == "lognormal" else row.number_of("a")
        b = row.number_of("b", low=float(a)) if kind == "uniform" else row.positive("b")
        nominal = row.number_of("nominal")
    unit = (row.values.get("unit") or "").strip()
    expected = unit_of(sets)
    if expected and unit != expected:
        raise row.refuse("unit", f"{expected}, that of {sets}")
    members = row.text("members", ("both", *HABITUAL))
    return UncertainInput(
        row.text("input"), sets, members, kind, a, b, nominal, unit, row.text("group"), row.text("source")
    )


def draws(inputs: Sequence[UncertainInput], count: int, seed: int = 1) -> DataFrame:
    """A Latin-hypercube sample: a row a draw, a column an input, in its unit.

    Every input's range is cut into ``count`` parts of equal probability, and one value falls into each
    (:class:`scipy.stats.qmc.LatinHypercube`).
    """
    from pandas import DataFrame
    from scipy.stats import qmc

    unit = qmc.LatinHypercube(len(inputs), rng=seed).random(count)
    return DataFrame({i.name: i.at(unit[:, k]) for k, i in enumerate(inputs)})


@lru_cache(maxsize=4)
def known_draws(inputs: tuple[UncertainInput, ...], count: int, seed: int) -> DataFrame:
    """The same, drawn once: for samples that many effects share. Not to be changed."""
    return draws(inputs, count, seed)


def scores(inputs: Sequence[UncertainInput], table: DataFrame) -> Array:
    """(n, k) distance of each value from its nominal one, in SDs of the input; of the inputs that are numbers."""
    numbers = [i for i in inputs if i.is_number]
    return np.column_stack(
        [(table[i.name].to_numpy(dtype=float) - float(i.nominal)) / i.sd for i in numbers]
    ).reshape(len(table), len(numbers))


def member_values(
    inputs: Sequence[UncertainInput], drawn: Mapping[str, Any] | Series, member: Mapping[str, Any]
) -> dict[str, Any]:
    """All values of one member of a pair, flat, as :func:`footstrike.study.variables.request_of` has them.

    Parameters
    ----------
    inputs
        The table.
    drawn
        Values by input; an input that is not among them is not set at all.
    member
        What is asked of the member: strike, speed, modifiers.

    Raises
    ------
    InputError
        There is no input of a name.
    """
    known = {i.name: i for i in inputs}
    habit = str(member.get("from_strike") or member["strike"])
    modified = bool(set(member) - {"strike", "speed", "legs", "points", "starts"})
    values: dict[str, Any] = {}
    for name, value in drawn.items():
        if name not in known:
            raise unknown_name("uncertain input", str(name), known)
        of = known[str(name)]
        if of.acts_on(habit) and (modified or of.sets not in OF_MODIFIED):
            values[of.sets] = values[of.sets] + value if of.sets in values else value
    index = values.pop(BODY_MASS_INDEX, None)
    if index is not None:
        values["mass"] = index * values.get("height", float(known["height"].nominal)) ** 2
    return {**values, **member}


def pair_cells(
    inputs: Sequence[UncertainInput], table: DataFrame, members: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """The cells of a sweep (:class:`footstrike.study.experiment.Experiment`): for every draw, each of the members in turn."""
    return tuple(member_values(inputs, row, member) for row in table.to_dict("records") for member in members)
