"""Training on real data: updates printed, a break survived, flowers told apart.

Run: python examples/training.py
"""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_iris

import symgrad as sg

X, kinds = load_iris(return_X_y=True)
X = (X - X.mean(0)) / X.std(0)
y = np.eye(3)[kinds]

graph = sg.network([4, 3, 3], "tanh", "identity", loss="softmax_cross_entropy")
start = sg.initial_weights(graph, "glorot", seed=1)

one = sg.train(graph, (X, y), 0.5, epochs=1, start=start, shown=1)
print("\n".join(str(one).splitlines()[:5]))

with tempfile.TemporaryDirectory() as folder:
    run = {"method": "adam", "start": start, "checkpoint": Path(folder) / "run.json"}
    sg.train(graph, (X, y), 0.05, epochs=100, **run)
    history = sg.train(graph, (X, y), 0.05, epochs=200, resume=True, **run)
whole = sg.train(graph, (X, y), 0.05, epochs=200, method="adam", start=start)
print("resumed to the same numbers:", history == whole)
print(f"loss {history.losses[0]:.3f}, at the end {history.epoch_losses[-1]:.3f}")

outputs = sg.lambdify(sg.network([4, 3, 3], "tanh", "identity"), [])
found = outputs(**{f"x_{k}": X[:, k - 1] for k in range(1, 5)}, **history.weights)
print("flowers told right:", int(np.sum(np.argmax(found, axis=0) == kinds)), "of 150")
print(sg.learning_rate_study(graph, (X, y), start=start))
