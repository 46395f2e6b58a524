"""Lineage leads from an endpoint to code and data, and from a dataset to versions and endpoints."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.errors import BadInputError
from selfservice.reports.lineage import graph
from selfservice.reports.lineage.printing import as_json, as_text
from tests.support.every_stack import example_foundation
from tests.support.workbench import REPOSITORY

TOOLING, PRODUCTION = "222222222222", "333333333333"
METADATA = {
    "build_id": "20260621T101500-1a2b3c4",
    "commit": "1a2b3c4d",
    "data_source": "athena historical.cards",
    "data_snapshot": "s3://ml-dev-fraud/scoring/20260621T101500-1a2b3c4/input/",
    "image": "train@sha256:1",
    "f1": "0.83",
}
GROUP = "fraud--scoring-main"


def arn(number: int, group: str = GROUP) -> str:
    return f"arn:aws:sagemaker:eu-west-1:{TOOLING}:model-package/{group}/{number}"


def registered(number: int, **metadata: str) -> dict[str, Any]:
    return {
        "ModelPackageArn": arn(number),
        "ModelPackageGroupName": GROUP,
        "ModelPackageVersion": number,
        "ModelApprovalStatus": "Approved",
        "CreationTime": datetime(2026, 6, 21, tzinfo=UTC),
        "CustomerMetadataProperties": {**METADATA, **metadata},
    }


class Account:
    """The SageMaker of one account, as much as lineage asks."""

    region = "eu-west-1"

    def __init__(self, account_id: str, versions: list[dict[str, Any]], endpoints: dict[str, str]) -> None:
        self.id, self.endpoints = account_id, endpoints
        self.versions = {version["ModelPackageArn"]: version for version in versions}

    def client(self, _: str) -> Account:
        return self

    def every(self, _: str, operation: str, key: str, **__: str) -> Any:
        answers = {
            "list_model_package_groups": [{"ModelPackageGroupName": name} for name in (GROUP, "fraud--scoring2-main")],
            "list_model_packages": [{"ModelPackageArn": name} for name in self.versions],
            "list_endpoints": [{"EndpointName": name} for name in [*self.endpoints, "fraud--scoring2-online"]],
        }
        return iter(answers[operation])

    def describe_model_package(self, ModelPackageName: str) -> Any:  # noqa: N803
        if ModelPackageName not in self.versions:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "none"}}, "DescribeModelPackage")
        return self.versions[ModelPackageName]

    def describe_endpoint(self, EndpointName: str) -> Any:  # noqa: N803
        return {"EndpointConfigName": EndpointName}

    def describe_endpoint_config(self, EndpointConfigName: str) -> Any:  # noqa: N803
        return {"ProductionVariants": [{"ModelName": self.endpoints[EndpointConfigName]}]}

    def describe_model(self, ModelName: str) -> Any:  # noqa: N803
        return {"PrimaryContainer": {"ModelPackageName": ModelName}}


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns a function that asks for lineage, in a foundation with two versions and one endpoint."""
    versions = [registered(1, data_source="sample data.csv"), registered(2)]
    tooling = Account(TOOLING, versions, {})
    production = Account(PRODUCTION, [], {"fraud--scoring-online": arn(2)})
    monkeypatch.setattr(graph, "place_of", lambda *_: SimpleNamespace(tooling=tooling))
    deployed = {"fraud-production", "fraud--scoring"}

    def states(_: Any, stacks: list[str]) -> dict[str, Any]:
        return {stack: [{"provider": "p"}] if stack in deployed else [] for stack in stacks}

    monkeypatch.setattr(graph, "resources_by_stack", states)
    monkeypatch.setattr(graph, "Search", lambda _: SimpleNamespace(account_of=lambda _: production))
    project: Any = SimpleNamespace(graph={})
    return lambda name: graph.lineage_of_name(project, example_foundation(), name)


