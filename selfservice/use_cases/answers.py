"""Answers to the questions of a template: names and ids of the foundation, from the outputs of deployed stacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from selfservice.errors import BadInputError
from settings.derived.stack_graph import StackIdentity

FOUNDATION = frozenset(
    {
        "repository", "team", "use_case", "region", "development_account_id", "development_bucket",
        "development_key_arn", "subnets", "security_groups", "workgroup", "registry_account_id", "registry_bucket",
        "registry_key_arn", "minimum_gates", "tags",
    }
)  # fmt: skip
"""Questions that :func:`foundation_answers` answers, and whose answers a request must not choose."""
TAGS = ("plinth:owner", "plinth:cost-centre")
"""Tags that every resource needs and that a repository cannot derive from its names."""
Read = Callable[[str], Mapping[str, Any]]
"""Returns the outputs of a stack."""
INFERENCE = "inference"
"""Question about the way of inference, which the settings answer."""
IS_A_SETTING = "is a setting of the use case, and no answer"
SET_IT = "give it as inference (on the command line: --inference)"
DATA_SOURCE = "sample"
"""Source of the data of a new project, whose first build then needs no table."""


def foundation_answers(
    stack: str, read: Read, workgroups: Mapping[str, str], *, tags: Mapping[str, str]
) -> dict[str, Any]:
    """Returns the answers about a use case's accounts, buckets, keys, network, tags and minimum gates.

    ``workgroups`` are those of the team, by environment: none while its data access is not deployed. ``tags`` are those
    of the use case's stack.
    """
    team, _, use_case = stack.partition("--")
    development = read(StackIdentity("development", team).name)
    tooling, own = read(StackIdentity("tooling").name), read(stack)
    return {
        "repository": "build",
        "team": team,
        "use_case": use_case,
        "data_source": DATA_SOURCE,
        "region": development["region"],
        "development_account_id": development["account_id"],
        "development_bucket": development["bucket_name"],
        "development_key_arn": development["key_arn"],
        "subnets": list(development["private_subnet_ids"]),
        "security_groups": [development["workload_security_group_id"]],
        **({"workgroup": workgroups["development"]} if "development" in workgroups else {}),
        "registry_account_id": tooling["account_id"],
        "registry_bucket": own["artifact_bucket"],
        "registry_key_arn": tooling["key_arn"],
        "minimum_gates": own.get("minimum_gates", {}),
        "tags": {tag: tags[tag] for tag in TAGS},
    }


def with_image(answers: Mapping[str, str], repositories: Mapping[str, str]) -> dict[str, str]:
    """Returns the answers with the whole URI of an image such as ``train:1``, whose name is one of ``repositories``."""
    name, _, tag = answers.get("image", "").partition(":")
    return {**answers, **({"image": f"{repositories[name]}:{tag}"} if tag and name in repositories else {})}


def given_answers(pairs: Sequence[str]) -> dict[str, str]:
    """Returns the answers of options such as ``problem=regression``. Raises: BadInputError."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInputError(f"--data {pair}: write it as NAME=VALUE, such as problem=regression")
        found[name] = value
    return found
