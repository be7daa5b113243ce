"""A Python function, read from its source and differentiated: it is never called.

Run it with: python examples/python_function.py
"""

import math

import symgrad as sg


def damped(t, omega, rounds=2):
    """A swing that dies away; beyond t = 0 only."""
    if t < 0:
        return 0.0
    decay = math.exp(-t / 2)
    total = 0
    for k in range(1, rounds + 1):
        total += math.cos(k * omega * t) / k
    return decay * total


graph = sg.formula(damped)
for stage in graph.stages:
    print(stage.symbol, "=", stage.expr)

value, gradient = sg.lambdify(graph)(1.0, 2.0)
print("as the function itself:", abs(value - damped(1.0, 2.0)) < 1e-12)
print(sg.check_gradient(graph, at={"t": 1.0, "omega": 2.0}))
