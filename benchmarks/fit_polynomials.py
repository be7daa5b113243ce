"""Fit the polynomials of the machine-code functions, next to minimax, with mpmath.

Run ``python benchmarks/fit_polynomials.py --write`` to write
symgrad/numeric/llvm/coefficients.py anew. Each is a Chebyshev fit, which is within a
small factor of the best polynomial; the errors that are printed are those of exact
arithmetic.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import mpmath
from mpmath import mpf

PAGE = Path(__file__).parent.parent / "symgrad/numeric/llvm/coefficients.py"
HEAD = '''"""Polynomials of the machine-code functions, the lowest power first.

The one rule kept here: this file is written by ``benchmarks/fit_polynomials.py`` and
by nobody's hand. A row is (for double precision, for single precision), the second
empty for what single precision computes in double.
"""

from __future__ import annotations

# fmt: off
POLYNOMIALS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
'''
mpmath.mp.dps = 60
TINY = mpf("1e-16")
SATURATED = 19.0615


def exp_rest(r: mpf) -> mpf:
    return (mpmath.expm1(r) - r) / r**2 if abs(r) > TINY else mpf(1) / 2 + r / 6


def log_rest(z: mpf) -> mpf:
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) / s - 2) / z if z > TINY else mpf(2) / 3 + 2 * z / 5


def odd_rest(function: Callable[[mpf], mpf], third: mpf) -> Callable[[mpf], mpf]:
    """(function(r)/r - 1)/r² by z = r²; its value at 0 is that of the third order."""

    def rest(z: mpf) -> mpf:
        r = mpmath.sqrt(z)
        return (function(r) / r - 1) / z if z > TINY else third

    return rest


def more_log_rest(z: mpf) -> mpf:
    s = mpmath.sqrt(z)
    third, fifth = mpf(2) / 3, mpf(2) / 5
    return (log_rest(z) - third) / z if s > TINY else fifth


def cos_rest(z: mpf) -> mpf:
    r = mpmath.sqrt(z)
    return (mpmath.cos(r) - 1 + z / 2) / z**2 if z > TINY else mpf(1) / 24


def erf_ratio(z: mpf) -> mpf:
    r = mpmath.sqrt(z)
    return mpmath.erf(r) / r if z > 0 else 2 / mpmath.sqrt(mpmath.pi)


def scaled_erfc(t: mpf) -> mpf:
    """(1 + 2x)·exp(x²)·erfc(x), t = (x - 3)/(x + 3) (Shepherd, Laframboise 1981)."""
    x = 3 * (1 + t) / (1 - t)
    return (1 + 2 * x) * mpmath.exp(x * x) * mpmath.erfc(x)


def inverse_cbrt(m: mpf) -> mpf:
    return m ** (mpf(-1) / 3)


def inverse_gamma(f: mpf) -> mpf:
    return mpmath.rgamma(1 + f)


def loggamma_ratio(f: mpf) -> mpf:
    return mpmath.loggamma(2 + f) / f if abs(f) > TINY else mpmath.digamma(2)


def stirling(t: mpf) -> mpf:
    """x times what Stirling's formula lacks, t = 1/x²."""
    if t < mpf("1e-12"):
        return mpf(1) / 12 - t / 360 + t**2 / 1260
    x = 1 / mpmath.sqrt(t)
    formula = (x - mpf(1) / 2) * mpmath.log(x) - x + mpmath.log(2 * mpmath.pi) / 2
    return x * (mpmath.loggamma(x) - formula)


def digamma_rest(t: mpf) -> mpf:
    """x²·(log(x) - 1/(2x) - ψ(x)), t = 1/x²."""
    if t < mpf("1e-12"):
        return mpf(1) / 12 - t / 120 + t**2 / 252
    x = 1 / mpmath.sqrt(t)
    return (mpmath.log(x) - 1 / (2 * x) - mpmath.digamma(x)) / t


def sinpi_ratio(z: mpf) -> mpf:
    r = mpmath.sqrt(z)
    return mpmath.sinpi(r) / r if z > 0 else +mpmath.pi


def cospi(z: mpf) -> mpf:
    return mpmath.cospi(mpmath.sqrt(z))


