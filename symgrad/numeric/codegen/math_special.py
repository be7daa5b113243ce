"""The gamma function and its kin for one point at a time, where ``math`` lacks them.

The one rule kept here: that of math_helpers.py. What is not real is nan; what is too
large raises, and is then computed with NumPy's rules.
"""

from __future__ import annotations

from math import (
    copysign,
    erf,
    erfc,
    exp,
    expm1,
    fmod,
    gamma,
    inf,
    isfinite,
    lgamma,
    log,
    log1p,
    nan,
    pi,
    sin,
    sqrt,
    tan,
)

from symgrad.numeric.codegen.coefficients import (
    DIGAMMA_BOTTOM,
    DIGAMMA_SERIES,
    DIGAMMA_TOP,
    LOGGAMMA_SERIES,
    POLYGAMMA_SERIES,
    STIRLING_SERIES,
    ZETA_WEIGHTS,
)
from symgrad.numeric.codegen.math_helpers import polynomial


def sinpi(x: float) -> float:
    """sin(πx), which is 0 at whole numbers."""
    near = float(round(x))
    return (-1.0 if near % 2.0 else 1.0) * sin(pi * (x - near))


def stirling(x: float) -> float:
    """What Stirling's formula lacks for log Γ(x), from x = 8 on."""
    return polynomial(STIRLING_SERIES, 1.0 / (x * x)) / x


def loggamma(u: float) -> float:
    """log Γ(u) for u > 0; near its zeros 1 and 2, where lgamma is rough, a series."""
    if 0.5 <= u < 1.5:
        return polynomial(LOGGAMMA_SERIES, u - 1.0) - log(u)
    if 1.5 <= u < 2.5:
        return polynomial(LOGGAMMA_SERIES, u - 2.0)
    if u > 0.0:
        return lgamma(u)
    return nan if u < 0.0 or u != u else inf


def digamma(u: float) -> float:
    """The derivative of log Γ(u), by reflection where u < 0."""
    if u != u or u == -inf or (u <= 0.0 and u == round(u)):
        return nan if u else copysign(inf, -u)
    if u < 0.0:
        return digamma_above(-u) - 1.0 / u - pi / tan(pi * (u - round(u)))
    return digamma_above(u)


def digamma_above(x: float) -> float:
    """ψ(x) for x > 0; on [1, 2] through its root there (Maddock, the Boost library)."""
    if x > 10.0:
        z = 1.0 / x
        return log(x) - 0.5 * z - polynomial(DIGAMMA_SERIES, z * z) * z * z
    total = 0.0
    if x < 1.0:
        total = -1.0 / x
        x += 1.0
    while x > 2.0:
        x -= 1.0
        total += 1.0 / x
    root = x - 1.4616321446374059 - 3.3095646883275584e-10 - 9.016312093258695e-20
    ratio = polynomial(DIGAMMA_TOP, x - 1.0) / polynomial(DIGAMMA_BOTTOM, x - 1.0)
    return root * 0.99558162689208984 + root * ratio + total


def cot_derivative(n: float, c: float) -> float:
    """The derivative of cot of order n, a polynomial in cot, where that is c."""
    powers = [0.0, 1.0]
    for _ in range(int(n)):
        slopes = [k * powers[k] for k in range(1, len(powers))]
        above, below = [*slopes, 0.0, 0.0], [0.0, 0.0, *slopes]
        powers = [-above[k] - below[k] for k in range(len(above))]
    return polynomial(tuple(powers[::-1]), c)


def polygamma_whole(n: float, x: float) -> float:
    """The derivative of ψ(x) of order n ≥ 1: a sum and Euler-Maclaurin's rest."""
    y = x if x > 0.0 else 1.0 - x
    t = y + 16.0
    total = t**-n / n + 0.5 * t ** (-n - 1.0)
    factor = n + 1.0
    for j, c in enumerate(POLYGAMMA_SERIES):
        total += c * factor * t ** (-n - 2.0 * j - 2.0)
        factor *= (n + 2.0 * j + 2.0) * (n + 2.0 * j + 3.0)
    for k in range(15, -1, -1):
        total += (y + k) ** (-n - 1.0)
    value = (-1.0 if n % 2.0 == 0.0 and x > 0.0 else 1.0) * gamma(n + 1.0) * total
    if x > 0.0:
        return value
    slope = cot_derivative(n, 1.0 / tan(pi * (x - round(x))))
    return -value - slope * pi ** (n + 1.0)


def polygamma(n: float, u: float) -> float:
    """The derivative of digamma of a whole order from 0 to 100."""
    if not (0.0 <= n <= 100.0 and n == round(n)) or u != u:
        return nan
    if n == 0.0:
        return digamma(u)
    if u <= 0.0 and (u == -inf or u == round(u)):
        return nan
    return polygamma_whole(n, u)


def beta(u: float, v: float) -> float:
    """Γ(u)·Γ(v)/Γ(u + v), through logarithms where that overflows."""
    if not (u > 0.0 and v > 0.0):
        return nan
    if u + v > 170.0:
        return exp(lgamma(u) + lgamma(v) - lgamma(u + v))
    return gamma(min(u, v)) * (gamma(max(u, v)) / gamma(u + v))


def rising(x: float) -> float:
    """(x + 1)·…·(x + 9), which brings a small x to where Stirling's series holds."""
    product = 1.0
    for i in range(1, 10):
        product *= x + i
    return product if x < 8.0 else 1.0


