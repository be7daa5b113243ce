# mypy: allow-untyped-defs, allow-untyped-calls
"""The gamma function and its kin for arrays, which NumPy lacks.

The one rule kept here: that of numpy_helpers.py; besides, every function computes in
float64, and gives nan where it is not real. Over 300 lines, as its functions use each
other and are written out together into generated modules.
"""

from __future__ import annotations

from numpy import (
    abs,
    asarray,
    copysign,
    exp,
    expm1,
    float64,
    fmod,
    inf,
    isinf,
    log,
    log1p,
    maximum,
    minimum,
    nan,
    pi,
    polyval,
    power,
    rint,
    sin,
    sqrt,
    tan,
    unique,
    where,
)

from symgrad.numeric.codegen.coefficients import (
    DIGAMMA_BOTTOM,
    DIGAMMA_SERIES,
    DIGAMMA_TOP,
    GAMMA_BOTTOM,
    GAMMA_TOP,
    LOGGAMMA_SERIES,
    POLYGAMMA_SERIES,
    STIRLING_SERIES,
    ZETA_WEIGHTS,
)
from symgrad.numeric.codegen.numpy_helpers import erf, erfc


def sinpi(x):
    """sin(πx), which is 0 at whole numbers."""
    near = rint(x)
    return where(fmod(near, 2.0) == 0.0, 1.0, -1.0) * sin(pi * (x - near))


def stirling(x):
    """What Stirling's formula lacks for log Γ(x), from x = 8 on."""
    return polyval(STIRLING_SERIES, 1.0 / (x * x)) / x


def gamma_above(x):
    """Γ(x) for x ≥ 1/2 (on [2, 3] Moshier's Cephes library, far out Stirling)."""
    z, factor = minimum(x, 14.0), asarray(1.0)
    for _ in range(2):
        factor = where(z < 2.0, factor / z, factor)
        z = where(z < 2.0, z + 1.0, z)
    for _ in range(11):
        factor = where(z >= 3.0, factor * (z - 1.0), factor)
        z = where(z >= 3.0, z - 1.0, z)
    y = minimum(maximum(x, 8.0), 500.0)
    root = power(y, 0.5 * y - 0.25)  # squared below, as it overflows later
    far = 2.5066282746310002 * root * exp(-y) * root * exp(stirling(y))
    near = factor * polyval(GAMMA_TOP, z - 2.0) / polyval(GAMMA_BOTTOM, z - 2.0)
    return where(x > 14.0, far, near)


def gamma(u):
    """Γ(u), by reflection where u < 1/2."""
    u = asarray(u)
    x = asarray(u, dtype=float64)
    is_low = x < 0.5
    is_far = x < -0.5
    above = gamma_above(where(is_far, -x, where(is_low, 1.0 - x, x)))
    low = pi / (sinpi(x) * where(is_far, -x, 1.0) * above)
    low = where(x == 0.0, copysign(inf, x), low)
    value = where(is_low, low, above)
    return where((x < 0.0) & (x == rint(x)), nan, value).astype(u.dtype)


def loggamma(u):
    """log Γ(u) for u > 0: a series about 2, further out Stirling's."""
    u = asarray(u)
    x = asarray(u, dtype=float64)
    z, product = minimum(x, 8.5), asarray(1.0)
    for _ in range(6):
        product = where(z >= 2.5, product * (z - 1.0), product)
        z = where(z >= 2.5, z - 1.0, z)
    whole = where(z < 0.5, 0.0, where(z < 1.5, 1.0, 2.0))
    near = polyval(LOGGAMMA_SERIES, z - whole)
    near = near - where(z < 0.5, log1p(z), 0.0) - where(z < 1.5, log(z), 0.0)
    near = near + log(product)
    y = maximum(x, 8.5)
    far = y * (log(y) - 1.0) - 0.5 * log(y) + 0.9189385332046727 + stirling(y)
    value = where(x > 8.5, far, near)
    value = where(x > 0.0, where(isinf(x), x, value), where(x == 0.0, inf, nan))
    return value.astype(u.dtype)


def digamma_above(x):
    """ψ(x) for x > 0; on [1, 2] through its root there (Maddock, the Boost library)."""
    z = minimum(x, 10.0)
    total = where(z < 1.0, -1.0 / z, 0.0)
    z = where(z < 1.0, z + 1.0, z)
    for _ in range(9):
        total = where(z > 2.0, total + 1.0 / (z - 1.0), total)
        z = where(z > 2.0, z - 1.0, z)
    root = z - 1.4616321446374059 - 3.3095646883275584e-10 - 9.016312093258695e-20
    ratio = polyval(DIGAMMA_TOP, z - 1.0) / polyval(DIGAMMA_BOTTOM, z - 1.0)
    near = root * 0.99558162689208984 + root * ratio + total
    y = maximum(x, 10.0)
    far = log(y) - 0.5 / y - polyval(DIGAMMA_SERIES, 1.0 / (y * y)) / (y * y)
    return where(x > 10.0, far, near)


