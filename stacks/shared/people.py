"""The personas joined with the accounts of the settings: which group gets which permission set in which account, or
without Identity Center, which roles an account has for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.people.account_assignments import Assignment
from components.identity.people.persona_roles import PersonaRoles, PersonaRolesArgs
from components.identity.personas.persona import Persona, access_in
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.types.kinds import Kind
from stacks.shared.providers import management_account_id


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A persona's permission set in an account."""

    persona: Persona
    permission_set: str
    account: Account

    @property
    def suffix(self) -> str:
        """Stable in names of resources, whatever the account is called or hosts."""
        return f"{self.permission_set}-{self.account.label}"


def entitlements(personas: Iterable[Persona], accounts: Iterable[Account]) -> Iterator[Entitlement]:
    """Everything that these personas may do in these accounts, each of which may host several kinds."""
    known = tuple(personas)
    for account in accounts:
        for permission_set, (persona, _) in access_in(known, account.hosts).items():
            yield Entitlement(persona, permission_set, account)


def assignments(
    entitled: Iterable[Entitlement],
    *,
    groups: Mapping[str, pulumi.Input[str]],
    permission_sets: Mapping[str, pulumi.Input[str]],
    account_ids: Mapping[str, pulumi.Input[str]],
) -> dict[str, Assignment]:
    """The assignments that make them so: groups by persona, permission sets by name, accounts by label."""
    return {
        one.suffix: Assignment(
            group_id=groups[one.persona.name],
            permission_set_arn=permission_sets[one.permission_set],
            account_id=account_ids[one.account.label],
        )
        for one in entitled
    }


def groups_found(
    personas: Iterable[Persona], team: str | None, identity_store_id: pulumi.Input[str], provider: aws.Provider
) -> dict[str, pulumi.Output[str]]:
    """The groups that a synchronised directory brought, by persona; an update fails where one is missing."""
    return {persona.name: _found(persona.group_of(team), identity_store_id, provider) for persona in personas}


def _found(display_name: str, identity_store_id: pulumi.Input[str], provider: aws.Provider) -> pulumi.Output[str]:
    group = aws.identitystore.get_group_output(
        identity_store_id=identity_store_id,
        alternate_identifier=aws.identitystore.GetGroupAlternateIdentifierArgs(
            unique_attribute=aws.identitystore.GetGroupAlternateIdentifierUniqueAttributeArgs(
                attribute_path="DisplayName", attribute_value=display_name
            )
        ),
        opts=pulumi.InvokeOutputOptions(provider=provider),
    )
    return group.group_id


def admit_without_identity_center(
    foundation: Foundation,
    kind: Kind,
    label: str,
    organization_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    team: str | None = None,
) -> None:
    """Roles for people in an account, made by the stack of its kind; with Identity Center there are none."""
    organization = foundation.organization
    if organization.sign_in != "iam":
        return
    args = PersonaRolesArgs(
        kind=kind,
        label=label,
        region=organization.home_region,
        organization_id=organization_id,
        sign_in_account_id=organization.sign_in_account or management_account_id(foundation),
        team=team,
    )
    PersonaRoles("people", args, opts)