def binomial_above(n: float, k: float) -> float:
    """n over k for n, k, n − k > −1 and k ≤ n − k.

    Few factors are multiplied. Else Γ(n + 1) and its kin are Stirling's, and what is
    large in their logarithms is taken out before it cancels (Loader 2000).
    """
    if k == round(k) and k < 20.0:
        product = 1.0
        for i in range(1, int(k) + 1):
            product = product * (n - (k - i)) / i
        return product
    j = n - k
    p = 9.0 if k < 8.0 else 0.0
    q = 9.0 if j < 8.0 else 0.0
    r = 9.0 if n < 8.0 else 0.0
    a = n + r
    b = k + p
    c = j + q
    d = p + q - r
    power = (b - d) * log(a / b) - d * log(b) - c * log1p((q - r - k) / a) + d
    power += stirling(a) - stirling(b) - stirling(c)
    scale = rising(k) * rising(j) / rising(n)
    return scale * sqrt(a / b / c) * 0.3989422804014327 * exp(power)


def binomial(n: float, k: float) -> float:
    """Γ(n + 1)/(Γ(k + 1)·Γ(n − k + 1)), by reflection where one of these is below 0."""
    if not (isfinite(n) and isfinite(k)):
        return nan
    is_whole = k == round(k)
    if n < 0.0 and n == round(n) and not (is_whole and k >= 0.0):
        return nan
    if is_whole and k < 0.0:
        return 0.0
    if k <= -1.0:
        k = n - k
    j = n - k
    if n > -1.0 and j > -1.0:
        return binomial_above(n, min(k, j))
    if n > -1.0:
        wave = sinpi(j + 1.0) * (k + 1.0) / (pi * (n + 1.0) * -j)
        return wave / binomial_above(k + 1.0, min(n + 1.0, -j))
    if k > -1.0:
        turn = sinpi(j) / sinpi(n)
        if is_whole:
            turn = 1.0 if k % 2.0 == 0.0 else -1.0
        return turn * binomial_above(-j - 1.0, min(k, -n - 1.0))
    both = sinpi(k) * sinpi(j) * n / (pi * sinpi(n) * k * j)
    return both / binomial_above(-n, min(-k, -j))


def zeta_above(s: float) -> float:
    """ζ(s) for s ≥ −1/4 (Borwein 2000, algorithm 2, with 26 terms)."""
    total = 0.0
    for k in range(25, -1, -1):
        total += ZETA_WEIGHTS[k] * (k + 1.0) ** -s
    return -total / expm1((1.0 - s) * 0.6931471805599453)


def zeta(u: float) -> float:
    """ζ(u), by its functional equation where u < −1/4."""
    if u == 1.0 or u != u or u == -inf:
        return nan
    if u > 1000.0:
        return 1.0
    if u >= -0.25:  # nearer to 0 the equation has ζ next to its pole
        return zeta_above(u)
    if u % 2.0 == 0.0:
        return 0.0
    y = 1.0 - u
    wave = 2.0 * sinpi(0.5 * fmod(u, 4.0)) * zeta_above(min(y, 1000.0))
    if y < 150.0:
        return wave * (2.0 * pi) ** -y * gamma(y)
    return wave * exp(lgamma(y) - y * 1.8378770664093453)


def erfi(u: float) -> float:
    """-i·erf(iu): its power series, and far out the asymptotic one."""
    if not isfinite(u):
        return u
    z = u * u
    if z < 40.0:
        near = 1.0 / 261.0
        for k in range(130, 0, -1):  # Horner's scheme of Σ z^k/(k!·(2k + 1))
            near = 1.0 / (2.0 * k - 1.0) + near * z / k
        return 1.1283791670955126 * u * near
    far = 1.0
    for k in range(20, 0, -1):
        far = 1.0 + far * (k - 0.5) / z
    return exp(z) * far / (1.7724538509055159 * u)


def erfcinv_tail(v: float) -> float:
    """The y > 0 with erfc(y) = v ≤ 1/2, by Newton's method for its logarithm."""
    t = sqrt(-log(v))
    y = sqrt(max(t * t - log(1.7724538509055159 * max(t, 0.5)), 0.2))
    for _ in range(6):
        e = erfc(y)
        y += log(e / v) * e / (1.1283791670955126 * exp(-y * y))
    return y


def erfinv_centre(u: float) -> float:
    """The y with erf(y) = u for |u| up to 1/2, by Newton's method."""
    y = 0.8862269254527580 * u
    for _ in range(5):
        y -= (erf(y) - u) * 0.8862269254527580 * exp(y * y)
    return y


def erfinv(u: float) -> float:
    if not abs(u) < 1.0:
        return copysign(inf, u) if abs(u) == 1.0 else nan
    if abs(u) > 0.5:
        return copysign(erfcinv_tail(1.0 - abs(u)), u)
    return erfinv_centre(u)


def erfcinv(u: float) -> float:
    if not 0.0 < u < 2.0:
        return copysign(inf, 1.0 - u) if u in (0.0, 2.0) else nan
    if abs(1.0 - u) > 0.5:
        return copysign(erfcinv_tail(min(u, 2.0 - u)), 1.0 - u)
    return erfinv_centre(1.0 - u)
