"""Tests of the state that an environment serves, and of the wait for a deployment after an interrupted action."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.promotion.environment import served
from runtime.promotion.environment.served import wait_until_settled
from runtime.promotion.errors import PromotionError

OURS, OTHER = (
    "arn:aws:sagemaker:eu-west-1:123456789012:model-package/fraud--scoring-main/" + number for number in "21"
)
REASON = "The deployment was rolled back because alarms are in ALARM state: errors."


class Registry:
    """Stands for a session whose endpoint changes its status with each description."""

    def __init__(self, *answers: dict[str, Any], pending: str = OURS) -> None:
        self.answers, self.pending = list(answers), pending

    def client(self, _: str) -> Registry:
        return self

    def describe_endpoint(self, **_: str) -> dict[str, Any]:
        if not self.answers:
            error = {"Error": {"Code": "ValidationException", "Message": 'Could not find endpoint "e".'}}
            raise ClientError(error, "DescribeEndpoint")
        return self.answers.pop(0)

    def describe_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        return {"ProductionVariants": [{"ModelName": EndpointConfigName}]}

    def describe_model(self, ModelName: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        assert ModelName == "pending"
        return {"PrimaryContainer": {"ModelPackageName": self.pending}}


def changing(status: str = "Updating") -> dict[str, Any]:
    return {"EndpointStatus": status, "PendingDeploymentSummary": {"EndpointConfigName": "pending"}}


def settled(**more: str) -> dict[str, Any]:
    return {"EndpointStatus": "InService", **more}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(served.time, "sleep", found.append)
    return found


def test_a_deployment_waits_for_the_end_of_an_interrupted_one(waits: list[float]) -> None:
    registry = Registry(changing(), changing("RollingBack"), settled())
    wait_until_settled(lambda: registry, "e", OURS)  # type: ignore[arg-type, return-value]
    assert len(waits) == 2
    assert registry.answers == []


@pytest.mark.requirement("RB-03")
def test_an_interrupted_deployment_that_an_alarm_rolled_back_is_not_repeated() -> None:
    registry = Registry(changing(), settled(FailureReason=REASON))
    with pytest.raises(PromotionError, match=r"the interrupted deployment of endpoint e was rolled back: .*errors"):
        wait_until_settled(lambda: registry, "e", OURS)  # type: ignore[arg-type, return-value]


@pytest.mark.requirement("RB-01")
@pytest.mark.parametrize(
    "registry",
    [Registry(changing(), settled(FailureReason=REASON), pending=OTHER), Registry(settled(FailureReason=REASON))],
    ids=["rollback of another version", "rollback of an earlier execution"],
)
def test_a_return_to_the_last_robust_state_follows_a_deployment_that_was_rolled_back(registry: Registry) -> None:
    wait_until_settled(lambda: registry, "e", OURS)  # type: ignore[arg-type, return-value]
    assert registry.answers == []


@pytest.mark.parametrize(
    ("changed_at", "reason"), [(1, ""), (2, REASON)], ids=["failure of an earlier deployment", "failure since"]
)
def test_the_reason_of_a_failure_is_that_of_the_last_deployment(changed_at: int, reason: str) -> None:
    before = {"EndpointName": "e", "LastModifiedTime": 1, "FailureReason": REASON}
    registry = Registry({**before, "LastModifiedTime": changed_at})
    assert served.failure_since(registry, before) == reason  # type: ignore[arg-type]


def test_a_removed_endpoint_needs_no_wait(waits: list[float]) -> None:
    registry = Registry()
    wait_until_settled(lambda: registry, "e", OURS)  # type: ignore[arg-type, return-value]
    assert waits == []


@pytest.mark.parametrize("kind", ["ProductionVariants", "ShadowProductionVariants"])
def test_all_variants_count_as_served_shadows_included(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = {"ProductionVariants": [{"ModelName": "a"}]}
    configuration[kind] = [*configuration.get(kind, []), {"ModelName": "b"}]

    def describe_model(ModelName: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        return {"PrimaryContainer": {"ModelPackageName": {"a": OURS, "b": OTHER}[ModelName]}}

    registry = Registry({"EndpointName": "e", "EndpointStatus": "InService", "EndpointConfigName": "c"})
    monkeypatch.setattr(registry, "describe_endpoint_config", lambda **_: configuration)
    monkeypatch.setattr(registry, "describe_model", describe_model)
    found = served.served(registry, {"endpoint_name": "e"})  # type: ignore[arg-type]
    assert found.versions == {OURS, OTHER}
