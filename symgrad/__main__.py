"""``python -m symgrad`` does what the ``symgrad`` command does."""

import sys

from symgrad.cli import main

if __name__ == "__main__":
    sys.exit(main())
