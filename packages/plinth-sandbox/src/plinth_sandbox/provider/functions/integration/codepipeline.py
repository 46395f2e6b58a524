"""Pipelines in the vendor's form, where stages, actions and conditions are flatter than in the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_TYPE = ("category", "owner", "provider", "version")
_ACTION = ("name", "configuration", "namespace", "region", "roleArn", "runOrder", "timeoutInMinutes")
_RULE = ("name", "commands", "configuration", "region", "roleArn", "timeoutInMinutes")
_CONDITIONS = ("beforeEntry", "onFailure", "onSuccess")


def create_pipeline(caller: Caller, known: Properties) -> Properties:
    tags = [{"key": key, "value": value} for key, value in known["tagsAll"].items()]
    caller.aws("create_pipeline", pipeline=_declaration(known), **({"tags": tags} if tags else {}))
    return {"id": known["name"]}


def update_pipeline(caller: Caller, known: Properties) -> None:
    caller.aws("update_pipeline", pipeline=_declaration(known))


def _declaration(known: Properties) -> dict[str, Any]:
    found = _present(known, ("name", "roleArn", "executionMode", "pipelineType", "variables", "triggers"))
    stores = known["artifactStores"]
    if len(stores) == 1:
        found["artifactStore"] = _present(stores[0], ("location", "type", "encryptionKey"))
    else:
        members = ("location", "type", "encryptionKey")
        found["artifactStores"] = {store["region"]: _present(store, members) for store in stores}
    return found | {"stages": [_stage(stage) for stage in known["stages"]]}


def _present(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: given[name] for name in names if given.get(name) not in (None, "", [], {})}


def _stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    found = {"name": stage["name"], "actions": [_action(action) for action in stage["actions"]]}
    for point in _CONDITIONS:
        if given := stage.get(point):
            found[point] = _present(given, ("result", "retryConfiguration"))
            if condition := given.get("condition"):
                rules = [_rule(rule) for rule in condition.get("rules") or []]
                found[point]["conditions"] = [{**_present(condition, ("result",)), "rules": rules}]
    return found


def _action(action: Mapping[str, Any]) -> dict[str, Any]:
    artifacts = {
        name: [{"name": artifact} for artifact in action[name]]
        for name in ("inputArtifacts", "outputArtifacts")
        if action.get(name)
    }
    return {"actionTypeId": {name: action[name] for name in _TYPE}, **_present(action, _ACTION), **artifacts}


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    artifacts = [{"name": input_artifact} for input_artifact in rule.get("inputArtifacts") or []]
    type_id = _present(rule["ruleTypeId"], _TYPE)
    return {
        "ruleTypeId": type_id,
        **_present(rule, _RULE),
        **({"inputArtifacts": artifacts} if artifacts else {}),
    }


def read_pipeline(caller: Caller, known: Properties) -> Properties | None:
    answer = caller.aws("get_pipeline", name=known["id"])
    found = answer["pipeline"]
    stores = found.get("artifactStores") or {"": found["artifactStore"]}
    return {
        **_present(found, ("name", "roleArn", "executionMode", "pipelineType", "variables", "triggers")),
        "arn": answer["metadata"]["pipelineArn"],
        "artifactStores": [{**store, **({"region": region} if region else {})} for region, store in stores.items()],
        "stages": [_flat_stage(stage) for stage in found["stages"]],
    }


def _flat_stage(stage: Mapping[str, Any]) -> Properties:
    found: Properties = {"name": stage["name"], "actions": [_flat_action(action) for action in stage["actions"]]}
    for point in _CONDITIONS:
        if given := stage.get(point):
            found[point] = _present(given, ("result", "retryConfiguration"))
            for condition in given.get("conditions", []):
                rules = [_flat_rule(rule) for rule in condition.get("rules", [])]
                found[point]["condition"] = {**_present(condition, ("result",)), "rules": rules}
    return found


def _flat_action(action: Mapping[str, Any]) -> Properties:
    names = {
        name: [artifact["name"] for artifact in action[name]]
        for name in ("inputArtifacts", "outputArtifacts")
        if action.get(name)
    }
    return {**action["actionTypeId"], **_present(action, _ACTION), **names}


def _flat_rule(rule: Mapping[str, Any]) -> Properties:
    names = [input_artifact["name"] for input_artifact in rule.get("inputArtifacts", [])]
    return {
        "ruleTypeId": dict(rule["ruleTypeId"]),
        **_present(rule, _RULE),
        **({"inputArtifacts": names} if names else {}),
    }
