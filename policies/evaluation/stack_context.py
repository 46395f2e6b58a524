"""Builds the stack context from a stack's name and the configuration that the engine passes to the pack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from ipaddress import IPv4Network
from typing import Any

from pydantic import ValidationError

from policies.evaluation.readers import Properties
from policies.evaluation.resource import StackContext
from policies.evaluation.values import Value, values
from settings.data.dataset import Dataset
from settings.data.ml_layout import class_prefix, classes_in
from settings.derived.stack_graph import StackIdentity
from settings.organization.account import AccountSettings
from settings.organization.address_plan import ALWAYS_RESERVED, AddressPlan
from settings.organization.organization import Organization
from settings.organization.placement import Placement
from settings.team.team import EnvironmentSettings, Team
from settings.types.errors import SettingsError
from settings.types.kinds import DURABLE_KINDS, KINDS, RELEASED_TO
from settings.types.naming import ARTIFACTS, LAKE, LOG_ARCHIVE

STRICTEST = "production"
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")


@cache
def stack_context(
    stack: str,
    organization: str | None,
    environment: str | None,
    team: str | None = None,
    dataset: str | None = None,
    project: str = "",
    promotion: str | None = None,
    exported: str | None = None,
) -> StackContext:
    """Returns the context of a stack's resources, from its name, its project, and five values of its configuration
    (JSON text). ``exported`` is what upstream stacks say about the organization (JSON text).

    A value that cannot be parsed never relaxes a rule. The program itself reports settings errors.
    """
    try:
        identity = StackIdentity.parse(stack)
    except SettingsError:
        return StackContext(kind=STRICTEST)
    declared = _organization(organization)
    settings = _environment(identity, environment)
    context = StackContext(
        kind=identity.environment or ("tooling" if identity.use_case else identity.kind),
        internet_egress=settings is not None and settings.internet_access,
        studio=settings is not None and settings.has_studio,
        tracking=settings is not None and settings.tracks_runs,
        spark=settings is not None and settings.emr is not None,
        data_api=settings is not None and settings.data_api is not None,
        release=_released_use_case(identity, project),
        settings_accounts=_accounts_in(organization, team, environment, dataset, promotion),
        **_named_in(organization, team, environment, dataset),
        **_exported(exported),
    )
    if context.release:
        context = replace(context, **_promotion(promotion))
    if identity.dataset is not None:
        context = replace(context, dataset=identity.dataset, **_sharing(identity, dataset))
    return context if declared is None else _with_organization(context, identity, declared, _team(identity, team))


def _released_use_case(identity: StackIdentity, project: str) -> str:
    """Returns the project of a release, ``<team>--<use case>``. Its stacks have the names of the environments to which
    models are released. Anybody can give a program these names, so ST-15 requires that it acts as the release role."""
    team, _, use_case = project.partition("--")
    return project if use_case and identity.kind in RELEASED_TO and team == identity.team else ""


def _with_organization(
    context: StackContext, identity: StackIdentity, organization: Organization, team: Team | None
) -> StackContext:
    plan, placement = organization.address_plan, organization.placement
    if team is not None:
        placement = placement.with_overrides(team.placement)
    taken = plan.reserved_blocks() if identity.environment else {**ALWAYS_RESERVED, **plan.reserved}
    return replace(
        context,
        identity_center=organization.sign_in == "identity-center",
        allowed_regions=organization.regions,
        partner_accounts=organization.partner_accounts,
        organization_id=organization.id or context.organization_id,
        settings_hosts={*context.settings_hosts, *_providers_of(organization)},
        durable_accounts=_named_accounts(organization.accounts),
        adopted_accounts=_named_accounts(team.accounts) if team else (),
        shared_endpoints=organization.endpoints == "shared",
        cluster=organization.tooling_cluster is not None,
        account_of_its_own=_has_account_of_its_own(identity, placement),
        delegated_audit=placement.account_of("audit") != "organization",
        adopted_organization=organization.id is not None,
        team_accounts=placement.team_accounts_in(organization.phase),
        log_archive=f"{organization.name}-{LOG_ARCHIVE}-",
        artifacts=f"{organization.name}-{ARTIFACTS}-",
        notebook_platforms=organization.notebook_platforms,
        admitted_types=tuple(organization.admitted_types),
        corporate_networks=tuple(map(str, organization.corporate_networks)),
        public_ingress_prefix=organization.public_ingress_prefix,
        mail_domains=_mail_domains(organization, team),
        calling_use_cases=_calling_use_cases(team),
        business_approves=_business_approves(team, context.release),
        lake=f"{organization.name}-{LAKE}-",
        holds_registry=placement.account_of(identity.account_kind) == placement.account_of("tooling"),
        own_range=str(_own_range(identity, plan, team) or ""),
        branch_prefixes=_branch_prefixes(identity, team),
        taken_ranges=tuple(str(network) for network in taken.values()),
    )


def _mail_domains(organization: Organization, team: Team | None) -> tuple[str, ...]:
    contacts = [contact.email for contact in organization.contacts.values()]
    addresses = [organization.email, organization.owner, *contacts, *(_addresses(team) if team else [])]
    return tuple(dict.fromkeys(address.rpartition("@")[2] for address in addresses))


def _addresses(team: Team) -> list[str]:
    deliveries = [use_case.delivery for use_case in team.use_cases.values() if use_case.delivery is not None]
    return [team.owner, *(address for delivery in deliveries for address in delivery.notified)]


def _named_accounts(accounts: Mapping[Any, AccountSettings]) -> tuple[str, ...]:
    return tuple(account.id for account in accounts.values() if account.id is not None)


def _own_range(identity: StackIdentity, plan: AddressPlan, team: Team | None) -> IPv4Network | None:
    """Returns the stack's block of the address plan. Blocks do not overlap, and neither do the parts of a team's
    block."""
    if identity.kind in DURABLE_KINDS:
        return plan.kind_block(identity.kind)
    return plan.environment_block(team.cidr, identity.environment) if team and identity.environment else None


def _branch_prefixes(identity: StackIdentity, team: Team | None) -> tuple[str, ...]:
    built = identity.environment is not None and "feature" in classes_in(identity.environment)
    return tuple(class_prefix(name, "feature") for name in team.use_cases) if team is not None and built else ()


def _calling_use_cases(team: Team | None) -> tuple[str, ...]:
    return tuple(name for name, case in team.use_cases.items() if case.models_call_aws) if team is not None else ()


def _business_approves(team: Team | None, release: str) -> bool:
    use_case = team.use_cases.get(release.partition("--")[2]) if team is not None else None
    return bool(use_case and use_case.delivery and use_case.delivery.business_approvers)


def _has_account_of_its_own(identity: StackIdentity, placement: Placement) -> bool:
    """Whether the placement gives the stack's kind an account of its own. Stacks that are not of an account kind,
    such as a team's stack, never have one."""
    return identity.kind in KINDS and placement.account_of(identity.kind) == identity.kind


