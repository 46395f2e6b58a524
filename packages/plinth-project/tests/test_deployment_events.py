"""The pattern of the events that ask for predictions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generated import deployment_repository
from plinth_project.deployment.contract import MODULE, answered_type
from plinth_project.deployment.events import REQUESTS, pattern_faults


def write(folder: Path, text: str) -> Path:
    for name in (REQUESTS, MODULE):
        (folder / name).parent.mkdir(parents=True)
    (folder / REQUESTS).write_text(text)
    (folder / MODULE).write_text((deployment_repository() / MODULE).read_text())
    return folder


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("{", "no JSON"),
        ("[]", "set a list of texts"),
        ('{"source": ["a"]}', "set a list of texts"),
        ('{"detail-type": [{"prefix": "Prediction"}]}', "set a list of texts"),
        ('{"detail-type": ["Prediction Requested", "Prediction Completed"]}', "would be requests again"),
    ],
)
def test_a_pattern_that_answers_could_match_is_refused(tmp_path: Path, pattern: str, fault: str) -> None:
    (found,) = pattern_faults(write(tmp_path, pattern))
    assert found.startswith(f"{REQUESTS}: ")
    assert fault in found


def test_a_pattern_for_other_events_is_accepted(tmp_path: Path) -> None:
    pattern = json.dumps({"detail-type": ["Prediction Requested"]})
    assert answered_type(deployment_repository()) not in pattern
    assert list(pattern_faults(write(tmp_path, pattern))) == []


def test_a_missing_pattern_is_named(tmp_path: Path) -> None:
    assert list(pattern_faults(tmp_path)) == [f"{REQUESTS}: missing; events in inference_config.json need it"]