HALF_LOG = mpmath.log(2) / 2 * mpf("1.01")
QUARTER = (mpmath.pi / 4 * mpf("1.005")) ** 2
TAIL = ((mpf("0.49") - 3) / (mpf("0.49") + 3), (mpf("27.5") - 3) / (mpf("27.5") + 3))
FITS: dict[str, tuple[Callable[[mpf], mpf], object, object, int, int]] = {
    "exp": (exp_rest, -HALF_LOG, HALF_LOG, 11, 6),
    "log": (log_rest, 0, mpf("0.0296"), 8, 4),
    "more_log": (more_log_rest, 0, mpf("0.0296"), 8, 0),
    "sin": (odd_rest(mpmath.sin, mpf(-1) / 6), 0, QUARTER, 7, 0),
    "cos": (cos_rest, 0, QUARTER, 6, 0),
    "atan": (odd_rest(mpmath.atan, mpf(-1) / 3), 0, mpf("0.1717"), 12, 0),
    "asin": (odd_rest(mpmath.asin, mpf(1) / 6), 0, mpf("0.2501"), 13, 0),
    "erf": (erf_ratio, 0, 1, 12, 0),
    "scaled_erfc": (scaled_erfc, *TAIL, 23, 0),
    "inverse_cbrt": (inverse_cbrt, mpf("0.99"), 2 * mpf("1.01"), 6, 0),
    "inverse_gamma": (inverse_gamma, mpf("-0.501"), mpf("0.501"), 17, 0),
    "loggamma": (loggamma_ratio, mpf("-0.751"), mpf("0.501"), 24, 0),
    "stirling": (stirling, 0, mpf("0.1601"), 16, 0),
    "digamma": (digamma_rest, 0, mpf("0.1112"), 15, 0),
    "sinpi": (sinpi_ratio, 0, mpf("0.2501"), 9, 0),
    "cospi": (cospi, 0, mpf("0.2501"), 9, 0),
}
"""name -> (function, from, to, coefficients in double and in single precision)"""


def fit(name: str, count: int) -> tuple[list[mpf], mpf]:
    """Give the coefficients, lowest power first, and the largest error of the fit."""
    function, low, high = FITS[name][:3]
    found, error = mpmath.chebyfit(function, [low, high], count, error=True)
    return [mpmath.re(c) for c in reversed(found)], error


def tanh_ratio(degree: int, points: int = 120) -> tuple[list[mpf], list[mpf], mpf]:
    """Fit P and Q with tanh(x) = x·P(x²)/Q(x²) for |x| ≤ ``SATURATED``.

    Least squares of the relative error, its weights turned towards the largest.
    """
    reach = mpf(SATURATED)
    xs = [
        reach * mpmath.sin(mpmath.pi * (k + mpf(1) / 2) / (2 * points))
        for k in range(points)
    ]
    ratios = [mpmath.tanh(x) / x for x in xs]
    powers = [[(x / reach) ** (2 * i) for i in range(degree + 1)] for x in xs]
    weights, bottoms = [mpf(1)] * points, [mpf(1)] * points
    top, bottom, worst = [], [], mpf(1)
    for _ in range(6):
        rows = mpmath.matrix(points, 2 * degree + 1)
        goal = mpmath.matrix(points, 1)
        for r, (ratio, power) in enumerate(zip(ratios, powers, strict=True)):
            weight = weights[r] / (bottoms[r] * ratio)
            for i, term in enumerate(power):
                rows[r, i] = weight * term
                if i:
                    rows[r, degree + i] = -weight * ratio * term
            goal[r] = weight * ratio
        found = list(mpmath.lu_solve(rows.T * rows, rows.T * goal))
        top, bottom = found[: degree + 1], [mpf(1), *found[degree + 1 :]]
        bottoms = [mpmath.fdot(bottom, power) for power in powers]
        errors = [
            abs(mpmath.fdot(top, power) / b / ratio - 1)
            for power, b, ratio in zip(powers, bottoms, ratios, strict=True)
        ]
        worst = max(errors)
        weights = [
            w * (mpf("0.3") + e / worst) for w, e in zip(weights, errors, strict=True)
        ]
    scale = [reach ** (2 * i) for i in range(degree + 1)]
    return (
        [c / s for c, s in zip(top, scale, strict=True)],
        [c / s for c, s in zip(bottom, scale, strict=True)],
        worst,
    )


def single(value: mpf) -> float:
    """Round to single precision."""
    if not value:
        return 0.0
    unit = mpf(2) ** (mpmath.floor(mpmath.log(abs(value), 2)) - 23)
    return float(mpmath.nint(value / unit) * unit)


def written_ratio(name: str, part: int, degree: int) -> str:
    found = tanh_ratio(degree)
    print(f"{name:14} {degree + 1:3} coefficients, error {mpmath.nstr(found[2], 3)}")
    row = "".join(f"         {float(c)!r},\n" for c in found[part])
    return f'    "{name}": (\n        (\n{row}        ),\n        (),\n    ),\n'


def written(name: str) -> str:
    """One row of the table."""
    rows = []
    for count, rounding in ((FITS[name][3], float), (FITS[name][4], single)):
        if not count:
            continue
        numbers, error = fit(name, count)
        print(f"{name:14} {count:3} coefficients, error {mpmath.nstr(error, 3)}")
        rows.append("".join(f"         {rounding(c)!r},\n" for c in numbers))
    second = f"(\n{rows[1]}        )" if len(rows) > 1 else "()"
    return (
        f'    "{name}": (\n        (\n{rows[0]}        ),\n        {second},\n    ),\n'
    )


if __name__ == "__main__":
    text = HEAD + "".join(map(written, FITS))
    text += written_ratio("tanh_top", 0, 9) + written_ratio("tanh_bottom", 1, 9) + "}\n"
    if "--write" in sys.argv:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
