"""Pipelines that builds have created are in the evidence, stopped and deleted, and those of others stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from selfservice.decommission import pipelines
from selfservice.decommission.pipelines import delete_pipelines, pipelines_of
from selfservice.engine.account_access import Account
from selfservice.errors import RefusedError


@dataclass
class SageMaker:
    """Pipelines with the statuses of their executions. A stopped execution needs two looks to end."""

    pipelines: dict[str, list[str]]
    calls: list[str] = field(default_factory=list)
    stops: bool = True
    id: str = "123456789012"

    def client(self, service: str) -> SageMaker:
        assert service == "sagemaker"
        return self

    def every(self, service: str, operation: str, key: str, **asked: str) -> Iterator[dict[str, Any]]:
        if operation == "list_pipelines":
            assert key == "PipelineSummaries"
            assert not asked["PipelineNamePrefix"].endswith("-"), "SageMaker refuses this"
            for name in self.pipelines:
                if name.startswith(asked["PipelineNamePrefix"]):
                    yield {"PipelineName": name, "CreationTime": datetime(2026, 11, 23, tzinfo=UTC)}
            return
        assert (operation, key) == ("list_pipeline_executions", "PipelineExecutionSummaries")
        statuses = self.pipelines[asked["PipelineName"]]
        for number, status in enumerate(statuses):
            if status == "Stopping" and self.stops:
                statuses[number] = "Stopped"
            yield {"PipelineExecutionStatus": status, "PipelineExecutionArn": f"{asked['PipelineName']}/{number}"}

    def stop_pipeline_execution(self, PipelineExecutionArn: str) -> None:  # noqa: N803
        self.calls.append(f"stop {PipelineExecutionArn}")
        name, _, number = PipelineExecutionArn.partition("/")
        self.pipelines[name][int(number)] = "Stopping"

    def delete_pipeline(self, PipelineName: str) -> None:  # noqa: N803
        assert not {"Executing", "Stopping"} & set(self.pipelines[PipelineName]), "SageMaker refuses this"
        self.calls.append(f"delete {PipelineName}")
        del self.pipelines[PipelineName]


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> SageMaker:
    monkeypatch.setattr(pipelines, "_LOOK_SECONDS", 0.001)
    return SageMaker(
        {
            "fraud--scoring-training-main": ["Succeeded", "Executing"],
            "fraud--scoring-training-develop": ["Failed"],
            "fraud--scorings-training-main": ["Executing"],
        }
    )


@pytest.mark.requirement("GOV-06.a")
def test_the_pipelines_of_one_use_case_are_recorded_and_deleted(sagemaker: SageMaker) -> None:
    account = cast(Account, sagemaker)
    found = {pipeline.name: pipeline.details for pipeline in pipelines_of(account, "fraud--scoring-")}
    assert found["fraud--scoring-training-main"]["executions"] == {"Succeeded": 1, "Executing": 1}
    assert found["fraud--scoring-training-develop"] == {
        "account": "123456789012",
        "created": "2026-11-23T00:00:00+00:00",
        "executions": {"Failed": 1},
    }
    assert delete_pipelines(account, "fraud--scoring-") == 2
    assert list(sagemaker.pipelines) == ["fraud--scorings-training-main"]
    assert sagemaker.calls[0] == "stop fraud--scoring-training-main/1"
    assert delete_pipelines(account, "fraud--scoring-") == 0


def test_an_execution_that_does_not_stop_is_named(sagemaker: SageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "_STOP_SECONDS", 0.01)
    sagemaker.stops = False
    with pytest.raises(RefusedError, match="fraud--scoring-training-main of account 123456789012 does not stop"):
        delete_pipelines(cast(Account, sagemaker), "fraud--scoring-")
    assert "fraud--scoring-training-main" in sagemaker.pipelines
