"""Stack rules about accounts: a team's set of accounts, the account baseline, budgets and guardrails."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from policies.evaluation.readers import UNKNOWN, Properties, is_missing
from policies.evaluation.resource import PROVIDER_TYPE, Resource, StackContext
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack, refers_to
from policies.security.rules.organization.accounts import ACCOUNT, ENVIRONMENT_TAG, PROVIDER, RESERVED_PREFIX
from settings.types.aws.document_limits import (
    DOCUMENT_LIMITS,
    ORGANIZATION_POLICIES,
    POLICIES_OF_A_TARGET,
    DocumentLimit,
)
from settings.types.kinds import DURABLE_KINDS, ENVIRONMENTS
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS

BUDGET = ("aws:budgets/budget:Budget",)
UNIT = ("aws:organizations/organizationalUnit:OrganizationalUnit",)
ORGANIZATION = ("aws:organizations/organization:Organization",)
ATTACHMENT = ("aws:organizations/policyAttachment:PolicyAttachment",)
GUARDRAIL = ("aws:organizations/policy:Policy",)
WORKLOAD = (
    "aws:codebuild/project:Project",
    "aws:ec2/instance:Instance",
    "aws:ec2/vpc:Vpc",
    "aws:ecs/cluster:Cluster",
    "aws:eks/cluster:Cluster",
    "aws:emr/cluster:Cluster",
    "aws:emrserverless/application:Application",
    "aws:glue/job:Job",
    "aws:lambda/function:Function",
    "aws:sagemaker/domain:Domain",
    "aws:sagemaker/endpoint:Endpoint",
    "aws:sagemaker/model:Model",
    "aws:sagemaker/notebookInstance:NotebookInstance",
    "aws:sagemaker/pipeline:Pipeline",
)

RECORDING = (
    "aws:cfg/recorder:Recorder",
    "aws:cfg/recorderStatus:RecorderStatus",
    "aws:cfg/deliveryChannel:DeliveryChannel",
)
HARDENING = (
    "aws:accessanalyzer/analyzer:Analyzer",
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "aws:ssm/serviceSetting:ServiceSetting",
)
BASELINE = (*RECORDING, *HARDENING)
"""Resources of the account baseline. Detectors are configured through the organization (OR-03), budgets and contacts
in the stack that creates the account."""
CHANNEL = ("aws:cfg/deliveryChannel:DeliveryChannel",)
SETTING = ("aws:ssm/serviceSetting:ServiceSetting",)
NETWORKS = ("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",)
_PUBLIC_DOCUMENTS = "/ssm/documents/console/public-sharing-permission"
MANAGEMENT_PROVIDER = "organization"
"""Name of the provider of the management account, in every stack."""
_MANAGEMENT = ("organization", "identity", "team")

_LIMITS: Mapping[str, DocumentLimit] = {type_: DOCUMENT_LIMITS[kind] for type_, kind in ORGANIZATION_POLICIES.items()}
_REQUIRED_ON_UNITS = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "DECLARATIVE_POLICY_EC2")
_DEEPEST = 5
_UNBUDGETED = violation("has no budget", fix="set monthly_budget_usd of the organization")


def team_has_one_account_per_environment(stack: Stack) -> Iterator[CheckResult]:
    if stack.context.kind != "team":
        return
    accounts = stack.of(ACCOUNT)
    made = [account.properties.text("tags", ENVIRONMENT_TAG) for account in accounts]
    ids = [account.properties.text("id") for account in accounts]
    missing = sorted(set(stack.context.team_accounts) - {str(environment) for environment in made})
    for representative in stack.representative if missing else []:
        yield (
            representative,
            violation(f"creates no account for {', '.join(missing)}", fix="create one account per environment"),
        )
    for place, account in enumerate(accounts):
        if made[place] not in stack.context.team_accounts:
            yield (
                account,
                violation(
                    "belongs to no environment of the team", fix="create shared accounts in the organization stack"
                ),
            )
        elif made[place] in made[:place]:
            yield account, violation("is a second account for one environment", fix="keep one account per environment")
        if ids[place] in stack.context.durable_accounts:
            yield account, violation("is a shared account", fix="adopt an account that no other stack uses")
        elif isinstance(ids[place], str) and ids[place] in ids[:place]:
            yield (
                account,
                violation("is another environment's account", fix="adopt another, or merge them by placement"),
            )
        if is_missing(account.properties.value("tags", f"{RESERVED_PREFIX}owner")):
            yield account, violation("has no owner", fix=f"tag it with {RESERVED_PREFIX}owner")
        if not stack.referring(BUDGET, "costFilters", account):
            yield account, violation("has no budget", fix="add a budget of this linked account")


def account_has_the_baseline(stack: Stack) -> Iterator[CheckResult]:
    """Checks that a stack creates the account baseline through the account's own provider.

    The stack of a release is exempt, because the environment's stack has set its account up. It acts as the release
    role instead, which can create nothing but what serves models.
    """
    if stack.context.release:
        yield from _act_as_the_release_role(stack)
        return
    wanted = () if _is_pinned_to_another_account(stack) else _baseline_of(stack.context)
    lacking = [(provider, _missing(stack, wanted, provider.name)) for provider in _own_providers(stack)]
    if all(missing for _, missing in lacking):
        for provider, missing in lacking[:1]:
            yield provider, violation(f"leaves its account without {missing}", fix="add the account baseline")


def _act_as_the_release_role(stack: Stack) -> Iterator[CheckResult]:
    abbreviations = {str(kind): short for kind, short in ENVIRONMENT_ABBREVIATIONS.items()}
    role = f"{stack.context.release}-{abbreviations[stack.context.kind]}-release"
    for provider in stack.of((PROVIDER_TYPE,)):
        roles = provider.properties.json("assumeRoles")
        if roles is UNKNOWN:
            continue
        taken = [Properties(block).text("roleArn") for block in roles] if isinstance(roles, list) else []
        if [str(arn).rpartition("/")[2] for arn in taken] != [role]:
            yield (
                provider,
                violation("is of a release and does not act as its release role", fix=f"let it assume the role {role}"),
            )


def _own_providers(stack: Stack) -> Sequence[Resource]:
    """Returns the provider of the stack's own account, which has the account's name. If none does, returns them all."""
    providers, kind = stack.of((PROVIDER_TYPE,)), stack.context.kind
    return [
        provider for provider in providers if provider.name == kind or provider.name.endswith(f"-{kind}")
    ] or providers


def _missing(stack: Stack, wanted: Sequence[str], provider: str) -> str:
    """Returns the wanted types of which nothing is created through the provider."""
    found = {part.type for part in stack.of(wanted) if part.provider is not None and part.provider.name == provider}
    return ", ".join(type_.rpartition(":")[2] for type_ in wanted if type_ not in found)


def _baseline_of(context: StackContext) -> tuple[str, ...]:
    """Returns the baseline types that a stack must create. The management account is set up before the log archive
    exists, and an adopted organization's management account is left as it is."""
    if context.kind == "organization":
        return () if context.adopted_organization else HARDENING
    return BASELINE if context.kind not in _MANAGEMENT and context.account_of_its_own else ()


