"""Requests of every kind are judged alike in a file, by the command, in the team catalog and by the Python API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from selfservice.cli.command import main
from selfservice.errors import BadInputError, ExitCode, RefusedError
from selfservice.people import platform_engineer
from selfservice.requests.kinds.decommission import DecommissionRequest
from selfservice.requests.kinds.request import Request
from selfservice.requests.kinds.team import TeamRequest
from selfservice.requests.kinds.upgrade import UpgradeRequest
from selfservice.requests.kinds.use_case_creation import CreateUseCaseRequest
from selfservice.requests.kinds.use_case_retirement import RetireUseCaseRequest
from selfservice.requests.reading.team_requests import parsed_request, read_request
from settings.types.errors import SettingsError
from tests.unit.selfservice.requests.reading.test_hostile_requests import CANARY, JSON, NAMES, is_printable

MODELS: dict[str, type[Request]] = {
    "create": TeamRequest,
    "change": TeamRequest,
    "upgrade": UpgradeRequest,
    "decommission": DecommissionRequest,
    "create-use-case": CreateUseCaseRequest,
    "retire-use-case": RetireUseCaseRequest,
}
VALID: dict[str, dict[str, Any]] = {
    "create": {"team": "claims", "owner": "a@acme.example", "cost_centre": "1", "monthly_budget_usd": 1},
    "change": {"team": "claims", "people": {"ben": None}, "environments": {"development": {"zones": 2}}},
    "upgrade": {"team": "claims", "version": "0.1.0"},
    "decommission": {"team": "claims", "confirm": "claims", "reason": "the end"},
    "create-use-case": {
        "team": "claims",
        "name": "pricing",
        "approvers": ["ben"],
        "answers": {"problem": "regression"},
    },
    "retire-use-case": {"team": "claims", "name": "pricing", "confirm": "claims--pricing", "reason": "the end"},
}
HOSTILE = st.sampled_from([*NAMES.values(), CANARY, "\x1b]0;x\x07", "a" * 300]) | JSON


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Returns a valid request of any kind, of which up to three fields are hostile, missing or additional."""
    action = draw(st.sampled_from(list(VALID)))
    content = {"action": action, **VALID[action]}
    fields = [*MODELS[action].model_fields, "role_arn"]
    for field in draw(st.lists(st.sampled_from(fields), max_size=3, unique=True)):
        if field == "action":
            continue
        if draw(st.booleans()):
            content[field] = draw(HOSTILE)
        else:
            content.pop(field, None)
    return content


@contextmanager
def _accepting(_: Path) -> Iterator[None]:
    """Stands for the table, which the command opens once it has accepted a request."""
    raise RefusedError("accepted")
    yield


def by_the_api(content: dict[str, Any]) -> bool:
    try:
        MODELS[content["action"]].model_validate(content)
    except ValidationError:
        return False
    return True


def in_the_catalog(content: dict[str, Any]) -> tuple[bool, str]:
    try:
        return parsed_request(json.dumps(content)) is not None, ""
    except BadInputError as error:
        return False, str(error)


def in_a_file(file: Path) -> tuple[bool, str]:
    try:
        return read_request(file) is not None, ""
    except (BadInputError, SettingsError) as error:
        return False, str(error)


@pytest.mark.threat("T-07", "T-11")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests())
def test_a_request_is_judged_alike_wherever_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: dict[str, Any]
) -> None:
    monkeypatch.setattr(platform_engineer, "platform_engineer", _accepting)
    file = tmp_path / "request.yaml"
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")  # which is YAML, too
    accepted, said = in_a_file(file)
    recorded, also_said = in_the_catalog(content)
    result = CliRunner().invoke(main, ["-C", str(tmp_path), "team", "request", "-f", str(file)])
    assert result.exit_code == (ExitCode.REFUSED if accepted else ExitCode.BAD_INPUT), result.output
    assert "Traceback" not in result.output
    assert all(map(is_printable, (said, also_said, result.output)))
    assert not any(CANARY in words for words in (said, also_said, result.output))
    assert not accepted or in_the_catalog(json.loads(read_request(file).text)) == (True, "")
    assert not recorded or by_the_api(content)


@pytest.mark.parametrize("action", VALID)
def test_the_request_that_fuzzing_begins_with_is_valid(tmp_path: Path, action: str) -> None:
    content = {"action": action, **VALID[action]}
    file = tmp_path / "request.yaml"
    file.write_text(json.dumps(content), encoding="utf-8")
    assert (in_a_file(file), in_the_catalog(content), by_the_api(content)) == ((True, ""), (True, ""), True)
    assert read_request(file) == parsed_request(read_request(file).text)
