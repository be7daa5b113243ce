"""A damped pendulum: a formula fitted to measured angles, with all uncertainties.

Run: python examples/fit.py
"""

import numpy as np

import symgrad as sg

# An angle in degrees, read every 0.2 s with an error of 0.5 degrees.
rng = np.random.default_rng(3)
t = np.arange(0, 12, 0.2)
angle = 12 * np.exp(-0.15 * t) * np.cos(2.8 * t - 0.4) + 0.5 * rng.normal(size=t.size)

model = "theta = A*exp(-d*t)*cos(omega*t - phi)"
data = {"t": t, "theta": angle}
fit = sg.fit(model, data, {"omega": 3}, bounds={"A": (0, None), "phi": (-3.2, 3.2)})
print(fit)

low, high = fit.interval()["omega"]
print(f"omega is within {low:.3f} and {high:.3f} with 95 % confidence")
g = sg.total_differential("g = omega^2*l", ["omega"])  # how an error is passed on
print("dg/domega =", g.gradient["omega"], "for a pendulum of length l")

values, low, high = fit.band({"t": [0.0, 6.0, 12.0]}, prediction=True)
for time, value, down, up in zip((0, 6, 12), values, low, high, strict=True):
    print(f"at {time:2d} s: {value:6.2f}, a new reading {down:6.2f} to {up:6.2f}")

# One reading is wrong: the robust fit hardly moves.
angle[10] += 40
plain = sg.fit(model, data, dict(fit.at))
robust = sg.fit(model, data, dict(fit.at), loss="cauchy")
print(f"d: {fit.at['d']:.3f}, with an outlier {plain.at['d']:.3f}, ", end="")
print(f"robust {robust.at['d']:.3f}")
fit.save("pendulum.html")
