"""Parsed policy documents. A document is parsed once, because the calls of a run meet the same few policies."""

from __future__ import annotations

import functools
import json
from typing import Any

from iam_evaluator.policy_document import Policy


@functools.lru_cache(maxsize=4096)
def parsed(name: str, text: str) -> Policy:
    """Returns a policy. Raises UnsupportedError for what the evaluator does not support."""
    return Policy.parse(name, text)


def policy_of(name: str, document: Any) -> Policy | None:
    """Returns a policy from a document as moto keeps it: text, bytes or a structure. An empty one is None."""
    if not document:
        return None
    if isinstance(document, bytes):
        document = document.decode("utf-8")
    return parsed(name, document if isinstance(document, str) else json.dumps(document))


def managed_policy(policy: Any) -> Policy:
    """Returns the default version of a managed policy, under its ARN."""
    version = next(candidate for candidate in policy.versions if candidate.version_id == policy.default_version_id)
    found = policy_of(str(policy.arn), version.document)
    assert found is not None
    return found
