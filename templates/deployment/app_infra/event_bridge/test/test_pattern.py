"""The pattern of the event that starts batch inference, against the event that S3 sends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

PATTERN = json.loads((Path(__file__).parents[1] / "start_batch.json").read_text())
(KEY,) = (alternative["wildcard"] for alternative in PATTERN["detail"]["object"]["key"])
RUN = KEY.partition("/")[0] + "/20220621T101500-1a2b3c4"


def event(key: str, kind: str = "Object Created") -> dict[str, Any]:
    """Returns an event of S3 (Amazon S3 User Guide, "EventBridge event message structure", read 2026-11-22)."""
    stored = {"key": key, "size": 0, "etag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "00617F08299329D189"}
    detail = {"version": "0", "bucket": {"name": "ml-preprod"}, "object": stored, "reason": "PutObject"}
    return {"version": "0", "source": "aws.s3", "detail-type": kind, "region": "eu-west-1", "detail": detail}


def matches(value: Any, pattern: Any) -> bool:
    """Whether a value matches, by the two comparisons that the pattern uses: equality and wildcard."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(matches(value.get(key), nested) for key, nested in pattern.items())
    return any(
        re.fullmatch(re.escape(alternative["wildcard"]).replace(r"\*", ".*"), str(value))
        if isinstance(alternative, dict)
        else alternative == value
        for alternative in pattern
    )


def test_the_marker_of_a_complete_input_starts_a_run() -> None:
    assert matches(event(f"{RUN}/input/_SUCCESS"), PATTERN)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (f"{RUN}/input/data.csv", "Object Created"),
        (f"{RUN}/ml-pipeline-outputs/results/_SUCCESS", "Object Created"),
        ("another/20220621T101500-1a2b3c4/input/_SUCCESS", "Object Created"),
        (f"{RUN}/input/_SUCCESS", "Object Deleted"),
    ],
)
def test_nothing_else_starts_a_run(key: str, kind: str) -> None:
    assert not matches(event(key, kind), PATTERN)
