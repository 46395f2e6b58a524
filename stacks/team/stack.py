"""A team: its units, its accounts, its budgets, its people."""

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
from settings.derived.outputs import IdentityOutputs, OrganizationOutputs, TeamOutputs
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
from stacks.shared.people import assignments, entitlements, groups_found
from stacks.shared.providers import management_account_id, management_provider
from stacks.shared.references import read
from stacks.shared.relaxed_rules import record_relaxed_rules
from stacks.shared.shared_accounts import account_ids

PARENTS: Mapping[TeamUnit, OrganizationalUnitPath] = {
    "NonProduction": "Workloads/NonProduction",
    "Production": "Workloads/Production",
}
"""Where a team's units hang. Development, preproduction and production are under the stricter guardrails (ACC-05)."""

Accounts = Mapping[Environment, MemberAccount]


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the management account, which makes accounts and sees their bills."""
    team = foundation.teams[stack.team or ""]
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    provider = management_provider(foundation, stack)
    opts = pulumi.ResourceOptions(provider=provider)

    units = {unit: _unit(unit, team, organization, opts) for unit in PARENTS}
    accounts = _accounts(foundation, team, units, opts)
    _close_to_people(foundation, team, accounts, organization, opts)
    _budget(team, accounts, opts)
    _name_contacts(foundation, accounts, opts)
    record_relaxed_rules(team.name, [rule for rule in foundation.relaxed_rules if rule.team == team.name], opts)
    if foundation.organization.sign_in == "identity-center":
        _admit_people(foundation, team, accounts, organization, provider)

    export(
        TeamOutputs,
        organizational_units={unit: resource.id for unit, resource in units.items()},
        accounts=_accounts_by_environment(foundation, team, accounts),
    )


def _unit(
    unit: TeamUnit, team: Team, organization: pulumi.Output[OrganizationOutputs], opts: pulumi.ResourceOptions
) -> aws.organizations.OrganizationalUnit:
    return aws.organizations.OrganizationalUnit(
        f"unit-{unit.lower()}",
        name=team.name,
        parent_id=organization.apply(lambda outputs: outputs.organizational_units[PARENTS[unit]]),
        opts=opts,
    )


def _accounts(
    foundation: Foundation,
    team: Team,
    units: Mapping[TeamUnit, aws.organizations.OrganizationalUnit],
    opts: pulumi.ResourceOptions,
) -> Accounts:
    """The accounts that the team has of its own: four, or fewer where the placement merges them."""
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


def _close_to_people(
    foundation: Foundation,
    team: Team,
    accounts: Accounts,
    organization: pulumi.Output[OrganizationOutputs],
    opts: pulumi.ResourceOptions,
) -> None:
    """Where no environment of an account has a Studio, nobody works by hand (SCP-11)."""
    for environment, account in accounts.items():
        if _has_studio(foundation, foundation.account_of(environment, team.name)):
            continue
        aws.organizations.PolicyAttachment(
            f"no-studio-{environment}",
            policy_id=organization.apply(lambda outputs: outputs.guardrails["no-studio"]),
            target_id=account.account_id,
            opts=opts,
        )


def _has_studio(foundation: Foundation, account: Account) -> bool:
    hosted = [kind for kind in ENVIRONMENTS if kind in account.hosts]
    return any(foundation.environment_of(account.team or "", environment).has_studio for environment in hosted)


def _budget(team: Team, accounts: Accounts, opts: pulumi.ResourceOptions) -> None:
    """The team's bill, and where it goes."""
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


def _admit_people(
    foundation: Foundation,
    team: Team,
    accounts: Accounts,
    organization: pulumi.Output[OrganizationOutputs],
    provider: aws.Provider,
) -> None:
    """The team's own people in its accounts and in those that all teams share, and everybody's people in its own."""
    identity = read(IdentityOutputs, StackIdentity("identity"))
    opts = pulumi.ResourceOptions(provider=provider)
    groups = _groups(foundation, team, identity, provider)
    of_everybody = personas_for("organization")

    team_accounts = [foundation.account_of(environment, team.name) for environment in accounts]
    shared = foundation.durable_accounts
    entitled = [
        *entitlements(personas_for("team"), [*team_accounts, *shared]),
        *entitlements(of_everybody, team_accounts),
    ]
    people = assignments(
        entitled,
        groups={**groups.group_ids, **{persona.name: _group(identity, persona.name) for persona in of_everybody}},
        permission_sets={one.permission_set: _permission_set(identity, one.permission_set) for one in entitled},
        account_ids={
            **account_ids(foundation, organization),
            **{label(environment, team.name): account.account_id for environment, account in accounts.items()},
        },
    )
    instance_arn = identity.apply(lambda outputs: outputs.instance_arn or "")
    AccountAssignments("people", AccountAssignmentsArgs(instance_arn=instance_arn, assignments=people), opts)


def _groups(
    foundation: Foundation, team: Team, identity: pulumi.Output[IdentityOutputs], provider: aws.Provider
) -> DirectoryGroups:
    personas = personas_for("team")
    identity_store_id = identity.apply(lambda outputs: outputs.identity_store_id or "")
    synchronised = foundation.organization.directory_groups == "synchronised"
    args = DirectoryGroupsArgs(
        identity_store_id=identity_store_id,
        display_names={persona.name: persona.group_of(team.name) for persona in personas},
        found=groups_found(personas, team.name, identity_store_id, provider) if synchronised else {},
    )
    return DirectoryGroups("groups", args, pulumi.ResourceOptions(provider=provider))


def _group(identity: pulumi.Output[IdentityOutputs], persona: str) -> pulumi.Output[str]:
    return identity.apply(lambda outputs: outputs.groups[persona])


def _permission_set(identity: pulumi.Output[IdentityOutputs], name: str) -> pulumi.Output[str]:
    return identity.apply(lambda outputs: outputs.permission_sets[name])


def _name_contacts(foundation: Foundation, accounts: Accounts, opts: pulumi.ResourceOptions) -> None:
    """Whom AWS calls about the team's accounts: the same as about all others."""
    contacts = foundation.organization.contacts
    if contacts and accounts:
        of_the_team: dict[str, pulumi.Input[str] | None] = {
            environment: account.account_id for environment, account in accounts.items()
        }
        AlternateContacts("contacts", AlternateContactsArgs(accounts=of_the_team, contacts=contacts), opts)


def _accounts_by_environment(
    foundation: Foundation, team: Team, accounts: Accounts
) -> dict[Environment, pulumi.Input[str]]:
    """Of every environment of the phase, the account that it lands in, which may be another's."""
    ids: dict[str, pulumi.Input[str]] = {kind: account.account_id for kind, account in accounts.items()}
    ids["organization"] = management_account_id(foundation)
    environments = environments_in(foundation.organization.phase)
    return {environment: ids[foundation.account_of(environment, team.name).kind] for environment in environments}
