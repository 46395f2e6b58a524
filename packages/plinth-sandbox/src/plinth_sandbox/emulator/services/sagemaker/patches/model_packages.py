"""SageMaker model packages: updates keep what they do not name, each change publishes its event, and versions can be
deleted.

Sources: SageMaker API reference, UpdateModelPackage and DeleteModelPackage; SageMaker Developer Guide, "SageMaker model
package state change" (read 2026-11-22).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from moto.sagemaker.models import ModelPackage, sagemaker_backends
from moto.sts.models import sts_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.events.executor import outbox

_LOST = ("ModelLifeCycle", "ModelCard", "ModelPackageRegistrationType", "SecurityConfig", "SourceUri")
"""Members that moto neither keeps nor returns."""
_METADATA = re.compile(r"[\w .:/=+@-]*")
"""Names and values of customer metadata (SageMaker API, CreateModelPackage, read 2026-11-22)."""
_REPORTED = {
    "ApprovalDescription": "ApprovalDescription",
    "CustomerMetadataProperties": "CustomerMetadataProperties",
    "InferenceSpecification": "InferenceSpecification",
    "ModelApprovalStatus": "ModelApprovalStatus",
    "ModelLifeCycle": "ModelLifeCycle",
    "SourceUri": "sourceUri",
}
"""Name in ``UpdatedModelPackageFields``, by member of the request."""
_ATTRIBUTES = {
    "ApprovalDescription": "approval_description",
    "CustomerMetadataProperties": "customer_metadata_properties",
    "InferenceSpecification": "inference_specification",
    "ModelApprovalStatus": "model_approval_status",
}
_IN_EVENT = (
    "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "ModelPackageDescription", "CreationTime",
    "LastModifiedTime", "InferenceSpecification", "ModelPackageStatus", "CertifyForMarketplace", "ModelApprovalStatus",
    "ApprovalDescription", "MetadataProperties", "ModelMetrics", "CustomerMetadataProperties",
)  # fmt: skip


def _create(exchange: Exchange) -> Answer:
    _check_metadata(exchange.call.parameters)
    answer = _numbered(exchange)
    if answer.succeeded:
        arn = str(exchange.call.result(answer)["ModelPackageArn"])
        _kept(exchange, arn).update({**_lost(exchange.call.parameters), "CreatedBy": _caller(exchange)})
        package = _package(exchange, arn)
        package.model_package_status_details = {"ValidationStatuses": [], "ImageScanStatuses": []}
        if package.model_package_group_name is not None and package.model_approval_status is None:
            package.model_approval_status = "PendingManualApproval"
        _publish(exchange, package, [])
    return answer


def _numbered(exchange: Exchange) -> Answer:
    """Creates a version whose number no earlier version of the group had. moto counts those that exist."""
    packages = sagemaker_backends[exchange.call.account][exchange.call.region].model_packages
    group = exchange.call.parameters.get("ModelPackageGroupName")
    deleted = {arn: cast(Any, SimpleNamespace(model_package_group_name=group)) for arn in _deleted(exchange, group)}
    packages.update(deleted)
    try:
        return exchange.below()
    finally:
        for arn in deleted:
            del packages[arn]


def _delete(exchange: Exchange) -> Answer:
    """Deletes a version. moto has no such operation."""
    name = str(exchange.call.parameters["ModelPackageName"])
    found = _find(exchange, name)
    if found is None:
        raise AwsError("ValidationException", f"ModelPackage {name} does not exist.")
    backend = sagemaker_backends[exchange.call.account][exchange.call.region]
    del backend.model_packages[found.arn]
    _kept(exchange, found.arn).clear()
    if found.model_package_group_name is not None:
        _deleted(exchange, found.model_package_group_name)[found.arn] = True
    return exchange.call.reply({})


def _deleted(exchange: Exchange, group: str | None) -> dict[str, Any]:
    """Returns the ARNs of the deleted versions of a group."""
    call = exchange.call
    return exchange.memory.notes("sagemaker-deleted-model-packages", call.account, f"{call.region} {group}")


def _update(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    _check_metadata(given)
    arn = str(given["ModelPackageArn"])
    found = _find(exchange, arn)
    if found is None:
        raise AwsError("ValidationException", f"ModelPackage {arn} does not exist.")
    before = {name: getattr(found, attribute) for name, attribute in _ATTRIBUTES.items()}
    specifications = found.additional_inference_specifications
    # moto fails on a request that removes metadata and adds none.
    wire = json.loads(exchange.call.request.body)
    wire.pop("CustomerMetadataPropertiesToRemove", None)
    request = replace(exchange.call.request, body=json.dumps(wire).encode())
    answer = exchange.below_with(replace(exchange.call, request=request))
    if not answer.succeeded:
        return answer
    for name, attribute in _ATTRIBUTES.items():
        setattr(found, attribute, _updated(name, before[name], given))
    if "AdditionalInferenceSpecificationsToAdd" not in given:
        found.additional_inference_specifications = specifications
    kept = _kept(exchange, found.arn)
    changed = [
        reported for name, reported in _REPORTED.items() if name in given and given[name] != (before | kept).get(name)
    ]
    if "CustomerMetadataPropertiesToRemove" in given and "CustomerMetadataProperties" not in changed:
        changed.append("CustomerMetadataProperties")
    kept.update({**_lost(given), "LastModifiedBy": _caller(exchange)})
    _publish(exchange, found, changed)
    return answer


def _check_metadata(parameters: Mapping[str, Any]) -> None:
    """Refuses what AWS refuses as customer metadata. botocore has the pattern in a form that only Java reads."""
    for name, value in (parameters.get("CustomerMetadataProperties") or {}).items():
        for text in (name, value):
            if not _METADATA.fullmatch(text):
                message = (
                    f"Value '{text}' at 'customerMetadataProperties' failed to satisfy constraint: Member must satisfy "
                    r"regular expression pattern: ([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)"
                )
                raise AwsError("ValidationException", message)


def _updated(name: str, before: Any, given: Mapping[str, Any]) -> Any:
    if name != "CustomerMetadataProperties":
        return given.get(name, before)
    properties = {**(before or {}), **given.get(name, {})}
    for removed in given.get("CustomerMetadataPropertiesToRemove", []):
        properties.pop(removed, None)
    return properties or None


def _describe(exchange: Exchange) -> Answer:
    def complete(result: dict[str, Any]) -> None:
        for member in ("CreatedBy", "LastModifiedBy"):
            result.pop(member, None)  # moto invents a user profile
        result.update(_kept(exchange, result["ModelPackageArn"]))

    return exchange.amend(complete)


def _caller(exchange: Exchange) -> dict[str, Any]:
    """Returns who calls (SageMaker API, UserContext)."""
    call = exchange.call
    if not call.access_key:
        return {}
    identifier, arn, _ = sts_backends[call.account]["aws"].get_caller_identity(call.access_key, call.region)
    return {"IamIdentity": {"Arn": arn, "PrincipalId": identifier}}


def _lost(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parameters[name] for name in _LOST if name in parameters}


def _kept(exchange: Exchange, arn: str) -> dict[str, Any]:
    return exchange.memory.notes("sagemaker-model-packages", exchange.call.account, arn)


def _package(exchange: Exchange, arn: str) -> ModelPackage:
    return sagemaker_backends[exchange.call.account][exchange.call.region].describe_model_package(arn)


def _find(exchange: Exchange, arn: str) -> ModelPackage | None:
    backend = sagemaker_backends[exchange.call.account][exchange.call.region]
    return backend.model_packages.get(backend.model_package_name_mapping.get(arn, arn))


def _publish(exchange: Exchange, package: ModelPackage, changed: list[str]) -> None:
    described = package.gen_response_object()
    detail = {name: _json(described[name]) for name in _IN_EVENT if name in described}
    detail["ModelPackageStatusDetails"] = package.model_package_status_details
    kept = _kept(exchange, package.arn)
    detail |= {name: kept[name] for name in ("ModelLifeCycle", "SourceUri") if name in kept}
    if changed:
        detail["UpdatedModelPackageFields"] = changed
    call = exchange.call
    outbox.publish(
        call.account,
        call.region,
        "aws.sagemaker",
        "SageMaker Model Package State Change",
        detail,
        resources=[package.arn],
    )


def _json(value: Any) -> Any:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value


PATCHES: Patches = {
    "CreateModelPackage": _create,
    "DeleteModelPackage": _delete,
    "DescribeModelPackage": _describe,
    "UpdateModelPackage": _update,
}
