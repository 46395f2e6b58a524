"""IAM Identity Center: permission sets, organization-wide groups and their assignments to the shared accounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import SignedInPeople
from components.identity.people.account_assignments import AccountAssignments, AccountAssignmentsArgs
from components.identity.people.directory_groups import DirectoryGroups, DirectoryGroupsArgs
from components.identity.people.directory_reader import DirectoryReader, DirectoryReaderArgs
from components.identity.people.permission_set import PermissionSet, PermissionSetArgs
from components.identity.personas.persona import Access, Persona, access_in
from components.identity.personas.persona_list import PERSONAS, personas_for
from components.identity.personas.workload_permissions import LOOK_UP_PEOPLE
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import Kind, kinds_in
from stacks.shared.deployment import create_provisioner_role, create_reviewer_role
from stacks.shared.exports import export
from stacks.shared.outputs import IdentityOutputs, OrganizationOutputs
from stacks.shared.people import assignments, create_people_roles, entitlements, find_groups
from stacks.shared.providers.accounts import management_provider
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_ids

ATTRIBUTES = {"plinth:team": "${path:enterprise.department}", "plinth:user": "${path:userName}"}
"""Session tags, each with the directory attribute that it is taken from."""


class IdentityCenterMissing(pulumi.RunError):
    """The management account has no Identity Center instance. AWS has no API to create an organization instance."""


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds everything in the management account, whose Identity Center instance serves all accounts.

    The account's roles for reviews and for the runner of requests are here, because the stack ``organization`` has no
    resources to spare.
    """
    provider = management_provider(foundation, stack)
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    opts = pulumi.ResourceOptions(provider=provider)
    for create in (create_reviewer_role, create_provisioner_role):
        create(
            foundation,
            foundation.account_of("organization"),
            opts,
            account_id=organization.management_account_id,
            organization=organization,
        )
    if foundation.organization.sign_in != "identity-center":
        organization_id = organization.organization_id
        create_people_roles(foundation, "organization", "organization", organization_id, opts)
        export(IdentityOutputs, instance_arn=None, identity_store_id=None, permission_sets={}, groups={})
        return
    instance_arn, identity_store_id = _instance(foundation, provider)

    _attributes(instance_arn, opts)
    sets = _permission_sets(foundation, instance_arn, opts)
    groups = _groups(foundation, identity_store_id, provider, opts)
    _assign(foundation, organization, instance_arn, sets, groups, opts)
    _let_requesters_look_up_people(foundation, organization, identity_store_id, opts)

    export(
        IdentityOutputs,
        instance_arn=instance_arn,
        identity_store_id=identity_store_id,
        permission_sets={name: permission_set.arn for name, permission_set in sets.items()},
        groups=groups.group_ids,
    )


def _let_requesters_look_up_people(
    foundation: Foundation, organization: OrganizationOutputs, identity_store_id: str, opts: pulumi.ResourceOptions
) -> None:
    """Creates the role that looks up people, for the permission sets with this capability."""
    ids = account_ids(foundation, organization)
    requesters = [
        SignedInPeople(account_id=ids[account.label], permission_sets=names)
        for account in foundation.durable_accounts
        if (names := _looking_up_people(account.hosts))
    ]
    if not requesters:
        return
    args = DirectoryReaderArgs(
        account_id=organization.management_account_id,
        organization_id=organization.organization_id,
        identity_store_id=identity_store_id,
        requesters=requesters,
    )
    DirectoryReader("directory-reader", args, opts)


def _looking_up_people(kinds: Collection[Kind]) -> list[str]:
    """Returns the permission sets of these account kinds whose people look up user names."""
    present = access_in(PERSONAS, kinds)
    return [name for name, (_, access) in present.items() if LOOK_UP_PEOPLE in access.capabilities]


def _instance(foundation: Foundation, provider: aws.Provider) -> tuple[str, str]:
    """Returns the ARN of the organization's instance and the id of its directory.

    Raises: IdentityCenterMissing when the home region has no instance.
    """
    found = aws.ssoadmin.get_instances(opts=pulumi.InvokeOptions(provider=provider))
    if not found.arns:
        raise IdentityCenterMissing(
            f"IAM Identity Center has no instance in {foundation.organization.home_region}; enable it there in the "
            "console of the management account, or set `sign_in: iam` under plinth:organization in Pulumi.yaml"
        )
    return found.arns[0], found.identity_store_ids[0]


def _attributes(instance_arn: str, opts: pulumi.ResourceOptions) -> None:
    """Adds the person's team and user name to sessions as tags, which policies compare with resource tags."""
    aws.ssoadmin.InstanceAccessControlAttributes(
        "attributes",
        instance_arn=instance_arn,
        attributes=[
            aws.ssoadmin.InstanceAccessControlAttributesAttributeArgs(
                key=tag,
                values=[aws.ssoadmin.InstanceAccessControlAttributesAttributeValueArgs(sources=[source])],
            )
            for tag, source in ATTRIBUTES.items()
        ],
        opts=opts,
    )


def _permission_sets(
    foundation: Foundation, instance_arn: str, opts: pulumi.ResourceOptions
) -> dict[str, PermissionSet]:
    """Creates a permission set for each access of each persona to account kinds of this phase."""
    present = access_in(PERSONAS, kinds_in(foundation.organization.phase))
    region = foundation.organization.home_region
    return {
        name: PermissionSet(name, _arguments(name, persona, access, instance_arn, region), opts)
        for name, (persona, access) in present.items()
    }


def _arguments(name: str, persona: Persona, access: Access, instance_arn: str, region: str) -> PermissionSetArgs:
    return PermissionSetArgs(
        permission_set_name=name,
        description=f"{persona.name}: {persona.duty}",
        instance_arn=instance_arn,
        statements=access.statements(region, "identity-center"),
        session_hours=persona.session_hours,
        opens=f"https://{region}.console.aws.amazon.com/{access.page}" if access.page else None,
    )


def _groups(
    foundation: Foundation, identity_store_id: str, provider: aws.Provider, opts: pulumi.ResourceOptions
) -> DirectoryGroups:
    """Creates or looks up the groups of organization-wide personas. Team groups are in team stacks."""
    personas = personas_for("organization")
    synchronised = foundation.organization.directory_groups == "synchronised"
    args = DirectoryGroupsArgs(
        identity_store_id=identity_store_id,
        display_names={persona.name: persona.group_of() for persona in personas},
        found=find_groups(personas, None, identity_store_id, provider) if synchronised else {},
    )
    return DirectoryGroups("groups", args, opts)


def _assign(
    foundation: Foundation,
    organization: OrganizationOutputs,
    instance_arn: str,
    sets: Mapping[str, PermissionSet],
    groups: DirectoryGroups,
    opts: pulumi.ResourceOptions,
) -> None:
    """Assigns permission sets in durable accounts. Team stacks assign those in team accounts."""
    people = assignments(
        entitlements(personas_for("organization"), foundation.durable_accounts),
        groups=groups.group_ids,
        permission_sets={name: permission_set.arn for name, permission_set in sets.items()},
        account_ids=account_ids(foundation, organization),
    )
    AccountAssignments("people", AccountAssignmentsArgs(instance_arn=instance_arn, assignments=people), opts)
