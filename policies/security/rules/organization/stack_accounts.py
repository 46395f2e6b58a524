"""Rules about accounts as a whole: a team's set, what every account gets first, and what hangs over them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from policies.security.inputs.readers import UNKNOWN, lacks
from policies.security.inputs.stack import Stack, names
from policies.security.inputs.subject import PROVIDER_TYPE, Subject, Surroundings
from policies.security.rule import Judgement, Relation, Rule, Verdict, for_each, refuse
from policies.security.rules.organization.accounts import ACCOUNT, ENVIRONMENT_TAG, PROVIDER, RESERVED_PREFIX
from settings.types.kinds import DURABLE_KINDS, ENVIRONMENTS

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
CLOSING = (
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
BASELINE = (*RECORDING, *CLOSING)
"""What an account gets before anything runs in it. Detectors reach it through the organization (OR-03), budgets and
contacts through the stack that makes it."""
SETTING = ("aws:ssm/serviceSetting:ServiceSetting",)
NETWORKS = ("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",)
_PUBLIC_DOCUMENTS = "/ssm/documents/console/public-sharing-permission"
MANAGEMENT_PROVIDER = "organization"
"""Name of every stack's provider of the management account."""
_MANAGEMENT = ("organization", "identity", "team")

_SIZES: Mapping[str, int] = {
    "SERVICE_CONTROL_POLICY": 10_240,
    "RESOURCE_CONTROL_POLICY": 5_120,
    "DECLARATIVE_POLICY_EC2": 10_000,
    "TAG_POLICY": 10_000,
    "BACKUP_POLICY": 10_000,
    "AISERVICES_OPT_OUT_POLICY": 2_500,
}
_MOST_ATTACHED: Mapping[str, int] = {"SERVICE_CONTROL_POLICY": 9, "RESOURCE_CONTROL_POLICY": 4}
"""Ten and five, of which the one that allows everything takes one (Organizations User Guide, "Quotas")."""
_EVERY_UNIT_HAS = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "DECLARATIVE_POLICY_EC2")
_DEEPEST = 5
_UNBUDGETED = refuse("has no budget", fix="set monthly_budget_usd of the organization")


def team_is_complete(stack: Stack) -> Iterator[Judgement]:
    if stack.surroundings.kind != "team":
        return
    accounts = stack.of(ACCOUNT)
    made = [account.properties.text("tags", ENVIRONMENT_TAG) for account in accounts]
    ids = [account.properties.text("id") for account in accounts]
    missing = sorted(set(stack.surroundings.team_accounts) - {str(environment) for environment in made})
    for itself in stack.itself if missing else []:
        yield itself, refuse(f"makes no account for {', '.join(missing)}", fix="make one account per environment")
    for place, account in enumerate(accounts):
        if made[place] not in stack.surroundings.team_accounts:
            yield (
                account,
                refuse("is of no environment of the team", fix="make shared accounts elsewhere"),
            )
        elif made[place] in made[:place]:
            yield account, refuse("is a second account for one environment", fix="keep one account per environment")
        if ids[place] in stack.surroundings.durable_accounts:
            yield account, refuse("is a shared account", fix="adopt an account that holds nobody else's data")
        elif isinstance(ids[place], str) and ids[place] in ids[:place]:
            yield (
                account,
                refuse("is another environment's account", fix="adopt another, or merge them by placement"),
            )
        if lacks(account.properties.value("tags", f"{RESERVED_PREFIX}owner")):
            yield account, refuse("has no owner", fix=f"tag it with {RESERVED_PREFIX}owner")
        if not stack.naming(BUDGET, "costFilters", account):
            yield account, refuse("has no budget", fix="add a budget of this linked account")


def have_the_baseline(stack: Stack) -> Iterator[Judgement]:
    """Through the provider of the account: what lands in another account is not this one's."""
    wanted = () if _was_settled_elsewhere(stack) else _baseline_of(stack.surroundings)
    lacking = [(provider, _missing(stack, wanted, provider.name)) for provider in _own_providers(stack)]
    if all(missing for _, missing in lacking):
        for provider, missing in lacking[:1]:
            yield provider, refuse(f"leads to an account without {missing}", fix="add the account baseline")


