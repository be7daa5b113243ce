"""Exercises for a class: a sheet with blanks, hints, and answers that are judged.

Run it from anywhere: ``python examples/exercises.py``.
"""

import symgrad as sg

task = sg.exercise(seed=7, level=3)
print(task)
print("hints:", ", ".join(task.hints))

# What students write, a blank or a whole working, line by line.
print(sg.check_answer(task, "4*x", blank="B"))
print(sg.check_answer(task, "1 - tanh(2*x^2 + 3)^2"))
print(
    sg.check_answer(
        "x^2*exp(3*x)", "2*x*exp(3*x) + 3*x^2*exp(3*x) = x*exp(3*x)*(2 + x)"
    )
)
