"""Members of CodeBuild projects that the vendor's provider always sends, and webhooks, which are parts of projects."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_LOGS = {"cloudWatchLogs": "ENABLED", "s3Logs": "DISABLED"}


def complete_project(request: dict[str, Any]) -> dict[str, Any]:
    """Adds the status of each log, the type of each variable and the type of the cache, which the service requires or
    returns."""
    if logs := request.get("logsConfig"):
        request["logsConfig"] = {name: {"status": _LOGS[name], **log} for name, log in logs.items()}
    if "cache" in request:
        request["cache"] = {"type": "NO_CACHE", **request["cache"]}
    environment = request.get("environment", {})
    if variables := environment.get("environmentVariables"):
        environment["environmentVariables"] = [{"type": "PLAINTEXT", **variable} for variable in variables]
    return request


def create_webhook(caller: Caller, known: Properties) -> None:
    caller.aws("create_webhook", **_webhook(known))


def update_webhook(caller: Caller, known: Properties) -> None:
    caller.aws("update_webhook", **_webhook(known))


def read_webhook(caller: Caller, known: Properties) -> Properties | None:
    """Returns the webhook of a project, or None without one."""
    projects = caller.aws("batch_get_projects", names=[known["projectName"]])["projects"]
    webhook = projects[0].get("webhook") if projects else None
    if webhook is None:
        return None
    groups = [{"filters": group} for group in webhook.get("filterGroups", [])]
    texts = {name: webhook.get(name, "") for name in ("url", "payloadUrl", "secret")}
    return {
        "projectName": known["projectName"],
        "buildType": webhook.get("buildType", "BUILD"),
        **({"filterGroups": groups} if groups else {}),
        **texts,
    }


def _webhook(known: Properties) -> dict[str, Any]:
    """Returns the request. A group of filters is a list at AWS, and an object with one at the vendor."""
    groups = [group["filters"] for group in known.get("filterGroups") or []]
    return {
        "projectName": known["projectName"],
        "buildType": known.get("buildType") or "BUILD",
        **({"filterGroups": groups} if groups else {}),
    }
