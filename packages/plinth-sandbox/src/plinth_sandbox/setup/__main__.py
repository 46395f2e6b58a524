"""Sets up this clone on a fresh machine: ``python3 -m plinth_sandbox.setup [--dev]``.

Runs with the system's Python and the standard library only. Creates the virtual environment from the locks and provides
the Pulumi engine, in parallel. Parts that are up to date are skipped.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""Exit code of a shell command that Ctrl-C ended."""


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older Python meets this line
        found = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.stderr.write(f"Python {found} is too old\n  Fix: install Python 3.11 or newer and run it as python3.11\n")
        return 1
    # Imported after the version check, because these modules need Python 3.11.
    from plinth_sandbox.engine.errors import SetUpError
    from plinth_sandbox.setup.set_up import set_up

    try:
        set_up(dev="--dev" in sys.argv[1:])
    except SetUpError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; run the same command again: it continues where it stopped\n")
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
