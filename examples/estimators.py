"""Networks in scikit-learn: cross-validated on real data, then read as formulas.

Run: python examples/estimators.py
"""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_score

import symgrad as sg

for name, load in {"iris": load_iris, "breast cancer": load_breast_cancer}.items():
    X, y = load(return_X_y=True)
    model = sg.SymbolicNetworkClassifier((3,), alpha=0.01, random_state=0)
    score = np.mean(cross_val_score(model, X, y, cv=5))
    print(f"cross-validated accuracy on {name} {score:.3f}")

X, y = load_diabetes(return_X_y=True)
model = sg.SymbolicNetworkRegressor((2,), alpha=0.02, random_state=0)
for kind, each in {"network": model, "line": LinearRegression()}.items():
    print(f"R² on diabetes, {kind}: {np.mean(cross_val_score(each, X, y, cv=5)):.3f}")

# The trained network is a formula: its slope by an input, at one flower.
X, y = load_iris(return_X_y=True)
model = sg.SymbolicNetworkRegressor((2,), random_state=0).fit(X[:, :1], X[:, 2])
gradient = sg.differentiate(model.graph_, "x_1")
print("slope:", gradient["x_1"])
f = sg.lambdify(model.graph_, "x_1")
value, slope = f(x_1=5.8, **model.weights_)
print(f"petal of a sepal of 5.8 cm: {value:.2f} cm, {slope[0]:.2f} cm more per cm")
