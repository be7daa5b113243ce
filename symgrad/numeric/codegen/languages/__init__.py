"""Programs in other languages: C, C++, JavaScript, Rust, Julia and Fortran.

The one rule kept here: the program for one point is written once, as Python; a language
is a row that says how Python's words are spelled in it.
"""

from symgrad.numeric.codegen.languages.sources import write_files, write_source
from symgrad.numeric.codegen.languages.table import LANGUAGES, language_of

__all__ = ["LANGUAGES", "language_of", "write_files", "write_source"]
