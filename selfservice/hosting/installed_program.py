"""A working copy of the settings whose program is the installed one, not the one of whoever wrote the settings."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from selfservice.projects.project import PROJECT_FILE

PROGRAM = Path(__file__).resolve().parents[2]
"""Folder of the program that is installed here."""


def use_installed_program(directory: Path) -> None:
    """Makes the project file of a working copy name this program and this Python."""
    file = directory / PROJECT_FILE
    described = yaml.safe_load(file.read_text(encoding="utf-8"))
    described["main"] = str(PROGRAM)
    described["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
    file.write_text(yaml.safe_dump(described), encoding="utf-8")
