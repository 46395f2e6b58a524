"""The permissions that a call needs: its action on its resources, and the roles and keys that it uses.

The Service Authorization Reference says on which resource types an action is authorized. The parameters of the call
name the resources: by their ARN, or by values for the placeholders in the template of the ARN.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from plinth_sandbox.emulator.authorization.permissions.context import context_of
from plinth_sandbox.emulator.authorization.permissions.named import NAMED
from plinth_sandbox.emulator.authorization.permissions.needed import (
    Context,
    Needed,
    UnknownPermissionsError,
    UnnamedResourceError,
)
from plinth_sandbox.emulator.authorization.permissions.passing import passed_by
from plinth_sandbox.emulator.authorization.permissions.reference import action_reference
from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.services.apigateway import permissions as apis
from plinth_sandbox.emulator.services.dynamodb import permissions as dynamodb
from plinth_sandbox.emulator.services.ec2 import permissions as ec2
from plinth_sandbox.emulator.services.s3.permissions import buckets as s3
from plinth_sandbox.emulator.services.s3.permissions import s3_control

PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
"""IAM prefix by signing name, if the two differ."""
RENAMED = {
    **{
        ("budgets", f"{verb}{thing}"): "ModifyBudget"
        for verb in ("Create", "Delete", "Update")
        for thing in ("Budget", "Notification", "Subscriber")
    },
    ("budgets", "DescribeBudget"): "ViewBudget",
    ("budgets", "DescribeNotificationsForBudget"): "ViewBudget",
    ("budgets", "DescribeSubscribersForNotification"): "ViewBudget",
    ("lambda", "Invoke"): "InvokeFunction",
    ("sqs", "ChangeMessageVisibilityBatch"): "ChangeMessageVisibility",
    ("sqs", "DeleteMessageBatch"): "DeleteMessage",
    ("sqs", "SendMessageBatch"): "SendMessage",
    ("sns", "PublishBatch"): "Publish",
}
"""Action by IAM prefix and operation, if the two differ."""
_OPEN = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
"""Operations that need no permission (STS API, "GetCallerIdentity")."""
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def needed_by(call: Call) -> list[Needed]:
    """Returns the permissions that a call needs. Raises UnknownPermissionsError."""
    if call.operation is None:
        raise UnknownPermissionsError(f"{call.signing_name} {call.name} is no known operation")
    if s3_control.is_control(call):
        return list(s3_control.needed_by(call))
    if call.service == "s3":
        return [*s3.needed_by(call), *passed_by(call)]
    prefix = prefix_of(call)
    if (prefix, call.name) in _OPEN:
        return []
    if prefix == "apigateway":
        return [*apis.needed_by(call, context_of(call)), *passed_by(call)]
    if prefix == "dynamodb" and call.name.startswith("Transact"):
        return list(dynamodb.needed_by(call, context_of(call)))
    action, context = RENAMED.get((prefix, call.name), call.name), context_of(call)
    try:
        arns = _arns(call, prefix, action)
    except UnnamedResourceError as error:
        if not call.only_reads:
            raise
        return [Needed(f"{prefix}:{action}", "*", context, unnamed=str(error))]
    found = [Needed(f"{prefix}:{action}", arn, {**context, **_context_of_resource(call, arn)}) for arn in arns]
    if prefix == "sts":
        beside = {"TagSession": "Tags", "SetSourceIdentity": "SourceIdentity"}
        found += [
            Needed(f"sts:{name}", arn, context)
            for name, member in beside.items()
            if call.parameters.get(member)
            for arn in arns
        ]
    if prefix == "sagemaker" and call.name.startswith("Create") and call.parameters.get("Tags"):
        created = {"sagemaker:TaggingAction": [call.name]}
        found += [Needed("sagemaker:AddTags", arn, {**context, **created}) for arn in arns]
    if (prefix, call.name) == ("codeartifact", "GetAuthorizationToken"):
        # CodeArtifact User Guide, "AWS CodeArtifact authentication and tokens".
        found.append(Needed("sts:GetServiceBearerToken", "*", {"sts:AWSServiceName": ["codeartifact.amazonaws.com"]}))
    return [*found, *passed_by(call)]


def _context_of_resource(call: Call, arn: str) -> Context:
    """Returns the context keys that only one resource of a call has."""
    return ec2.context_of(call, arn) if call.service == "ec2" else {}


def prefix_of(call: Call) -> str:
    """Returns the prefix of the actions of the called service."""
    return PREFIXES.get(call.signing_name, call.signing_name)


def _arns(call: Call, prefix: str, action: str) -> list[str]:
    reference = action_reference(prefix, action)
    if reference is None:
        raise UnknownPermissionsError(f"{call.service} {call.name} has no known action {prefix}:{action}")
    named = NAMED.get((prefix, action)) or NAMED.get((prefix, "*"))
    if named is not None and (arns := named(call, action)) is not None:
        return list(arns)
    found: list[str] = []
    for kind, template in reference.required.items():
        arns = _filled(call, template)
        if not arns:
            raise UnnamedResourceError(f"{call.service} {call.name} does not name its resource of type {kind}")
        found += arns
    for template in reference.optional.values():
        found += _filled(call, template)
    return found or ["*"]


def _filled(call: Call, template: str) -> list[str]:
    """Returns the ARNs of one resource type that a call names."""
    pattern = _pattern(template)
    arns = [text for text in _texts(call.parameters) if pattern.fullmatch(text)]
    if arns:
        return arns
    folded = {name.lower(): value for name, value in call.parameters.items()}
    partition, region, account = "aws", call.region, str(folded.get("registryid") or call.account)
    places: list[Sequence[str]] = []
    for name in _PLACEHOLDER.findall(template):
        known = {"Partition": partition, "Region": region, "Account": account}.get(name)
        value = folded.get(name.lower()) if known is None else known
        if not value or isinstance(value, Mapping):
            return []
        places.append([str(item) for item in value] if isinstance(value, list) else [str(value)])
    return [_joined(template, values) for values in product(*places)]


def _joined(template: str, values: Sequence[str]) -> str:
    given = iter(values)
    return _PLACEHOLDER.sub(lambda _: next(given), template)


@lru_cache(maxsize=1024)
def _pattern(template: str) -> re.Pattern[str]:
    """Returns an expression for the ARNs of a template. A name has no slash, unless the template says that it has a
    path."""
    parts = _PLACEHOLDER.split(template)
    text = "".join(
        (".+" if "WithPath" in part else "[^/:]*" if part in ("Region", "Account") else "[^/]+")
        if number % 2
        else re.escape(part)
        for number, part in enumerate(parts)
    )
    return re.compile(text)


def _texts(given: Mapping[str, Any]) -> Iterator[str]:
    """Yields the ARNs among the top-level parameters of a call."""
    for value in given.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and item.startswith("arn:"):
                yield item
