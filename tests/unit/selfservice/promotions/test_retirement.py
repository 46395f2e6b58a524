"""Which builds end what a use case serves, and when nothing is started. The engine test performs them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from selfservice.errors import BadInputError, RefusedError
from selfservice.promotions import place as promotion_place
from selfservice.promotions.place import place_in_state, place_to_retire
from selfservice.promotions.retirement import RetirementError, plan_retirement, retire
from selfservice.removal import served_use_cases
from selfservice.removal.served_use_cases import what_is_served
from settings.derived.use_case_names import UseCaseNames
from tests.support.workbench import REPOSITORY

STATE = {"execution": "e", "version": 3, "commit": "1a2b", "deployed_at": "2026-11-22T10:00:00Z"}


class CodeBuild:
    """Ends builds with the given status at the second look."""

    def __init__(self, *statuses: str) -> None:
        self.statuses, self.started = list(statuses), []

    def start_build(self, **given: Any) -> dict[str, Any]:
        self.started.append(given)
        return {"build": {"id": f"b:{len(self.started)}", "buildStatus": "IN_PROGRESS"}}

    def batch_get_builds(self, *, ids: list[str]) -> dict[str, Any]:
        return {"builds": [{"id": ids[0], "buildStatus": self.statuses.pop(0), "logs": {"deepLink": "https://logs"}}]}


def place(client: Any = None, *, served: Any = (), running: Any = (), failure: Any = None) -> Any:
    names = UseCaseNames(team="fraud", use_case="scoring")
    executions = [{"pipelineExecutionId": id_, "status": "InProgress"} for id_ in running]
    account = SimpleNamespace(client=lambda _: client, every=lambda *_, **__: executions)
    records = SimpleNamespace(
        served=lambda environment: STATE if environment in served else None, newest=lambda _: failure
    )
    return SimpleNamespace(names=names, account=account, records=records, pipeline=names.promotion_pipeline)


def test_production_ends_before_preproduction_and_only_where_something_is_served() -> None:
    planned = plan_retirement(place(served=("preproduction", "production")), ("preproduction", "production"))
    assert [served_state.environment for served_state in planned.served] == ["production", "preproduction"]
    assert "production serves version 3 since 2026-11-22T10:00:00Z" in str(planned)
    (only,) = plan_retirement(place(served=("preproduction",)), ("preproduction", "production")).served
    assert only.environment == "preproduction"


def test_nothing_starts_without_a_release_or_beside_a_promotion() -> None:
    with pytest.raises(BadInputError, match="serves nothing in production"):
        plan_retirement(place(served=("preproduction",)), ("production",))
    with pytest.raises(RefusedError, match="the promotion e-1 is under way"):
        plan_retirement(place(served=("production",), running=["e-1"]), ("production",))


def test_the_build_of_the_environment_deletes_and_that_of_the_promotion_records_without_a_source() -> None:
    client = CodeBuild("IN_PROGRESS", "SUCCEEDED", "SUCCEEDED")
    retire(place(client), "production", by="ivan", reason="replaced", wait=lambda: None)
    assert [project["projectName"] for project in client.started] == [
        "fraud--scoring-promotion-prod",
        "fraud--scoring-promotion",
    ]
    variables = [{v["name"]: v["value"] for v in build["environmentVariablesOverride"]} for build in client.started]
    assert [variable["COMMAND"] for variable in variables] == ["retire", "record-retirement"]
    assert {(variable["ENVIRONMENT"], variable["REQUESTED_BY"], variable["REASON"]) for variable in variables} == {
        ("production", "ivan", "replaced")
    }
    assert {(build["sourceTypeOverride"], build["artifactsOverride"]["type"]) for build in client.started} == {
        ("NO_SOURCE", "NO_ARTIFACTS")
    }


@pytest.mark.parametrize(("failure", "reason"), [({"reason": "AccessDenied"}, "AccessDenied"), (None, "https://logs")])
def test_a_failed_deletion_is_not_recorded_as_an_end(failure: Any, reason: str) -> None:
    client = CodeBuild("FAILED")
    with pytest.raises(RetirementError, match=f"FAILED: {reason}"):
        retire(place(client, failure=failure), "production", by="ivan", reason="", wait=lambda: None)
    assert len(client.started) == 1


@pytest.mark.requirement("GOV-11.a")
def test_a_team_that_serves_predictions_is_named_with_the_command_that_ends_it(monkeypatch) -> None:
    def found(_: Any, use_case: str) -> Any:
        if use_case == "fraud--batch":
            return None
        return place(served=("production",) if use_case == "fraud--scoring" else ())

    monkeypatch.setattr(served_use_cases, "place_in_state", found)
    lines = list(what_is_served(None, ["fraud--scoring", "fraud--idle", "fraud--batch"]))
    assert lines == ["fraud--scoring: production serves version 3; `plinth usecase retire fraud--scoring` ends it"]


@pytest.mark.requirement("GOV-11.a")
def test_a_use_case_that_is_promoted_now_is_named_with_the_promotion(monkeypatch) -> None:
    monkeypatch.setattr(served_use_cases, "place_in_state", lambda *_: place(running=["e-1"]))
    (line,) = what_is_served(None, ["fraud--scoring"])
    assert line == "fraud--scoring: the promotion e-1 is under way; reject it or wait until it has ended"


@pytest.mark.parametrize(
    ("use_case", "said"),
    [
        ("fraud--nothing", "there is no use case fraud--nothing: the settings do not have it, and nothing of it is de"),
        ("sales--nothing", "there are: churn--loyalty, fraud--scoring, fraud--disputes"),
        ("fraud--disputes", "fraud--disputes serves nothing: its stack has no promotion pipeline. `approvers` in its"),
    ],
)
def test_a_use_case_that_cannot_be_retired_is_told_why(monkeypatch, use_case: str, said: str) -> None:
    monkeypatch.setattr(promotion_place, "place_in_state", lambda *_: None)
    with pytest.raises(BadInputError) as refused:
        place_to_retire(SimpleNamespace(directory=REPOSITORY), use_case)  # type: ignore[arg-type] # what is read
    assert said in str(refused.value)


def test_a_use_case_is_retired_where_its_state_says_also_without_settings(monkeypatch) -> None:
    found = place()
    monkeypatch.setattr(promotion_place, "place_in_state", lambda *_: found)
    assert place_to_retire(SimpleNamespace(directory=REPOSITORY), "sales--forecast") is found  # type: ignore[arg-type] # what is read


@pytest.mark.requirement("GOV-11.a")
def test_a_use_case_without_settings_is_found_by_the_state_of_its_stack(monkeypatch) -> None:
    provider = {
        "urn": "urn:p::plinth::pulumi:providers:aws::tooling",
        "type": "pulumi:providers:aws",
        "inputs": {"region": "eu-west-1", "allowedAccountIds": '["222222222222"]'},
    }
    pipeline = {
        "urn": "urn:pipeline",
        "type": "aws:codepipeline/pipeline:Pipeline",
        "id": "sales--forecast-promotion",
        "provider": f"{provider['urn']}::1",
    }
    held = {"sales--forecast": [provider, pipeline], "sales--idle": [provider]}
    monkeypatch.setattr(
        "selfservice.projects.states.resources_by_stack", lambda _, stacks: {stacks[0]: held[stacks[0]]}
    )
    project: Any = SimpleNamespace(organization="acme")
    found = place_in_state(project, "sales--forecast")
    assert found is not None
    assert (found.account.id, found.approvers, found.pipeline) == ("222222222222", {}, "sales--forecast-promotion")
    assert found.records.bucket.startswith("acme-")
    assert place_in_state(project, "sales--idle") is None
