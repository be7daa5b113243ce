"""One derivative in several views, and a network in the names of a book.

Run it from anywhere: ``python examples/views.py``.
"""

import symgrad as sg

NETWORK = sg.network([2, 2, 1])

# Backpropagation as books write it: δ of each neuron, then the weights by it.
print(sg.explain(NETWORK, ["w_111", "b_1"], views=["delta"], notation="nielsen"))

# Where does the sum come from? One row for each path, then their sum.
print(sg.explain(sg.network([2, 1, 2, 1]), "w_111", views=["paths"]))

# A table of all weights, with numbers.
point = {x.name: 0.5 for x in (*NETWORK.inputs, *NETWORK.parameters)}
print(sg.explain(NETWORK, views=["weights"], at=point))
