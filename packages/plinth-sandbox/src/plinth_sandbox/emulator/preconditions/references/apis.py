"""API Gateway: authorizers and models of a method, and stages of a usage plan.

Source: API Gateway API, PutMethod, CreateDeployment and CreateUsagePlan (read 2026-11-29).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plinth_sandbox.emulator.preconditions.references.reference import MISSING, Question, Reference, References, Refusal

_WITH_AUTHORIZER = ("CUSTOM", "COGNITO_USER_POOLS")
_DEFAULT_MODELS = ("Empty", "Error")
"""Models that each API has from its creation."""


def _authorizers(question: Question) -> Iterator[str]:
    given = question.call.parameters
    if given.get("authorizationType") in _WITH_AUTHORIZER:
        yield str(given.get("authorizerId") or "none")


def _authorizer(identifier: str, question: Question) -> str:
    return "" if identifier in _api(question, question.call.parameters["restApiId"]).authorizers else MISSING


def _models(question: Question) -> Iterator[str]:
    yield from map(str, (question.call.parameters.get("requestModels") or {}).values())


def _model(name: str, question: Question) -> str:
    known = _api(question, question.call.parameters["restApiId"]).models.values()
    return "" if name in (*_DEFAULT_MODELS, *(model.name for model in known)) else MISSING


def _stages(question: Question) -> Iterator[str]:
    for api_stage in question.call.parameters.get("apiStages") or ():
        yield f"{api_stage.get('apiId')}:{api_stage.get('stage')}"


def _stage(name: str, question: Question) -> str:
    identifier, _, stage = name.partition(":")
    api = _api(question, identifier)
    return MISSING if api is None or stage not in api.stages else ""


def _deployed(question: Question) -> Iterator[str]:
    yield str(question.call.parameters["restApiId"])


def _has_methods(identifier: str, question: Question) -> str:
    api = _api(question, identifier)
    is_empty = api is not None and not any(resource.resource_methods for resource in api.resources.values())
    return MISSING if is_empty else ""


def _api(question: Question, identifier: str) -> Any:
    from moto.apigateway.models import apigateway_backends

    return apigateway_backends[question.call.account][question.call.region].apis.get(identifier)


REFERENCES: References = {
    ("apigateway", "PutMethod"): (
        Reference(
            _authorizers,
            _authorizer,
            Refusal(
                "BadRequestException",
                "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS "
                "requires a valid authorizer.",
            ),
        ),
        Reference(_models, _model, Refusal("BadRequestException", "Invalid model identifier specified: {name}")),
    ),
    ("apigateway", "CreateDeployment"): (
        Reference(_deployed, _has_methods, Refusal("BadRequestException", "The REST API doesn't contain any methods")),
    ),
    ("apigateway", "CreateUsagePlan"): (
        Reference(_stages, _stage, Refusal("NotFoundException", "Invalid API Stage {name} specified for usageplan")),
    ),
}
