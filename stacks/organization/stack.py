"""The organization: its organizational units, its durable accounts and its guardrails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pulumi
import pulumi_aws as aws

from components.organization.alternate_contacts import AlternateContacts, AlternateContactsArgs
from components.organization.delegated_administration import DelegatedAdministration, DelegatedAdministrationArgs
from components.organization.enterprise import Enterprise, EnterpriseArgs
from components.organization.member_account import MemberAccount, MemberAccountArgs
from components.security.account_baseline import AccountBaseline, AccountBaselineArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import ORGANIZATIONAL_UNIT_PATHS, DurableKind, durable_kinds_in, organizational_unit_of
from stacks.organization.costs import watch_costs
from stacks.organization.guardrails import Guardrails
from stacks.shared.exports import export
from stacks.shared.outputs import OrganizationOutputs
from stacks.shared.providers.accounts import management_account_id, management_provider
from stacks.shared.relaxed_rules import record_relaxed_rules


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the organization from the management account, the only account that can."""
    provider = management_provider(foundation, stack)
    enterprise = _enterprise(foundation.organization.id, provider)
    # Policies do not refer to the organization, yet they cannot be created before it exists.
    opts = pulumi.ResourceOptions(provider=provider, depends_on=[enterprise])
    created = _durable_accounts(foundation, enterprise, opts)
    accounts = _accounts_by_kind(foundation, created)
    guardrails = Guardrails(foundation.organization, enterprise, _dedicated_lake_account(foundation, created))
    _delegate(foundation, created, opts)
    _alternate_contacts(foundation, created, opts)
    watch_costs(foundation, created, opts)
    _management_baseline(foundation, opts)
    record_relaxed_rules("organization", foundation.relaxed_rules_of(None), opts)

    export(
        OrganizationOutputs,
        organization_id=enterprise.organization_id,
        root_id=enterprise.root_id,
        management_account_id=enterprise.management_account_id,
        organizational_units=enterprise.unit_ids,
        accounts=accounts,
        guardrails=guardrails.attach(opts),
    )


def _enterprise(adopted_id: str | None, provider: aws.Provider) -> Enterprise:
    """Creates or adopts the organization. Features that are enabled in an adopted organization stay enabled."""
    args = EnterpriseArgs(unit_paths=ORGANIZATIONAL_UNIT_PATHS)
    if adopted_id is not None:
        found = aws.organizations.get_organization(opts=pulumi.InvokeOptions(provider=provider))
        args = replace(
            args,
            adopted_id=adopted_id,
            enabled_already=found.enabled_policy_types,
            trusted_already=found.aws_service_access_principals,
        )
    return Enterprise("enterprise", args, pulumi.ResourceOptions(provider=provider))


def _durable_accounts(
    foundation: Foundation, enterprise: Enterprise, opts: pulumi.ResourceOptions
) -> dict[DurableKind, MemberAccount]:
    """Creates the durable accounts, each in its unit. The management account exists already and stays at the root."""
    settings = foundation.organization
    created: dict[DurableKind, MemberAccount] = {}
    for kind in settings.placement.durable_accounts_in(settings.phase):
        unit = organizational_unit_of(kind)
        if unit is None:
            continue
        account = foundation.account_of(kind)
        created[kind] = MemberAccount(
            f"account-{kind}",
            MemberAccountArgs(
                account_name=account.name,
                email=account.email,
                unit_id=enterprise.unit_ids[unit],
                tags={"plinth:kind": kind},
                adopted_id=account.id,
                after=next(reversed(created.values()), None),
            ),
            opts,
        )
    return created


def _accounts_by_kind(
    foundation: Foundation, created: Mapping[DurableKind, MemberAccount]
) -> dict[DurableKind, pulumi.Input[str]]:
    """Returns the account id of every durable kind of the phase. Several kinds may share an account."""
    ids: dict[str, pulumi.Input[str]] = {kind: account.account_id for kind, account in created.items()}
    ids["organization"] = management_account_id(foundation)
    kinds = durable_kinds_in(foundation.organization.phase)
    return {kind: ids[foundation.account_of(kind).kind] for kind in kinds}


def _dedicated_lake_account(
    foundation: Foundation, created: Mapping[DurableKind, MemberAccount]
) -> pulumi.Output[str] | None:
    """Returns the lake's account id if the lake has the account to itself. Only then can rules restrict the account."""
    account = created.get("data-lake")
    if account is None or foundation.account_of("data-lake").hosts != ("data-lake",):
        return None
    return account.account_id


def _delegate(
    foundation: Foundation, created: Mapping[DurableKind, MemberAccount], opts: pulumi.ResourceOptions
) -> None:
    """Delegates security services to the audit account, unless that is the management account itself."""
    settings = foundation.organization
    delegate = next((a for kind, a in created.items() if kind == foundation.account_of("audit").kind), None)
    if delegate is not None:
        args = DelegatedAdministrationArgs(account_id=delegate.account_id, macie=settings.audit.macie)
        DelegatedAdministration("delegation", args, opts)


def _alternate_contacts(
    foundation: Foundation, created: Mapping[DurableKind, MemberAccount], opts: pulumi.ResourceOptions
) -> None:
    """Sets the alternate contacts of the management account and the durable accounts. Team stacks set their own."""
    accounts: dict[str, pulumi.Input[str] | None] = {"organization": None}
    accounts |= {kind: account.account_id for kind, account in created.items()}
    args = AlternateContactsArgs(accounts=accounts, contacts=foundation.organization.contacts)
    AlternateContacts("contacts", args, opts)


def _management_baseline(foundation: Foundation, opts: pulumi.ResourceOptions) -> None:
    """Creates the management account's baseline, except in an adopted organization, where it may hold workloads."""
    if foundation.organization.id is not None:
        return
    args = AccountBaselineArgs(account_id=management_account_id(foundation))
    AccountBaseline("baseline", args, opts)