def _own_providers(stack: Stack) -> Sequence[Subject]:
    """That of the account whose stack it is, named as the account, for others let it into what others share; where none
    is named so, it may be any."""
    providers, kind = stack.of((PROVIDER_TYPE,)), stack.surroundings.kind
    return [one for one in providers if one.name == kind or one.name.endswith(f"-{kind}")] or providers


def _missing(stack: Stack, wanted: Sequence[str], provider: str) -> str:
    """The types of which nothing is made through a provider."""
    found = {part.type for part in stack.of(wanted) if part.provider is not None and part.provider.name == provider}
    return ", ".join(type_.rpartition(":")[2] for type_ in wanted if type_ not in found)


def _baseline_of(around: Surroundings) -> tuple[str, ...]:
    """The management account is set up before there is an archive, and not at all if it was there before."""
    if around.kind == "organization":
        return () if around.adopted_organization else CLOSING
    return BASELINE if around.kind not in _MANAGEMENT and around.account_of_its_own else ()


def record_the_management_account(stack: Stack) -> Iterator[Judgement]:
    """In the stack that keeps the archive, whether it is there itself or not."""
    around = stack.surroundings
    missing = "" if around.adopted_organization else _missing(stack, RECORDING, MANAGEMENT_PROVIDER)
    for itself in stack.itself if missing and around.kind == "audit" else []:
        yield itself, refuse(f"leaves the management account without {missing}", fix="record that account too")


def have_a_budget(stack: Stack) -> Iterator[Judgement]:
    """Of the durable accounts; those of a team are a part of its set (ST-13)."""
    if stack.surroundings.kind != "organization":
        return
    for account in stack.of(ACCOUNT):
        if not stack.naming(BUDGET, "costFilters", account):
            yield account, _UNBUDGETED
    for itself in stack.itself if not stack.of(BUDGET) else []:
        yield itself, _UNBUDGETED


def tells_when_it_is_reached(subject: Subject) -> Verdict:
    if subject.properties.may_hold_more("notifications"):
        return None
    told = [alert.value("subscriberEmailAddresses") for alert in subject.properties.blocks("notifications")]
    told += [alert.value("subscriberSnsTopicArns") for alert in subject.properties.blocks("notifications")]
    if all(map(lacks, told)):
        return refuse("is reached without a word", fix="add notifications to somebody's mailbox")
    return None


def shares_no_documents(subject: Subject) -> Verdict:
    if subject.properties.text("settingId") not in (_PUBLIC_DOCUMENTS, UNKNOWN):
        return None
    if subject.properties.text("settingValue") in ("Disable", UNKNOWN):
        return None
    return refuse("lets documents become public", fix="set settingValue to Disable")


def shuts_networks(subject: Subject) -> Verdict:
    if subject.properties.text("internetGatewayBlockMode") in ("block-bidirectional", "block-ingress", UNKNOWN):
        return None
    return refuse("leaves networks open", fix="set internetGatewayBlockMode to block-bidirectional")


def _was_settled_elsewhere(stack: Stack) -> bool:
    """An environment stays in the account that it was first deployed to (ACC-07), after which its provider is named.

    The account is then another kind's, whose stack sets it up.
    """
    kind = stack.surroundings.kind
    others = tuple(f"-{environment}" for environment in ENVIRONMENTS if environment != kind)
    providers = [provider.name for provider in stack.of((PROVIDER_TYPE,))]
    elsewhere = [name in DURABLE_KINDS or name.endswith(others) for name in providers]
    return kind in ENVIRONMENTS and bool(providers) and all(elsewhere)


def stays_out_of_the_management_account(subject: Subject) -> Verdict:
    """Guardrails do not reach the management account. Where a placement puts work there, its own stack says so."""
    if subject.surroundings.kind not in _MANAGEMENT:
        return None
    return refuse("works in the management account", fix="move it to a stack of its own account")


def fits_its_limit(subject: Subject) -> Verdict:
    text, type_ = subject.properties.text("content"), subject.properties.text("type")
    if not isinstance(text, str) or not isinstance(type_, str):
        return None
    if len(text) > _SIZES.get(type_, len(text)):
        return refuse("is longer than AWS takes", fix=f"split it: {_SIZES[type_]:,} characters at most")
    if len(text) > len(json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)):
        return refuse("pays for white space", fix="write it without any: it counts")
    return None


