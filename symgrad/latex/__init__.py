"""LaTeX as the text that symgrad reads.

The one rule kept here: what people read in two ways is refused, never guessed.
``formulas.py`` is the way in.
"""
