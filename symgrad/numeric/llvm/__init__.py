"""Tapes as machine code: LLVM's language written here, compiled by llvmlite.

The one rule kept here: everything but ``binding`` is plain text and ctypes, so that
programs are written and shown where llvmlite is not installed.
"""