def management_account_is_recorded(stack: Stack) -> Iterator[CheckResult]:
    """Checks that the audit stack records the management account with AWS Config."""
    context = stack.context
    missing = "" if context.adopted_organization else _missing(stack, RECORDING, MANAGEMENT_PROVIDER)
    for representative in stack.representative if missing and context.kind == "audit" else []:
        yield (
            representative,
            violation(f"leaves the management account without {missing}", fix="add them for that account too"),
        )


def accounts_have_a_budget(stack: Stack) -> Iterator[CheckResult]:
    """Checks budgets of durable accounts. ST-13 checks those of a team's accounts."""
    if stack.context.kind != "organization":
        return
    for account in stack.of(ACCOUNT):
        if not stack.referring(BUDGET, "costFilters", account):
            yield account, _UNBUDGETED
    for representative in stack.representative if not stack.of(BUDGET) else []:
        yield representative, _UNBUDGETED


def has_subscribers(resource: Resource) -> Violation | None:
    if resource.properties.may_have_more("notifications"):
        return None
    subscribers = [alert.value("subscriberEmailAddresses") for alert in resource.properties.blocks("notifications")]
    subscribers += [alert.value("subscriberSnsTopicArns") for alert in resource.properties.blocks("notifications")]
    if all(map(is_missing, subscribers)):
        return violation("has no subscribers", fix="add notifications with an email address or a topic")
    return None


