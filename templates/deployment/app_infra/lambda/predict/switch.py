"""The switch of predictions: an object in the ML bucket that people or the job of monitoring write.

``{"state": "off", "reason": …}`` stops predictions. Without the object, or with the state ``on``, they are given. The
tests of a promotion get predictions also while they are stopped, so that a better version can be released.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

SECONDS = 10.0
"""Time after which the object is read again."""
_MISSING = ("404", "NoSuchKey")
_MOST_OF_A_REASON = 200


@dataclass(kw_only=True)
class Switch:
    """Tells why predictions are stopped."""

    store: Any
    """Client of S3."""
    bucket: str
    key: str
    tester: str = ""
    """ARN of the role whose requests are tests."""
    clock: Callable[[], float] = time.monotonic
    _read_at: float = field(default=float("-inf"), init=False)
    _reason: str = field(default="", init=False)

    def reason(self, caller: str = "") -> str:
        """Returns why predictions are stopped for a caller, given by the ARN of its session; empty if they are not.

        If S3 does not answer, the last known state counts: a fault of S3 alone stops no predictions and starts none.
        """
        if self._is_test(caller):
            return ""
        if self.clock() - self._read_at >= SECONDS:
            self._read_at = self.clock()
            self._reason = self._read()
        return self._reason

    def _read(self) -> str:
        try:
            content = self.store.get_object(Bucket=self.bucket, Key=self.key)["Body"].read()
        except ClientError as error:
            return "" if error.response["Error"]["Code"] in _MISSING else self._reason
        except BotoCoreError:
            return self._reason
        try:
            found = json.loads(content)
            state, reason = found["state"], str(found.get("reason", ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            return "the switch cannot be read"
        return "" if state == "on" else reason[:_MOST_OF_A_REASON] or "without a reason"

    def _is_test(self, caller: str) -> bool:
        account, _, role = self.tester.partition(":role/")
        session = f"{account.replace(':iam:', ':sts:')}:assumed-role/{role.rpartition('/')[2]}/"
        return bool(role) and caller.startswith(session)


def switch_of_environment() -> Switch | None:
    """Returns the switch that the environment of the function names; None without one."""
    key = os.environ.get("SWITCH")
    if not key:
        return None
    # A request waits for the answer, so a slow one is given up soon.
    config = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
    return Switch(
        store=boto3.client("s3", config=config),
        bucket=os.environ["BUCKET"],
        key=key,
        tester=os.environ.get("TESTER", ""),
    )
