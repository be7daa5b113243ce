"""A Jacobian of two outputs and a Hessian: gradients of gradients, by the same door.

python examples/second_derivatives.py
"""

import symgrad as sg

graph = sg.network([2, 2, 2])
jacobian = sg.jacobian(graph, ["w_111", "w_211"])
for output in ("y_hat_1", "y_hat_2"):
    for weight in ("w_111", "w_211"):
        print(f"∂{output}/∂{weight} =", jacobian[output, weight])

hessian = sg.hessian("tanh(w*x + b)", ["w", "b"])
print("∂²y/∂w∂b =", hessian.closed_form(("w", "b")))