def delivers_to_a_bucket_without_lock(resource: Resource) -> Violation | None:
    """Checks that AWS Config does not deliver to the log archive, whose object lock refuses its deliveries
    (CloudFormation reference, ``AWS::Config::DeliveryChannel``, read 2026-11-21)."""
    bucket, archive = resource.properties.text("s3BucketName"), resource.context.log_archive
    if archive and isinstance(bucket, str) and bucket.startswith(archive):
        return violation(
            "delivers to a bucket with object lock", fix="name the audit stack's output configuration_bucket_name"
        )
    return None


def blocks_public_documents(resource: Resource) -> Violation | None:
    if resource.properties.text("settingId") not in (_PUBLIC_DOCUMENTS, UNKNOWN):
        return None
    if resource.properties.text("settingValue") in ("Disable", UNKNOWN):
        return None
    return violation("allows public documents", fix="set settingValue to Disable")


def blocks_internet_gateways(resource: Resource) -> Violation | None:
    if resource.properties.text("internetGatewayBlockMode") in ("block-bidirectional", "block-ingress", UNKNOWN):
        return None
    return violation("does not block internet gateways", fix="set internetGatewayBlockMode to block-bidirectional")


def _is_pinned_to_another_account(stack: Stack) -> bool:
    """Whether account pinning keeps an environment in another kind's account, whose stack sets that account up.

    An environment stays in the account that it was first deployed to (ACC-07), and its provider has that account's
    name.
    """
    kind = stack.context.kind
    others = tuple(f"-{environment}" for environment in ENVIRONMENTS if environment != kind)
    providers = [provider.name for provider in stack.of((PROVIDER_TYPE,))]
    elsewhere = [name in DURABLE_KINDS or name.endswith(others) for name in providers]
    return kind in ENVIRONMENTS and bool(providers) and all(elsewhere)


def is_not_in_the_management_account(resource: Resource) -> Violation | None:
    """Keeps workloads out of stacks of the management account, because guardrails do not apply to it. If the placement
    puts a kind there, the stack of that kind is exempt."""
    if resource.context.kind not in _MANAGEMENT:
        return None
    return violation("is a workload in the management account", fix="move it to a stack of another account")


def is_within_size_limit(resource: Resource) -> Violation | None:
    text, type_ = resource.properties.text("content"), resource.properties.text("type")
    if not isinstance(text, str) or not isinstance(type_, str):
        return None
    limit = _LIMITS.get(type_)
    if limit is not None and limit.measure(text) > limit.size:
        return violation("exceeds the size limit of AWS", fix=f"split it into at most {limit.size:,} characters each")
    if len(text) > len(json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)):
        return violation("contains white space", fix="remove it, because it counts towards the size limit")
    return None


def units_have_guardrails(stack: Stack) -> Iterator[CheckResult]:
    """Checks the organization stack: each unit has guardrails, attached to it or to a unit above it."""
    if stack.context.kind != "organization":
        return
    for unit in stack.of(UNIT):
        above = list(_ancestors(stack, unit))
        if len(above) > _DEEPEST + len(stack.of(ORGANIZATION)):
            yield unit, violation("is nested too deeply", fix=f"keep the tree within {_DEEPEST} levels")
        kept = {type_ for place in above for type_ in _attached(stack, place)}
        missing = [type_ for type_ in _REQUIRED_ON_UNITS if type_ not in kept]
        if missing:
            yield unit, violation(f"has no {', '.join(missing)}", fix="attach the guardrails to it or above it")


