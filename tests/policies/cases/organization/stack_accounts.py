"""Cases of policies/security/rules/organization/stack_accounts.py."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import PROVIDER_TYPE
from settings.types.kinds import ENVIRONMENTS
from tests.policies.case import OWN_ACCOUNT, Case, Member, Situation, StackCase, but, stack_context

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
BASELINE = (
    "aws:cfg/recorder:Recorder",
    "aws:cfg/recorderStatus:RecorderStatus",
    "aws:cfg/deliveryChannel:DeliveryChannel",
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


ACCOUNT, BUDGET = "aws:organizations/account:Account", "aws:budgets/budget:Budget"
UNIT, ROOT = "aws:organizations/organizationalUnit:OrganizationalUnit", "aws:organizations/organization:Organization"
GUARDRAIL, ATTACHMENT = "aws:organizations/policy:Policy", "aws:organizations/policyAttachment:PolicyAttachment"


def compact(size: int) -> str:
    """Returns a document with a number of characters."""
    return json.dumps({"Sid": "x" * (size - len('{"Sid":""}'))}, separators=(",", ":"))


WORK = [
    Case(
        rule="ST-16",
        type=type_,
        compliant=Situation(inputs={}, context=stack_context(kind="production")),
        refused={f"works in the stack {kind}": but(kind=kind) for kind in ("organization", "identity", "team")},
    )
    for type_ in WORKLOAD
]
TEXTS = [
    Case(
        rule="ST-16",
        type=type_,
        compliant=Situation(inputs={"type": "SERVICE_CONTROL_POLICY", "content": compact(10_240)}),
        optional=frozenset({"type", "content"}),
        refused={
            "is a character too long": but({"content": compact(10_241)}),
            "is too long for its type": but({"type": "RESOURCE_CONTROL_POLICY", "content": compact(5_121)}),
            "holds white space": but({"content": '{"Sid": "a"}'}),
        },
        accepted={
            "is of a type with an unknown limit": but({"type": "CHATBOT_POLICY", "content": compact(20_000)}),
            "holds a letter that JSON may write longer": but({"content": '{"Sid":"\u00e9"}'}),
        },
    )
    for type_ in ("aws:organizations/policy:Policy",)
]


def accounts(what: str, members: dict[str, Member], *refused: str, **declared: Any) -> StackCase:
    context = stack_context(**{"kind": "team", "team_accounts": ENVIRONMENTS, **declared})
    return StackCase(
        rule="ST-13", type=ACCOUNT, what=what, members=members, refused=frozenset(refused), context=context
    )


def account(environment: object, **tags: object) -> Member:
    return Member(inputs={"tags": {"plinth:environment": environment, "plinth:owner": "o@acme.example", **tags}})


def known(environment: str, id_: object) -> Member:
    made = account(environment)
    return replace(made, inputs={**made.inputs, "id": id_})


PROVIDER = {"provider": Member(type=PROVIDER_TYPE)}
TEAM = {**PROVIDER, **{environment: account(environment) for environment in ENVIRONMENTS}}
BUDGETS = {
    f"budget-{environment}": Member(type=BUDGET, inputs={"costFilters": UNKNOWN}, sources={"costFilters": environment})
    for environment in ENVIRONMENTS
}
ALL = {**TEAM, **BUDGETS}
SETS = [
    accounts("a team with all that it needs", ALL),
    accounts("a team without production", {k: m for k, m in ALL.items() if k != "production"}, "provider"),
    accounts(
        "a team whose placement merges production",
        {k: m for k, m in ALL.items() if k != "production"},
        team_accounts=("experimentation", "development", "preproduction"),
    ),
    accounts(
        "a team with two accounts for production",
        {
            **ALL,
            "second": account("production"),
            "budget-second": Member(type=BUDGET, sources={"costFilters": "second"}),
        },
        "second",
    ),
    accounts(
        "a team with an account of the lake",
        {**ALL, "lake": account("data-lake"), "budget-lake": Member(type=BUDGET, sources={"costFilters": "lake"})},
        "lake",
    ),
    accounts(
        "an account without an owner",
        {**ALL, "production": account("production", **{"plinth:owner": ""})},
        "production",
    ),
    accounts("an account without a budget", {k: m for k, m in ALL.items() if k != "budget-production"}, "production"),
    accounts(
        "a team that adopts one account twice",
        {**ALL, "preproduction": known("preproduction", "1"), "production": known("production", "1")},
        "production",
    ),
    accounts(
        "a team that adopts two accounts",
        {**ALL, "preproduction": known("preproduction", "1"), "production": known("production", "2")},
    ),
    accounts(
        "a team that adopts the account of the lake",
        {**ALL, "production": known("production", "1")},
        "production",
        durable_accounts=("1",),
    ),
    accounts(
        "a team with unknown accounts",
        {**ALL, "preproduction": known("preproduction", UNKNOWN), "production": known("production", UNKNOWN)},
    ),
    accounts("shared accounts", {**PROVIDER, "lake": account("data-lake")}, kind="organization"),
]


def baseline(
    what: str, members: dict[str, Member], *refused: str, providers: tuple[str, ...] = ("provider",), **declared: Any
) -> StackCase:
    through = {name: replace(member, provider=member.provider or providers[0]) for name, member in members.items()}
    return StackCase(
        rule="ST-15",
        type=PROVIDER_TYPE,
        what=what,
        members={**{name: Member() for name in providers}, **through},
        refused=frozenset(refused),
        context=stack_context(**declared),
    )


PARTS = {type_: Member(type=type_) for type_ in BASELINE}
SECOND = {f"second-{type_}": Member(type=type_, provider="organization") for type_ in RECORDING}
BOTH = ("audit", "organization")
CLOSED = {type_: PARTS[type_] for type_ in HARDENING}


def release(what: str, *refused: str, **properties: Any) -> StackCase:
    """Returns a stack of the project ``fraud--scoring`` with one provider and no account baseline."""
    return replace(
        baseline(what, {}, *refused, release="fraud--scoring"), members={"provider": Member(inputs=properties)}
    )


def acting_as(*roles: str) -> str:
    return json.dumps([{"roleArn": f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/{role}"} for role in roles])


RELEASE_ROLE = "fraud--scoring-prod-release"
RELEASES = [
    release("a release, whose account the environment's stack has set up", assumeRoles=acting_as(RELEASE_ROLE)),
    release("a release with the credentials of whoever runs it", "provider"),
    *(
        release(f"a release that acts as {role}", "provider", assumeRoles=acting_as(role))
        for role in ("plinth-deployer", "fraud--other-prod-release", "fraud--scoring-preprod-release")
    ),
    release("a release that goes on from its role", "provider", assumeRoles=acting_as(RELEASE_ROLE, "other")),
    release("a release whose role is not known yet", assumeRoles=UNKNOWN),
]
BASELINES = [
    baseline("an account with its baseline", PARTS),
    baseline("an account without its baseline", {}, "provider"),
    *RELEASES,
    *(
        baseline(f"an account without {left_out}", {k: m for k, m in PARTS.items() if k != left_out}, "provider")
        for left_out in BASELINE
    ),
    baseline("an account that another stack sets up", {}, account_of_its_own=False),
    baseline("an environment that stayed in a shared account", {}, providers=("organization",), kind="development"),
    baseline(
        "an environment that stayed with another",
        {},
        providers=("fraud-development", "network"),
        kind="experimentation",
    ),
    baseline(
        "an environment that is admitted to the network",
        {},
        "fraud-development",
        providers=("fraud-development", "network"),
        kind="development",
    ),
    *(baseline(f"the management account, seen by {kind}", {}, kind=kind) for kind in ("identity", "team")),
    baseline(
        "a management account before there is an archive",
        {**CLOSED, "budget": Member(type=BUDGET)},
        kind="organization",
    ),
    *(
        baseline(
            f"a management account without {left_out}",
            {**{k: m for k, m in CLOSED.items() if k != left_out}, "budget": Member(type=BUDGET)},
            "provider",
            kind="organization",
        )
        for left_out in HARDENING
    ),
    baseline(
        "a management account that was there before",
        {"budget": Member(type=BUDGET)},
        kind="organization",
        adopted_organization=True,
    ),
    baseline("an audit account beside an adopted management account", PARTS, kind="audit", adopted_organization=True),
    baseline("an audit account and the management account", PARTS | SECOND, providers=BOTH, kind="audit"),
    baseline("an audit account that records itself alone", PARTS, "audit", providers=BOTH, kind="audit"),
    baseline(
        "an audit account that records itself twice",
        PARTS | {name: replace(member, provider="audit") for name, member in SECOND.items()},
        "audit",
        providers=BOTH,
        kind="audit",
    ),
    baseline(
        "an audit account that records the management account alone",
        {**CLOSED, **SECOND},
        "audit",
        providers=BOTH,
        kind="audit",
    ),
    baseline(
        "an audit account that records itself in full and the management account in part",
        PARTS | {name: member for name, member in SECOND.items() if "channel" not in name.lower()},
        "audit",
        providers=BOTH,
        kind="audit",
    ),
    baseline(
        "an audit stack in the management account",
        SECOND,
        providers=("organization",),
        kind="audit",
        account_of_its_own=False,
    ),
    baseline(
        "an audit stack that records nothing",
        {},
        "organization",
        providers=("organization",),
        kind="audit",
        account_of_its_own=False,
    ),
    baseline(
        "an account with its baseline in another account",
        {name: replace(member, provider="network") for name, member in PARTS.items()},
        "fraud-development",
        providers=("network", "fraud-development"),
        kind="development",
    ),
    baseline(
        "an account whose baseline is its own, and that is admitted to the network",
        {name: replace(member, provider="fraud-development") for name, member in PARTS.items()},
        providers=("network", "fraud-development"),
        kind="development",
    ),
    baseline(
        "an account whose provider is named otherwise",
        {name: replace(member, provider="second") for name, member in PARTS.items()},
        providers=("first", "second"),
    ),
    baseline(
        "an account with one baseline resource in another account",
        {**PARTS, BASELINE[0]: Member(type=BASELINE[0], provider="network")},
        "lake",
        providers=("lake", "network"),
        kind="data-lake",
    ),
    baseline("a management account without a budget", CLOSED, "provider", kind="organization"),
    baseline(
        "a durable account without a budget",
        {**CLOSED, "budget": Member(type=BUDGET), "lake": Member(type=ACCOUNT)},
        "lake",
        kind="organization",
    ),
    baseline(
        "a durable account with a budget",
        {**CLOSED, "budget": Member(type=BUDGET, sources={"costFilters": "lake"}), "lake": Member(type=ACCOUNT)},
        kind="organization",
    ),
]
TYPES = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY", "dp": "DECLARATIVE_POLICY_EC2"}


def tree(what: str, members: dict[str, Member], *refused: str, kind: str = "organization") -> StackCase:
    return StackCase(
        rule="ST-16",
        type=UNIT,
        what=what,
        members=members,
        refused=frozenset(refused),
        context=stack_context(kind=kind),
    )


def attach(policy: str, target: str) -> Member:
    return Member(
        type=ATTACHMENT,
        inputs={"policyId": UNKNOWN, "targetId": UNKNOWN},
        sources={"policyId": policy, "targetId": target},
    )


def unit(parent: str) -> Member:
    return Member(inputs={"parentId": UNKNOWN}, sources={"parentId": parent})


POLICIES = {name: Member(type=GUARDRAIL, inputs={"type": type_}) for name, type_ in TYPES.items()}
ORGANIZATION = {"root": Member(type=ROOT), **POLICIES}
AT_ROOT = {f"{policy}-root": attach(policy, "root") for policy in TYPES}
MANY = {f"p{n}": Member(type=GUARDRAIL, inputs={"type": "SERVICE_CONTROL_POLICY"}) for n in range(10)}
FEW = {f"r{n}": Member(type=GUARDRAIL, inputs={"type": "RESOURCE_CONTROL_POLICY"}) for n in range(5)}
CHAIN = {"level-1": unit("root"), **{f"level-{n}": unit(f"level-{n - 1}") for n in range(2, 7)}}
TREES = [
    tree("a unit under guardrails of the root", {**ORGANIZATION, **AT_ROOT, "unit": unit("root")}),
    tree(
        "a unit under guardrails of the unit above",
        {
            **ORGANIZATION,
            "above": unit("root"),
            "unit": unit("above"),
            **{f"{p}-above": attach(p, "above") for p in TYPES},
        },
    ),
    tree(
        "a unit next to one with guardrails",
        {
            **ORGANIZATION,
            "guarded": unit("root"),
            "unit": unit("root"),
            **{f"{p}-on": attach(p, "guarded") for p in TYPES},
        },
        "unit",
    ),
    *(
        tree(
            f"a unit without {left_out}",
            {**ORGANIZATION, "unit": unit("root"), **{k: m for k, m in AT_ROOT.items() if k != f"{left_out}-root"}},
            "unit",
        )
        for left_out in TYPES
    ),
    tree("units of a team with parents in another stack", {"unit": unit("elsewhere")}, kind="team"),
    tree("a tree of five levels", {**ORGANIZATION, **AT_ROOT, **{k: m for k, m in CHAIN.items() if k != "level-6"}}),
    tree("a tree of six levels", {**ORGANIZATION, **AT_ROOT, **CHAIN}, "level-6"),
    tree(
        "a unit with nine policies of its own",
        {
            **ORGANIZATION,
            **AT_ROOT,
            "unit": unit("root"),
            **MANY,
            **{f"{p}-on": attach(p, "unit") for p in list(MANY)[:9]},
        },
    ),
    tree(
        "a unit with ten policies of its own",
        {**ORGANIZATION, **AT_ROOT, "unit": unit("root"), **MANY, **{f"{p}-on": attach(p, "unit") for p in MANY}},
        "unit",
    ),
    tree(
        "a root with five resource policies",
        {**ORGANIZATION, **AT_ROOT, **FEW, **{f"{p}-on": attach(p, "root") for p in list(FEW)[:4]}},
        "root",
    ),
    tree(
        "an account with five resource policies",
        {**FEW, "account": Member(type=ACCOUNT), **{f"{p}-on": attach(p, "account") for p in FEW}},
        "account",
        kind="team",
    ),
]

ALERTS = [
    Case(
        rule="ST-15",
        type=type_,
        compliant=Situation(inputs={"notifications": [{"subscriberEmailAddresses": ["owner@acme.example"]}]}),
        refused={"has an alert without subscribers": but({"notifications": [{"threshold": 80}]})},
        accepted={
            "notifies a topic": but({"notifications": [{"threshold": 80}, {"subscriberSnsTopicArns": ["arn:topic"]}]})
        },
    )
    for type_ in ("aws:budgets/budget:Budget",)
]
CLOSURES = [
    Case(
        rule="ST-15",
        type="aws:ssm/serviceSetting:ServiceSetting",
        compliant=Situation(
            inputs={"settingId": "/ssm/documents/console/public-sharing-permission", "settingValue": "Disable"}
        ),
        optional=frozenset({"settingId"}),
        refused={
            "shares documents": but({"settingValue": "Enable"}),
            "shares what may be documents": but({"settingId": UNKNOWN, "settingValue": "Enable"}),
        },
        accepted={"is about something else": but({"settingId": "/ssm/parameter-store", "settingValue": "Enable"})},
    ),
    Case(
        rule="ST-15",
        type="aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
        compliant=Situation(inputs={"internetGatewayBlockMode": "block-bidirectional"}),
        refused={"leaves networks open": but({"internetGatewayBlockMode": "off"})},
        accepted={"allows internet egress in experimentation": but({"internetGatewayBlockMode": "block-ingress"})},
    ),
    Case(
        rule="ST-15",
        type="aws:cfg/deliveryChannel:DeliveryChannel",
        compliant=Situation(
            inputs={"s3BucketName": "acme-config-logs-111111111111-eu-west-1-an"},
            context=stack_context(log_archive="acme-log-archive-"),
        ),
        optional=frozenset({"s3BucketName"}),
        refused={
            "delivers to the log archive": but({"s3BucketName": "acme-log-archive-111111111111-eu-west-1-an"}),
        },
        accepted={"delivers somewhere while the archive is unknown": but({"s3BucketName": "logs"}, log_archive="")},
    ),
]

CASES = [*WORK, *TEXTS, *ALERTS, *CLOSURES]
STACK_CASES = [*SETS, *BASELINES, *TREES]
