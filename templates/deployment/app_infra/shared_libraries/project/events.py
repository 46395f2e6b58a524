"""Renders the EventBridge rule that starts batch inference in an environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shared_libraries.project.foundation import Environment, Foundation
from shared_libraries.project.inference import Batch, Schedule

PATTERN = "app_infra/event_bridge/start_batch.json"


def render_rule(root: Path, foundation: Foundation, environment: Environment, configuration: Batch) -> str:
    """Returns the request of PutRule as JSON: a schedule, or the pattern, limited to the ML bucket."""
    name = f"{foundation.prefix(environment)}-start-batch"
    if isinstance(configuration.start, Schedule):
        rule: dict[str, Any] = {"Name": name, "ScheduleExpression": configuration.start.expression}
    else:
        pattern = json.loads((root / PATTERN).read_text(encoding="utf-8"))
        pattern["detail"]["bucket"] = {"name": [foundation.account(environment).bucket]}
        rule = {"Name": name, "EventPattern": json.dumps(pattern)}
    return json.dumps(rule, indent=2) + "\n"
