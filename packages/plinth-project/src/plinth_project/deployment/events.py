"""Renders the EventBridge rules of an environment: for the start of batch inference, and for events that ask for
predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plinth_project.deployment.contract import answered_type
from plinth_project.deployment.foundation import Environment, Foundation
from plinth_project.deployment.inference import Batch, Schedule
from plinth_project.documents import ProjectError

PATTERN = "app_infra/event_bridge/start_batch.json"
REQUESTS = "app_infra/event_bridge/predict.json"
KINDS = "detail-type"


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


def render_requests(root: Path, foundation: Foundation, environment: Environment) -> str:
    """Returns the request of PutRule as JSON for the events that ask for predictions. Raises ProjectError."""
    if faults := list(pattern_faults(root)):
        raise ProjectError(*faults)
    pattern = json.loads((root / REQUESTS).read_text(encoding="utf-8"))
    rule = {"Name": f"{foundation.prefix(environment)}-requests", "EventPattern": json.dumps(pattern)}
    return json.dumps(rule, indent=2) + "\n"


def pattern_faults(root: Path) -> Iterator[str]:
    """Yields what is wrong with the pattern of events that ask for predictions. An answer that matches it would be a
    request again, without end."""
    try:
        pattern = json.loads((root / REQUESTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        yield f"{REQUESTS}: missing; events in inference_config.json need it"
        return
    except ValueError as error:
        yield f"{REQUESTS}: no JSON: {error}"
        return
    kinds = pattern.get(KINDS) if isinstance(pattern, dict) else None
    if not isinstance(kinds, list) or not kinds or not all(isinstance(kind, str) for kind in kinds):
        yield f'{REQUESTS}: {KINDS}: set a list of texts, such as ["Prediction Requested"]'
    elif (answered := answered_type(root)) in kinds:
        yield f"{REQUESTS}: {KINDS}: {answered} is the type of answers, which would be requests again; remove it"
