"""A loss over samples, derived down to a weight, checked, and run.

Run: python examples/losses.py
"""

import numpy as np

import symgrad as sg

graph = sg.network([2, 2, 1], loss="mean_squared_error", penalty={"ridge": 0.01})
print(sg.explain(graph, "w_111", detail="brief"))

loss = sg.lambdify(graph, layout="vector")
rng = np.random.default_rng(0)
x_1, x_2 = rng.normal(size=(2, 500))
data = {"x_1": x_1, "x_2": x_2, "y": np.tanh(x_1 - x_2)}
weights = rng.normal(size=len(loss.wrt))
for step in range(301):
    value, grad = loss(weights, **data)
    if step % 100 == 0:
        print(f"step {step:3}: loss {float(value):.4f}")
    weights -= 0.5 * grad
