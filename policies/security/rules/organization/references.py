"""Rules about what the values of any property name: accounts and organizations, and policies that no rule reads.

They read values and not properties, so they also hold for properties that a later version of the provider adds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from ipaddress import ip_address
from itertools import chain

from policies.evaluation.readers import Unknown
from policies.evaluation.resource import Resource
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
from policies.security.rules.identity.stack_identities import DOCUMENTS
from policies.security.rules.organization.resource_types import is_component
from settings.types.aws.image_registries import IMAGE_PUBLISHERS

GUARDRAIL = "aws:organizations/policy:Policy"
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
_ACCOUNT = ("aws:organizations/account:Account",)
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


_CREATES_BUCKETS = ("aws:s3/bucket:Bucket",)
"""Types whose property ``bucket`` names a bucket that does not exist yet. S3-11 requires the account in its name."""
_ENDPOINT = re.compile(
    r"(?:api\.|data\.|runtime\.)?(?!(?:elb|execute-api|vpce)\.)[a-z0-9-]+\.(?:[a-z]{2}(?:-[a-z]+)+-\d\.)?amazonaws\.com"
    r"|(?:[a-z0-9-]+\.)*(?:console|docs)\.aws\.amazon\.com|aws\.amazon\.com"
)
"""Endpoint of a service of AWS, of its console or documentation. Hosts of customers, such as APIs, load balancers and
buckets, have a name of their own before that of the service (AWS General Reference, "Service endpoints")."""
_INSIDE = (".cluster.local", ".svc", ".internal")
"""Ends of names that a resolver in the network answers only."""


_IMAGE_KEY = re.compile(r"[A-Za-z]*[iI]mage(?:Uri)?")
"""Property that names a container image, such as ``baseImage`` and ``ImageUri``."""
_IMAGE = re.compile(r"(?!sha256:)[\w.:-]+(?:/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?")
"""Name of a container image: no digest alone, and nothing that has spaces or braces."""
_REGISTRY = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com/")
_CURATED = ("aws/codebuild/",)
"""Images that CodeBuild has on its hosts (CodeBuild User Guide, "Docker images provided by CodeBuild")."""


def names_own_accounts(resource: Resource) -> Violation | None:
    if resource.context.kind in _CREATES_ACCOUNTS:
        return None
    return _names_others(resource, ())


def names_accounts_of_the_stack(stack: Stack) -> Iterator[CheckResult]:
    """Checks the stacks that create accounts, whose ids AWS assigns, once all of them are known."""
    if stack.context.kind not in _CREATES_ACCOUNTS:
        return
    created = [account.properties.text("id") for account in stack.of(_ACCOUNT)]
    known = {one for one in created if isinstance(one, str)}
    for resource in stack.everything:
        yield resource, _names_others(resource, known)


def _names_others(resource: Resource, created: Collection[str]) -> Violation | None:
    own, context = resource.account_ids, resource.context
    if is_component(resource) or resource.type.startswith("pulumi:") or isinstance(own, Unknown):
        return None
    read = list(values(resource.properties, without=JUDGED.get(resource.type, ())))
    exported = context.organization_accounts
    known = {*own, *created, *context.settings_accounts, *(exported or ()), *IMAGE_PUBLISHERS}
    judged = [] if exported is None and _is_used_elsewhere(resource.type) else read
    accounts = (_strange_account(value) for value in judged if value.accounts - known)
    return first(chain(accounts, _strange_organizations(read, context.organization_id)))


def _is_used_elsewhere(type_: str) -> bool:
    return type_ in ELSEWHERE or not type_.startswith("aws:")


def _strange_account(value: Value) -> Violation:
    return violation(
        f"names an account that is not one of the organization in {value.place}",
        fix="name accounts of the organization, or add the account to partner_accounts of the organization",
    )


def _strange_organizations(read: Iterable[Value], ours: str) -> Iterator[Violation]:
    for value in read:
        if ours and value.organizations - {ours}:
            yield violation(f"names another organization in {value.place}", fix="name the own organization")


def names_own_buckets(resource: Resource) -> Violation | None:
    if is_component(resource) or resource.type in _CREATES_BUCKETS:
        return None
    for value in values(resource.properties, without=JUDGED.get(resource.type, ())):
        if any(name not in resource.context.settings_names for name in value.buckets):
            return violation(
                f"names a bucket without its account in {value.place}",
                fix="use a bucket in the account-regional namespace, or name the bucket in the settings",
            )
    return None


def leads_to_known_hosts(resource: Resource) -> Violation | None:
    if is_component(resource) or resource.type.startswith("pulumi:"):
        return None
    for value in values(resource.properties, without=JUDGED.get(resource.type, ())):
        if any(host not in resource.context.settings_hosts and not _is_known(host) for host in value.hosts):
            return violation(
                f"has an address outside AWS and the settings in {value.place}",
                fix="use an endpoint of an AWS service, a host of the settings, or a name inside the network",
            )
    return None


def runs_images_of_registries(resource: Resource) -> Violation | None:
    if is_component(resource):
        return None
    for value in values(resource.properties, without=JUDGED.get(resource.type, ())):
        named = not value.is_key and _IMAGE_KEY.fullmatch(value.path[-1]) and _IMAGE.fullmatch(value.text)
        if named and not value.text.startswith(_CURATED) and not _REGISTRY.match(value.text):
            return violation(
                f"runs an image of a public registry in {value.place}",
                fix="push it to tooling's registry, which scans it",
            )
    return None


def _is_known(host: str) -> bool:
    if _ENDPOINT.fullmatch(host) or host.endswith(_INSIDE):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False


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
        id="OR-11",
        title="Values name buckets that carry their account, or that the settings name",
        severity="critical",
        sources=("data perimeter, untrusted resources", "S3 User Guide, account-regional namespaces"),
        remedy="Anybody can create a bucket with any free name in the global namespace. Use buckets whose names end in "
        "their account and region, so that OR-09 sees whose they are, or name an existing bucket in the settings.",
        checks={EVERY_RESOURCE: names_own_buckets},
    ),
    Rule(
        id="OR-12",
        title="Addresses lead to AWS, to the own network or to hosts of the settings",
        severity="high",
        sources=("data perimeter, untrusted endpoints", "NW-01"),
        remedy="Use endpoints of AWS services and names inside the network. Name the hosts of packages, repositories "
        "and issuers of tokens in the settings of the organization.",
        checks={EVERY_RESOURCE: leads_to_known_hosts},
    ),
    Rule(
        id="OR-13",
        title="Container images come from registries of ECR",
        severity="high",
        sources=("EXP-09", "MLSEC04-BP03"),
        remedy="Push images to tooling's registry, where they are scanned. OR-09 judges the account of a registry.",
        checks={EVERY_RESOURCE: runs_images_of_registries},
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
