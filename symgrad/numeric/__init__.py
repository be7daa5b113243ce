"""The numeric engine: a graph as operations, as source, as functions that run.

The one rule kept here: nothing in this package holds a derivative of its own, and
nothing here is loaded before it is used.
"""