def digamma(u):
    """The derivative of log Γ(u), by reflection where u < 0."""
    u = asarray(u)
    x = asarray(u, dtype=float64)
    above = digamma_above(abs(x))
    below = above - 1.0 / x - pi / tan(pi * (x - rint(x)))
    value = where(x < 0.0, below, where(x == 0.0, copysign(inf, -x), above))
    return where((x < 0.0) & (x == rint(x)), nan, value).astype(u.dtype)


def polygamma_whole(n, x):
    """The derivative of ψ(x) of order n ≥ 1: a sum and Euler-Maclaurin's rest."""
    y = where(x > 0.0, x, 1.0 - x)
    t = y + 16.0
    total = power(t, -n) / n + 0.5 * power(t, -n - 1.0)
    factor = n + 1.0
    for j, c in enumerate(POLYGAMMA_SERIES):
        total = total + c * factor * power(t, -n - 2.0 * j - 2.0)
        factor *= (n + 2.0 * j + 2.0) * (n + 2.0 * j + 3.0)
    for k in range(15, -1, -1):
        total = total + power(y + k, -n - 1.0)
    factorial = 1.0
    for k in range(1, int(n) + 1):
        factorial *= k
    value = where((n % 2.0 == 0.0) & (x > 0.0), -1.0, 1.0) * factorial * total
    powers = [0.0, 1.0]  # the derivatives of cot are polynomials in it
    for _ in range(int(n)):
        slopes = [k * c for k, c in enumerate(powers)][1:]
        above, below = [*slopes, 0.0, 0.0], [0.0, 0.0, *slopes]
        powers = [-a - b for a, b in zip(above, below, strict=True)]
    turn = polyval(powers[::-1], 1.0 / tan(pi * (x - rint(x)))) * pi ** (n + 1.0)
    value = where(x > 0.0, value, -value - turn)
    return where((x <= 0.0) & (x == rint(x)), nan, value)


def polygamma(order, u):
    """The derivative of digamma of a whole order from 0 to 100."""
    like = asarray(order + u)
    n, x = asarray(order, dtype=float64), asarray(u, dtype=float64)
    value = nan * (n + x)
    for k in unique(n):
        if k == 0.0:
            value = where(n == k, digamma(x), value)
        elif 0.0 < k <= 100.0 and k == rint(k):
            value = where(n == k, polygamma_whole(float(k), x), value)
    return value.astype(like.dtype)


def beta(u, v):
    """Γ(u)·Γ(v)/Γ(u + v), through logarithms where that overflows."""
    like = asarray(u + v)
    a, b = asarray(u, dtype=float64), asarray(v, dtype=float64)
    far = exp(loggamma(a) + loggamma(b) - loggamma(a + b))
    near = gamma(minimum(a, b)) * (gamma(maximum(a, b)) / gamma(a + b))
    value = where(a + b > 170.0, far, near)
    return where((a > 0.0) & (b > 0.0), value, nan).astype(like.dtype)


def rising(x):
    """(x + 1)·…·(x + 9), which brings a small x to where Stirling's series holds."""
    product = 1.0
    for i in range(1, 10):
        product = product * (x + i)
    return where(x < 8.0, product, 1.0)


def binomial_above(n, k):
    """n over k for n, k, n − k > −1 and k ≤ n − k.

    Few factors are multiplied. Else Γ(n + 1) and its kin are Stirling's, and what is
    large in their logarithms is taken out before it cancels (Loader 2000).
    """
    near = asarray(1.0)
    for i in range(1, 20):
        near = where(k >= i, near * (n - (k - i)) / i, near)
    j = n - k
    p, q = where(k < 8.0, 9.0, 0.0), where(j < 8.0, 9.0, 0.0)
    r = where(n < 8.0, 9.0, 0.0)
    a, b, c = n + r, k + p, j + q
    d = p + q - r
    fall = (b - d) * log(a / b) - d * log(b) - c * log1p((q - r - k) / a) + d
    fall = fall + stirling(a) - stirling(b) - stirling(c)
    scale = rising(k) * rising(j) / rising(n)
    far = scale * sqrt(a / b / c) * 0.3989422804014327 * exp(fall)
    return where((k == rint(k)) & (k < 20.0), near, far)


