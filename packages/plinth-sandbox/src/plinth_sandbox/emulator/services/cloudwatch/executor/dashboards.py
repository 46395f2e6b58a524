"""The body of a dashboard, as CloudWatch checks it.

Source: CloudWatch API reference, "Dashboard body structure and syntax" (read 2026-11-22). moto keeps dashboards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange

WIDGETS_OF_A_DASHBOARD = 500
COLUMNS = 24
_TYPES = ("metric", "text", "log", "alarm", "explorer", "custom")
_SIZES = {"width": (1, COLUMNS), "height": (1, 1000)}
_PLACES = {"x": COLUMNS - 1, "y": 2**31 - 1}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "metric": ("region",),
    "text": ("markdown",),
    "log": ("query", "region"),
    "alarm": ("alarms",),
    "explorer": ("metrics", "labels"),
    "custom": ("endpoint",),
}
"""Members of the properties by type of widget."""


def problems(body: Any) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with a body: the place and the message."""
    if not isinstance(body, dict):
        yield "", "The dashboard body must be an object"
        return
    widgets = body.get("widgets")
    if not isinstance(widgets, list):
        yield "/", 'Should have required property "widgets"'
        return
    if len(widgets) > WIDGETS_OF_A_DASHBOARD:
        yield "/widgets", f"Should NOT have more than {WIDGETS_OF_A_DASHBOARD} items"
    for index, widget in enumerate(widgets):
        yield from _widget_problems(f"/widgets/{index}", widget)


def _widget_problems(path: str, widget: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(widget, dict):
        yield path, "Should be an object"
        return
    kind, properties = widget.get("type"), widget.get("properties")
    if kind not in _TYPES:
        yield f"{path}/type", f"Should be one of {', '.join(_TYPES)}"
        return
    if not isinstance(properties, dict):
        yield path, 'Should have required property "properties"'
        return
    yield from _place_problems(path, widget)
    for name in _REQUIRED[kind]:
        if name not in properties:
            yield f"{path}/properties", f'Should have required property "{name}"'
    if kind == "metric" and not any(name in properties for name in ("metrics", "annotations")):
        yield f"{path}/properties", 'Should have required property "metrics" or "annotations"'
    if kind == "metric":
        yield from _metric_problems(f"{path}/properties/metrics", properties.get("metrics", []))


def _place_problems(path: str, widget: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, (least, most) in _SIZES.items():
        value = widget.get(name, least)
        if not isinstance(value, int) or not least <= value <= most:
            yield f"{path}/{name}", f"Should be an integer between {least} and {most}"
    if ("x" in widget) != ("y" in widget):
        yield path, "Should have both x and y, or neither"
    for name, longest in _PLACES.items():
        value = widget.get(name, 0)
        if not isinstance(value, int) or not 0 <= value <= longest:
            yield f"{path}/{name}", f"Should be an integer between 0 and {longest}"


def _metric_problems(path: str, metrics: Any) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with the metrics of a widget: arrays of namespace, name, and dimensions in pairs, or of one
    object with an expression."""
    if not isinstance(metrics, list) or not all(isinstance(item, list) and item for item in metrics):
        yield path, "Should be an array of non-empty arrays"
        return
    for index, metric in enumerate(metrics):
        texts = [item for item in metric if not isinstance(item, dict)]
        options = metric[-1] if isinstance(metric[-1], dict) else {}
        if not all(isinstance(text, str) for text in texts):
            yield f"{path}/{index}", "Should contain strings, and one object at the end"
        elif "expression" not in options and (len(texts) < 2 or len(texts) % 2):
            yield f"{path}/{index}", "Should have a namespace, a metric name, and dimensions as names and values"


def _put(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    try:
        body = json.loads(exchange.call.parameters["DashboardBody"])
    except ValueError as error:
        raise AwsError("InvalidParameterInput", f"The field DashboardBody must be valid JSON: {error}") from error
    found = [{"DataPath": path, "Message": message} for path, message in problems(body)]
    if found:
        text = "; ".join(f"{problem['DataPath']}: {problem['Message']}" for problem in found)
        message = f"The dashboard body is invalid, there are {len(found)} validation errors: {text}"
        raise AwsError("InvalidParameterInput", message)
    return exchange.below()


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {"PutDashboard": _put}
