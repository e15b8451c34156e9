"""Surfaces give back what is known, and say what they are worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from toy_cells import GRID

import footstrike as fs
from footstrike.errors import InputError
from footstrike.progress import Progress, silent
from footstrike.study import fits
from footstrike.study.fits import Fit, fit_polynomial, fit_process
from footstrike.study.surfaces import Surface, surfaces
from footstrike.study.sweep import Sweep, sweep

RNG = np.random.default_rng(1)
Z = np.array([[a, b] for a in np.linspace(-1, 1, 6) for b in np.linspace(-1, 1, 5)])
BOWL = 2.0 + Z[:, 0] ** 2 - 0.5 * Z[:, 0] * Z[:, 1] + 0.3 * Z[:, 1]
WAVE = np.sin(4.0 * Z[:, 0]) * np.cos(3.0 * Z[:, 1])
NOISE = RNG.normal(size=len(Z))


def test_a_polynomial_is_given_back() -> None:
    fit = fit_polynomial(Z, BOWL)
    new = RNG.uniform(-1, 1, (20, 2))
    value, _ = fit(new)
    assert value == pytest.approx(
        2.0 + new[:, 0] ** 2 - 0.5 * new[:, 0] * new[:, 1] + 0.3 * new[:, 1], abs=1e-5
    )


def test_left_out_errors_of_a_polynomial_are_those_of_leaving_out(monkeypatch: pytest.MonkeyPatch) -> None:
    y = BOWL + 0.1 * NOISE
    for penalty in (1e-3, 3.0):
        monkeypatch.setattr(fits, "PENALTIES", (penalty,))
        monkeypatch.setattr(fits, "DEGREES", (3,))
        exponents = fits._exponents(2, 3)
        found = fits._ridge(Z, y, exponents).left_out
        rest = [np.delete(np.arange(len(y)), i) for i in range(len(y))]
        expected = [y[i] - fits._ridge(Z[r], y[r], exponents)(Z[[i]])[0][0] for i, r in enumerate(rest)]
        assert found == pytest.approx(expected, abs=1e-9)


def test_left_out_errors_of_a_process_are_those_of_leaving_out() -> None:
    y = WAVE + 0.05 * NOISE
    fit = fit_process(Z, y)
    kernel = ConstantKernel(fit.amplitude) * RBF(fit.lengths) + WhiteKernel(fit.noise)
    for i in (0, 7, 29):
        rest = np.delete(np.arange(len(y)), i)
        model = GaussianProcessRegressor(kernel, optimizer=None).fit(Z[rest], y[rest] - fit.mean)
        assert fit.left_out[i] == pytest.approx(y[i] - fit.mean - model.predict(Z[[i]])[0], abs=1e-8)
    model = GaussianProcessRegressor(kernel, optimizer=None).fit(Z, y - fit.mean)
    new = RNG.uniform(-1, 1, (9, 2))
    value, sd = model.predict(new, return_std=True)
    assert fit(new)[0] == pytest.approx(value + fit.mean, abs=1e-8)
    assert fit(new)[1] == pytest.approx(fit.scale * sd, rel=1e-6)


@pytest.mark.parametrize("kind", [fit_polynomial, fit_process])
def test_the_band_holds_what_it_says(kind: Any) -> None:
    inside = []
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(size=(2, len(Z)))
        value, sd = kind(Z, BOWL + 0.2 * noise[0])(Z)
        inside.append(np.abs(value - BOWL - 0.2 * noise[1]) <= 1.96 * sd)
    assert 0.88 <= np.mean(inside) <= 0.99


@pytest.mark.parametrize("fit", [fit_polynomial(Z, BOWL + 0.1 * NOISE), fit_process(Z, WAVE)])
def test_what_is_exported_evaluates_to_the_same(fit: Fit) -> None:
    plain = json.loads(json.dumps(fit.plain()))
    new = RNG.uniform(-1, 1, (9, 2))
    value, sd = fit(new)
    for z, v, s in zip(new, value, sd, strict=True):
        assert elsewhere(plain, z) == pytest.approx((v, s), rel=1e-4)


def elsewhere(plain: dict[str, Any], z: np.ndarray) -> tuple[float, float]:
    """A fit evaluated as a page does it, from the formulas alone."""
    if plain["kind"] == "polynomial":
        terms = [np.prod([x**e for x, e in zip(z, row, strict=True)]) for row in plain["exponents"]]
        value = plain["intercept"] + sum(c * t for c, t in zip(plain["coefficients"], terms, strict=True))
        away = [t - m for t, m in zip(terms, plain["means"], strict=True)]
        quadratic = sum(a * b * plain["spread"][i][j] for i, a in enumerate(away) for j, b in enumerate(away))
        return value, plain["scale"] * np.sqrt(1 + 1 / plain["n"] + quadratic)
    k = [
        plain["amplitude"]
        * np.exp(-0.5 * sum(((a - b) / c) ** 2 for a, b, c in zip(z, p, plain["lengths"], strict=True)))
        for p in plain["points"]
    ]
    value = plain["mean"] + sum(w * x for w, x in zip(plain["weights"], k, strict=True))
    whitened = [sum(r * x for r, x in zip(row, k, strict=False)) for row in plain["white"]]
    left = plain["amplitude"] + plain["noise"] - sum(x * x for x in whitened)
    return value, plain["scale"] * np.sqrt(left)


class _Made(Sweep):
    """A sweep with a table made by hand."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self.plan = type("Made", (), {"varied": ("strike", "step_length", "knee_flexion")})()  # type: ignore[assignment]

    def to_frame(self, progress: Progress = silent) -> pd.DataFrame:
        return self.table


