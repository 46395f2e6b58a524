"""A small AWS CLI for builds, because images of CodeBuild have one: a call with texts and numbers as parameters, and a
query of names."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import boto3
import click
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

_OPTIONS = ("output", "query", "region")


def main() -> None:
    """Makes the call of the command line and prints the answer. Ends with 254 if AWS refuses, and with 252 if the
    command is wrong, as the AWS CLI does."""
    try:
        click.echo(answer(sys.argv[1:]))
    except (BotoCoreError, ClientError, ValueError) as error:
        click.echo(f"\n{error}", err=True)
        raise SystemExit(252 if isinstance(error, ValueError) else 254) from error


def answer(words: Sequence[str]) -> str:
    """Returns the text that the AWS CLI prints for a command. Raises ValueError for one that it does not know."""
    if len(words) < 2 or len(words) % 2:
        raise ValueError("usage: aws SERVICE OPERATION [--parameter VALUE ...]")
    if list(words[:2]) == ["ecr", "get-login-password"]:
        return _registry_password(words[3] if words[2:3] == ["--region"] else None)
    service, operation, *rest = words
    given = {name.removeprefix("--"): value for name, value in zip(rest[::2], rest[1::2], strict=True)}
    options = {name: given.pop(name) for name in _OPTIONS if name in given}
    client = boto3.client(service, region_name=options.get("region"))  # type: ignore[call-overload]
    method = operation.replace("-", "_")
    if method not in client.meta.method_to_api_mapping:
        raise ValueError(f"aws {service} has no operation {operation}")
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
    found = getattr(client, method)(**_parameters(given, shape.members if shape else {}))
    found.pop("ResponseMetadata", None)
    names = options["query"].split(".") if "query" in options else []
    value = reduce(lambda part, name: part[name] if isinstance(part, Mapping) and name in part else None, names, found)
    if options.get("output") == "text" and isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, indent=4, default=str)


def _parameters(given: Mapping[str, str], members: Mapping[str, Any]) -> dict[str, Any]:
    known = {xform_name(member, "-"): (member, shape.type_name) for member, shape in members.items()}
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"Unknown options: {', '.join(f'--{name}' for name in unknown)}")
    numbers = ("integer", "long")
    read: dict[str, Callable[[str], Any]] = dict.fromkeys(numbers, int)
    read |= dict.fromkeys(("list", "map", "structure"), json.loads)
    return {known[name][0]: read.get(known[name][1], str)(value) for name, value in given.items()}


def _registry_password(region: str | None) -> str:
    """Returns the password for a registry, which is the second part of an authorization token."""
    (granted,) = boto3.client("ecr", region_name=region).get_authorization_token()["authorizationData"]
    return base64.b64decode(granted["authorizationToken"]).decode().partition(":")[2]
