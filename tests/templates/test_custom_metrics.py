"""A metric of the use case itself is measured, judged by a gate, and registered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.templates.projects import run

LIBRARIES = Path("algorithms") / "shared_libraries"
CHANGES = {
    "problems.py": ('"roc_auc", ', '"roc_auc", "specificity", '),
    "metrics.py": (
        '        "recall": ',
        '        "specificity": metrics.recall_score(~np.asarray(actual, dtype=bool), ~predicted, zero_division=0),\n'
        '        "recall": ',
    ),
}
"""Changes of a data scientist who adds another metric: its name, and its computation."""


@pytest.mark.nightly
@pytest.mark.requirement("TR-05.c")
@pytest.mark.parametrize(("at_least", "registers"), [(0.01, True), (1.01, False)])
def test_another_metric_is_in_the_report_and_can_be_a_gate(
    project: Path, tmp_path: Path, at_least: float, registers: bool
) -> None:
    copy = tmp_path / "project"
    shutil.copytree(project, copy)
    for name, (before, after) in CHANGES.items():
        file = copy / LIBRARIES / name
        text = file.read_text()
        assert text.count(before) == 1
        file.write_text(text.replace(before, after))
    configuration = copy / "ml_pipelines" / "training" / "input.json"
    settings = json.loads(configuration.read_text())
    settings["gates"] = [{"metric": "specificity", "at_least": at_least}]
    configuration.write_text(json.dumps(settings))
    done = run(copy, "run", "--local")
    registered = copy / "build" / "local" / "registered.json"
    assert (done.returncode == 0, registered.exists()) == (registers, registers), done.stdout + done.stderr
    if registers:
        metadata = json.loads(registered.read_text())["CustomerMetadataProperties"]
        assert at_least <= float(metadata["specificity"]) <= 1
    else:
        assert "specificity" in done.stderr
        assert "< 1.01" in done.stderr
