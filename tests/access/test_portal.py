"""The pod of the portal reads the settings and may do nothing else. Nobody else may read them as it does."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Principal, Request
from tests.access.test_stack_worker import WithoutCluster
from tests.access.world.world import World
from tests.support.every_stack import example_foundation, example_organization
from tests.support.variants import CLUSTER_WITH_PORTAL, REQUESTS

POD, READER = "tooling-portal", "portal-settings"
READS = ("codecommit:GetBlob", "codecommit:GetBranch", "codecommit:GetFolder")


@cache
def world() -> World:
    organization = example_organization(sign_in="identity-center", **CLUSTER_WITH_PORTAL, **REQUESTS)
    return World(WithoutCluster(example_foundation(organization=organization)))


def role(name: str) -> Principal:
    (found,) = (candidate.principal for candidate in world().roles.values() if candidate.principal.name == name)
    return found


def pod(**changes: str) -> Principal:
    """Returns the session that EKS Pod Identity opens for the pod of the portal."""
    tags = {
        "eks-cluster-arn": world().deployment["tooling-cluster"].exports["cluster_arn"],
        "kubernetes-namespace": "plinth-portal",
        "kubernetes-service-account": "portal",
        **changes,
    }
    found = role(POD)
    return replace(found, tags={**found.tags, **tags}, transitive_tags=tags)


def may_enter(who: Principal, target: Principal) -> bool:
    """Returns whether a session may assume a role. Tags of pods are sent again, so it needs both actions."""
    resource = world().resources.requested(target.role_arn, "sts:AssumeRole", "", {})
    return all(
        decide(
            Request(principal=who, action=action, resource=resource, extra={"sts:RoleSessionName": ["plinth"]})
        ).allowed
        for action in ("sts:AssumeRole", "sts:TagSession")
    )


def may(who: Principal, action: str, repository: str) -> bool:
    account = world().account("governance").id
    arn = f"arn:aws:codecommit:eu-west-1:{account}:{repository}"
    return decide(
        Request(principal=who, action=action, resource=world().resources.requested(arn, action, "", {}))
    ).allowed


@pytest.mark.threat("T-28")
def test_the_pod_becomes_the_reader_of_the_settings_and_nobody_else() -> None:
    others = [deployed_role.principal for deployed_role in world().roles.values()]
    assert [principal.name for principal in others if may_enter(pod(), principal)] == [READER]


@pytest.mark.threat("T-28")
@pytest.mark.parametrize(
    "changes",
    [
        {"kubernetes-namespace": "plinth-stacks"},
        {"kubernetes-service-account": "worker"},
        {"eks-cluster-arn": "arn:aws:eks:eu-west-1:999999999999:cluster/plinth-tooling"},
    ],
    ids=["other namespace", "other service account", "other cluster"],
)
def test_a_session_without_the_tags_of_the_pod_does_not(changes: dict[str, str]) -> None:
    assert may_enter(pod(), role(READER))
    assert not may_enter(pod(**changes), role(READER))
    assert not may_enter(role(POD), role(READER))


@pytest.mark.threat("T-28")
def test_the_reader_reads_the_settings_and_no_other_code_and_writes_nothing() -> None:
    reader = role(READER)
    assert all(may(reader, action, "plinth-settings") for action in READS)
    assert not any(may(reader, action, "plinth-program") for action in READS)
    key = world().deployment["governance"].exports["key_arn"]
    asked = world().resources.requested(key, "kms:Decrypt", "", {})
    caller = {"kms:CallerAccount": [reader.account.id]}
    through = [{**caller, "kms:ViaService": [f"{service}.eu-west-1.amazonaws.com"]} for service in ("codecommit", "s3")]
    decided = [
        decide(Request(principal=reader, action="kms:Decrypt", resource=asked, extra=context)) for context in through
    ]
    assert [decision.allowed for decision in decided] == [True, False]
    writing = (
        "codecommit:GitPush",
        "codecommit:PutFile",
        "codecommit:CreateCommit",
        "codecommit:MergeBranchesByFastForward",
    )
    assert not any(may(reader, action, "plinth-settings") for action in writing)
