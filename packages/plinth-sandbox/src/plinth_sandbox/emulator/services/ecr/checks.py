"""Digests and lifecycle policies of images.

Sources: Amazon ECR API, PutImage; Amazon ECR User Guide, "Lifecycle policy properties" (read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.preconditions.policy_documents import parsed
from plinth_sandbox.kubernetes.node.oci import digest_of

_MOST_WILDCARDS = 4


def _image(call: Call) -> None:
    given = call.parameters
    digest = digest_of(str(given["imageManifest"]).encode())
    if given.get("imageDigest") not in (None, digest):
        text = "The specified image digest does not match the digest that Amazon ECR calculated for the image."
        raise AwsError("ImageDigestDoesNotMatchException", text)


def _lifecycle(call: Call) -> None:
    document = parsed(call.parameters["lifecyclePolicyText"]) or {}
    rules = document.get("rules")
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        raise _lifecycle_error("rules are missing")
    priorities = [rule.get("rulePriority") for rule in rules]
    if not all(isinstance(priority, int) and priority > 0 for priority in priorities) or len(set(priorities)) < len(
        priorities
    ):
        raise _lifecycle_error("each rule needs a rulePriority of its own")
    for rule in rules:
        selection = rule.get("selection", {})
        if fault := _selection_fault(selection):
            raise _lifecycle_error(fault)
        if selection["tagStatus"] == "any" and rule["rulePriority"] < max(priorities):
            raise _lifecycle_error("a rule with the tagStatus any has the highest rulePriority")


def _selection_fault(selection: Mapping[str, Any]) -> str:
    status, named = selection.get("tagStatus"), ("tagPrefixList" in selection, "tagPatternList" in selection)
    if status not in ("tagged", "untagged", "any"):
        return "tagStatus is tagged, untagged or any"
    if status == "tagged" and named.count(True) != 1:
        return "tagStatus tagged needs tagPrefixList or tagPatternList"
    if status != "tagged" and any(named):
        return f"tagStatus {status} has neither tagPrefixList nor tagPatternList"
    if any(str(pattern).count("*") > _MOST_WILDCARDS for pattern in selection.get("tagPatternList", ())):
        return "a pattern of tagPatternList has at most four wildcards"
    return ""


def _lifecycle_error(fault: str) -> AwsError:
    text = f"Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: {fault}"
    return AwsError("InvalidParameterException", text)


CHECKS: Checks = {("ecr", "PutImage"): _image, ("ecr", "PutLifecyclePolicy"): _lifecycle}
