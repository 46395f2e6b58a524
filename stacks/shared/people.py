"""Access of people to accounts: permission sets assigned to groups or, without Identity Center, IAM roles."""

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
from stacks.shared.providers.accounts import management_account_id


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One permission set of a persona in one account."""

    persona: Persona
    permission_set: str
    account: Account

    @property
    def suffix(self) -> str:
        """Suffix of resource names. It stays stable when the account is renamed or hosts other kinds."""
        return f"{self.permission_set}-{self.account.label}"


def entitlements(personas: Iterable[Persona], accounts: Iterable[Account]) -> Iterator[Entitlement]:
    """Returns the permission sets that the personas have in the accounts. An account may host several kinds."""
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
    """Returns the account assignments, given groups by persona, permission sets by name and account ids by label."""
    return {
        entitlement.suffix: Assignment(
            group_id=groups[entitlement.persona.name],
            permission_set_arn=permission_sets[entitlement.permission_set],
            account_id=account_ids[entitlement.account.label],
        )
        for entitlement in entitled
    }


def find_groups(
    personas: Iterable[Persona], team: str | None, identity_store_id: pulumi.Input[str], provider: aws.Provider
) -> dict[str, pulumi.Output[str]]:
    """Looks up the groups of a synchronised directory, by persona. An update fails if one is missing."""
    return {persona.name: _group_id(persona.group_of(team), identity_store_id, provider) for persona in personas}


def find_user(user_name: str, identity_store_id: pulumi.Input[str], provider: aws.Provider) -> pulumi.Output[str]:
    """Looks up the id of a person by user name. An update fails if the directory has no such person."""
    user = aws.identitystore.get_user_output(
        identity_store_id=identity_store_id,
        alternate_identifier=aws.identitystore.GetUserAlternateIdentifierArgs(
            unique_attribute=aws.identitystore.GetUserAlternateIdentifierUniqueAttributeArgs(
                attribute_path="UserName", attribute_value=user_name
            )
        ),
        opts=pulumi.InvokeOutputOptions(provider=provider),
    )
    return user.user_id


def _group_id(display_name: str, identity_store_id: pulumi.Input[str], provider: aws.Provider) -> pulumi.Output[str]:
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


def create_people_roles(
    foundation: Foundation,
    kind: Kind,
    label: str,
    organization_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    team: str | None = None,
) -> None:
    """Creates the IAM roles for people in an account of a kind. Does nothing if people use Identity Center."""
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
