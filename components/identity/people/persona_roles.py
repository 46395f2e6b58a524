"""Roles for people in an account, where Identity Center is not used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.principals import sign_in_trust
from components.identity.iam.statements import Statement
from components.identity.personas.persona import Access, Persona, access_in
from components.identity.personas.persona_list import PERSONAS
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.permissions_boundary import PERMISSION_CHANGES
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.kinds import Kind
from settings.types.naming import named


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaRolesArgs:
    """Arguments of :class:`PersonaRoles`."""

    kind: Kind
    """Account kind, which determines the personas with access and their permissions."""

    label: str
    """Part of the roles' names, unique in an account shared by several kinds: ``fraud-development``, ``tooling``."""

    region: str
    """Region of the resources."""

    organization_id: pulumi.Input[str]
    """Id of the organization of the people and of all resources they may access."""

    sign_in_account_id: pulumi.Input[str]
    """Id of the account of the federated roles from which people come."""

    team: str | None = None
    """Name of the team to which people must belong. None allows all teams, as in accounts that all teams share."""


class PersonaRoles:
    """One role per persona with access to an account kind, equivalent to the roles of permission sets.

    AWS limits sessions of a role assumed from another role to one hour, whatever the role allows ("role chaining").

    Creates: the permissions boundary of the roles; one role per permission set of the kind.

    Outputs: ``role_arns``.

    Cost: none.

    Example::

        people = PersonaRoles("people", PersonaRolesArgs(
            kind="development", label="fraud-development", region="eu-west-1", organization_id="o-acme",
            sign_in_account_id="111111111111", team="fraud",
        ))
        pulumi.export("roles", people.role_arns)
    """

    role_arns: Mapping[str, pulumi.Output[str]]
    """ARNs of the roles by persona."""

    def __init__(self, name: str, args: PersonaRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self._name, self._args = name, args
        self._opts = without_component(name, "plinth:identity:PersonaRoles", opts)
        present = access_in(PERSONAS, [args.kind]).values()
        boundary = self._boundary([access for _, access in present])
        self.role_arns = {persona.name: self._role(persona, access, boundary).arn for persona, access in present}

    def _boundary(self, accesses: Iterable[Access]) -> RoleCeiling:
        """Creates a boundary with everything that any persona may do here, so that widening one role has no effect."""
        statements = [statement for access in accesses for statement in access.statements(self._args.region, "iam")]
        allowed = sorted({action for s in statements if s.effect == "Allow" for action in s.actions})
        return RoleCeiling(
            f"{self._name}-ceiling",
            RoleCeilingArgs(
                policy_name=named("policy", "people", self._args.label, "boundary"),
                description="Ceiling of every role that people have here",
                statements=[
                    Statement(
                        sid="WhatPeopleDoHere",
                        actions=allowed,
                        resources=["*"],
                        conditions={"StringEquals": {"aws:ResourceOrgID": self._args.organization_id}},
                    ),
                    Statement(sid="NeverWiden", effect="Deny", actions=PERMISSION_CHANGES, resources=["*"]),
                ],
            ),
            self._opts,
        )

    def _role(self, persona: Persona, access: Access, boundary: RoleCeiling) -> BoundedRole:
        args = self._args
        return BoundedRole(
            f"{self._name}-{persona.name}",
            BoundedRoleArgs(
                role_name=named("role", "people", args.label, persona.name),
                description=f"{persona.name}: {persona.duty}",
                trust=sign_in_trust(
                    account_id=args.sign_in_account_id,
                    organization_id=args.organization_id,
                    persona=persona.name,
                    team=args.team if persona.audience == "team" else None,
                ),
                permissions=access.statements(args.region, "iam"),
                boundary_arn=boundary.arn,
                session_hours=persona.session_hours,
            ),
            self._opts,
        )
