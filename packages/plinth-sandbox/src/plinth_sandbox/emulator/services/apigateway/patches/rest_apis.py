"""API Gateway: OpenAPI documents, deployments and their preconditions, stages and tags."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import yaml
from moto.apigateway.models import APIGatewayBackend, RestAPI, apigateway_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.apigateway.executor.routes import ANY, INTEGRATION

POLICY = "x-amazon-apigateway-policy"
_SHORT = "execute-api:/"
_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")
_INTEGRATIONS = ("aws", "aws_proxy", "http", "http_proxy", "mock")
_ENDPOINTS = "/endpointConfiguration/vpcEndpointIds"


def _backend(exchange: Exchange) -> APIGatewayBackend:
    backend: APIGatewayBackend = apigateway_backends[exchange.call.account][exchange.call.region]
    return backend


def _api(exchange: Exchange) -> RestAPI:
    api: RestAPI = _backend(exchange).get_rest_api(exchange.call.parameters["restApiId"])
    return api


def _documents(exchange: Exchange) -> dict[str, Any]:
    """Returns the documents of an API: the current one under ``""``, and the one of each deployment under its id."""
    return _documents_of(exchange, exchange.call.parameters["restApiId"])


def _documents_of(exchange: Exchange, api_id: str) -> dict[str, Any]:
    return exchange.memory.notes("rest-apis", exchange.call.account, exchange.call.region, api_id)


def _put(exchange: Exchange) -> Answer:
    """Puts the document. It also sets the resource policy and the authorization, which moto ignores."""
    call, document = exchange.call, _document(exchange.call)
    readable = json.dumps(_for_moto(document)).encode()
    answer = exchange.below_with(replace(call, request=replace(call.request, body=readable)))
    return _completed(exchange, _api(exchange), document) if answer.succeeded else answer


def _import(exchange: Exchange) -> Answer:
    """Creates an API from a document. moto fails for one without a description, and ignores what PutRestApi sets."""
    call, document = exchange.call, _document(exchange.call)
    about = document.get("info")
    if not isinstance(about, dict) or not about.get("title"):
        raise _invalid("info.title is missing")
    described = {"name": str(about["title"]), "description": str(about.get("description") or "")}
    api = _backend(exchange).create_rest_api(**described)
    try:
        _backend(exchange).put_rest_api(api.id, _for_moto(document), bool(call.parameters.get("failOnWarnings")))
    except Exception:
        _backend(exchange).delete_rest_api(api.id)
        raise
    return _completed(exchange, api, document)


def _document(call: Call) -> dict[str, Any]:
    """Returns the document of a request, which is JSON or YAML."""
    body = call.parameters["body"]
    try:
        found = yaml.safe_load(body if isinstance(body, str | bytes) else body.read())
    except yaml.YAMLError as error:
        raise _invalid("it is neither JSON nor YAML") from error
    if not isinstance(found, dict) or not ("openapi" in found or "swagger" in found):
        raise _invalid("it names no version of OpenAPI")
    paths = found.get("paths")
    if not isinstance(paths, dict) or not all(isinstance(item, dict) for item in paths.values()):
        raise _invalid("paths are missing")
    for path, item in paths.items():
        for name, operation in item.items():
            if _is_method(name) and not (isinstance(operation, dict) and _has_type(operation.get(INTEGRATION))):
                raise _invalid(f"{name} of {path} is no operation, or its integration has no type")
    document: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return document


def _has_type(integration: Any) -> bool:
    kind = integration.get("type") if isinstance(integration, dict) else None
    return integration is None or str(kind).lower() in _INTEGRATIONS


def _is_method(name: str) -> bool:
    return name == ANY or name in _METHODS


def _invalid(fault: str) -> AwsError:
    return AwsError("BadRequestException", f"Invalid OpenAPI input: {fault}.")


def _completed(exchange: Exchange, api: RestAPI, document: dict[str, Any]) -> Answer:
    """Sets what moto does not read in a document, and answers with the API."""
    call = exchange.call
    policy = document.get(POLICY)
    if policy is not None or call.parameters.get("mode") == "overwrite":
        api.policy = policy and _at_length(policy, f"arn:aws:execute-api:{call.region}:{call.account}:{api.id}/")
    schemes = document.get("components", {}).get("securitySchemes", {})
    for resource in api.resources.values():
        operations = document["paths"].get(resource.get_path(), {})
        for verb, method in resource.resource_methods.items():
            operation = operations.get(ANY if verb == "ANY" else verb.lower(), {})
            named = [scheme for names in operation.get("security", []) for scheme in names]
            signed = any(schemes[name].get("x-amazon-apigateway-authtype") == "awsSigv4" for name in named)
            method.authorization_type = "AWS_IAM" if signed else "NONE"
    _documents_of(exchange, api.id)[""] = document
    return call.reply(api.to_dict())


def _for_moto(document: dict[str, Any]) -> dict[str, Any]:
    """Returns a document that moto can read: paths have methods only, and each integration a URI and a method."""
    paths: dict[str, Any] = {}
    for path, item in document["paths"].items():
        paths[path] = {}
        for name, operation in item.items():
            if _is_method(name):
                integration = operation.get(INTEGRATION)
                known = {INTEGRATION: {"uri": "", "httpMethod": "POST", **integration}} if integration else {}
                paths[path]["any" if name == ANY else name] = {**operation, **known}
    return {**document, "paths": paths}


def _at_length(policy: dict[str, Any], own: str) -> str:
    """Returns the policy as AWS does: with the API's own ARN, and escaped."""
    return json.dumps(json.dumps(policy).replace(f'"{_SHORT}', f'"{own}'))[1:-1]