@pytest.mark.requirement("AUD-02.a", "AUD-04.a", "AUD-04.b", "AUD-01.c")
@pytest.mark.parametrize("name", ["fraud--scoring-main/2", arn(2)])
def test_a_version_leads_to_its_build_its_data_and_its_endpoint(ask: Any, name: str) -> None:
    found = ask(name)
    assert found.origin["commit"] == "1a2b3c4d"
    assert found.metrics == {"f1": "0.83"}
    assert [source.dataset for source in found.datasets] == ["cards"]
    assert found.endpoints == ("fraud--scoring-online in production",)
    assert "  build_id: 20260621T101500-1a2b3c4" in as_text(found).splitlines()
    assert json.loads(as_json(found))["kind"] == "version"


@pytest.mark.requirement("AUD-02.a", "AUD-04.b")
def test_an_endpoint_leads_to_the_version_that_it_serves(ask: Any) -> None:
    found = ask("fraud--scoring-online")
    assert (found.environments, [version.version for version in found.versions]) == (("production",), [f"{GROUP}/2"])
    first, second, *_ = as_text(found).splitlines()
    assert first == "endpoint fraud--scoring-online in production"
    assert second.startswith(f"  version {GROUP}/2 (Approved)")


@pytest.mark.requirement("AUD-02.c", "AUD-04.a", "AUD-04.b")
def test_a_dataset_leads_to_the_versions_trained_from_it_and_to_their_endpoints(ask: Any) -> None:
    found = ask("cards")
    assert [version.version for version in found.versions] == [f"{GROUP}/2"]
    lines = as_text(found).splitlines()
    assert lines[0] == "dataset cards"
    assert "    serves endpoint fraud--scoring-online in production" in lines
    assert json.loads(as_json(found))["versions"][0]["arn"] == arn(2)


@pytest.mark.requirement("PER-11.b", "GOV-06.c")
def test_a_dataset_leads_to_the_versions_of_teams_that_are_gone(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    former = "sales--forecast-main"
    registry = Account(
        TOOLING, [registered(3) | {"ModelPackageGroupName": former, "ModelPackageArn": arn(3, former)}], {}
    )
    monkeypatch.setattr(
        registry,
        "every",
        lambda _, operation, __, **___: iter(
            [{"ModelPackageGroupName": GROUP}, {"ModelPackageGroupName": former}]
            if operation == "list_model_package_groups"
            else [{"ModelPackageArn": arn(3, former)}]
        ),
    )
    monkeypatch.setattr(graph.Deployed, "registry", lambda _: registry)
    assert [version.version for version in ask("cards").versions] == [f"{GROUP}/2", f"{former}/3"]
    found = ask(f"{former}/3")
    assert (found.version, found.endpoints) == (f"{former}/3", ())


def test_a_version_from_the_input_history_leads_to_the_datasets_of_its_use_case(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(METADATA, "data_source", "history 2026/data.csv")
    monkeypatch.setattr(Account, "describe_model_package", lambda *_, **__: registered(2))
    assert [source.dataset for source in ask(f"{GROUP}/2").datasets] == ["cards"]


def test_a_version_without_a_known_dataset_says_what_it_knows(ask: Any) -> None:
    found = ask(f"{GROUP}/1")
    assert (found.datasets, found.endpoints) == ((), ())
    assert as_text(found).splitlines()[-1] == "  no endpoint serves it"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"{GROUP}/9", "has no version 9"),
        ("fraud--scoring-batch", "has no endpoint fraud--scoring-batch; deployed endpoints: fraud--scoring-online"),
        ("rates", "is no dataset, and belongs to no use case .*; use cases: fraud--scoring"),
    ],
)
def test_an_unknown_name_is_refused_with_those_that_exist(ask: Any, name: str, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        ask(name)


def test_the_command_line_refuses_a_name_without_a_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("selfservice.cli.commands.lineage.require_engine", lambda _: None)
    done = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "lineage", "unknown"])
    assert done.exit_code == 2
    assert "unknown is no dataset" in done.output
