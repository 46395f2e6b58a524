"""Requests that somebody wrote to be executed, to exhaust a reader, to hide something, or to leak a secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from selfservice.cli.command import main
from selfservice.errors import BadInputError, ExitCode
from selfservice.people import platform_engineer
from selfservice.request_tables.request_id import MAX_CHARACTERS
from selfservice.requests.kinds.team import TeamRequest
from selfservice.requests.reading.documents import MAX_FILE_BYTES
from selfservice.requests.reading.team_requests import approvals_of, parsed_request, read_request
from settings.files.yaml_file import MAX_FAULTS
from settings.types.errors import SettingsError
from settings.types.redaction import HIDDEN

CHANGE = "action: change\nteam: fraud\n"
CANARY = "AKIA" + "CANARYCANARY2345"
NAMES = {
    "13: short": "ab", "13: long": "a" * 13, "13: empty": "", "14: upper case": "Fraud", "14: digit": "1fraud",
    "14: hyphens": "fra--ud", "14: trailing": "fraud-", "14: underscore": "fra_ud", "14: dot": "fra.ud",
    "15: cyrillic": "fr\u0430ud", "15: zero width": "fra\u200bud", "15: right to left": "fra\u202eud",
    "15: emoji": "fra\U0001f600d", "15: full width": "\uff46raud", "16: newline": "fra\nud", "16: nul": "fra\x00ud",
    "16: escape": "fra\x1b[31mud", "17: path": "../x", "17: slash": "a/b", "17: shell": "$(id)", "17: command": ";rm",
    "17: template": "{{7*7}}", "17: lookup": "${jndi:}", "17: formula": "=1+1", "17: markup": "<script>",
    "17: any": "*", "17: one": "?ab", "17: arn": "arn:aws:iam", "18: aws": "aws", "18: root": "root",
    "18: lake": "lake", "18: production": "prod", "18: kubernetes": "kube-x", "19: null": "null",
}  # fmt: skip
"""Names of rows 13 to 19 of the catalogue of bad input."""
FILES = {
    "19: boolean": (CHANGE + "environments: {development: {zones: yes}}\n", "is read as a boolean"),
    "19: date": (CHANGE + "environments: {development: {tags: {a: 2024-01-01}}}\n", "is read as a date"),
    "19: key": (CHANGE + "people: {no: data-scientist}\n", "YAML reads as a boolean"),
    "35: unknown": (CHANGE + "budget: 1\n", "budget is not a field"),
    "35: case": (CHANGE + "Monthly_budget_usd: 1\n", "did you mean monthly_budget_usd?"),
    "36: text": (CHANGE + 'monthly_budget_usd: "3"\n', "write 3 without quotes"),
    "36: list": (CHANGE + "owner: [a@acme.example]\n", "a string belongs here"),
    "36: true": (CHANGE + "monthly_budget_usd: true\n", "a whole number belongs here"),
    "37: twice": (CHANGE + "team: churn\n", "is given twice, on lines 2 and 3"),
    "38: alias": (CHANGE + "a: &a [x, x]\nb: [*a, *a]\n", "uses an anchor"),
    "38: deep": (CHANGE + f"environments: {{development: {{zones: {'[' * 1000}{']' * 1000}}}}}\n", "levels deep"),
    "38: merge": (CHANGE + "a: &a\n  <<: *a\n", "uses an anchor"),
    "38: large": (CHANGE + "#" * MAX_FILE_BYTES, "the limit of a request"),
    "39: tag": ("!!python/object/apply:os.system [id]\n", "tag"),
    "39: documents": (CHANGE + "---\n" + CHANGE, "second document"),
    "39: tab": ("action: change\nenvironments:\n\tdevelopment: {}\n", "tab"),
    "39: mark": ("\ufeff" + CHANGE, "byte order mark"),
    "39: empty": ("", "is empty"),
    "39: list": ("- fraud\n", "is not a mapping"),
    "40: infinite": (CHANGE + "environments: {development: {zones: .inf}}\n", "not finite"),
    "40: large": (CHANGE + f"monthly_budget_usd: {2**63}\n", "10,000,000"),
    "40: negative": (CHANGE + "monthly_budget_usd: -1\n", "10,000,000"),
    "40: exponent": (CHANGE + "monthly_budget_usd: 1e400\n", "whole number"),
    "41: credential": (CHANGE + f"cost_centre: {CANARY}\n", "looks like a credential"),
    "41: nested": (CHANGE + f"environments: {{development: {{tags: {{a: {CANARY}}}}}}}\n", "looks like a credential"),
    "41: named": (CHANGE + "environments: {development: {password: hunter2}}\n", "looks like a credential"),
    "41: key": (CHANGE + f"{CANARY}: 1\n", "is not a field"),
    "41: url": (CHANGE + "owner: https://ana:hunter2@git.acme.example/x\n", "looks like a credential"),
}
"""Files of rows 19 and 35 to 41 of the catalogue of bad input, with what the message says."""
TEXTS = {
    "twice": ('{"action":"change","team":"fraud","team":"churn","monthly_budget_usd":1}', "team is given twice"),
    "twice inside": (
        '{"action":"change","team":"fraud","environments":{"development":{"zones":2,"zones":3}}}',
        "zones is given twice",
    ),
    "not a number": ('{"action":"change","team":"fraud","environments":{"development":{"zones":NaN}}}', "not a finite"),
    "infinite": ('{"action":"change","team":"fraud","environments":{"development":{"zones":1e999}}}', "not a finite"),
    "digits": (f'{{"action":"change","team":"fraud","monthly_budget_usd":{"9" * 7000}}}', "number out of range"),
    "deep": (
        f'{{"action":"change","team":"fraud","environments":{{"development":{{"zones":{"[" * 99}{"]" * 99}}}}}}}',
        "levels deep",
    ),
    "deeper": ("[" * 7000, "recursion limit"),
    "long": (" " * (MAX_CHARACTERS + 1), "more than 8000 characters"),
    "not JSON": ("team: fraud", "Invalid JSON"),
    "not recorded": (HIDDEN, "was not recorded"),
}


def message(text: str) -> str:
    with pytest.raises(BadInputError) as refused:
        parsed_request(text)
    return str(refused.value)


def is_printable(text: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in text)


@pytest.mark.threat("T-11")
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_without_the_form_of_names_is_refused_and_escaped(name: str) -> None:
    said = message(json.dumps({"action": "change", "team": name, "monthly_budget_usd": 1}))
    assert said.startswith("team: ")
    assert is_printable(said)
    assert not any(sign in said for sign in ("$(", "{{", "${", "<script", "=1", "../"))


@pytest.mark.threat("T-11")
@pytest.mark.parametrize("place", ["field", "person", "dataset", "environment", "setting"])
def test_a_hostile_key_is_escaped_in_the_message(place: str) -> None:
    key = "\x1b[31m<script>=cmd\u202e"
    content: dict[str, Any] = {"action": "change", "team": "fraud", "monthly_budget_usd": 1}
    content |= {
        "field": {key: 1},
        "person": {"people": {key: "data-scientist"}},
        "dataset": {"data": {key: ["development"]}},
        "environment": {"environments": {key: {}}},
        "setting": {"environments": {"development": {key: float("inf")}}},
    }[place]
    said = message(json.dumps(content).replace("Infinity", "1e999"))
    assert is_printable(said)
    assert "<script>" not in said


@pytest.mark.threat("T-11", "T-19")
@pytest.mark.parametrize(("text", "said"), TEXTS.values(), ids=TEXTS)
def test_a_text_that_parsers_read_differently_or_cannot_read_is_refused(text: str, said: str) -> None:
    assert said in message(text)


@pytest.mark.threat("T-07", "T-11", "T-19")
@pytest.mark.parametrize(("content", "said"), FILES.values(), ids=FILES)
def test_the_command_refuses_a_wrong_file_with_one_message_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    monkeypatch.setattr(platform_engineer, "platform_engineer", lambda _: pytest.fail("the table was opened"))
    file = tmp_path / "request.yaml"
    file.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(main, ["-C", str(tmp_path), "team", "request", "-f", str(file)])
    assert result.exit_code == ExitCode.BAD_INPUT
    assert said in result.output
    assert "Traceback" not in result.output
    assert not any(secret in result.output for secret in (CANARY, "hunter2"))
    assert [path.name for path in tmp_path.iterdir()] == ["request.yaml"]


@pytest.mark.threat("T-19")
def test_a_file_without_an_end_is_not_read_to_its_end() -> None:
    with pytest.raises(BadInputError, match="the limit of a request"):
        read_request(Path("/dev/zero"))


@pytest.mark.threat("T-03")
def test_a_request_to_change_a_team_names_no_account() -> None:
    content = {"action": "change", "team": "fraud", "accounts": {"development": "111111111111"}}
    assert "the accounts of a team cannot change" in message(json.dumps(content))


@pytest.mark.threat("T-03")
def test_two_people_approve_that_a_new_team_adopts_an_account() -> None:
    content = {"team": "claims", "owner": "a@acme.example", "cost_centre": "1", "monthly_budget_usd": 1}
    assert approvals_of(json.dumps(content)) == 1
    assert approvals_of(json.dumps(content | {"accounts": {"development": "111111111111"}})) == 2


@pytest.mark.threat("T-03")
@pytest.mark.parametrize("field", ["account_id", "id", "use_cases", "role_arn", "request"])
def test_a_request_names_no_role_or_id(field: str) -> None:
    content = {"action": "change", "team": "fraud", "monthly_budget_usd": 1, field: "111111111111"}
    assert message(json.dumps(content)).startswith(f"{field}: is not a field; the fields are action, team")


@pytest.mark.threat("T-18")
@pytest.mark.parametrize("field", ["owner", "cidr", "team"])
@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "file:///etc/passwd"])
def test_a_request_names_no_url(field: str, url: str) -> None:
    content = {"team": "claims", "owner": "a@acme.example", "cost_centre": "1", "monthly_budget_usd": 1, field: url}
    assert message(json.dumps(content)).startswith(f"{field}: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(TeamRequest.model_fields, JSON))


def refused(parse: Callable[[], TeamRequest]) -> str:
    """Returns why a request is refused; empty if it is not, and survives the table."""
    try:
        request = parse()
    except (BadInputError, SettingsError) as error:
        return str(error) or "refused without a reason"
    return "" if parsed_request(request.text) == request else "changed"


@pytest.mark.threat("T-11")
@settings(max_examples=60)
@given(FIELDS | JSON, st.sampled_from(["change", "create"]))
def test_any_text_is_a_request_that_survives_or_is_refused_in_printable_words(content: Any, action: str) -> None:
    text = json.dumps({**content, "action": action, "team": "fraud"} if isinstance(content, dict) else content)
    said = refused(lambda: parsed_request(text))
    assert is_printable(said)
    assert said not in ("changed", "refused without a reason")


@pytest.mark.threat("T-11")
@settings(max_examples=60)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (CHANGE + text).encode(errors="replace")))
def test_any_file_is_a_request_or_is_refused_with_a_fault(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    file = tmp_path_factory.getbasetemp() / "any-request.yaml"
    file.write_bytes(content)
    said = refused(lambda: read_request(file))
    assert is_printable(said)
    assert said not in ("changed", "refused without a reason")


@pytest.mark.threat("T-19")
def test_a_message_has_a_limit_of_faults() -> None:
    people = {f"p\x1b{number}": 1 for number in range(400)}
    assert len(message(json.dumps({"action": "change", "team": "fraud", "people": people})).splitlines()) == MAX_FAULTS
