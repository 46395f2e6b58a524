"""A lead data scientist requests the use case of fraud, and a runner creates it once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from selfservice.errors import ExitCode
from settings.data.request_layout import OPEN, PARTITION, QUEUE, SORT, TABLE
from tests.engine.main_job.creation import LEAD, plinth_of_lead
from tests.support.workbench import Workbench

STACK = "fraud--scoring"


def listed(acme: Workbench) -> list[dict[str, Any]]:
    return list(json.loads(plinth_of_lead(acme, "requests", "list", "--team=fraud", "--json").stdout)["requests"])


@pytest.mark.requirement("TPL-01", "GOV-10.b")
@pytest.mark.requirement("TPL-03.b")
def test_a_request_ends_with_the_first_commit_and_names_who_requested_it(acme: Workbench) -> None:
    (done,) = [request for request in listed(acme) if request["state"] == "done"]
    outputs = acme.outputs(STACK)
    codebuild = acme.client("codebuild", acme.outputs("tooling")["account_id"])
    ids = codebuild.list_builds_for_project(projectName=outputs["build_project"], sortOrder="ASCENDING")["ids"]
    (first,) = codebuild.batch_get_builds(ids=ids[:1])["builds"]
    assert (done["team"], done["user"]) == ("fraud", LEAD)
    assert done["result"]["commit"] == first["resolvedSourceVersion"]
    assert first["id"] == f"{outputs['build_project']}:{done['result']['build']}"
    assert done["result"]["repository"] == outputs["clone_urls"]["build"]


@pytest.mark.requirement("TPL-03.b")
def test_an_approver_whom_the_directory_lacks_is_refused_before_anything_is_requested(acme: Workbench) -> None:
    before = listed(acme)
    words = ("usecase", "request", "--team=fraud", "--name=rates", "--approver=ben", "--approver=zoe")
    refused = plinth_of_lead(acme, *words, check=False)
    assert refused.returncode == ExitCode.BAD_INPUT
    assert "approvers: zoe is not a user name of the directory of IAM Identity Center" in refused.stderr
    assert "ben" not in refused.stderr
    assert listed(acme) == before


@pytest.mark.requirement("TPL-03.b")
def test_wrong_requests_are_refused_with_their_reasons_and_nothing_is_done_twice(acme: Workbench) -> None:
    dynamodb = acme.client("dynamodb", acme.outputs("tooling")["account_id"])
    wrong = {
        "20261122T160000Z-00000001": ('{"name": "scoring", "team": "churn"}', "team: is not a field"),
        "20261122T160000Z-00000002": ('{"name": "Scoring"}', "name: Scoring does not have the form"),
        "20261122T160000Z-00000003": ('{"name": "scores", "template": "other"}', "does not offer the template other"),
        "20261122T160000Z-00000004": (
            '{"name": "scores", "answers": {"problem": "clustering"}}', "the template",
        ),
    }  # fmt: skip
    for id_, (text, _) in wrong.items():
        item = {PARTITION: f"fraud#{LEAD}", SORT: id_, QUEUE: OPEN, "request": text}
        dynamodb.put_item(TableName=TABLE, Item={name: {"S": value} for name, value in item.items()})
    settings = acme.settings_file("fraud").read_text()
    said = acme.plinth("requests", "run").stdout
    found = {request["id"]: request for request in listed(acme) if request["id"] in wrong}
    assert {id_: request["state"] for id_, request in found.items()} == dict.fromkeys(wrong, "refused")
    assert [id_ for id_, (_, reason) in wrong.items() if reason not in found[id_]["result"]["reason"]] == []
    assert said.count("refused") == len(wrong)
    assert acme.settings_file("fraud").read_text() == settings
    assert acme.plinth("requests", "run").stdout == "There are no open requests.\n"
