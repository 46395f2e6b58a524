"""S3 Control addresses an account by host name (``<account>.<host>``), which names nothing on this machine.

botocore's endpoint rules do so even where host prefixes are switched off, so the request is put right before it is
signed.
"""

from __future__ import annotations

import re
from typing import Any

EVENT = "before-sign.s3-control"
"""botocore's event for :func:`remove_account`: ``session.register(EVENT, remove_account)``."""

_ACCOUNT = re.compile(r"(?<=//)\d{12}\.(?=localhost[:/]|\d+\.\d+\.\d+\.\d+[:/])")


def remove_account(request: Any, **_: object) -> None:
    """The account stays in the request's ``x-amz-account-id`` header."""
    request.url = _ACCOUNT.sub("", request.url)
