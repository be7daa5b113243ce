"""Tapes written as programs: readable source, the same in every process.

The one rule kept here: a dialect decides how an operation is spelled, never which
operations there are.
"""