def every_unit_is_guarded(stack: Stack) -> Iterator[Judgement]:
    """In the stack that makes the tree. What hangs on a unit holds for all below it."""
    if stack.surroundings.kind != "organization":
        return
    for unit in stack.of(UNIT):
        above = list(_line(stack, unit))
        if len(above) > _DEEPEST + len(stack.of(ORGANIZATION)):
            yield unit, refuse("hangs too deep", fix=f"keep the tree within {_DEEPEST} levels")
        kept = {type_ for place in above for type_ in _attached(stack, place)}
        missing = [type_ for type_ in _EVERY_UNIT_HAS if type_ not in kept]
        if missing:
            yield unit, refuse(f"has no {', '.join(missing)}", fix="attach the guardrails to it or above it")


def targets_carry_what_they_can(stack: Stack) -> Iterator[Judgement]:
    for target in [*stack.of(UNIT), *stack.of(ORGANIZATION), *stack.of(ACCOUNT)]:
        attached = _attached(stack, target)
        crowded = [type_ for type_, most in _MOST_ATTACHED.items() if attached.count(type_) > most]
        if crowded:
            yield target, refuse(f"carries too many of {', '.join(crowded)}", fix="put their statements together")


def _line(stack: Stack, unit: Subject) -> Iterator[Subject]:
    """The unit and all above it, up to the organization."""
    yield unit
    for parent in [*stack.of(UNIT), *stack.of(ORGANIZATION)]:
        if parent is not unit and names(unit, "parentId", parent):
            yield from _line(stack, parent)


def _attached(stack: Stack, target: Subject) -> list[str]:
    """The types of the policies that are attached to a target."""
    attachments = stack.naming(ATTACHMENT, "targetId", target)
    policies = [policy for a in attachments for policy in stack.of(GUARDRAIL) if names(a, "policyId", policy)]
    types = [policy.properties.text("type") for policy in policies]
    return [type_ for type_ in types if isinstance(type_, str)]


_TREE = (*UNIT, *ORGANIZATION, *ACCOUNT, *ATTACHMENT, *GUARDRAIL)

RULES = (
    Rule(
        id="ST-13",
        title="A team's set of accounts is complete",
        severity="high",
        sources=("ACC-02", "COST-01"),
        remedy="Make one account for each environment, with an owner and a budget, and no other; adopt no account "
        "twice, and none that the settings know as a shared one. The stacks of its environments are each for itself "
        "here: which version of the program deployed them no preview of one tells, and their addresses are held to the "
        "plan by ST-03.",
        relations=(Relation((*PROVIDER, *ACCOUNT, *BUDGET), team_is_complete),),
    ),
    Rule(
        id="ST-15",
        title="Every account has its baseline",
        severity="high",
        sources=("FSBP Config.1", "FSBP EC2.7", "FSBP S3.1", "FSBP SSM.7", "ACC-08", "COST-01"),
        remedy="Add the account baseline to the stack that sets the account up, through the account's own provider, "
        "and a budget with an alert to the one that makes it. Recording of the management account goes through the "
        "provider organization.",
        judges=for_each(BUDGET, tells_when_it_is_reached)
        | for_each(SETTING, shares_no_documents)
        | for_each(NETWORKS, shuts_networks),
        relations=(
            Relation((*PROVIDER, *BASELINE), have_the_baseline),
            Relation((*PROVIDER, *RECORDING), record_the_management_account),
            Relation((*PROVIDER, *ACCOUNT, *BUDGET), have_a_budget),
        ),
    ),
    Rule(
        id="ST-16",
        title="Guardrails hang over every unit, and work stays under them",
        severity="critical",
        sources=("CIS 7.0 2.1.3", "CIS 7.0 2.1.4", "Organizations User Guide, quotas"),
        remedy="Attach service, resource and declarative policies above every unit, within AWS's limits; keep work out "
        "of the management account.",
        judges=for_each(WORKLOAD, stays_out_of_the_management_account) | for_each(GUARDRAIL, fits_its_limit),
        relations=(Relation(_TREE, every_unit_is_guarded), Relation(_TREE, targets_carry_what_they_can)),
    ),
)
