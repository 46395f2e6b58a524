"""Members of CodeBuild projects that the vendor's provider always sends."""

from __future__ import annotations

from typing import Any

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
