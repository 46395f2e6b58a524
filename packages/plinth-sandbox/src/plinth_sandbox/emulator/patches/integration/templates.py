"""CloudFormation: types of resources that moto does not have. It leaves them out of a stack, which then counts as
complete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from moto.cloudformation.parsing import NULL_MODELS, get_model_map
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.s3.exceptions import S3ClientError

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


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