def _deploy(exchange: Exchange) -> Answer:
    """Deploys the current document. A private API without a resource policy cannot be deployed."""
    api = _api(exchange)
    if "PRIVATE" in api.endpoint_configuration.get("types", ()) and not api.policy:
        raise AwsError("BadRequestException", "Private REST API doesn't have a resource policy attached to it")

    def remember(result: dict[str, Any]) -> None:
        documents = _documents(exchange)
        documents[result["id"]] = documents.get("")
        documents[f"policy of {result['id']}"] = api.policy

    return exchange.amend(remember)


def _get_deployment(exchange: Exchange) -> Answer:
    if exchange.call.parameters["deploymentId"] not in _api(exchange).deployments:
        raise AwsError("NotFoundException", "Invalid Deployment identifier specified")
    return exchange.below()


def _delete_deployment(exchange: Exchange) -> Answer:
    """Deletes a deployment unless a stage uses it."""
    wanted = exchange.call.parameters["deploymentId"]
    if any(stage.deployment_id == wanted for stage in _api(exchange).stages.values()):
        message = "Active stages pointing to this deployment must be moved or deleted"
        raise AwsError("BadRequestException", message)
    return exchange.below()


def _update_stage(exchange: Exchange) -> Answer:
    """Updates a stage. Logging requires a role in the account settings, and method settings can be removed."""
    parameters = exchange.call.parameters
    operations = parameters.get("patchOperations", [])
    logs = any(
        operation["op"] == "replace" and operation["path"].startswith("/accessLogSettings/") for operation in operations
    )
    if logs and not _backend(exchange).account.cloudwatch_role_arn:
        message = "CloudWatch Logs role ARN must be set in account settings to enable logging"
        raise AwsError("BadRequestException", message)
    answer = exchange.below()
    settings = _backend(exchange).get_stage(parameters["restApiId"], parameters["stageName"]).method_settings
    for operation in operations:
        if operation["op"] == "remove":
            settings.pop(operation["path"].removeprefix("/"), None)
    return answer


def _update(exchange: Exchange) -> Answer:
    """Updates an API. moto takes the id of a VPC endpoint for a type of endpoints."""
    call, api = exchange.call, _api(exchange)
    operations = call.parameters.get("patchOperations", [])
    for operation in operations:
        if operation["path"] == "/policy" and operation.get("value"):
            operation["value"] = _at_length(
                json.loads(operation["value"]), f"arn:aws:execute-api:{call.region}:{call.account}:{api.id}/"
            )
    ids = api.endpoint_configuration.setdefault("vpcEndpointIds", [])
    others = []
    for operation in operations:
        if not operation["path"].startswith(_ENDPOINTS):
            others.append(operation)
        elif operation["op"] == "remove" and operation.get("value") in ids:
            ids.remove(operation["value"])
        elif operation["op"] == "add" and operation["value"] not in ids:
            ids.append(operation["value"])
    body = json.dumps({"patchOperations": others}).encode()
    answer = exchange.below_with(replace(call, request=replace(call.request, body=body)))
    return call.reply(api.to_dict()) if answer.succeeded else answer


def _delete(exchange: Exchange) -> Answer:
    """Answers an unknown API with AWS's error. moto raises an internal one."""
    _api(exchange)
    return exchange.below()


def _export(exchange: Exchange) -> Answer:
    """Exports the stage's document, without API Gateway extensions unless they are requested."""
    parameters = exchange.call.parameters
    stage = _backend(exchange).get_stage(parameters["restApiId"], parameters["stageName"])
    document = _documents(exchange).get(stage.deployment_id)
    if document is None or parameters["exportType"] != "oas30":
        return exchange.below()
    wanted = (parameters.get("parameters") or {}).get("extensions", "").split(",")
    shown = document if {"apigateway", "integrations"} & set(wanted) else _plain(document)
    return exchange.call.reply({"contentType": "application/octet-stream", "body": json.dumps(shown).encode()})


def _plain(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _plain(inner) for name, inner in document.items() if not name.startswith("x-amazon-")}
    return [_plain(inner) for inner in document] if isinstance(document, list) else document


def _tagged(exchange: Exchange) -> Any:
    """Returns the API, stage, key or usage plan that an ARN names. moto supports stages only."""
    parts = unquote(exchange.call.parameters["resourceArn"]).split("/")
    backend = _backend(exchange)
    known = {"apikeys": backend.keys, "usageplans": backend.usage_plans}.get(parts[1])
    if known is not None:
        if parts[2] not in known:
            raise AwsError("NotFoundException", "Invalid resource identifier specified")
        held: Any = known[parts[2]]
        held.tags = held.tags or {}
        return held
    found: Any = backend.get_stage(parts[2], parts[4]) if "stages" in parts else backend.get_rest_api(parts[2])
    found.tags = found.tags or {}
    return found


def _tag(exchange: Exchange) -> Answer:
    _tagged(exchange).tags.update(exchange.call.parameters["tags"])
    return exchange.call.reply({})


def _untag(exchange: Exchange) -> Answer:
    tags = _tagged(exchange).tags
    for key in exchange.call.parameters["tagKeys"]:
        tags.pop(key, None)
    return exchange.call.reply({})


def _get_tags(exchange: Exchange) -> Answer:
    return exchange.call.reply({"tags": dict(_tagged(exchange).tags)})


PATCHES: Patches = {
    "CreateDeployment": _deploy,
    "DeleteRestApi": _delete,
    "DeleteDeployment": _delete_deployment,
    "GetDeployment": _get_deployment,
    "GetExport": _export,
    "GetTags": _get_tags,
    "ImportRestApi": _import,
    "PutRestApi": _put,
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdateRestApi": _update,
    "UpdateStage": _update_stage,
}