def binomial(u, v):
    """Γ(n + 1)/(Γ(k + 1)·Γ(n − k + 1)), by reflection where one of these is below 0."""
    like = asarray(u + v)
    n, k = asarray(u, dtype=float64), asarray(v, dtype=float64)
    is_whole = k == rint(k)
    is_none = (n < 0.0) & (n == rint(n)) & ~(is_whole & (k >= 0.0))
    is_none = is_none | ~((abs(n) < inf) & (abs(k) < inf))
    is_zero = is_whole & (k < 0.0)
    sign = where(fmod(k, 2.0) == 0.0, 1.0, -1.0)
    k = where(k <= -1.0, n - k, k)
    j = n - k
    is_high, is_mild = n > -1.0, k > -1.0
    is_plain = is_high & (j > -1.0)
    top = where(is_high, k + 1.0, where(is_mild, -j - 1.0, -n))
    low = where(is_high, n + 1.0, where(is_mild, k, -k))
    rest = where(is_high, -j, where(is_mild, -n - 1.0, -j))
    top, low = where(is_plain, n, top), where(is_plain, k, low)
    core = binomial_above(top, minimum(low, where(is_plain, j, rest)))
    turn = where(is_whole, sign, sinpi(j) / sinpi(n)) * core
    both = sinpi(k) * sinpi(j) * n / (pi * sinpi(n) * k * j) / core
    beyond = sinpi(j + 1.0) * (k + 1.0) / (pi * (n + 1.0) * -j) / core
    value = where(is_high, beyond, where(is_mild, turn, both))
    value = where(is_zero, 0.0, where(is_plain, core, value))
    return where(is_none, nan, value).astype(like.dtype)


def zeta_above(s):
    """ζ(s) for s ≥ −1/4 (Borwein 2000, algorithm 2, with 26 terms)."""
    total = 0.0
    for k in range(25, -1, -1):
        total = total + ZETA_WEIGHTS[k] * power(k + 1.0, -s)
    return -total / expm1((1.0 - s) * 0.6931471805599453)


def zeta(u):
    """ζ(u), by its functional equation where u < −1/4."""
    u = asarray(u)
    s = asarray(u, dtype=float64)
    y = maximum(1.0 - s, 1.25)
    wave = 2.0 * sinpi(0.5 * fmod(s, 4.0)) * zeta_above(y)
    near = power(2.0 * pi, -y) * gamma(minimum(y, 170.0))
    far = exp(loggamma(maximum(y, 2.0)) - y * 1.8378770664093453)
    low = where(wave == 0.0, 0.0, wave * where(y < 150.0, near, far))
    value = where(s < -0.25, low, zeta_above(maximum(s, -0.25)))
    return where(s == 1.0, nan, where(s == -inf, nan, value)).astype(u.dtype)


def erfi(u):
    """-i·erf(iu): its power series, and far out the asymptotic one."""
    u = asarray(u)
    x = asarray(u, dtype=float64)
    z = minimum(x * x, 40.0)
    near = asarray(1.0 / 261.0)
    for k in range(130, 0, -1):  # Horner's scheme of Σ z^k/(k!·(2k + 1))
        near = 1.0 / (2.0 * k - 1.0) + near * z / k
    y = maximum(x * x, 40.0)
    far = asarray(1.0)
    for k in range(20, 0, -1):
        far = 1.0 + far * (k - 0.5) / y
    far = copysign(exp(y) * far / (1.7724538509055159 * minimum(sqrt(y), 1e9)), x)
    return where(x * x < 40.0, 1.1283791670955126 * x * near, far).astype(u.dtype)


def erfcinv_tail(v):
    """The y > 0 with erfc(y) = v ≤ 1/2, by Newton's method for its logarithm."""
    t = sqrt(-log(v))
    y = sqrt(maximum(t * t - log(1.7724538509055159 * maximum(t, 0.5)), 0.2))
    for _ in range(6):
        e = erfc(y)
        y = y + log(e / v) * e / (1.1283791670955126 * exp(-y * y))
    return y


def erfinv_centre(u):
    """The y with erf(y) = u for |u| up to 1/2, by Newton's method."""
    y = 0.8862269254527580 * u
    for _ in range(5):
        y = y - (erf(y) - u) * 0.8862269254527580 * exp(y * y)
    return y


def erfinv(u):
    u = asarray(u)
    x = asarray(u, dtype=float64)
    centre = erfinv_centre(minimum(maximum(x, -0.5), 0.5))
    tail = copysign(erfcinv_tail(minimum(1.0 - abs(x), 0.5)), x)
    value = where(abs(x) > 0.5, tail, centre)
    return where(abs(x) == 1.0, copysign(inf, x), value).astype(u.dtype)


def erfcinv(u):
    u = asarray(u)
    x = asarray(u, dtype=float64)
    centre = erfinv_centre(minimum(maximum(1.0 - x, -0.5), 0.5))
    tail = copysign(erfcinv_tail(minimum(minimum(x, 2.0 - x), 0.5)), 1.0 - x)
    value = where(abs(1.0 - x) > 0.5, tail, centre)
    value = where((x == 0.0) | (x == 2.0), copysign(inf, 1.0 - x), value)
    return value.astype(u.dtype)
