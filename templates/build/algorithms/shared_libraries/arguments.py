"""Arguments of steps. A step takes each path from an argument or an environment variable and assumes none.

SageMaker gives paths of processing jobs as arguments. Tuning jobs have no arguments, so training jobs take theirs from
environment variables.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def add_path(parser: argparse.ArgumentParser, name: str, help_text: str, *, required: bool = True) -> None:
    """Adds ``--name``. Without it, the variable ``NAME_PATH`` counts; one of both may be required."""
    variable = f"{name.replace('-', '_').upper()}_PATH"
    default = os.environ.get(variable)
    described = f"{help_text} (variable: {variable})"
    parser.add_argument(f"--{name}", type=Path, default=default, required=required and not default, help=described)


def names(text: str) -> list[str]:
    """Parses a list of names that are separated by commas. An empty text is an empty list."""
    return [name.strip() for name in text.split(",") if name.strip()]
