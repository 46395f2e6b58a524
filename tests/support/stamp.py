"""Remembers that every test passed on exactly these files, so that `make test` need not run them again.

``python -m tests.support.stamp check`` exits 0 where the stamp matches the checkout, and else notes what the run that
follows starts from. ``write`` makes the stamp after that run, unless a file changed meanwhile: the tests may have read
it before the change. The stamp covers every file that is, or is about to be, under version control, the interpreter and
the engine on the PATH.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

STAMP = Path("build/tests-passed")
STARTED = Path("build/tests-started")


def fingerprint(root: Path) -> str:
    """Returns a digest of the checkout, the Python interpreter and the Pulumi engine on the PATH."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=root, capture_output=True, check=True).stdout.split(b"\0")
    files = [root / os.fsdecode(name) for name in sorted({name for name in names if name})]
    contents = (f"{file}\0{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files if file.is_file())
    return hashlib.sha256("\n".join([sys.version, shutil.which("pulumi") or "", *contents]).encode()).hexdigest()


def main() -> int:
    stamp, started = Path.cwd() / STAMP, Path.cwd() / STARTED
    found = fingerprint(Path.cwd())
    if sys.argv[1:] == ["write"]:
        if started.exists() and started.read_text() == found:
            started.replace(stamp)
        else:
            sys.stdout.write("A file changed while the tests ran, so the next `make test` runs them again.\n")
        return 0
    if not stamp.exists() or stamp.read_text() != found:
        stamp.parent.mkdir(exist_ok=True)
        started.write_text(found)
        return 1
    sys.stdout.write("Every test passed on exactly these files; `make test-again` runs them all the same.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
