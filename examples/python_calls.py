"""A Python function that calls others: its source is read, and nothing is run.

Run it with: python examples/python_calls.py
"""

import math

import symgrad as sg


def square(t):
    return t * t


def distance(x, y):
    return math.sqrt(sum(square(x[i] - y[i]) for i in range(2)))


graph = sg.formula(distance)
for stage in graph.stages:
    print(stage.symbol, "=", stage.expr)

print(sg.explain(graph, "x_0", detail="brief"))
