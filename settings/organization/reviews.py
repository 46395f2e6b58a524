"""Settings of reviews of pull requests."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import Checked, List

_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_KEY = r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+"


def _bucket(text: str) -> str:
    if not re.fullmatch(_BUCKET, text) or ".." in text:
        rule = "is not the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens"
        raise refusal(Code.FORMAT, rule, "write the name alone: acme-states, not s3://acme-states")
    return text


def _key_arn(text: str) -> str:
    if not re.fullmatch(_KEY, text):
        rule = "is not the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>"
        raise refusal(Code.FORMAT, rule, "name the key itself, because aliases can be moved to another key")
    return text


StateBucket = Annotated[str, Checked(_bucket, {"pattern": f"^{_BUCKET}$", "minLength": 3, "maxLength": 63})]
KeyArn = Annotated[str, Checked(_key_arn, {"pattern": f"^{_KEY}$"})]


class ReviewSettings(Settings):
    """What reviews of pull requests read outside the accounts: the states of stacks."""

    state_bucket: StateBucket | None = Field(
        default=None,
        description="S3 bucket of `PULUMI_BACKEND_URL`. Reviews may read the states in it, and write nothing. Default: "
        "reviews get no access to a bucket.",
        examples=["acme-states"],
    )
    state_keys: List[KeyArn] = Field(
        default=(),
        description="KMS keys that encrypt the bucket and the secrets of states. Reviews may decrypt with them.",
    )
