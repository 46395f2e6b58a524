"""Rules about what the values of any property name: accounts and organizations, and policies that no rule reads.

They read values and not properties, so they also hold for properties that a later version of the provider adds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain

from policies.evaluation.readers import Unknown
from policies.evaluation.resource import PROVIDER_TYPE, Resource
from policies.evaluation.rule import (
    EVERY_AWS_RESOURCE,
    EVERY_RESOURCE,
    CheckResult,
    Rule,
    StackCheck,
    Violation,
    first,
    violation,
)
from policies.evaluation.stack import Stack
from policies.evaluation.values import Value, documents, values
from policies.security.rules.identity.condition_values import GUARDRAIL
from policies.security.rules.identity.stack_identities import DOCUMENTS
from policies.security.rules.organization.accounts import ACCOUNT
from policies.security.rules.organization.resource_types import is_component
from settings.types.aws.image_registries import IMAGE_PUBLISHERS

JUDGED: Mapping[str, frozenset[str]] = {
    **{type_: frozenset({key}) for type_, key in DOCUMENTS.items()},
    GUARDRAIL: frozenset({"content"}),
    "aws:iam/role:Role": frozenset({"assumeRolePolicy", "inlinePolicies"}),
}
"""Properties with policy documents, by type. Rules about statements read them with their conditions."""
_POLICY_OF_A_BODY = ("body", "x-amazon-apigateway-policy")
"""Place of the policy in the OpenAPI document of an API, which AG-01 reads."""
_CREATES_ACCOUNTS = frozenset({"organization", "team"})
"""Kinds of stack whose resources name accounts that the same stack creates."""
_PROVIDERS = (PROVIDER_TYPE, "pulumi:providers:aws-native")
ELSEWHERE = frozenset(
    {
        "aws:account/alternativeContact:AlternativeContact",
        "aws:budgets/budget:Budget",
        "aws:cfg/deliveryChannel:DeliveryChannel",
        "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount",
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:codebuild/project:Project",
        "aws:ec2/flowLog:FlowLog",
        "aws:glue/catalogDatabase:CatalogDatabase",
        "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount",
        "aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount",
        "aws:lakeformation/permissions:Permissions",
        "aws:macie2/organizationAdminAccount:OrganizationAdminAccount",
        "aws:networkfirewall/loggingConfiguration:LoggingConfiguration",
        "aws:oam/link:Link",
        "aws:organizations/delegatedAdministrator:DelegatedAdministrator",
        "aws:organizations/policyAttachment:PolicyAttachment",
        "aws:ram/principalAssociation:PrincipalAssociation",
        "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount",
        "aws:ssoadmin/accountAssignment:AccountAssignment",
    }
)
"""Types with which stacks of the foundation name other accounts of the organization. Without a list of its accounts,
nobody can tell whose they are."""


def read(resource: Resource) -> Iterator[Value]:
    """Yields the known texts of a resource or provider of AWS, without the policy documents that other rules read.

    A component has none, because its parts are judged one by one.
    """
    if is_component(resource) and resource.type not in _PROVIDERS:
        return iter(())
    return values(resource.properties, without=JUDGED.get(resource.type, ()))


def names_own_accounts(resource: Resource) -> Violation | None:
    if resource.context.kind in _CREATES_ACCOUNTS:
        return None
    return _names_others(resource, ())


def names_accounts_of_the_stack(stack: Stack) -> Iterator[CheckResult]:
    """Checks the stacks that create accounts, whose ids AWS assigns, once all of them are known."""
    if stack.context.kind not in _CREATES_ACCOUNTS:
        return
    created = [account.properties.text("id") for account in stack.of(ACCOUNT)]
    known = {id_ for id_ in created if isinstance(id_, str)}
    for resource in stack.everything:
        yield resource, _names_others(resource, known)


def _names_others(resource: Resource, created: Collection[str]) -> Violation | None:
    own, context = resource.account_ids, resource.context
    if resource.type.startswith("pulumi:") or isinstance(own, Unknown):
        return None
    found = list(read(resource))
    exported = context.organization_accounts
    known = {*own, *created, *context.settings_accounts, *(exported or ()), *IMAGE_PUBLISHERS}
    judged = [] if exported is None and _is_used_elsewhere(resource.type) else found
    accounts = (_strange_account(value) for value in judged if value.accounts - known)
    return first(chain(accounts, _strange_organizations(found, context.organization_id)))


def _is_used_elsewhere(type_: str) -> bool:
    return type_ in ELSEWHERE or not type_.startswith("aws:")


def _strange_account(value: Value) -> Violation:
    return violation(
        f"names an account that is not one of the organization in {value.place}",
        fix="name accounts of the organization, or add the account to partner_accounts of the organization",
    )


def _strange_organizations(found: Iterable[Value], ours: str) -> Iterator[Violation]:
    for value in found:
        if ours and value.organizations - {ours}:
            yield violation(f"names another organization in {value.place}", fix="name the own organization")


def has_documents_that_rules_read(resource: Resource) -> Violation | None:
    for path in documents(resource.properties, without=JUDGED.get(resource.type, ())):
        if path != _POLICY_OF_A_BODY:
            return violation(
                f"has a policy document that no rule reads in {'.'.join(path)}",
                fix="use the type of the provider that attaches this policy",
            )
    return None


RULES = (
    Rule(
        id="OR-09",
        title="Values name accounts of the organization",
        severity="critical",
        sources=("data perimeter, untrusted resources", "RCP-02"),
        remedy="Name accounts that the settings name, that the stack creates, or that upstream stacks export. `plinth` "
        "tells the pack the accounts that upstream stacks export; with plain Pulumi, set PLINTH_ORGANIZATION. Add an "
        "account of another organization to partner_accounts. Every property of every type is read, also inside of "
        "JSON; policy documents are read by the rules about statements.",
        checks={EVERY_RESOURCE: names_own_accounts},
        stack_checks=(StackCheck((EVERY_AWS_RESOURCE,), names_accounts_of_the_stack),),
    ),
    Rule(
        id="OR-10",
        title="Policy documents are where rules read them",
        severity="critical",
        sources=("data perimeter, services without a rule",),
        remedy="Attach policies with types whose documents the rules read. Some services also accept a policy inside "
        "of another property, such as a template or a body.",
        checks={EVERY_RESOURCE: has_documents_that_rules_read},
    ),
)