@pytest.fixture
def made() -> _Made:
    both = pd.concat([_rows("rearfoot", BOWL), _rows("forefoot", -BOWL)], ignore_index=True)
    both.loc[3, ["status", "wave"]] = "not_converged", np.nan
    columns = {
        "strike": "asked_strike",
        "step_length": "asked_step_length_m",
        "knee_flexion": "asked_knee_flexion_deg",
    }
    metrics = ("bowl", "wave", "noise", "constant", "nothing")
    both.attrs = {
        "varied": columns,
        "units": {"asked_step_length_m": "m", "asked_knee_flexion_deg": "deg", **dict.fromkeys(metrics, "N")},
        "labels": {name: name for name in (*columns.values(), *metrics)},
    }
    return _Made(both)


def _rows(strike: str, bowl: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "status": "solved",
            "strike": strike,
            "asked_strike": strike,
            "asked_step_length_m": 1.2 * (1 + 0.15 * Z[:, 0]),
            "asked_step_length_relative_pct": 15.0 * Z[:, 0],
            "asked_knee_flexion_deg": 20.0 + 15.0 * Z[:, 1],
            "bowl": bowl + 0.02 * NOISE,
            "wave": WAVE,
            "noise": NOISE,
            "constant": 3.5,
            "nothing": np.nan,
        }
    )


def by_name(found: list[Surface]) -> dict[tuple[str, str], Surface]:
    return {(s.group["strike"], s.metric): s for s in found}


def test_surfaces_are_of_one_strike_over_what_was_given(made: _Made) -> None:
    found = by_name(surfaces(made))
    assert set(found) == {
        (s, m) for s in ("rearfoot", "forefoot") for m in ("bowl", "wave", "noise", "constant")
    }
    rear, fore = found["rearfoot", "bowl"], found["forefoot", "bowl"]
    assert [(a.name, a.unit, a.low, a.high) for a in rear.axes] == [
        ("step_length", "%", -15.0, 15.0),
        ("knee_flexion", "deg", 5.0, 35.0),
    ]
    at = {"step_length": [0.0, 15.0], "knee_flexion": [20.0, 20.0]}
    assert rear.predict(at).value == pytest.approx([2.0, 3.0], abs=0.05)
    assert fore.predict(at).value == pytest.approx([-2.0, -3.0], abs=0.05)
    assert rear.predict(np.array([[15.0, 20.0]])).value == pytest.approx([3.0], abs=0.05)
    band = rear.predict(at)
    assert np.all((band.low < band.value) & (band.value < band.high))
    assert rear.points == len(Z) - 1  # one was not solved
    with pytest.raises(InputError, match="knee_flexion is missing"):
        rear.predict({"step_length": 0.0})


def test_a_surface_of_noise_is_not_trusted(made: _Made) -> None:
    found = by_name(surfaces(made))
    assert found["rearfoot", "bowl"].trusted
    assert found["rearfoot", "wave"].trusted
    assert found["rearfoot", "wave"].fit.plain()["kind"] == "gaussian process"
    assert not found["rearfoot", "noise"].trusted
    assert found["rearfoot", "constant"].trusted
    assert found["rearfoot", "constant"].effect == pytest.approx(0.0, abs=1e-12)


def test_a_misspelt_metric_is_answered(made: _Made) -> None:
    with pytest.raises(InputError, match="did you mean 'bowl'"):
        surfaces(made, ["bowel"])


def test_too_few_cells_have_no_surface(made: _Made) -> None:
    made.table = pd.concat([made.table[:5]])
    made.table.attrs = {**made.table.attrs}
    assert surfaces(made, ["bowl"]) == []


def test_a_sweep_has_surfaces(tmp_path: Path) -> None:
    found = fs.surfaces(sweep(GRID, tmp_path / "out"), ["valr_bw_per_s", "contact_time_s"])
    impact = by_name(found)["forefoot", "valr_bw_per_s"]
    assert impact.points == 9
    assert (
        impact.predict({"step_length": 0.0, "knee_flexion": 20.0}).value
        > impact.predict({"step_length": 0.0, "knee_flexion": 10.0}).value
    )  # a toy's rate of loading grows with the knee's flexion
    json.dumps([s.plain() for s in found], allow_nan=False)
