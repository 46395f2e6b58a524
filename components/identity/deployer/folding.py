"""How a ceiling says in few words what stacks take: a managed policy has 6,144 characters, and an account any kinds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from components.identity.deployer.authorization import sees

BY_WHAT_IS_MADE: Mapping[str, tuple[str, ...]] = {
    "athena": ("*NamedQuery", "*WorkGroup"),
    "dynamodb": ("*ContinuousBackups", "*Table", "*TimeToLive"),
    "emr-serverless": ("*Application",),
    "events": ("*EventBus", "*Permission", "*Rule", "*Targets"),
    "iam": ("*agRole",),
    "lakeformation": ("*DataCellsFilter", "*DataLakeSettings", "*LFTag*", "*Permissions", "*Resource"),
    "network-firewall": (
        "*Firewall", "*FirewallPolicy", "*LoggingConfiguration", "*RuleGroup", "*Subnet*", "UpdateFirewall*",
    ),
    "route53profiles": ("*Profile*",),
    "route53resolver": ("*Firewall*",),
    "s3": (
        "*AccessPoint", "*AccessPointPolicy", "*AccountPublicAccessBlock", "Get*Configuration", "DeleteBucket*",
        "GetBucket*", "ListBucket*", "PutBucket*",
    ),
    "sagemaker": (
        "*Domain", "*FeatureGroup", "*MlflowApp", "*Space", "*StudioLifecycleConfig", "*Tags", "*UserProfile",
    ),
    "sqs": ("*QueueAttributes",),
    "ssm": ("*ServiceSetting",),
}  # fmt: skip
"""Services of which a ceiling names what stacks make, and not each verb. That is shorter than verbs, and narrower:
``events:Put*`` sends events, ``events:Create*`` makes ways out, and ``events:*Rule`` does neither."""
BY_VERB = (
    "access-analyzer", "cloudwatch", "config", "ec2", "glue", "guardduty", "inspector2", "kms", "logs", "macie2", "ram",
    "securityhub", "sns",
)  # fmt: skip
"""Services of which it names the verbs: what is made of them is much, or is never to be removed. What that opens to
data, a ceiling denies again."""
SEEN_BY_VERB = ("cloudtrail", "iam", "organizations", "sagemaker", "states")
"""Services of which only those verbs are named that change nothing."""
ALIKE = {
    re.compile(r"^((T|Unt)ag|ListTags(For|Of))Resource$"): "*ag*Resource",
    re.compile(r"^(T|Unt)agQueue$"): "*agQueue",
    re.compile(r"^(A|Disa)ssociate[A-Z]\w*$"): "*ssociate*",
    re.compile(r"^(At|De)tach[A-Z]\w*$"): "*tach*",
}
"""What is done and undone under names that end alike, and what a ceiling names together."""
ALIKE_IN = (*BY_WHAT_IS_MADE, *BY_VERB, "states")


def folded(actions: Iterable[str]) -> list[str]:
    """Patterns that all the actions match, none of which another covers."""
    patterns = {_pattern(action) for action in actions}
    return sorted(one for one in patterns if not any(one != other and fnmatchcase(one, other) for other in patterns))


def _pattern(action: str) -> str:
    """``ec2:CreateVpc`` as ``ec2:Create*``, ``events:PutRule`` as ``events:*Rule``; what is in no list, as it is."""
    service, _, name = action.partition(":")
    made = [pattern for pattern in BY_WHAT_IS_MADE.get(service, ()) if fnmatchcase(name, pattern)]
    alike = [pattern for names, pattern in ALIKE.items() if service in ALIKE_IN and names.match(name)]
    if made or alike:
        return f"{service}:{[*made, *alike][0]}"
    if service in BY_VERB or (service in SEEN_BY_VERB and sees(action)):
        return re.sub(r"(:[A-Z][a-z]+)[A-Z]\w*$", r"\1*", action)
    return action
