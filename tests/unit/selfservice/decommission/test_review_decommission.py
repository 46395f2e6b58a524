"""Tests of the reasons to refuse the decommission of a team: in its review, and once more before anything changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from pydantic import ValidationError

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.evidence import Evidence, EvidenceRecords
from selfservice.catalog.items import CatalogItems
from selfservice.decommission import run_decommission
from selfservice.decommission.review_decommission import review_decommission
from selfservice.decommission.reviewed_decommission import ReviewedDecommission
from selfservice.decommission.run_decommission import Decommission
from selfservice.errors import BadInputError, RefusedError
from selfservice.operations.operation import Outcome
from selfservice.projects.project import Project
from selfservice.removal import refusals
from selfservice.request_tables.items import Item
from selfservice.requests.kinds.decommission import DecommissionRequest
from settings.data.catalog_layout import PARTITION, SORT
from tests.support.small_project import SmallProject
from tests.unit.selfservice.removal.test_leftovers import project  # noqa: F401 (a fixture)

SERVING = ["fraud--scoring: production serves version 3; `plinth usecase retire fraud--scoring` ends it"]
ID = "20261123T120000Z-00000001"


def wanted(team: str = "fraud") -> DecommissionRequest:
    return DecommissionRequest(action="decommission", team=team, confirm=team, reason="the project has ended")


def no_preview(project: Project, stacks: Sequence[str]) -> Mapping[str, Outcome]:  # noqa: F811
    raise AssertionError("a refused decommission is not previewed")


def reviewed(small: SmallProject, *open_requests: str, team: str = "fraud") -> ReviewedDecommission:
    folder = small.root / "review"
    return review_decommission(small.directory, wanted(team), folder, no_preview, open_requests=open_requests)


def files(small: SmallProject) -> dict[Path, bytes]:
    """Returns the settings files and the states, with their content."""
    return {file: file.read_bytes() for file in small.root.rglob("*") if file.suffix in (".yaml", ".json")}


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (refusals, run_decommission):
        monkeypatch.setattr(module, "what_is_served", lambda *_: iter(SERVING))


@pytest.fixture
def nothing_served(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (refusals, run_decommission):
        monkeypatch.setattr(module, "what_is_served", lambda *_: iter(()))


@pytest.mark.requirement("GOV-11.a")
@pytest.mark.threat("T-20")
@pytest.mark.usefixtures("serving")
def test_a_team_whose_use_cases_serve_predictions_is_refused_before_any_preview(
    project: SmallProject,  # noqa: F811
) -> None:
    before = files(project)
    (said,) = reviewed(project).refusals
    assert said.splitlines() == [
        "nothing was removed, because the team serves predictions:",
        f"  {SERVING[0]}",
    ]
    assert files(project) == before


@pytest.mark.threat("T-20")
@pytest.mark.usefixtures("serving")
def test_open_requests_for_the_team_are_named_beside_everything_else_that_prevents_it(
    project: SmallProject,  # noqa: F811
) -> None:
    found = reviewed(project, "one", "two").refusals
    assert [SERVING[0] in said for said in found] == [True, False]
    assert found[1] == "other requests for fraud are open: one, two; wait or reject them"


@pytest.mark.threat("T-20")
@pytest.mark.parametrize("name", ["organization", "audit", "data-lake", "governance"])
def test_the_review_refuses_a_stack_of_the_foundation_also_if_the_request_was_not_validated(
    project: SmallProject,  # noqa: F811
    name: str,
) -> None:
    with pytest.raises(ValidationError, match="reserved by the foundation"):
        wanted(name)
    named = DecommissionRequest.model_construct(action="decommission", team=name, confirm=name, reason="x")
    with pytest.raises(BadInputError, match=f"{name} is no team: it is a stack of the kind {name}, which is never"):
        review_decommission(project.directory, named, project.root / "review", no_preview, open_requests=())


@pytest.mark.usefixtures("nothing_served")
def test_a_team_that_nobody_knows_is_refused(project: SmallProject) -> None:  # noqa: F811
    with pytest.raises(BadInputError, match="there is no team sales"):
        reviewed(project, team="sales")


def decommission(small: SmallProject, items: CatalogItems) -> Decommission:
    record = ChangeRecord(
        id=ID, user="ada", requested="", text=wanted().text, state=ChangeState.RUNNING, runner="one", lease=0
    )
    return Decommission(
        directory=small.directory, folder=small.root / "destroyed", catalog=items, team="fraud", record=record
    )


def kept(items: CatalogItems) -> list[Item]:
    return list(items.all())


@pytest.mark.requirement("GOV-11.a")
@pytest.mark.threat("T-20")
@pytest.mark.usefixtures("serving")
def test_a_team_that_serves_predictions_since_its_review_keeps_everything(
    project: SmallProject,  # noqa: F811
    items: CatalogItems,
) -> None:
    before = files(project)
    with pytest.raises(RefusedError) as refused:
        decommission(project, items).evidence()
    assert str(refused.value).splitlines() == ["the team serves predictions:", f"  {SERVING[0]}"]
    assert (files(project), kept(items)) == (before, [])


@pytest.mark.requirement("GOV-06.c")
@pytest.mark.threat("T-20")
@pytest.mark.usefixtures("nothing_served")
def test_evidence_that_cannot_be_collected_leaves_everything_in_place(
    project: SmallProject,  # noqa: F811
    items: CatalogItems,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> Iterator[Evidence]:
        yield Evidence(kind="settings", name="Pulumi.fraud.yaml")
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "ListTrainingJobs")

    monkeypatch.setattr(run_decommission, "evidence_of", interrupted)
    before = files(project)
    with pytest.raises(ClientError):
        decommission(project, items).evidence()
    assert (files(project), kept(items)) == (before, []), "neither half of the evidence nor the status of the team"


@pytest.mark.threat("T-09", "T-20")
@pytest.mark.usefixtures("nothing_served")
def test_a_runner_that_has_lost_the_request_records_neither_evidence_nor_the_status_of_the_team(
    project: SmallProject,  # noqa: F811
    items: CatalogItems,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts = [Evidence(kind="settings", name="Pulumi.fraud.yaml")]
    monkeypatch.setattr(run_decommission, "evidence_of", lambda *_: iter(facts))
    items.put({PARTITION: f"request#{ID}", SORT: "record", "runner": "another"})
    before = kept(items)
    with pytest.raises(RefusedError, match=f"another runner works on the request {ID} now"):
        decommission(project, items).evidence()
    assert kept(items) == before
    assert EvidenceRecords(items).read("fraud") == []
