"""Stack rules about identities: role policies belong to the role's stack, and policies stay in the organization."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from policies.evaluation.policy_attachments import (
    IDENTITY_POLICY,
    RESOURCE_POLICY,
    ROLE,
    grants,
    is_boundary,
    resource_grants,
    trust,
)
from policies.evaluation.policy_documents import (
    CALLER_KEYS,
    ORGANIZATION_KEYS,
    Statement,
    account_of,
    statements,
)
from policies.evaluation.readers import Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, first, for_each, in_statement, violation
from policies.evaluation.stack import Stack, refers_to
from policies.security.rules.identity.permissions import reads
from policies.security.rules.identity.roles import SENDS_NO_SOURCE
from policies.security.rules.network.endpoints import ENDPOINT, ENDPOINT_POLICY

ROLE_POLICY = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment")

_SOURCES = frozenset(
    {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "kms:calleraccount"}
)
_CALLERS = frozenset({"aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "kms:calleraccount"})
_RESOURCE_ORGANIZATION = frozenset({"aws:resourceorgid", "aws:resourceorgpaths"})
_RESOURCE_ACCOUNT = frozenset({"aws:resourceaccount"})
_ORGANIZATIONS = ORGANIZATION_KEYS | _RESOURCE_ORGANIZATION | {"aws:vpceorgid", "aws:vpceorgpaths"}
_ACCOUNT_OF_ARN = re.compile(r"arn:aws[\w-]*:[^:]*:[^:]*:(\d{12}):")
_ACCOUNT_IN_VALUE = re.compile(r"(?:arn:aws[\w-]*:(?:[^:]*:[^:]*:|s3:::[^/]*-))?(\d{12})(?![^:-])")
"""Account of a condition value: an id, an ARN, or the ARN of a bucket in the account-regional namespace."""
DOCUMENTS: Mapping[str, str] = {
    **RESOURCE_POLICY,
    **IDENTITY_POLICY,
    **dict.fromkeys(ROLE, "assumeRolePolicy"),
    **dict.fromkeys((*ENDPOINT, *ENDPOINT_POLICY), "policy"),
}
"""Property that contains a policy document, by type."""
_PREFLIGHT_CHECKS = frozenset({"s3:getbucketacl", "s3:listbucket"})
_NAMES_AN_ACCOUNT = re.compile(r"[:-]\d{12}[:-]")
_CONTEXT = "kms:encryptioncontext:"
"""Condition key prefix for what a service encrypts, whose ARN contains the account (KMS Developer Guide, "Encryption
context")."""


def role_policies_belong_to_roles_of_the_stack(stack: Stack) -> Iterator[CheckResult]:
    """Checks that role policies are attached to roles of the same stack, each once. Another stack's role may belong to
    another team or have no permissions boundary."""
    roles = stack.of(ROLE)
    seen: set[tuple[object, object]] = set()
    for policy in stack.of(ROLE_POLICY):
        if not any(refers_to(policy, "role", role) for role in roles):
            yield (
                policy,
                violation("changes a role of another stack", fix="create the role and its policies in one stack"),
            )
        attachment = (policy.properties.value("role"), policy.properties.value("policyArn"))
        if None not in attachment and not any(isinstance(part, Unknown) for part in attachment) and attachment in seen:
            yield policy, violation("attaches a policy a second time", fix="attach each policy once")
        seen.add(attachment)


def trust_has_conditions(resource: Resource) -> Violation | None:
    """Requires a condition in each trust statement. A principal alone is not enough: a service, for example, also acts
    for its other customers. Services that use roles of the same account only send nothing to compare."""
    if all(statement.conditions or _is_for_its_account(statement) for statement in trust(resource)):
        return None
    return violation("can be assumed unconditionally", fix="add a condition to each statement of its trust policy")


def _is_for_its_account(statement: Statement) -> bool:
    """Returns whether a statement trusts only services that use roles of the same account."""
    services = statement.principals_of("Service")
    others = statement.principals_of("AWS") or statement.has_other_principals or statement.is_for_everybody
    return bool(services) and not others and set(services) <= SENDS_NO_SOURCE


def admits_only_the_organization(resource: Resource) -> Violation | None:
    return names_the_declared_organization(resource) or first(
        in_statement(statement, _admits_unknown_accounts(statement, resource))
        for statement in resource_grants(resource)
    )


def _admits_unknown_accounts(statement: Statement, resource: Resource) -> Violation | None:
    principals = [name for name in statement.principals_of("AWS") if name != "*"]
    if not all(map(account_of, principals)) or statement.has_other_principals:
        return violation("names a principal without an account", fix="name roles by their ARN")
    if statement.is_for_everybody and not statement.is_confined_by(CALLER_KEYS):
        return violation(
            "admits every principal", fix="name principals, or add a condition on aws:PrincipalOrgID without wildcards"
        )
    if _foreign(statement, resource) and not statement.is_confined_by(ORGANIZATION_KEYS):
        return violation(
            "names an account that may leave the organization", fix="add a condition on aws:PrincipalOrgID"
        )
    if not statement.principals_of("Service") or _is_preflight_check(statement):
        return None
    if not _names_its_source(statement):
        return violation(
            "allows a service on behalf of any account", fix="add a condition on aws:SourceAccount or aws:SourceOrgID"
        )
    if not statement.is_confined_by(ORGANIZATION_KEYS) and unknown_accounts(
        _accounts_in_conditions(statement, _SOURCES), resource
    ):
        return violation(
            "allows a service on behalf of an account that may leave the organization",
            fix="add a condition on aws:SourceOrgID",
        )
    return None


def _is_preflight_check(statement: Statement) -> bool:
    """Whether a statement allows only the checks that a service makes without source keys before it writes (guides of
    AWS Config and log delivery)."""
    return set(statement.actions) <= _PREFLIGHT_CHECKS


def _foreign(statement: Statement, resource: Resource) -> set[str]:
    """Returns unknown accounts among the principals, or in conditions on the caller if every principal is named."""
    named = _accounts_in_conditions(statement, _CALLERS) if statement.is_for_everybody else statement.accounts
    return unknown_accounts(named, resource)


def unknown_accounts(accounts: set[str], resource: Resource) -> set[str]:
    """Returns accounts that are neither the resource's own nor named by the settings. Only AWS knows at run time
    whether they belong to the organization."""
    own = resource.account_ids
    context = resource.context
    declared = {
        *context.partner_accounts, *context.durable_accounts, *context.adopted_accounts, *context.settings_accounts
    }  # fmt: skip
    return set() if isinstance(own, Unknown) else accounts - {*own, *declared}


def _accounts_in_conditions(statement: Statement, keys: Collection[str]) -> set[str]:
    """Returns the accounts in condition values, as ids or in ARNs."""
    said = [value for test in statement.conditions if test.key in keys for value in test.values]
    found = [match for value in said if (match := _ACCOUNT_IN_VALUE.match(value))]
    return {match[1] for match in found}


def _names_its_source(statement: Statement) -> bool:
    by_context = [test for test in statement.conditions if test.key.startswith(_CONTEXT) and test.confines]
    if any(all(map(_NAMES_AN_ACCOUNT.search, test.values)) for test in by_context):
        return True
    return statement.is_confined_by(_SOURCES)


def reaches_only_the_organization(resource: Resource) -> Violation | None:
    """Checks the resources of identity policies. Pulling images is exempt, because AWS publishes images from its own
    accounts."""
    another = names_the_declared_organization(resource)
    if another is not None:
        return another
    if is_boundary(resource) or not any(
        _reaches_unknown_accounts(statement, resource) for statement in grants(resource)
    ):
        return None
    return violation(
        "allows access to an account that may leave the organization", fix="add a condition on aws:ResourceOrgID"
    )


def _reaches_unknown_accounts(statement: Statement, resource: Resource) -> bool:
    pulls = all(action.startswith("ecr:") and reads(action) for action in statement.actions)
    if pulls or statement.is_confined_by(_RESOURCE_ORGANIZATION):
        return False
    named = {match[1] for arn in statement.resources if (match := _ACCOUNT_OF_ARN.match(arn))}
    confined = statement.is_confined_by(_RESOURCE_ACCOUNT)
    return bool(
        unknown_accounts(_accounts_in_conditions(statement, _RESOURCE_ACCOUNT) if confined else named, resource)
    )


_ANOTHER_ORGANIZATION = violation("names another organization", fix="name the own organization in conditions")


def documents_name_one_organization(stack: Stack) -> Iterator[CheckResult]:
    """Checks that all policy documents name the same organization: the one in the settings, or else the one that most
    documents name. A condition on another organization admits its members."""
    named = [(attached_to, _organizations(attached_to)) for attached_to in stack.of(tuple(DOCUMENTS))]
    counted = Counter(organization for _, found in named for organization in set(found))
    ours = stack.context.organization_id or next((organization for organization, _ in counted.most_common(1)), "")
    for attached_to, found in named:
        if set(found) - {ours}:
            yield attached_to, _ANOTHER_ORGANIZATION


def names_the_declared_organization(resource: Resource) -> Violation | None:
    """Checks a document before its resource is created, if the settings contain the id of the organization."""
    ours = resource.context.organization_id
    return _ANOTHER_ORGANIZATION if ours and set(_organizations(resource)) - {ours} else None


def _organizations(attached_to: Resource) -> list[str]:
    """Returns the organization ids in conditions. Organization paths begin with the id."""
    found = statements(attached_to.properties, DOCUMENTS[attached_to.type])
    tests = [test for statement in (found if isinstance(found, list) else []) for test in statement.conditions]
    named = [value for test in tests if test.key in _ORGANIZATIONS for value in test.values]
    return [value.partition("/")[0] for value in named if value.startswith("o-")]


RULES = (
    Rule(
        id="ST-05",
        title="Role policies belong to the role's stack",
        severity="high",
        sources=("ACC-04",),
        remedy="Create a role and its policies in one stack, attach each policy once, and add a condition to each "
        "trust statement.",
        checks=for_each(ROLE, trust_has_conditions),
        stack_checks=(StackCheck((*ROLE, *ROLE_POLICY), role_policies_belong_to_roles_of_the_stack),),
    ),
    Rule(
        id="ST-06",
        title="Policies give access only to and within the organization",
        severity="critical",
        sources=("RCP-01", "RCP-02", "data perimeter resource policies"),
        remedy="Name principals, or add conditions whose values leave neither the account nor the organization nor the "
        "network open: aws:PrincipalOrgID for accounts, aws:SourceAccount or aws:SourceOrgID for services, "
        "aws:ResourceOrgID for resources of other accounts. Name one organization throughout. A preview has no list of "
        "accounts: it knows the own one, those that the settings name by id, and partner_accounts. Only AWS knows "
        "whether any other account belongs to the organization, so the condition is required.",
        checks=for_each(tuple(RESOURCE_POLICY), admits_only_the_organization)
        | for_each((*IDENTITY_POLICY, *ROLE), reaches_only_the_organization)
        | for_each((*ENDPOINT, *ENDPOINT_POLICY), names_the_declared_organization),
        stack_checks=(StackCheck(tuple(DOCUMENTS), documents_name_one_organization),),
    ),
)
