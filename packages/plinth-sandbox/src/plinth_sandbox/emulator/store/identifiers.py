"""Generates identifiers and ARNs in the formats that the service model requires."""

from __future__ import annotations

import re

from moto.core.model import ServiceModel, Shape
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.store.record import Place

_LITERAL_PREFIX = re.compile(r"\^?\(?([a-z]{1,10}-)[^a-z]")
_RESOURCE_TYPE = re.compile(r"(?:\{12\}|\\d\+|\*):([a-z][a-z-]+)/")
_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

WITHOUT_REGION = {"budgets", "iam", "organizations"}


def identifier(shape: Shape) -> str:
    """Returns a new value that fits the shape's pattern and length; twelve letters and digits if the shape has
    neither."""
    pattern = str(shape.metadata.get("pattern", ".*"))
    prefix = _LITERAL_PREFIX.match(pattern)
    forms = [
        (prefix.group(1) if prefix else "") + _random(_LOWER, 12),
        str(mock_random.uuid4()),
        _random(_UPPER, 13),
        _random("0123456789", 12),
    ]
    return next((form for form in forms if _fits(form, shape, pattern)), forms[0])


def _random(alphabet: str, length: int) -> str:
    return "".join(mock_random.choice(alphabet) for _ in range(length))


def _fits(value: str, shape: Shape, pattern: str) -> bool:
    if not shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", 2048):
        return False
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def arn(place: Place, model: ServiceModel, noun: str, names: list[str], shape: Shape | None) -> str:
    """Returns an ARN such as ``arn:aws:sagemaker:eu-west-1:111111111111:user-profile/d-…/ada``. The ARN's pattern in
    the model decides the name of the resource type."""
    pattern = str(shape.metadata.get("pattern", "")) if shape else ""
    literal = _RESOURCE_TYPE.search(pattern)
    kind = literal.group(1) if literal else re.sub(r"(?<!^)(?=[A-Z])", "-", noun).lower()
    region = "" if place.service in WITHOUT_REGION else place.region
    return (
        f"arn:aws:{model.signing_name}:{region}:{place.account}:{kind}/{'/'.join(names or [str(mock_random.uuid4())])}"
    )
