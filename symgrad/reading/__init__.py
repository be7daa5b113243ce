"""Formulas in symgrad's own text: cut into statements, parsed, and built.

The one rule kept here: text is only looked at, never run. ``reader.py`` is the way in;
``operations.py`` and ``assembly.py`` make stages of what it reads.
"""
