"""The pictures of the page on initial weights: the bell curve, and saturation.

Needs matplotlib. Run from the root of the project: python docs/pictures/weights.py
"""

from pathlib import Path

import matplotlib
import numpy as np

import symgrad as sg

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "symgrad", "font.size": 10})
from matplotlib import pyplot as plt  # noqa: E402  (after the choice of its back end)

FOLDER = Path(__file__).parent
BLUE, RED = "#0b5cad", "#b3261e"


def save(figure, name):
    figure.tight_layout()
    figure.savefig(FOLDER / name, metadata={"Date": None})
    plt.close(figure)


def bell():
    drawn = sg.initial_weights(sg.network([60, 40]), seed=0)
    weights = [value for name, value in drawn.items() if name.startswith("w")]
    figure, axes = plt.subplots(figsize=(6, 3.2))
    axes.hist(weights, 40, density=True, color="#c9d8ea", label="2,400 weights drawn")
    z = np.linspace(-4, 4, 200)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    axes.plot(z, density, color=BLUE, label="standard normal density")
    axes.set(xlabel="weight", ylabel="density", xlim=(-4, 4))
    axes.legend(frameon=False)
    save(figure, "bell.svg")


def saturation():
    graph = sg.network([20] * 6)
    random = np.random.default_rng(0)
    at = {f"x_{k}": random.normal(size=200) for k in range(1, 21)}
    figure, both = plt.subplots(1, 2, figsize=(7.5, 3.2), sharey=True)
    for axes, kind, color in zip(
        both, ("standard_normal", "glorot"), (RED, BLUE), strict=True
    ):
        values = sg.evaluate(graph, {**at, **sg.initial_weights(graph, kind)})
        for layer in (1, 5):
            first = 100 - 20 * layer + 1
            each = [values[f"f_{k}"] for k in range(first, first + 20)]
            style = {"color": color, "linestyle": "-" if layer == 5 else "--"}
            axes.hist(
                np.ravel(each),
                np.linspace(-1, 1, 41),
                density=True,
                histtype="step",
                label=f"layer {layer}",
                **style,
            )
        axes.set(title=kind.replace("_", " "), xlabel="output of a neuron")
        axes.legend(frameon=False, loc="upper center")
    both[0].set_ylabel("density")
    save(figure, "saturation.svg")


def rates():
    graph = sg.network([1, 1], "identity", loss="mean_squared_error")
    x = np.linspace(-1, 1, 21)
    start = {"w_111": 0.0, "b_1": 0.0}
    study = sg.learning_rate_study(graph, (x, 2 * x + 0.5), start=start)
    study.plot(FOLDER / "rates.svg")


if __name__ == "__main__":
    bell()
    saturation()
    rates()
