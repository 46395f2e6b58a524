"""Tests that stored requests stay readable: texts, digests, items and forms are those that were recorded here.

People approve digests, and tables and the history in git hold texts and items that an earlier version has written. A
change of ``recorded_documents.yaml`` is therefore a change of what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from selfservice.catalog.change_record import ChangeState, as_json
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.request_steps import RequestSteps, StepRecord, StepState
from selfservice.changes.approvable import Approvable
from selfservice.people.submission import asked_for
from selfservice.portal.forms import form_of
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.kinds.all_kinds import actions
from selfservice.requests.kinds.request import Request
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.reading.team_requests import parsed_request, request_in
from selfservice.requests.reading.use_case_requests import parsed_request as parsed_use_case_request
from selfservice.requests.record import Result, State
from selfservice.requests.request_table import RequestTable
from settings.data.request_layout import TABLE

RECORDED: Mapping[str, Any] = yaml.safe_load(
    Path(__file__).with_name("recorded_documents.yaml").read_text(encoding="utf-8")
)
NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
ID, SECOND = "20261122T160000Z-00000001", "20261122T160000Z-00000002"
RUNNER = RunnerProcess("runner.example", 7, "1234")


def read(asked: Mapping[str, Any]) -> Request:
    return request_in(yaml.safe_dump(dict(asked)).encode(), "request.yaml")


def facts(request: Request) -> Approvable:
    """Returns a review of a request with every fact, of which only the text differs between requests."""
    return Approvable(
        request=request.text,
        files={"Pulumi.claims.yaml": "a" * 64, "Pulumi.gone.yaml": ""},
        code="c" * 64,
        steps={"claims": ["create urn:one", "delete urn:two"]},
        reasons={"claims": "is not deployed"},
        cost="12.50",
        template="tabular 0.1.0 (c0ffee)" if request.action == "create-use-case" else "",
    )


def documents(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what is stored of a request, and what people read about it."""
    request = read(asked)
    return {
        "text": request.text,
        "digest": facts(request).digest,
        "approvals": request.approvals,
        "asks for": asked_for(request),
        "commit": request.commit_subject,
        "announcement": request.announcement("tabular 0.1.0"),
        "without changes": request.described.unchanged.format(request.subject),
    }


def fields(action: str) -> dict[str, str]:
    """Returns the fields of a form in their order, with what a person enters. Required ones have an asterisk."""
    return {field.name: f"{field.widget}{'*' * field.is_required}" for field in form_of(action, {}).fields}


def plain(items: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Returns items in the order of their keys, whose attributes are all strings."""
    found = [{name: value["S"] for name, value in item.items()} for item in items]
    return sorted(found, key=lambda item: (item["pk"], item["sk"]))


def catalog_items(requests: ChangeRequests) -> list[dict[str, str]]:
    """Returns the items of a request that was carried out, and of one that a runner has just claimed."""
    request = read({"team": "fraud", "action": "change", "monthly_budget_usd": 4000})
    for id_ in (ID, SECOND):
        requests.add("ada", request.text, id_=id_, now=NOW)
    first, second = (requests.claim(change, RUNNER, NOW) for change in requests.open_changes())
    assert first is not None
    assert second is not None
    assert requests.extend(second, NOW + timedelta(minutes=2))
    reviewed = {"digest": facts(request).digest, "facts": facts(request).as_json(), "text": "what people read"}
    requests.record_review(first, summary="1 to update", expires=NOW + timedelta(days=7), now=NOW, **reviewed)
    requests.decide("ben", ID, approves=True, digest=reviewed["digest"], reason="needed", now=NOW)
    decided = {"approved_by": "ben", "decisions": as_json(requests.decisions(ID))}
    requests.enter(first, ChangeState.RUNNING, decided, now=NOW, note="approved by ben")
    steps = RequestSteps(items=requests.items, request=ID, runner=str(RUNNER))
    assert steps.write([StepRecord(number=1, name="settings", needs=(), state=StepState.SUCCEEDED)])
    requests.enter(first, ChangeState.DONE, {"commit": "c0ffee", "reason": "deployed"}, now=NOW, note="deployed")
    assert requests.release(first)
    scan = requests.items.client.scan(TableName="plinth-catalog")
    return plain(scan["Items"])


def table_items(table: RequestTable, dynamodb: Any) -> list[dict[str, str]]:
    """Returns the items of a request for a use case that was fulfilled, and of one that a runner works on."""
    for id_ in (ID, SECOND):
        table.add("fraud", "grace", UseCaseRequest(name="card-risk", images=("train",)), id_=id_, now=NOW)
    first, second = (table.claim(request, RUNNER, NOW) for request in table.open_requests())
    assert first is not None
    assert second is not None
    assert table.extend(second, NOW + timedelta(minutes=2))
    assert table.finish(first, Result(state=State.DONE, commit="c0ffee", build="b:1"), NOW + timedelta(minutes=5))
    return plain(dynamodb.scan(TableName=TABLE)["Items"])


@pytest.mark.parametrize("recorded", [pytest.param(request, id=request["request"]) for request in RECORDED["requests"]])
def test_text_and_digest_of_a_request_are_as_recorded(recorded: Mapping[str, Any]) -> None:
    assert documents(recorded["asked"]) == {
        name: recorded[name] for name in recorded if name not in ("request", "asked")
    }
    request = parsed_request(recorded["text"])
    assert request == read(recorded["asked"])
    assert facts(request) == Approvable.from_json(facts(request).as_json())


def test_every_action_has_a_recorded_request_and_a_recorded_form() -> None:
    assert {read(request["asked"]).action for request in RECORDED["requests"]} == actions().keys()
    assert {action: fields(action) for action in actions()} == RECORDED["forms"]


def test_the_text_of_a_request_of_a_lead_data_scientist_is_as_recorded() -> None:
    for recorded in RECORDED["requests of lead data scientists"]:
        request = UseCaseRequest.model_validate(recorded["asked"])
        assert request.model_dump_json() == recorded["text"]
        assert parsed_use_case_request(recorded["text"]) == request


def test_the_items_of_the_team_catalog_are_as_recorded(requests: ChangeRequests) -> None:
    assert catalog_items(requests) == RECORDED["items of the team catalog"]


def test_the_items_of_the_table_of_requests_are_as_recorded(table: RequestTable, dynamodb: Any) -> None:
    assert table_items(table, dynamodb) == RECORDED["items of the table of requests"]
