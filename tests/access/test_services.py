"""A service of AWS assumes a role for resources of one account, and for no other account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Account, Principal, Request
from tests.access.world.roles import Role
from tests.access.world.world import EXTERNAL_ACCOUNT, example_world

OF_THE_ORGANIZATION = "cloudtrail.amazonaws.com"
"""The trail of an organization is a resource of the management account, whichever account creates it."""
WITHOUT_SOURCE = "lambda.amazonaws.com"
"""Lambda names no source when it assumes the role of a function, and it refuses roles of other accounts itself."""


class Assumption(NamedTuple):
    """A service, and a role whose trust policy names it."""

    service: str
    role: Role

    @property
    def owner(self) -> Account:
        """The account of the role."""
        assert self.role.principal.account
        return self.role.principal.account

    @property
    def cause(self) -> Account:
        """The account whose resources make the service assume the role."""
        if self.service != OF_THE_ORGANIZATION:
            return self.owner
        (management,) = (account for account in example_world().accounts.values() if account.is_management)
        return management

    def allowed_for(self, account: Account, *, control_policies: bool = True) -> bool:
        """Whether the service may assume the role for a resource of an account. The ARN of the resource is one that
        the trust policy admits, but for its account."""
        keys = {"aws:SourceAccount": [account.id], "aws:SourceOrgID": [str(account.organization_id)]}
        if arns := self._source_arns():
            keys["aws:SourceArn"] = [arns[0].replace("*", "any").replace(self.cause.id, account.id)]
        resource = example_world().resources.requested(str(self.role.principal.role_arn), "sts:AssumeRole", "", {})
        if not control_policies:
            resource = replace(resource, account=replace(self.owner, resource_control=()))
        who = Principal(name=self.service, service=self.service)
        return decide(Request(principal=who, action="sts:AssumeRole", resource=resource, extra=keys)).allowed

    def _source_arns(self) -> list[str]:
        return [
            arn
            for statement in self.role.trust.statements
            if self.service in (statement.principals or {}).get("Service", ())
            for condition in statement.conditions
            if condition.key.lower() == "aws:sourcearn"
            for arn in condition.values
        ]

    def __str__(self) -> str:
        return f"{self.service} assumes {self.role.principal.name}"


def assumptions() -> Iterator[Assumption]:
    for role in example_world().roles.values():
        for statement in role.trust.statements:
            for service in (statement.principals or {}).get("Service", ()):
                yield Assumption(service, role)


def test_a_service_assumes_a_role_for_the_account_that_uses_it() -> None:
    assert len({assumption.service for assumption in assumptions()}) > 10
    assert [str(assumption) for assumption in assumptions() if not assumption.allowed_for(assumption.cause)] == []


@pytest.mark.threat("T-04")
def test_no_service_assumes_a_role_for_an_account_outside_the_organization() -> None:
    assert [str(assumption) for assumption in assumptions() if assumption.allowed_for(EXTERNAL_ACCOUNT)] == []


@pytest.mark.threat("T-04")
def test_no_service_that_names_its_source_assumes_a_role_for_another_account() -> None:
    """Also without the resource control policies, which an organization can detach."""
    assert {
        assumption.service
        for assumption in assumptions()
        for account in example_world().accounts.values()
        if account.id != assumption.cause.id and assumption.allowed_for(account, control_policies=False)
    } == {WITHOUT_SOURCE}
