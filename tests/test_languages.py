"""Programs in other languages, compiled by their own tools with warnings as errors.

The numbers must be those of NumPy to a few units in the last place.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toolchains import compiled

import symgrad as sg
from symgrad import lambdify
from symgrad.functions import FUNCTIONS

LANGUAGES = [name for name in sg.LANGUAGES if name != "python"]
EXTREMES = np.array(
    [0.0, -0.0, 1e-300, -1e-300, 1e-9, -1e-9, 0.3, -0.3, 0.9, -0.9, 1.0, -1.0, 2.5]
    + [-2.5, 7.25, -7.25, 30.0, -30.0, 709.0, -745.0, 800.0, -800.0, 1e5, -1e5]
    + [1e300, -1e300, np.inf, -np.inf, np.nan]
)


def expected(f, args):
    with np.errstate(all="ignore"):
        found = f(*args)
    return found if f.wrt else (found, None)


def compare(got, want, tolerance):
    """Compare to some relative error; nan and infinities must be the same."""
    got, want = np.asarray(got), np.asarray(want)
    want = np.broadcast_to(want, got.shape)
    assert np.array_equal(np.isnan(got), np.isnan(want)), (got, want)
    assert np.array_equal(got[np.isinf(want)], want[np.isinf(want)]), (got, want)
    finite = np.isfinite(want)
    scale = np.maximum(np.abs(want[finite]), 1e-290)
    error = np.abs(got[finite] - want[finite]) / scale
    assert np.all(error <= tolerance), (error.max(), got[finite], want[finite])


PLAIN = {
    "one neuron": lambdify("tanh(w*x + b)"),
    "value alone": lambdify("x^2 + exp(-y)", []),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain(language, tmp_path):
    functions = list(PLAIN.values())
    call = compiled(functions, language, tmp_path)
    for k, f in enumerate(functions):
        rng = np.random.default_rng(1)
        args = [rng.normal(size=7) for _ in f.args]
        value, grad = expected(f, args)
        got = call(k, args)
        compare(got[0], value, 1e-15)
        if f.wrt:
            compare(got[1], grad, 1e-14)
