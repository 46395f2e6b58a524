"""The pattern of the events that ask for predictions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from predict.events import ANSWERED
from shared_libraries.project.events import REQUESTS, pattern_faults
from shared_libraries.project.foundation import read_foundation

ROOT = Path(__file__).parents[3]


def write(folder: Path, text: str) -> Path:
    (folder / REQUESTS).parent.mkdir(parents=True)
    (folder / REQUESTS).write_text(text)
    return folder


def test_the_pattern_of_this_repository_takes_events_of_the_use_case() -> None:
    assert list(pattern_faults(ROOT)) == []
    assert read_foundation(ROOT).event_source in json.loads((ROOT / REQUESTS).read_text())["source"]


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("{", "no JSON"),
        ("[]", "set a list of texts"),
        ('{"source": ["a"]}', "set a list of texts"),
        ('{"detail-type": [{"prefix": "Prediction"}]}', "set a list of texts"),
        (json.dumps({"detail-type": ["Prediction Requested", ANSWERED]}), "would be requests again"),
    ],
)
def test_a_pattern_that_answers_could_match_is_refused(tmp_path: Path, pattern: str, fault: str) -> None:
    (found,) = pattern_faults(write(tmp_path, pattern))
    assert found.startswith(f"{REQUESTS}: ")
    assert fault in found


def test_a_missing_pattern_is_named(tmp_path: Path) -> None:
    assert list(pattern_faults(tmp_path)) == [f"{REQUESTS}: missing; events in inference_config.json need it"]
