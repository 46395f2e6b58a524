"""Templates of use cases that the organization offers."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import Checked

_HOST = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]+)?"
_URL = rf"(https|ssh)://([a-z0-9_-]+@)?{_HOST}(/[A-Za-z0-9._~-]+)+"
_TAG = r"[A-Za-z0-9][A-Za-z0-9._-]*"


def _url(text: str) -> str:
    if len(text) > 300 or not re.fullmatch(_URL, text):
        rule = "is not the URL of a git repository over HTTPS or SSH, without a password"
        raise refusal(Code.FORMAT, rule, "write it as https://git.acme.example/ml/use-case-template")
    return text


def _version(text: str) -> str:
    if len(text) > 100 or not re.fullmatch(_TAG, text):
        raise refusal(Code.FORMAT, "is not a tag of a template", "write it as 2.1.0")
    return text


class TemplateSettings(Settings):
    """A template of use cases: a Copier template in a git repository, with one version."""

    url: Annotated[str, Checked(_url, {"pattern": f"^{_URL}$", "minLength": 10, "maxLength": 300})] = Field(
        description="URL of the template's git repository, over HTTPS or SSH. Projects record it.",
        examples=["https://git.acme.example/ml/use-case-template"],
    )
    version: Annotated[str, Checked(_version, {"pattern": f"^{_TAG}$", "minLength": 1, "maxLength": 100})] = Field(
        description="Tag of the version from which new projects start.", examples=["2.1.0"]
    )
