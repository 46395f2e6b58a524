"""Callers of a private API, and the resource policy that admits them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.identity.iam.private_api import admit_roles
from components.identity.iam.statements import Statement


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiCallers:
    """Roles of the organization that call through VPC endpoints."""

    organization_id: str
    """Id of the organization to which the roles belong."""

    role_arns: Sequence[str]
    """ARNs of the roles."""

    own_endpoint_id: str
    """Id of the VPC endpoint in the environment's network. The URL of the API contains it."""

    other_endpoint_ids: Sequence[str] = ()
    """Ids of VPC endpoints in other networks, such as the one from which the promotion tests."""

    def __post_init__(self) -> None:
        if not self.role_arns:
            raise ValueError("role_arns: is empty, so nobody could call the API")

    def resource_policy(self) -> Iterator[Statement]:
        """Yields the statements of the resource policy: these roles through these endpoints, and nobody else."""
        endpoints = [self.own_endpoint_id, *self.other_endpoint_ids]
        yield from admit_roles("NamedRoles", self.role_arns, organization_id=self.organization_id, endpoints=endpoints)
