"""The changed files of a program that its stacks depend on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation

_DEPENDENCIES = "stacks.dependencies"
"""Module of this program that answers for its stacks."""


def changed_files(
    program: Path, stacks: Sequence[str], changed: Collection[Path], foundation: Foundation
) -> Mapping[str, list[Path]]:
    """Returns the changed files that each stack depends on. A stack that depends on none is left out.

    All stacks of another program, which cannot say it, depend on each of its files. Markdown never counts.
    """
    files = sorted(path for path in changed if path.is_relative_to(program) and path.suffix != ".md")
    if not files:
        return {}
    answer = _asked(program, stacks, [str(path.relative_to(program)) for path in files])
    if answer is None:
        return dict.fromkeys(stacks, files)
    scripts = scripts_of_jobs(foundation)
    read = {stack: {*answer.get(stack, ()), *scripts.get(stack, ())} for stack in stacks}
    found = {stack: [file for file in files if str(file.relative_to(program)) in read[stack]] for stack in stacks}
    return {stack: own for stack, own in found.items() if own}


def scripts_of_jobs(foundation: Foundation) -> Mapping[str, set[str]]:
    """Returns the scripts that the settings name, by the stack of their jobs. A script may be in any folder."""
    from settings.derived.stack_graph import StackIdentity

    found: dict[str, set[str]] = defaultdict(set)
    for dataset in foundation.datasets.values():
        if dataset.etl is not None and dataset.etl.script is not None:
            found[dataset.stack].add(dataset.etl.script)
    for environment in foundation.environments.values():
        intake = StackIdentity("intake", environment.team, environment.environment)
        found[intake.name] |= {step.script for step in environment.glue_steps.values()}
    return found


def _asked(program: Path, stacks: Sequence[str], files: Sequence[str]) -> Mapping[str, list[str]] | None:
    if not program.joinpath(*_DEPENDENCIES.split(".")).with_suffix(".py").is_file():
        return None
    asked = subprocess.run(
        [sys.executable, "-m", _DEPENDENCIES],
        input=json.dumps({"stacks": stacks, "files": files}),
        cwd=program,
        text=True,
        capture_output=True,
        check=False,
    )
    answer: Mapping[str, list[str]] | None = json.loads(asked.stdout) if asked.returncode == 0 else None
    return answer
