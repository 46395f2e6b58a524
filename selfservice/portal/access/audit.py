"""One line per action of a person, as JSON: who did what, on what, and how it ended.

The team catalog records requests and decisions under names that IAM proves, and AWS CloudTrail the calls. These lines
also have what was refused before it reached AWS, and who signed in.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

LOGGER = "plinth.portal.audit"
log = logging.getLogger(LOGGER)


def record(user: str, action: str, subject: str = "", outcome: str = "done", reason: str = "") -> None:
    """Writes a line. ``outcome`` is ``done`` or ``refused``. Each text is limited to 200 characters."""
    told = {"user": user, "action": action, "subject": subject, "outcome": outcome, "reason": reason}
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds")}
    line |= {name: value[:200] for name, value in told.items() if value}
    log.info("%s", json.dumps(line))
