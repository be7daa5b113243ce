"""The least squares loss of a line: derived, printed, run on data, and minimised.

Run: python examples/least_squares.py
"""

import numpy as np

import symgrad as sg

LOSS = "L = sum((y_i - (w*x_i + b))^2, i, 1, n)/n"

page = sg.explain(LOSS, "w", at={"x": [1, 2, 3], "y": [3, 5, 6], "w": 1.5, "b": 0.5})
print(page)

# The same formula as a function: the last axis of x and y is the index i.
loss = sg.lambdify(LOSS)
print(loss.to_source("python").split("def block")[-1])

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, 1_000_000)
y = 2 * x + 1 + 0.1 * rng.normal(size=x.size)
w, b = 0.0, 0.0
for _ in range(200):
    value, (by_w, by_b) = loss(x=x[:1000], y=y[:1000], w=w, b=b)
    w, b = w - 0.5 * by_w, b - 0.5 * by_b
print(f"after 200 steps: loss {value:.4f}, w = {w:.3f}, b = {b:.3f}")

# Against NumPy written by hand, on a million points.
value, grad = loss(x=x, y=y, w=w, b=b)
r = y - (w * x + b)
by_hand = [-2 * np.mean(r * x), -2 * np.mean(r)]
print("agrees with NumPy:", np.allclose([value, *grad], [np.mean(r * r), *by_hand]))

# A batch of lines at once: the shape of w and b is that of the value.
value, grad = loss(x=x[:1000], y=y[:1000], w=np.linspace(0, 4, 5), b=1.0)
print("losses of five slopes:", np.round(value, 3))
