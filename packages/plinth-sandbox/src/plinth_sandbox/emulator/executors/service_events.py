"""Events that AWS services put on the default event bus of an account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def emit(account: str, region: str, source: str, detail_type: str, resource: str, detail: Mapping[str, Any]) -> None:
    """Puts an event on the account's default bus. It belongs to the call that is being answered, so a replay of that
    call puts it again."""
    # Imported with the first event, because the module takes a second to import.
    from moto.events.models import events_backends

    event = {"Source": source, "DetailType": detail_type, "Resources": [resource], "Detail": json.dumps(detail)}
    events_backends[account][region].put_events([event])
