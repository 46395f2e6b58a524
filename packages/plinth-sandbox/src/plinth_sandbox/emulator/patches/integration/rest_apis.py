"""API Gateway: OpenAPI documents, deployments and their preconditions, stages and tags."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.apigateway.models import APIGatewayBackend, RestAPI, apigateway_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

POLICY = "x-amazon-apigateway-policy"
_SHORT = "execute-api:/"


def _backend(exchange: Exchange) -> APIGatewayBackend:
    backend: APIGatewayBackend = apigateway_backends[exchange.call.account][exchange.call.region]
    return backend


def _api(exchange: Exchange) -> RestAPI:
    api: RestAPI = _backend(exchange).get_rest_api(exchange.call.parameters["restApiId"])
    return api


def _documents(exchange: Exchange) -> dict[str, Any]:
    """Returns the documents of an API: the current one under ``""``, and the one of each deployment under its id."""
    call = exchange.call
    return exchange.memory.notes("rest-apis", call.account, call.region, call.parameters["restApiId"])


def _put(exchange: Exchange) -> Answer:
    """Puts the document. It also sets the resource policy and the authorization, which moto ignores."""
    call = exchange.call
    body = call.parameters["body"]
    document: dict[str, Any] = json.loads(body if isinstance(body, str | bytes) else body.read())
    answer = exchange.below()
    if not answer.succeeded:
        return answer
    api = _api(exchange)
    policy = document.get(POLICY)
    if policy is not None or call.parameters.get("mode") == "overwrite":
        api.policy = policy and _at_length(policy, f"arn:aws:execute-api:{call.region}:{call.account}:{api.id}/")
    schemes = document.get("components", {}).get("securitySchemes", {})
    for resource in api.resources.values():
        operations = document["paths"].get(resource.get_path(), {})
        for verb, method in resource.resource_methods.items():
            named = [scheme for names in operations.get(verb.lower(), {}).get("security", []) for scheme in names]
            signed = any(schemes[name].get("x-amazon-apigateway-authtype") == "awsSigv4" for name in named)
            method.authorization_type = "AWS_IAM" if signed else "NONE"
    _documents(exchange)[""] = document
    return call.reply(api.to_dict())


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
    logs = any(one["op"] == "replace" and one["path"].startswith("/accessLogSettings/") for one in operations)
    if logs and not _backend(exchange).account.cloudwatch_role_arn:
        message = "CloudWatch Logs role ARN must be set in account settings to enable logging"
        raise AwsError("BadRequestException", message)
    answer = exchange.below()
    settings = _backend(exchange).get_stage(parameters["restApiId"], parameters["stageName"]).method_settings
    for one in operations:
        if one["op"] == "remove":
            settings.pop(one["path"].removeprefix("/"), None)
    return answer


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
    """Returns the API or stage that an ARN names. moto supports stages only."""
    parts = unquote(exchange.call.parameters["resourceArn"]).split("/")
    backend = _backend(exchange)
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
    "PutRestApi": _put,
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdateStage": _update_stage,
}
