"""SNS: e-mail addresses and filter policies of subscriptions. Source: SNS API, Subscribe (read 2026-11-29)."""

from __future__ import annotations

import json
import re
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def _subscribe(call: Call) -> None:
    given = call.parameters
    if str(given["Protocol"]).startswith("email") and not _ADDRESS.fullmatch(str(given.get("Endpoint") or "")):
        raise AwsError("InvalidParameter", "Invalid parameter: Email address")
    _require_filter((given.get("Attributes") or {}).get("FilterPolicy"))


def _set_attribute(call: Call) -> None:
    if call.parameters["AttributeName"] == "FilterPolicy":
        _require_filter(call.parameters.get("AttributeValue"))


def _require_filter(text: Any) -> None:
    if text:
        try:
            json.loads(text)
        except ValueError:
            message = "Invalid parameter: FilterPolicy: failed to parse JSON."
            raise AwsError("InvalidParameter", message) from None


CHECKS: Checks = {("sns", "SetSubscriptionAttributes"): _set_attribute, ("sns", "Subscribe"): _subscribe}
