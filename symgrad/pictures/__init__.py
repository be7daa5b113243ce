"""Writers of laid-out pictures, a module for each format.

The one rule kept here: a writer decides what things look like, never where they stand.
"""
