"""Python functions read from their source as graphs, without running them.

The one rule kept here: the graph gives what the function returns, or the line that
cannot be read is named. ``functions.py`` is the way in.
"""
