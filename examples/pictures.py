"""Pictures of the notes' network: the whole, one neuron, the operations with numbers.

    python examples/pictures.py

The files are written into the folder in which it is run.
"""

import symgrad as sg

network = sg.network([2, 2, 1])
weights = {name.name: 0.5 for name in network.parameters}
at = {"x_1": 1.0, "x_2": -1.0, **weights}

whole = sg.draw(network, "w_111", at=at)
neuron = sg.draw(network, "w_111", kind="neuron")
operations = sg.draw(
    "y = w^2*x + sin(w^2)", "w", kind="operations", at={"w": 2, "x": 3}
)
for name, drawing in (
    ("network", whole),
    ("neuron", neuron),
    ("operations", operations),
):
    print("wrote", drawing.save(f"{name}.svg"))
    print("wrote", drawing.save(f"{name}.tex"), "and", drawing.save(f"{name}.dot"))

print(operations.picture.description)
