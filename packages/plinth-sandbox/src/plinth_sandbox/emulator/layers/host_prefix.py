"""Removes the account from host names of S3 Control (``<account>.<host>``), which do not resolve on this machine.

botocore's endpoint rules add the account even if host prefixes are disabled, so the request is corrected before it is
signed.
"""

from __future__ import annotations

import re
from typing import Any

EVENT = "before-sign.s3-control"
"""Event of botocore for :func:`remove_account`: ``session.register(EVENT, remove_account)``."""

_ACCOUNT = re.compile(r"(?<=//)\d{12}\.(?=localhost[:/]|\d+\.\d+\.\d+\.\d+[:/])")


def remove_account(request: Any, **_: object) -> None:
    """Removes the account from the host name. It stays in the header ``x-amz-account-id``."""
    request.url = _ACCOUNT.sub("", request.url)
