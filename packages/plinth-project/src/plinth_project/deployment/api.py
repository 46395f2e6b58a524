"""Renders the OpenAPI document of an environment: the contract, the Lambda function and the signature of callers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from plinth_project.deployment.contract import Contract, read_contract
from plinth_project.deployment.foundation import Environment, Foundation
from plinth_project.deployment.inference import Asynchronous, RealTime
from plinth_project.documents import ProjectError

DOCUMENT = "app_infra/api_gateway/openapi.json"
ASYNCHRONOUS_DOCUMENT = "app_infra/api_gateway/openapi-asynchronous.json"
KEY = "api_key"
KEY_SCHEME = {"type": "apiKey", "name": "x-api-key", "in": "header"}
"""Security scheme of API keys. API Gateway requires a key in addition to the signature (API Gateway Developer Guide,
"Set up API keys for REST APIs")."""
SCHEMAS = {"PredictionRequest": "request", "PredictionResponse": "response"}
"""Schemas of the document that come from the contract."""


def document_of(configuration: RealTime | Asynchronous) -> str:
    """Returns the path of the document of a kind of inference."""
    return ASYNCHRONOUS_DOCUMENT if isinstance(configuration, Asynchronous) else DOCUMENT


def render_api(
    root: Path, foundation: Foundation, environment: Environment, file: str = DOCUMENT, *, keys: bool = False
) -> str:
    """Returns a document as JSON. ``keys`` requires an API key of every request.

    Raises ProjectError if its path has another major version than the contract.
    """
    document: dict[str, Any] = json.loads((root / file).read_text(encoding="utf-8"))
    contract = read_contract(root)
    path = f"/v{contract.version.partition('.')[0]}/predictions"
    if path not in document["paths"]:
        raise ProjectError(f"{file}: has no path {path}; the contract has version {contract.version}")
    document["info"] |= {"title": foundation.prefix(environment), "version": contract.version}
    document["components"]["schemas"] |= _schemas(contract)
    function = foundation.function_arn("predict", environment)
    invocation = f"arn:aws:apigateway:{foundation.region}:lambda:path/2015-03-31/functions/{function}/invocations"
    for methods in document["paths"].values():
        for operation in methods.values():
            if keys:
                operation["security"].append({KEY: []})
            operation["x-amazon-apigateway-integration"] = {
                "type": "aws_proxy",
                "httpMethod": "POST",
                "uri": invocation,
                "passthroughBehavior": "never",
            }
    if keys:
        document["components"]["securitySchemes"][KEY] = KEY_SCHEME
    return json.dumps(document, indent=2) + "\n"


def _schemas(contract: Contract) -> dict[str, Any]:
    return {name: getattr(contract, part) for name, part in SCHEMAS.items()}
