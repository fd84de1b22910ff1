"""Start: everything is decided in `cli`."""

import sys

from oicdesk.cli import main

if __name__ == "__main__":
    sys.exit(main())
