"""The rules of differentiation inside one stage, by kind, and where each holds.

The one rule kept here: a rule shows how a derivative is put together; what the
derivative of a function is stands in derivatives.py. ``table.py`` is the way in.
"""
