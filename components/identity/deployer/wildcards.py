"""Shortens lists of IAM actions with wildcards, because a managed policy is limited to 6,144 characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from components.identity.deployer.authorization import is_read_only

BY_RESOURCE_TYPE: Mapping[str, tuple[str, ...]] = {
    "athena": ("*NamedQuery", "*WorkGroup"),
    "cloudtrail": ("*Tags",),
    "codeartifact": ("*Domain*", "*External*", "*PackageVersion*", "*Repository*", "GetAuth*"),
    "codebuild": ("*Project*", "*Report*", "*Webhook"),
    "codeconnections": ("*Connection",),
    "codecommit": ("*Repository*", "Git*"),
    "codepipeline": ("*Pipeline",),
    "dynamodb": ("*Continuous*", "*Table", "*TimeToLive"),
    "ec2": ("StartVpcE*",),
    "ecr": ("*LifecyclePolicy", "*Repositor*", "PutImage?*"),
    "emr-serverless": ("*Application",),
    "events": ("*EventBus", "*Permission", "*Rule", "*Targets"),
    "iam": ("*agRole", "*ServiceLinkedRole", "DetachRolePolicy", "UpdateRole*"),
    "kms": ("*crypt*",),
    "lakeformation": ("*DataCellsFilter", "*DataLakeSettings", "*LFTag*", "*Permissions", "*Resource"),
    "network-firewall": ("*teFirewall*", "DescribeFirewall*", "*Logging*", "*RuleGroup", "*Subnet*"),
    "oam": ("*Link", "*Sink*"),
    "route53profiles": ("*Profile*",),
    "route53resolver": ("*Firewall*",),
    "s3": (
        "*AccessPoint", "*AccessPointPolicy*", "*AccountPublic*", "Get*Configuration", "Put*Configuration",
        "DeleteBucket*", "DeleteObject*", "GetBucket*", "ListBucket*", "PutBucket*",
    ),
    "sagemaker": (
        "*Domain", "*FeatureGroup", "*Image*", "*MlflowApp", "*ModelPackageGroup*", "*Space", "*StudioLifecycle*",
        "*Tags", "*UserProfile",
    ),
    "sqs": ("*QueueAttributes",),
    "ssm": ("*ServiceSetting",),
}  # fmt: skip
"""Services whose actions are matched by the type of resource instead of the verb. This is shorter than verbs, and
narrower: ``events:Put*`` includes sending events and ``events:Create*`` outbound connections, and ``events:*Rule``
neither."""
BY_VERB = (
    "access-analyzer", "cloudwatch", "config", "ec2", "glue", "guardduty", "inspector2", "kms", "logs", "macie2", "ram",
    "securityhub", "sns",
)  # fmt: skip
"""Services whose actions are matched by verb, because they have many resource types or their resources are never
deleted. The boundary denies the access to data that this includes."""
READS_BY_VERB = ("cloudtrail", "iam", "organizations", "rds", "sagemaker", "states")
"""Services of which only read actions are matched by verb."""
ALIKE = {
    re.compile(r"^((T|Unt)ag|ListTags(For|Of))Resource$"): "*ag*Resource",
    re.compile(r"^(T|Unt)agQueue$"): "*agQueue",
    re.compile(r"^(A|Disa)ssociate[A-Z]\w*$"): "*ssociate*",
    re.compile(r"^(At|De)tach[A-Z]\w*$"): "*tach*",
    re.compile(r"^(S|Uns)ubscribe$"): "*ubscribe",
}
"""Patterns for families of actions with similar names, such as tagging and untagging."""
ALIKE_IN = (*BY_RESOURCE_TYPE, *BY_VERB, "eks", "states")


def with_wildcards(actions: Iterable[str]) -> list[str]:
    """Returns patterns that match all the actions, without patterns covered by others."""
    patterns = {_pattern(action) for action in actions}
    return sorted(
        pattern
        for pattern in patterns
        if not any(pattern != other and fnmatchcase(pattern, other) for other in patterns)
    )


def _pattern(action: str) -> str:
    """Returns ``ec2:Create*`` for ``ec2:CreateVpc`` and ``events:*Rule`` for ``events:PutRule``. Actions of other
    services are unchanged."""
    service, _, name = action.partition(":")
    made = [pattern for pattern in BY_RESOURCE_TYPE.get(service, ()) if fnmatchcase(name, pattern)]
    alike = [pattern for names, pattern in ALIKE.items() if service in ALIKE_IN and names.match(name)]
    if made or alike:
        return f"{service}:{[*made, *alike][0]}"
    if service in BY_VERB or (service in READS_BY_VERB and is_read_only(action)):
        return re.sub(r"(:[A-Z][a-z]+)[A-Z]\w*$", r"\1*", action)
    return action