def _organization(text: str | None) -> Organization | None:
    try:
        return Organization.model_validate_json(text or "")
    except ValidationError:
        return None


def _team(identity: StackIdentity, text: str | None) -> Team | None:
    try:
        return Team.model_validate_json(json.dumps({**json.loads(text or "{}"), "name": identity.team}))
    except (ValueError, TypeError):
        return None


def _environment(identity: StackIdentity, text: str | None) -> EnvironmentSettings | None:
    """Returns the settings in an environment's stack, or their defaults if the text cannot be parsed."""
    if not identity.is_environment:
        return None
    given = {"team": identity.team, "environment": identity.environment}
    try:
        return EnvironmentSettings.model_validate_json(json.dumps({**json.loads(text or "{}"), **given}))
    except (ValueError, TypeError):
        return EnvironmentSettings.model_validate(given)


def _promotion(text: str | None) -> dict[str, Any]:
    """Returns what the promotion says about a release. If the text cannot be parsed, nothing was signed off."""
    try:
        given = json.loads(text or "")
        return {
            "promoted_versions": tuple(str(version) for version in given["versions"]),
            "sign_offs": {str(decision): str(person) for decision, person in given["sign_offs"].items()},
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _accounts_in(*settings: str | None) -> frozenset[str]:
    """Returns the account ids in texts of settings, and of the versions that a promotion names."""
    return frozenset(account for text in settings for account in _ACCOUNT.findall(text or ""))


def _named_in(*settings: str | None) -> dict[str, Any]:
    """Returns the names and hosts in texts of settings. A text that cannot be parsed has none."""
    found = [value for text in settings for value in _values_in(text)]
    return {
        "settings_names": frozenset(value.text for value in found),
        "settings_hosts": frozenset(host for value in found for host in value.hosts),
    }


def _values_in(text: str | None) -> list[Value]:
    try:
        return list(values(Properties({"settings": json.loads(text or "null")})))
    except ValueError:
        return []


PROVIDERS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
"""Host of the repositories of a source provider."""
_GITHUB_TOKENS = "token.actions.githubusercontent.com"
"""Issuer of the tokens with which reviews at GitHub sign in (GitHub Docs, "OpenID Connect")."""


def _providers_of(organization: Organization) -> Iterator[str]:
    if host := PROVIDERS.get(organization.source.provider):
        yield host
    if organization.reviews is not None and organization.reviews.github is not None:
        yield _GITHUB_TOKENS


def _exported(text: str | None) -> dict[str, Any]:
    """Returns what upstream stacks say about the organization. If the text cannot be parsed, they name no account."""
    if text is None:
        return {}
    try:
        given = json.loads(text)
        return {
            "organization_id": str(given["id"] or ""),
            "organization_accounts": frozenset(str(account) for account in given["accounts"]),
            "endpoint_services": frozenset(str(name) for name in given.get("endpoint_services", ())),
        }
    except (ValueError, TypeError, KeyError):
        return {"organization_accounts": frozenset()}


def _sharing(identity: StackIdentity, text: str | None) -> dict[str, Any]:
    """Returns the sharing settings of a dataset. If the text cannot be parsed, the dataset is shared with nobody."""
    try:
        given = Dataset.model_validate_json(json.dumps({**json.loads(text or ""), "name": identity.dataset}))
    except (ValueError, TypeError):
        return {}
    return {
        "shared_with": given.shared_with,
        "returned_by": given.returned_by if given.zone == "results" else {},
        "for_experiments": given.approved or given.anonymised is not None,
    }
