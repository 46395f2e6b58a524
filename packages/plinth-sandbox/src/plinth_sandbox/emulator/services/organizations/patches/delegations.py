"""Delegated administrators of services that store the delegation themselves. moto loses some and can remove none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from moto.guardduty.models import guardduty_backends
from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.securityhub.models import securityhub_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    """Names of the members in a service's requests and answers."""

    asked: str
    listed: str
    account: str
    status: str


_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "guardduty": _Words(
            asked="AdminAccountId", listed="AdminAccounts", account="AdminAccountId", status="AdminStatus"
        ),
        "inspector2": _Words(
            asked="delegatedAdminAccountId", listed="delegatedAdminAccounts", account="accountId", status="status"
        ),
        "macie2": _Words(asked="adminAccountId", listed="adminAccounts", account="accountId", status="status"),
        "securityhub": _Words(asked="AdminAccountId", listed="AdminAccounts", account="AccountId", status="Status"),
    }
)


def _enable(exchange: Exchange) -> Answer:
    """Registers a delegated administrator. There is at most one per organization and region.

    GuardDuty and Security Hub enable themselves in its account (GuardDuty User Guide, "Permissions required to
    designate a delegated GuardDuty administrator account"; Security Hub User Guide, "Setting up AWS Security Hub";
    both read in November 2026).
    """
    call, known = exchange.call, _known(exchange)
    wanted = _wanted(call)
    if wanted not in [account.id for account in _organization(call).accounts]:
        raise _refused(call, f"The account {wanted} is not a member of the organization.")
    if known and wanted not in known:
        raise _refused(call, f"The organization has already delegated to {next(iter(known))}.")
    answer = exchange.below()
    if answer.succeeded:
        known[wanted] = "ENABLED"
        if call.service == "guardduty":
            _enable_detector(wanted, call.region)
        elif call.service == "securityhub":
            securityhub_backends[wanted][call.region].enable_security_hub(enable_default_standards=False)
    return answer


def _enable_detector(account: str, region: str) -> None:
    backend = guardduty_backends[account][region]
    if not backend.detectors:
        backend.create_detector(
            enable=True, finding_publishing_frequency="SIX_HOURS", data_sources={}, tags={}, features=[]
        )


def _disable(exchange: Exchange) -> Answer:
    if _known(exchange).pop(_wanted(exchange.call), None) is None:
        raise _refused(exchange.call, "The account is not a delegated administrator.")
    words = _WORDS[exchange.call.service]
    return exchange.call.reply({words.asked: _wanted(exchange.call)} if exchange.call.service == "inspector2" else {})


def _list(exchange: Exchange) -> Answer:
    words = _WORDS[exchange.call.service]
    found = [{words.account: account, words.status: status} for account, status in _known(exchange).items()]
    return exchange.call.reply({words.listed: found})


def _register_trail(exchange: Exchange) -> Answer:
    """Registers a delegated administrator for CloudTrail, which stores the delegation in Organizations."""
    _organization(exchange.call).register_delegated_administrator(
        AccountId=exchange.call.parameters["MemberAccountId"], ServicePrincipal="cloudtrail.amazonaws.com"
    )
    return exchange.call.reply({})


def _deregister_trail(exchange: Exchange) -> Answer:
    _organization(exchange.call).deregister_delegated_administrator(
        AccountId=exchange.call.parameters["DelegatedAdminAccountId"], ServicePrincipal="cloudtrail.amazonaws.com"
    )
    return exchange.call.reply({})


def _known(exchange: Exchange) -> dict[str, Any]:
    call = exchange.call
    return exchange.memory.notes(call.service, call.account, call.region, "delegated administrators")


def _wanted(call: Call) -> str:
    return str(call.parameters[_WORDS[call.service].asked])


def _organization(call: Call) -> OrganizationsBackend:
    """Returns the organization that the calling account manages."""
    backend = organizations_backends[call.account]["aws"]
    if backend.org is None:
        raise AwsError("AccessDeniedException", "Only the management account of an organization may do this.")
    return backend


def _refused(call: Call, message: str) -> AwsError:
    return AwsError("BadRequestException" if call.service == "guardduty" else "ConflictException", message)


PATCHES: Patches = {
    "DeregisterOrganizationDelegatedAdmin": _deregister_trail,
    "DisableDelegatedAdminAccount": _disable,
    "DisableOrganizationAdminAccount": _disable,
    "EnableDelegatedAdminAccount": _enable,
    "EnableOrganizationAdminAccount": _enable,
    "ListDelegatedAdminAccounts": _list,
    "ListOrganizationAdminAccounts": _list,
    "RegisterOrganizationDelegatedAdmin": _register_trail,
}
