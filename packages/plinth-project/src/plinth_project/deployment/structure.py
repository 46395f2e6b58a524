"""The structure that continuous integration expects of the repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from plinth_project.deployment.api import ASYNCHRONOUS_DOCUMENT, DOCUMENT
from plinth_project.deployment.contract import CONTRACT
from plinth_project.deployment.foundation import ENVIRONMENTS
from plinth_project.deployment.inference import Asynchronous, Batch, RealTime, place_of

PIPELINE = "app_infra/batch_inference/ml-pipeline-inference.py"
_ALWAYS = (
    "README.md",
    "inference_config/README.md",
    *map(place_of, ENVIRONMENTS),
    "tests/README.md",
    *(f"tests/{kind}/test_*.py" for kind in ("integration_test", "stress_test", "other_test")),
)
_FUNCTION = ("handler.py", "README.md", "test/test_*.py")
_PREDICT = (CONTRACT, *(f"app_infra/lambda/predict/{name}" for name in _FUNCTION))
_KINDS: dict[type, tuple[str, ...]] = {
    RealTime: (DOCUMENT, *_PREDICT),
    Asynchronous: (ASYNCHRONOUS_DOCUMENT, *_PREDICT, "app_infra/lambda/predict/asynchronous.py"),
    Batch: (
        PIPELINE,
        "app_infra/event_bridge/start_batch.json",
        *(f"app_infra/lambda/start_batch/{name}" for name in _FUNCTION),
    ),
}
"""Paths of the files that each kind of inference needs."""


def structure_faults(root: Path, kinds: set[type]) -> list[str]:
    """Returns a sentence for each missing path. A repository needs the files of the kinds of inference that it has."""
    needed = [*_ALWAYS, *(path for kind, paths in _KINDS.items() if kind in kinds for path in paths)]
    return [f"{path}: missing" for path in _missing(root, needed)]


def _missing(root: Path, paths: list[str]) -> Iterator[str]:
    """Yields the missing paths. A missing folder is named instead of what should be in it."""
    named = set()
    for path in paths:
        if any(root.glob(path)):
            continue
        folders = [parent.as_posix() for parent in reversed(Path(path).parents) if parent.parts]
        absent = next((folder for folder in folders if not (root / folder).is_dir()), path)
        if absent not in named:
            named.add(absent)
            yield absent
