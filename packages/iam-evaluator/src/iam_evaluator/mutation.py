"""Removes one Deny statement from the policies of a request, to show what the statement alone prevents."""

from __future__ import annotations

from dataclasses import dataclass, replace

from iam_evaluator.evaluation import Layer, Reason
from iam_evaluator.policy_document import Policy, Statement
from iam_evaluator.request import Account, Level, Request


@dataclass(frozen=True, slots=True)
class Removal:
    """The removal of a Deny statement from every policy of a layer."""

    layer: Layer
    sid: str

    def __str__(self) -> str:
        return f"{self.layer}, {self.sid}"

    def is_among(self, reasons: tuple[Reason, ...]) -> bool:
        """Whether the removed statement is one of the reasons of a decision."""
        return any((reason.layer, reason.sid) == (self.layer, self.sid) for reason in reasons)

    def applied_to(self, request: Request) -> Request:
        """Returns the same request without the statement in the layer."""
        principal, resource = request.principal, request.resource
        match self.layer:
            case "service control policy" if principal.account is not None:
                account = self._account_without(principal.account)
                return replace(request, principal=replace(principal, account=account))
            case "resource control policy" if resource.account is not None:
                return replace(request, resource=replace(resource, account=self._account_without(resource.account)))
            case "permissions boundary" if principal.boundary is not None:
                return replace(request, principal=replace(principal, boundary=self._without(principal.boundary)))
            case _:
                return request

    def _account_without(self, account: Account) -> Account:
        if self.layer == "service control policy":
            return replace(account, service_control=tuple(map(self._without, account.service_control)))
        return replace(account, resource_control=tuple(map(self._without, account.resource_control)))

    def _without(self, level: Level) -> Level:
        return tuple(Policy(policy.name, tuple(filter(self._is_kept, policy.statements))) for policy in level)

    def _is_kept(self, statement: Statement) -> bool:
        return (statement.sid, statement.effect) != (self.sid, "Deny")
