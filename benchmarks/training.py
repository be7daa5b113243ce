"""The time of one epoch for the notes' network on 100,000 samples, beside PyTorch.

A full batch, and mini-batches of 1,000: value, gradient and update of nine weights.
Both start from the same weights, and their losses after an epoch are compared first.
Usage: python benchmarks/training.py [samples] [rounds]
"""

from __future__ import annotations

import sys

import numpy as np
import timing

import symgrad as sg
from symgrad.training import objective

RATE, BATCH = 0.1, 1000


def ours(data, weights, backend):
    goal = objective(sg.network([2, 2, 1]), data, "mean_squared_error", backend)
    start = np.array(list(weights.values()))
    count = goal.samples

    def full():
        value, grad = goal(start)
        return start - RATE * grad, value

    def batches():
        w = start
        order = np.random.default_rng(0).permutation(count)
        for k in range(0, count, BATCH):
            w = w - RATE * goal(w, order[k : k + BATCH])[1]
        return w, goal(w)[0]

    return full, batches


def theirs(data, weights, compiled):
    import torch

    X, y = (torch.tensor(part) for part in data)
    w = [weights[f"w_{n}{i}1"] for n in (1, 2) for i in (1, 2)]
    first = torch.tensor(w, dtype=torch.float64).reshape(2, 2)
    biases = torch.tensor([weights["b_1"], weights["b_2"]], dtype=torch.float64)
    second = torch.tensor([weights["w_311"], weights["w_321"]], dtype=torch.float64)
    last = torch.tensor(weights["b_3"], dtype=torch.float64)
    start = [first, biases, second, last]

    def loss(parts, X, y):
        hidden = torch.tanh(X @ parts[0].T + parts[1])
        return torch.mean((torch.tanh(hidden @ parts[2] + parts[3]) - y) ** 2)

    run = torch.compile(loss) if compiled else loss

    def step(parts, X, y):
        parts = [p.detach().requires_grad_() for p in parts]
        value = run(parts, X, y)
        value.backward()
        with torch.no_grad():
            return [p - RATE * p.grad for p in parts], value.item()

    def full():
        return step(start, X, y)

    def batches():
        parts = start
        order = torch.tensor(np.random.default_rng(0).permutation(len(X)))
        for k in range(0, len(X), BATCH):
            rows = order[k : k + BATCH]
            parts, _ = step(parts, X[rows], y[rows])
        return parts, loss(parts, X, y).item()

    return full, batches


def main(samples=100_000, rounds=15):
    random = np.random.default_rng(1)
    X = random.normal(size=(samples, 2))
    data = (X, np.tanh(X[:, 0] - X[:, 1]))
    weights = sg.initial_weights(sg.network([2, 2, 1]), seed=2)
    kinds = {
        **{f"symgrad {b}": ours(data, weights, b) for b in ("llvm", "numpy")},
        "PyTorch": theirs(data, weights, False),
        "PyTorch compiled": theirs(data, weights, True),
    }
    print(timing.versions("symgrad", "torch", "numpy"))
    for place, title in enumerate(("full batch", f"mini-batches of {BATCH:,}")):
        calls = {name: pair[place] for name, pair in kinds.items()}
        losses = [call()[1] for call in calls.values()]
        assert np.allclose(losses, losses[0], rtol=1e-10), losses
        found = timing.interleave(calls, rounds)
        base = found["symgrad llvm"]
        print(f"one epoch of {samples:,} samples, {title}")
        for name, seconds in found.items():
            print(f"  {name:17} {1e3 * seconds:9.3f} ms  {seconds / base:6.2f}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
