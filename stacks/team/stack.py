"""A team: its organizational units, its accounts, its budget and its people."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.identity.people.account_assignments import AccountAssignments, AccountAssignmentsArgs
from components.identity.people.directory_groups import DirectoryGroups, DirectoryGroupsArgs
from components.identity.personas.persona_list import personas_for
from components.organization.alternate_contacts import AlternateContacts, AlternateContactsArgs
from components.organization.cost_budget import CostBudget, CostBudgetArgs
from components.organization.member_account import MemberAccount, MemberAccountArgs
from settings.derived.accounts import Account, label
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.team.team import Team
from settings.types.kinds import (
    ENVIRONMENTS,
    Environment,
    OrganizationalUnitPath,
    TeamUnit,
    environments_in,
    team_organizational_unit_of,
)
from stacks.shared.exports import export
from stacks.shared.outputs import IdentityOutputs, OrganizationOutputs, TeamOutputs
from stacks.shared.people import assignments, entitlements, find_groups
from stacks.shared.providers.accounts import management_account_id, management_provider
from stacks.shared.references import read
from stacks.shared.relaxed_rules import record_relaxed_rules
from stacks.shared.shared_accounts import account_ids

PARENTS: Mapping[TeamUnit, OrganizationalUnitPath] = {
    "NonProduction": "Workloads/NonProduction",
    "Production": "Workloads/Production",
}
"""Parent of each team unit. Development, preproduction and production are under the stricter guardrails (ACC-05)."""

Accounts = Mapping[Environment, MemberAccount]


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds everything in the management account, which creates accounts and receives their bills."""
    team = foundation.teams[stack.team or ""]
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    provider = management_provider(foundation, stack)
    opts = pulumi.ResourceOptions(provider=provider)

    units = {unit: _unit(unit, team, organization, opts) for unit in PARENTS}
    accounts = _accounts(foundation, team, units, opts)
    _attach_no_studio(foundation, team, accounts, organization, opts)
    _budget(team, accounts, opts)
    _alternate_contacts(foundation, accounts, opts)
    record_relaxed_rules(team.name, foundation.relaxed_rules_of(team.name), opts)
    if foundation.organization.sign_in == "identity-center":
        _assign_people(foundation, team, accounts, organization, provider)

    export(
        TeamOutputs,
        organizational_units={unit: resource.id for unit, resource in units.items()},
        accounts=_accounts_by_environment(foundation, team, accounts),
    )


def _unit(
    unit: TeamUnit, team: Team, organization: OrganizationOutputs, opts: pulumi.ResourceOptions
) -> aws.organizations.OrganizationalUnit:
    return aws.organizations.OrganizationalUnit(
        f"unit-{unit.lower()}",
        name=team.name,
        parent_id=organization.organizational_units[PARENTS[unit]],
        opts=opts,
    )


def _accounts(
    foundation: Foundation,
    team: Team,
    units: Mapping[TeamUnit, aws.organizations.OrganizationalUnit],
    opts: pulumi.ResourceOptions,
) -> Accounts:
    """Creates the team's own accounts: four, or fewer if the placement merges them."""
    created: dict[Environment, MemberAccount] = {}
    for environment in foundation.placement_of(team.name).team_accounts_in(foundation.organization.phase):
        account = foundation.account_of(environment, team.name)
        created[environment] = MemberAccount(
            f"account-{environment}",
            MemberAccountArgs(
                account_name=account.name,
                email=account.email,
                unit_id=units[team_organizational_unit_of(environment)].id,
                tags=foundation.tags_of(StackIdentity(environment, team.name)),
                adopted_id=account.id,
                durable=False,
                after=next(reversed(created.values()), None),
            ),
            opts,
        )
    return created


