"""Amazon API Gateway: updates are JSON patch operations, whose paths differ from property names."""

from __future__ import annotations

import json
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


def patch_endpoints(caller: Caller, known: Properties) -> None:
    """Associates an API with its VPC endpoints. A change of the type replaces the API."""
    wanted = set((known.get("endpointConfiguration") or {}).get("vpcEndpointIds") or [])
    found = caller.aws("get_rest_api", restApiId=known["id"])["endpointConfiguration"].get("vpcEndpointIds") or []
    path = "/endpointConfiguration/vpcEndpointIds"
    operations = [{"op": "add", "path": path, "value": endpoint_id} for endpoint_id in sorted(wanted - set(found))]
    operations += [{"op": "remove", "path": path, "value": endpoint_id} for endpoint_id in sorted(set(found) - wanted)]
    if operations:
        caller.aws("update_rest_api", restApiId=known["id"], patchOperations=operations)


def patch_policy(caller: Caller, known: Properties) -> None:
    caller.aws("update_rest_api", restApiId=known["restApiId"], patchOperations=[_replace("/policy", known["policy"])])


def read_policy(caller: Caller, known: Properties) -> Properties | None:
    """Returns the policy of an API, which AWS returns with escaped quotes. None without one."""
    text = caller.aws("get_rest_api", restApiId=known["restApiId"]).get("policy") or ""
    if not text:
        return None
    return {"restApiId": known["restApiId"], "policy": text if text.startswith('{"') else json.loads(f'"{text}"')}


def patch_key(caller: Caller, known: Properties) -> None:
    names = ("customerId", "description", "name")
    operations = [*_replaced(known, *names), _replace("/enabled", bool(known.get("enabled", True)))]
    caller.aws("update_api_key", apiKey=known["id"], patchOperations=operations)


def read_plan(caller: Caller, known: Properties) -> Properties:
    """Returns a usage plan. Throttles of methods are a list in the program."""
    found = caller.aws("get_usage_plan", usagePlanId=known["id"])
    stages = [
        {
            "apiId": api_stage["apiId"],
            "stage": api_stage["stage"],
            **({"throttles": _throttles(api_stage["throttle"])} if api_stage.get("throttle") else {}),
        }
        for api_stage in found.get("apiStages", [])
    ]
    return {
        "name": found["name"],
        "description": found.get("description"),
        "productCode": found.get("productCode"),
        "apiStages": stages or None,
        "quotaSettings": found.get("quota") or None,
        "throttleSettings": found.get("throttle") or None,
        "tags": found.get("tags") or {},
    }


def _throttles(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"path": path, **limits} for path, limits in sorted(found.items())]


def patch_plan(caller: Caller, known: Properties) -> None:
    """Updates a usage plan: its texts, its stages, its quota and its throttle."""
    before = caller.aws("get_usage_plan", usagePlanId=known["id"])
    operations = [*_replaced(known, "name", "description")]
    if known.get("productCode"):
        operations.append(_replace("/productCode", known["productCode"]))
    elif before.get("productCode"):
        operations.append({"op": "remove", "path": "/productCode"})
    wanted = {f"{api_stage['apiId']}:{api_stage['stage']}" for api_stage in known.get("apiStages") or []}
    found = {f"{api_stage['apiId']}:{api_stage['stage']}" for api_stage in before.get("apiStages", [])}
    operations += [{"op": "remove", "path": "/apiStages", "value": stage} for stage in sorted(found - wanted)]
    operations += [{"op": "add", "path": "/apiStages", "value": stage} for stage in sorted(wanted - found)]
    for name, member in (("quotaSettings", "quota"), ("throttleSettings", "throttle")):
        given = known.get(name) or {}
        if given:
            operations += [_replace(f"/{member}/{setting}", value) for setting, value in sorted(given.items())]
        elif before.get(member):
            operations.append({"op": "remove", "path": f"/{member}"})
    for api_stage in known.get("apiStages") or []:
        path = f"/apiStages/{api_stage['apiId']}:{api_stage['stage']}/throttle"
        for limit in api_stage.get("throttles") or []:
            method = str(limit["path"]).replace("/", "~1")
            names = ("burstLimit", "rateLimit")
            operations += [_replace(f"{path}/{method}/{each}", limit[each]) for each in names if each in limit]
    caller.aws("update_usage_plan", usagePlanId=known["id"], patchOperations=operations)


def release_plan(caller: Caller, known: Properties) -> None:
    """Deletes a usage plan, which must have no stages."""
    found = caller.aws("get_usage_plan", usagePlanId=known["id"]).get("apiStages", [])
    operations = [
        {"op": "remove", "path": "/apiStages", "value": f"{api_stage['apiId']}:{api_stage['stage']}"}
        for api_stage in found
    ]
    if operations:
        caller.aws("update_usage_plan", usagePlanId=known["id"], patchOperations=operations)
    caller.aws("delete_usage_plan", usagePlanId=known["id"])


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
    operations = [_replace(path, value) for path, value in changed.items()]
    wanted = known.get("variables") or {}
    stage = caller.aws("get_stage", restApiId=known["restApi"], stageName=known["stageName"])
    operations += [_replace(f"/variables/{name}", value) for name, value in wanted.items()]
    gone = set(stage.get("variables") or {}) - set(wanted)
    operations += [{"op": "remove", "path": f"/variables/{name}"} for name in sorted(gone)]
    _patch_stage(caller, known, operations)


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
