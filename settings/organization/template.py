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
_COMMIT = r"[0-9a-f]{40}"


def _url(text: str) -> str:
    if len(text) > 300 or not re.fullmatch(_URL, text):
        rule = "is not the URL of a git repository over HTTPS or SSH, without a password"
        raise refusal(Code.FORMAT, rule, "write it as https://git.acme.example/ml/use-case-template")
    return text


def _version(text: str) -> str:
    if len(text) > 100 or not re.fullmatch(_TAG, text):
        raise refusal(Code.FORMAT, "is not a tag of a template", "write it as 2.1.0")
    if not any(character.isdigit() for character in text):
        rule = "names a branch, or a tag without a number, whose content changes"
        raise refusal(Code.TEMPLATE_VERSION, rule, "write the tag of one version: 2.1.0")
    return text


def _commit(text: str) -> str:
    if not re.fullmatch(_COMMIT, text):
        rule = "is not the full hash of a commit: 40 lower-case hexadecimal digits"
        raise refusal(Code.FORMAT, rule, "print it with `git ls-remote --tags <url>`")
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
    commit: Annotated[str, Checked(_commit, {"pattern": f"^{_COMMIT}$"})] | None = Field(
        default=None,
        description="Commit of the version. A request is refused if the tag names another one. Default: the commit "
        "that the tag has when the request is reviewed.",
        examples=["4b825dc642cb6eb9a060e54bf8d69288fbee4904"],
    )