def _attach_no_studio(
    foundation: Foundation,
    team: Team,
    accounts: Accounts,
    organization: OrganizationOutputs,
    opts: pulumi.ResourceOptions,
) -> None:
    """Attaches the guardrail against manual work to accounts in which no environment has a Studio (SCP-11)."""
    for environment, account in accounts.items():
        if _has_studio(foundation, foundation.account_of(environment, team.name)):
            continue
        aws.organizations.PolicyAttachment(
            f"no-studio-{environment}",
            policy_id=organization.guardrails["no-studio"],
            target_id=account.account_id,
            opts=opts,
        )


def _has_studio(foundation: Foundation, account: Account) -> bool:
    hosted = [kind for kind in ENVIRONMENTS if kind in account.hosts]
    return any(foundation.environment_of(account.team or "", environment).has_studio for environment in hosted)


def _budget(team: Team, accounts: Accounts, opts: pulumi.ResourceOptions) -> None:
    """Creates the budget over the team's own accounts."""
    if not accounts:
        return
    CostBudget(
        "budget",
        CostBudgetArgs(
            budget_name=team.name,
            accounts={environment: account.account_id for environment, account in accounts.items()},
            monthly_limit_usd=team.monthly_budget_usd,
            owner=team.owner,
        ),
        opts,
    )


def _assign_people(
    foundation: Foundation,
    team: Team,
    accounts: Accounts,
    organization: OrganizationOutputs,
    provider: aws.Provider,
) -> None:
    """Assigns the team's people to its own and the shared accounts, and organization-wide personas to the team's."""
    identity = read(IdentityOutputs, StackIdentity("identity"))
    opts = pulumi.ResourceOptions(provider=provider)
    groups = _groups(foundation, team, identity, provider)
    organization_wide = personas_for("organization")

    team_accounts = [foundation.account_of(environment, team.name) for environment in accounts]
    shared = foundation.durable_accounts
    entitled = [
        *entitlements(personas_for("team"), [*team_accounts, *shared]),
        *entitlements(organization_wide, team_accounts),
    ]
    people = assignments(
        entitled,
        groups={**groups.group_ids, **{persona.name: identity.groups[persona.name] for persona in organization_wide}},
        permission_sets={
            entitlement.permission_set: identity.permission_sets[entitlement.permission_set] for entitlement in entitled
        },
        account_ids={
            **account_ids(foundation, organization),
            **{label(environment, team.name): account.account_id for environment, account in accounts.items()},
        },
    )
    instance_arn = identity.instance_arn
    AccountAssignments("people", AccountAssignmentsArgs(instance_arn=instance_arn, assignments=people), opts)


def _groups(foundation: Foundation, team: Team, identity: IdentityOutputs, provider: aws.Provider) -> DirectoryGroups:
    personas = personas_for("team")
    identity_store_id = identity.identity_store_id
    synchronised = foundation.organization.directory_groups == "synchronised"
    args = DirectoryGroupsArgs(
        identity_store_id=identity_store_id,
        display_names={persona.name: persona.group_of(team.name) for persona in personas},
        found=find_groups(personas, team.name, identity_store_id, provider) if synchronised else {},
    )
    return DirectoryGroups("groups", args, pulumi.ResourceOptions(provider=provider))


def _alternate_contacts(foundation: Foundation, accounts: Accounts, opts: pulumi.ResourceOptions) -> None:
    """Sets the alternate contacts of the team's accounts, which are the organization's."""
    contacts = foundation.organization.contacts
    if contacts and accounts:
        account_ids_by_name: dict[str, pulumi.Input[str] | None] = {
            environment: account.account_id for environment, account in accounts.items()
        }
        AlternateContacts("contacts", AlternateContactsArgs(accounts=account_ids_by_name, contacts=contacts), opts)


def _accounts_by_environment(
    foundation: Foundation, team: Team, accounts: Accounts
) -> dict[Environment, pulumi.Input[str]]:
    """Returns the account id of every environment of the phase. Several environments may share an account."""
    ids: dict[str, pulumi.Input[str]] = {kind: account.account_id for kind, account in accounts.items()}
    ids["organization"] = management_account_id(foundation)
    environments = environments_in(foundation.organization.phase)
    return {environment: ids[foundation.account_of(environment, team.name).kind] for environment in environments}
