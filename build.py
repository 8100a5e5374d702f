"""The one entry to everything that is made or checked here; `python build.py --help` lists the commands.

It needs nothing but Python 3.11 or 3.13. What it makes lies under `.venv/`, `build/` and `dist/`; each part is
marked complete only when it is, so that a run can be interrupted and started again.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the sentence is for whoever starts it with an older Python
    sys.exit("build.py needs Python 3.11 or 3.13; this is Python " + ".".join(map(str, sys.version_info[:3])))

from building.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