def targets_are_within_quota(stack: Stack) -> Iterator[CheckResult]:
    for target in [*stack.of(UNIT), *stack.of(ORGANIZATION), *stack.of(ACCOUNT)]:
        attached = _attached(stack, target)
        exceeded = [type_ for type_, most in POLICIES_OF_A_TARGET.items() if attached.count(type_) > most]
        if exceeded:
            yield (
                target,
                violation(f"has too many policies of type {', '.join(exceeded)}", fix="merge their statements"),
            )


def _ancestors(stack: Stack, unit: Resource) -> Iterator[Resource]:
    """Yields the unit and all its parents, up to the organization."""
    yield unit
    for parent in [*stack.of(UNIT), *stack.of(ORGANIZATION)]:
        if parent is not unit and refers_to(unit, "parentId", parent):
            yield from _ancestors(stack, parent)


def _attached(stack: Stack, target: Resource) -> list[str]:
    """Returns the types of the policies that are attached to a target."""
    attachments = stack.referring(ATTACHMENT, "targetId", target)
    policies = [policy for a in attachments for policy in stack.of(GUARDRAIL) if refers_to(a, "policyId", policy)]
    types = [policy.properties.text("type") for policy in policies]
    return [type_ for type_ in types if isinstance(type_, str)]


_TREE = (*UNIT, *ORGANIZATION, *ACCOUNT, *ATTACHMENT, *GUARDRAIL)

RULES = (
    Rule(
        id="ST-13",
        title="A team has one account per environment",
        severity="high",
        sources=("ACC-02", "COST-01"),
        remedy="Create exactly one account for each environment, with an owner and a budget. Do not adopt an account "
        "twice, or one that the settings name as a shared account. The rule does not compare a team's environment "
        "stacks with each other, because a preview of one stack does not know which version of the program deployed "
        "the others. ST-03 checks their address ranges.",
        stack_checks=(StackCheck((*PROVIDER, *ACCOUNT, *BUDGET), team_has_one_account_per_environment),),
    ),
    Rule(
        id="ST-15",
        title="Every account has its baseline",
        severity="high",
        sources=("FSBP Config.1", "FSBP EC2.7", "FSBP S3.1", "FSBP SSM.7", "ACC-08", "COST-01"),
        remedy="Add the account baseline to the stack that sets the account up, through the account's own provider. "
        "Add a budget with an alert to the stack that creates the account. Record the management account through the "
        "provider named organization. Let the provider of a release assume the release role of its use case.",
        checks=for_each(BUDGET, has_subscribers)
        | for_each(CHANNEL, delivers_to_a_bucket_without_lock)
        | for_each(SETTING, blocks_public_documents)
        | for_each(NETWORKS, blocks_internet_gateways),
        stack_checks=(
            StackCheck((*PROVIDER, *BASELINE), account_has_the_baseline),
            StackCheck((*PROVIDER, *RECORDING), management_account_is_recorded),
            StackCheck((*PROVIDER, *ACCOUNT, *BUDGET), accounts_have_a_budget),
        ),
    ),
    Rule(
        id="ST-16",
        title="Every unit has guardrails, and workloads stay out of the management account",
        severity="critical",
        sources=("CIS 7.0 2.1.3", "CIS 7.0 2.1.4", "Organizations User Guide, quotas"),
        remedy="Attach service control, resource control and declarative policies to every unit or above it, within "
        "AWS's limits. Keep workloads out of the management account.",
        checks=for_each(WORKLOAD, is_not_in_the_management_account) | for_each(GUARDRAIL, is_within_size_limit),
        stack_checks=(StackCheck(_TREE, units_have_guardrails), StackCheck(_TREE, targets_are_within_quota)),
    ),
)
