"""People's roles in an account, where they sign in without Identity Center."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi

from components.identity.iam.principals import sign_in_trust
from components.identity.iam.statements import Statement
from components.identity.personas.persona import Access, Persona, access_in
from components.identity.personas.persona_list import PERSONAS
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.permissions_boundary import WIDENING
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.kinds import Kind
from settings.types.naming import named


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaRolesArgs:
    """Arguments of :class:`PersonaRoles`."""

    kind: Kind
    """Kind of account: decides which personas have a role, and what each may do."""

    label: str
    """Part of the roles' names, unique in an account that several kinds share: ``fraud-development``, ``tooling``."""

    region: str
    """Region that the resources are in."""

    organization_id: pulumi.Input[str]
    """Organization of whoever signs in, and of all that they touch."""

    sign_in_account_id: pulumi.Input[str]
    """Account whose federated roles people come from."""

    team: str | None = None
    """Team that its personas must be of; without it, of any, as in accounts that all teams share."""


class PersonaRoles(pulumi.ComponentResource):
    """A role for each persona with access to a kind of account: what Identity Center would make of permission sets.

    From one role into another AWS gives a session of an hour at most, whatever the role allows ("role chaining").

    Creates: the ceiling of people's roles; a role per permission set of the kind.

    Args: see :class:`PersonaRolesArgs`.

    Outputs: ``role_arns``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        people = PersonaRoles("people", PersonaRolesArgs(
            kind="development", label="fraud-development", region="eu-west-1", organization_id="o-acme",
            sign_in_account_id="111111111111", team="fraud",
        ))
        pulumi.export("roles", people.role_arns)
    """

    role_arns: Mapping[str, pulumi.Output[str]]
    """ARN by persona."""

    def __init__(self, name: str, args: PersonaRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:PersonaRoles", name, None, opts)
        self._name, self._args = name, args
        present = access_in(PERSONAS, [args.kind]).values()
        ceiling = self._ceiling([access for _, access in present])
        self.role_arns = {persona.name: self._role(persona, access, ceiling).arn for persona, access in present}
        self.register_outputs({"role_arns": self.role_arns})

    def _ceiling(self, accesses: Iterable[Access]) -> RoleCeiling:
        """What any persona may do here, and never more: not even a role whose own policy was widened."""
        statements = [statement for access in accesses for statement in access.statements(self._args.region)]
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
                    Statement(sid="NeverWiden", effect="Deny", actions=WIDENING, resources=["*"]),
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _role(self, persona: Persona, access: Access, ceiling: RoleCeiling) -> BoundedRole:
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
                permissions=access.statements(args.region),
                boundary_arn=ceiling.arn,
                session_hours=persona.session_hours,
            ),
            pulumi.ResourceOptions(parent=self),
        )
