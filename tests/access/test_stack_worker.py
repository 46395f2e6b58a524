"""A pod that runs stack operations assumes the deployers of its owner's accounts, for a named person, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Principal, Request
from settings.derived.foundation import Foundation
from settings.organization.cluster.tooling_cluster import ClusterSettings
from tests.access.world.world import World
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team
from tests.support.variants import RUNNER

WORKER, DEPLOYER = "platform-stack-worker", "platform-deployer"
NAMED = {"sts:RoleSessionName": ["ada"], "sts:SourceIdentity": ["ada"]}
NAMELESS = {"sts:RoleSessionName": ["ada"]}
OTHER_TEAM = "fraud-ops"
"""A team whose name begins with that of another."""


class WithoutCluster(Deployment):
    """The stacks but that of the cluster, whose roles have policies of AWS that the evaluator does not support."""

    def __iter__(self) -> Iterator[str]:
        return (stack for stack in super().__iter__() if stack != "tooling-cluster")


@cache
def foundation() -> Foundation:
    organization = example_organization(tooling_cluster=ClusterSettings(runner=RUNNER))
    teams = [example_team(), example_team(name=OTHER_TEAM, cidr="10.1.224.0/19")]
    return example_foundation(organization=organization, teams=teams)


@cache
def world() -> World:
    return World(WithoutCluster(foundation()))


def roles(name: str) -> list[Principal]:
    return [role.principal for role in world().roles.values() if role.principal.name == name]


def pod(name: str, **changes: str) -> Principal:
    """Returns the session that EKS Pod Identity opens for a pod of this name."""
    (worker,) = roles(WORKER)
    cluster = world().deployment["tooling-cluster"].exports["cluster_arn"]
    tags = {
        "eks-cluster-arn": cluster,
        "kubernetes-namespace": "plinth-stacks",
        "kubernetes-service-account": "worker",
        "kubernetes-pod-name": name,
        **changes,
    }
    return replace(worker, tags={**worker.tags, **tags}, transitive_tags=tags)


def may_enter(who: Principal, deployer: Principal, keys: dict[str, list[str]] = NAMED) -> bool:
    resource = world().resources.requested(deployer.role_arn, "sts:AssumeRole", "", {})
    return (
        all(
            decide(Request(principal=who, action=action, resource=resource, extra=keys)).allowed
            for action in ("sts:AssumeRole", "sts:SetSourceIdentity")
        )
        and decide(Request(principal=who, action="sts:TagSession", resource=resource, extra={})).allowed
    )


def entered(who: Principal) -> set[str]:
    """Returns the owners of the accounts whose deployer the pod may assume."""
    return {owner_of(deployer) for deployer in roles(DEPLOYER) if may_enter(who, deployer)}


def owner_of(deployer: Principal) -> str:
    return _accounts()[deployer.account.id]


@cache
def _accounts() -> dict[str, str]:
    exports = {name: recorder.exports for name, recorder in world().deployment.items()}
    return {
        exports[account.team or "organization"]["accounts"][account.kind]: account.team or "shared"
        for account in foundation().accounts
        if account.kind != "organization"
    }


@pytest.mark.requirement("PER-16.c", level="permission")
@pytest.mark.parametrize("owner", ["fraud", OTHER_TEAM, "shared"])
def test_a_pod_assumes_the_deployers_of_its_owner_and_no_others(owner):
    assert {owner_of(role) for role in roles(DEPLOYER)} == {"fraud", OTHER_TEAM, "shared"}
    mine = [role for role in roles(DEPLOYER) if owner_of(role) == owner]
    assert all(may_enter(pod(f"{owner}--development-1-abcde"), role) for role in mine)
    assert entered(pod(f"{owner}--development-1-abcde")) == {owner}


@pytest.mark.threat("T-03")
@pytest.mark.parametrize(
    "who",
    [
        lambda: pod("development-abcde"),
        lambda: pod("fraud-abcde"),
        lambda: pod("churn--development-abcde"),
        lambda: pod("fraud--development-abcde", **{"kubernetes-namespace": "tracking"}),
        lambda: pod(
            "fraud--development-abcde",
            **{"eks-cluster-arn": "arn:aws:eks:eu-west-1:999999999999:cluster/plinth-tooling"},
        ),
        lambda: roles(WORKER)[0],
    ],
    ids=["no owner", "half an owner", "unknown owner", "other namespace", "other cluster", "no pod"],
)
def test_a_session_without_the_tags_of_such_a_pod_assumes_no_deployer(who):
    assert entered(who()) == set()


@pytest.mark.requirement("TOOL-06.c", level="permission")
def test_without_a_source_identity_a_pod_assumes_no_deployer():
    assert not any(may_enter(pod("fraud--development-abcde"), role, NAMELESS) for role in roles(DEPLOYER))


def test_the_tags_alone_are_not_enough_with_another_role():
    (worker,) = roles(WORKER)
    tags = pod("fraud--development-abcde").tags
    others = [
        role.principal for role in world().roles.values() if role.principal.name not in (WORKER, "platform-runner")
    ]
    assert len(others) > 10
    assert [
        principal.name for principal in others if entered(replace(principal, tags={**principal.tags, **tags}))
    ] == []
    assert worker.account.id == world().account("tooling").id
