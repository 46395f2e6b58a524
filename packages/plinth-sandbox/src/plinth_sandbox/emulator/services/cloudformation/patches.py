"""CloudFormation: policies of queues, and types of resources that moto does not have. It leaves them out of a stack,
which then counts as complete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml
from moto.cloudformation.parsing import NULL_MODELS, get_model_map
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.core.common_models import CloudFormationModel
from moto.s3.exceptions import S3ClientError
from moto.sqs.models import sqs_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


class QueuePolicy(CloudFormationModel):  # type: ignore[misc] # moto has no types
    """A policy of queues. moto finds the class by its base class."""

    def __init__(self, queues: list[str]) -> None:
        self.physical_resource_id = ",".join(queues)

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SQS::QueuePolicy"

    @classmethod
    def create_from_cloudformation_json(
        cls, _name: str, content: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> QueuePolicy:
        given, backend = content["Properties"], sqs_backends[account_id][region_name]
        policy = given["PolicyDocument"]
        # The version of a policy is a date of YAML unless it is quoted.
        text = policy if isinstance(policy, str) else json.dumps(policy, default=str)
        for url in given["Queues"]:
            backend.set_queue_attributes(str(url).rpartition("/")[2], {"Policy": text})
        return cls([str(url) for url in given["Queues"]])

    @classmethod
    def update_from_cloudformation_json(
        cls, _before: Any, name: str, content: dict[str, Any], account_id: str, region_name: str
    ) -> QueuePolicy:
        return cls.create_from_cloudformation_json(name, content, account_id, region_name)

    @classmethod
    def delete_from_cloudformation_json(
        cls, _name: str, content: dict[str, Any], account_id: str, region_name: str
    ) -> None:
        """Removes the policy from the queues that still exist."""
        for url in content["Properties"]["Queues"]:
            queue = sqs_backends[account_id][region_name].queues.get(str(url).rpartition("/")[2])
            if queue is not None:
                queue.policy = None


class _Loader(yaml.SafeLoader):
    """Reads templates, whose short forms of functions are tags of YAML. JSON is YAML."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def _create(exchange: Exchange) -> Answer:
    unknown = sorted(set(_types(exchange.call)) - set(get_model_map()) - set(NULL_MODELS))
    if unknown:
        raise NotEmulatedError(f"resources of the types {', '.join(unknown)}")
    return exchange.below()


def _types(call: Call) -> Iterator[str]:
    """Yields the types of the resources of a template, but those that a function of the template stands for."""
    try:
        template: Any = yaml.load(_template(call), Loader=_Loader)
    except yaml.YAMLError as error:
        raise AwsError("ValidationError", f"Template format error: {error}") from error
    resources = template.get("Resources") if isinstance(template, dict) else None
    for resource in resources.values() if isinstance(resources, dict) else ():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if isinstance(kind, str) and not kind.startswith("Custom::"):
            yield kind


def _template(call: Call) -> str:
    given = call.parameters
    if not (url := given.get("TemplateURL")):
        return str(given.get("TemplateBody") or "")
    try:
        return str(get_stack_from_s3_url(str(url), call.account, "aws"))
    except (AttributeError, S3ClientError):  # moto finds no object
        message = "TemplateURL must reference a valid S3 object to which you have access."
        raise AwsError("ValidationError", message) from None


PATCHES: Patches = {"CreateChangeSet": _create, "CreateStack": _create, "UpdateStack": _create}
