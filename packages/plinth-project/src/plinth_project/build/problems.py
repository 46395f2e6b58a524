"""The kinds of problems that the repository knows, and their metrics: ``algorithms/shared_libraries/problems.py``.

Jobs use that module, and data scientists add metrics to it, so the library has no list of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from plinth_project.modules import load

FILE = "algorithms/shared_libraries/problems.py"
Problems = Mapping[str, tuple[str, ...]]
"""Names of the metrics by kind of problem."""


def read_problems(root: Path) -> Problems:
    """Returns the metrics of each kind of problem. Raises ProjectError if the module is missing."""
    found: Problems = load(root, FILE).PROBLEMS
    return found


def read_bias(root: Path) -> Sequence[str]:
    """Returns the metrics that compare groups; none if the module is of an earlier template. Raises ProjectError if the
    module is missing."""
    module = load(root, FILE)
    return [*getattr(module, "BIAS_OF_DATA", ()), *getattr(module, "BIAS_OF_PREDICTIONS", ())]


def lower_is_better(root: Path) -> Collection[str]:
    """Returns the metrics whose lower values are better. Raises ProjectError if the module is missing."""
    found: Collection[str] = load(root, FILE).LOWER_IS_BETTER
    return found
