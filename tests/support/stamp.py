"""Remembers that every test passed on exactly these files, so that `make test` need not run them again.

``python -m tests.support.stamp check`` exits 0 where the stamp matches the checkout; ``write`` makes the stamp. The
stamp covers every file that is, or is about to be, under version control, the interpreter and the engine on the PATH.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

STAMP = Path("build/tests-passed")


def fingerprint(root: Path) -> str:
    """Returns a digest of the checkout, the Python interpreter and the Pulumi engine on the PATH."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=root, capture_output=True, check=True).stdout.split(b"\0")
    files = [root / os.fsdecode(name) for name in sorted({name for name in names if name})]
    contents = (f"{file}\0{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files if file.is_file())
    return hashlib.sha256("\n".join([sys.version, shutil.which("pulumi") or "", *contents]).encode()).hexdigest()


def main() -> int:
    stamp = Path.cwd() / STAMP
    if sys.argv[1:] == ["write"]:
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(fingerprint(Path.cwd()))
        return 0
    if not stamp.exists() or stamp.read_text() != fingerprint(Path.cwd()):
        return 1
    sys.stdout.write("Every test passed on exactly these files; `make test-again` runs them all the same.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
