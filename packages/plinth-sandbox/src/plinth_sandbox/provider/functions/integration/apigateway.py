"""Amazon API Gateway: updates are JSON patch operations, whose paths differ from property names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_METHOD_SETTINGS = {
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled",
    "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cacheDataEncrypted": "caching/dataEncrypted",
}
"""Last part of the patch path by property ("UpdateStage" of the API reference)."""


def put_body(caller: Caller, known: Properties) -> None:
    """Puts the OpenAPI document, which replaces or extends the API."""
    caller.aws(
        "put_rest_api",
        restApiId=known["id"],
        mode=known.get("putRestApiMode") or "overwrite",
        failOnWarnings=known.get("failOnWarnings") or False,
        body=known["body"].encode(),
    )


def patch_api(caller: Caller, known: Properties) -> None:
    caller.aws("update_rest_api", restApiId=known["id"], patchOperations=list(_replaced(known, "name", "description")))


def read_deployment(caller: Caller, known: Properties) -> Properties | None:
    """Returns the deployment. An import knows only its identifier."""
    apis = [known["restApi"]] if known.get("restApi") else [a["id"] for a in caller.aws("get_rest_apis")["items"]]
    for api in apis:
        for found in caller.aws("get_deployments", restApiId=api)["items"]:
            if found["id"] == known["id"]:
                return {"restApi": api, "description": found.get("description") or None}
    return None


def patch_stage(caller: Caller, known: Properties) -> None:
    """Updates a stage, except its logs."""
    changed = {
        "/deploymentId": known["deployment"],
        "/description": known.get("description") or "",
        "/tracingEnabled": known.get("xrayTracingEnabled") or False,
    }
    _patch_stage(caller, known, [_replace(path, value) for path, value in changed.items()])


def enable_stage_logs(caller: Caller, known: Properties) -> None:
    logs: Mapping[str, Any] = known["accessLogSettings"]
    changed = {"destinationArn": logs["destinationArn"], "format": logs["format"]}
    _patch_stage(caller, known, [_replace(f"/accessLogSettings/{name}", value) for name, value in changed.items()])


def disable_stage_logs(caller: Caller, known: Properties) -> None:
    _patch_stage(caller, known, [{"op": "remove", "path": "/accessLogSettings"}])


def put_method_settings(caller: Caller, known: Properties) -> None:
    settings: Mapping[str, Any] = known["settings"]
    _patch_stage(
        caller,
        known,
        [
            _replace(f"/{known['methodPath']}/{end}", settings[name])
            for name, end in _METHOD_SETTINGS.items()
            if settings.get(name) is not None
        ],
    )


def read_method_settings(caller: Caller, known: Properties) -> Properties | None:
    stage = caller.aws("get_stage", restApiId=known["restApi"], stageName=known["stageName"])
    found = stage.get("methodSettings", {}).get(known["methodPath"])
    return None if found is None else {"settings": {name: found[name] for name in _METHOD_SETTINGS if name in found}}


def remove_method_settings(caller: Caller, known: Properties) -> None:
    _patch_stage(caller, known, [{"op": "remove", "path": f"/{known['methodPath']}"}])


def put_account(caller: Caller, known: Properties) -> None:
    caller.aws("update_account", patchOperations=[_replace("/cloudwatchRoleArn", known.get("cloudwatchRoleArn") or "")])


def _patch_stage(caller: Caller, known: Properties, operations: list[dict[str, str]]) -> None:
    caller.aws("update_stage", restApiId=known["restApi"], stageName=known["stageName"], patchOperations=operations)


def _replaced(known: Properties, *names: str) -> Iterator[dict[str, str]]:
    for name in names:
        yield _replace(f"/{name}", known.get(name) or "")


def _replace(path: str, value: object) -> dict[str, str]:
    """Returns a replace operation. All values are strings."""
    return {"op": "replace", "path": path, "value": str(value).lower() if isinstance(value, bool) else str(value)}
