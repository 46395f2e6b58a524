"""Context keys that follow from the parameters of a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plinth_sandbox.emulator.authorization.permissions.needed import Context
from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.services.dynamodb import permissions as dynamodb
from plinth_sandbox.emulator.services.kms.permissions import key_arn

_SAGEMAKER: Mapping[str, str] = {
    "EnableInterContainerTrafficEncryption": "sagemaker:InterContainerTrafficEncryption",
    "EnableNetworkIsolation": "sagemaker:NetworkIsolation",
    "EnableRemoteDebug": "sagemaker:EnableRemoteDebug",
    "InstanceType": "sagemaker:InstanceTypes",
    "MaxRuntimeInSeconds": "sagemaker:MaxRuntimeInSeconds",
    "ModelApprovalStatus": "sagemaker:ModelApprovalStatus",
    "SecurityGroupIds": "sagemaker:VpcSecurityGroupIds",
    "Stage": "sagemaker:ModelLifeCycle:Stage",
    "StageStatus": "sagemaker:ModelLifeCycle:StageStatus",
    "Subnets": "sagemaker:VpcSubnets",
    "VolumeKmsKeyId": "sagemaker:VolumeKmsKey",
}
"""Context key by member of a request, at any depth."""
_OUTPUTS = ("OutputDataConfig", "ProcessingOutputConfig", "TransformOutput")
"""Members whose ``KmsKeyId`` is the key ``sagemaker:OutputKmsKey``."""
_VOLUMES = ("CreateEndpointConfig", "CreateNotebookInstance")
"""Operations whose ``KmsKeyId`` is the key ``sagemaker:VolumeKmsKey`` (Service Authorization Reference)."""
_PLAIN: Mapping[tuple[str, str], str] = {
    ("DeleteScalingPolicy", "ScalableDimension"): "application-autoscaling:scalable-dimension",
    ("DeleteScalingPolicy", "ServiceNamespace"): "application-autoscaling:service-namespace",
    ("DeregisterScalableTarget", "ScalableDimension"): "application-autoscaling:scalable-dimension",
    ("DeregisterScalableTarget", "ServiceNamespace"): "application-autoscaling:service-namespace",
    ("PutScalingPolicy", "ScalableDimension"): "application-autoscaling:scalable-dimension",
    ("PutScalingPolicy", "ServiceNamespace"): "application-autoscaling:service-namespace",
    ("RegisterScalableTarget", "ScalableDimension"): "application-autoscaling:scalable-dimension",
    ("RegisterScalableTarget", "ServiceNamespace"): "application-autoscaling:service-namespace",
    ("PutMetricData", "Namespace"): "cloudwatch:namespace",
    ("AssumeRole", "ExternalId"): "sts:ExternalId",
    ("AssumeRole", "RoleSessionName"): "sts:RoleSessionName",
    ("AssumeRole", "SourceIdentity"): "sts:SourceIdentity",
}
"""Context key by operation and top-level member."""


_OVERRIDES: Mapping[str, str] = {
    "buildspecOverride": "codebuild:source.buildspec",
    "imageOverride": "codebuild:environment.image",
    "privilegedModeOverride": "codebuild:environment.privilegedMode",
    "secondarySourcesOverride": "codebuild:secondarySources",
    "serviceRoleOverride": "codebuild:serviceRole",
    "sourceLocationOverride": "codebuild:source.location",
}
"""Context key by member of StartBuild (CodeBuild User Guide, "AWS CodeBuild condition keys", read 2026-11-27)."""
_CHANGES_OF_BRANCHES = ("CreateBranch", "CreateCommit", "DeleteBranch", "DeleteFile", "PutFile")
"""Operations that name the branch that they change (Service Authorization Reference, "codecommit:References", read
2026-11-27)."""
_PRESENT = ("codebuild:secondarySources", "codebuild:source.buildspec")
"""Keys that only say that a member is given."""


def context_of(call: Call) -> Context:
    """Returns the context keys of a call beside those of its principal, resource and network."""
    given = call.parameters
    context = {
        key: [str(given[member])] for (name, member), key in _PLAIN.items() if name == call.name and member in given
    }
    tags = dict(_tags(given))
    context |= {f"aws:RequestTag/{key}": [value] for key, value in tags.items()}
    keys = list(tags) or [str(key) for key in given.get("TagKeys", [])]
    if keys:
        context["aws:TagKeys"] = keys
    if call.service == "sagemaker":
        context |= _of_sagemaker(call)
    if call.service == "dynamodb":
        context |= dynamodb.context_of(call)
    if call.service == "lambda" and "VpcConfig" in given:
        context |= _of_network(call, given["VpcConfig"])
    if (call.service, call.name) == ("codebuild", "StartBuild"):
        context |= _of_start(given)
    if call.service == "codecommit" and call.name in _CHANGES_OF_BRANCHES and given.get("branchName"):
        context["codecommit:References"] = [f"refs/heads/{given['branchName']}"]
    if (call.service, call.name) == ("events", "PutTargets"):
        context["events:TargetArn"] = [str(target["Arn"]) for target in given["Targets"]]
    if (call.service, call.name) == ("events", "PutEvents"):
        context["events:source"] = list(dict.fromkeys(str(entry.get("Source", "")) for entry in given["Entries"]))
    return context


def _of_start(given: Mapping[str, Any]) -> dict[str, list[str]]:
    """Returns the keys of what a start of a build overrides."""
    found = {
        key: ["true" if key in _PRESENT else _text(given[member])]
        for member, key in _OVERRIDES.items()
        if member in given
    }
    if variables := given.get("environmentVariablesOverride"):
        names = "codebuild:environment.environmentVariables"
        found[f"{names}.name"] = [str(variable["name"]) for variable in variables]
        found |= {f"{names}/{variable['name']}.value": [str(variable["value"])] for variable in variables}
    return found


def _of_network(call: Call, given: Mapping[str, Any]) -> dict[str, list[str]]:
    """Returns the keys of a function's network. Lambda derives the VPC from the subnets (AWS Lambda Developer Guide,
    "Using IAM condition keys for VPC settings", read 2026-11-22)."""
    from moto.ec2.models import ec2_backends

    wanted = [str(subnet) for subnet in given.get("SubnetIds", [])]
    zones = ec2_backends[call.account][call.region].subnets.values()
    vpcs = {str(subnet.vpc_id) for zone in zones for subnet in zone.values() if subnet.id in wanted}
    found = {
        "lambda:SecurityGroupIds": [str(group) for group in given.get("SecurityGroupIds", [])],
        "lambda:SubnetIds": wanted,
        "lambda:VpcIds": sorted(vpcs),
    }
    return {key: values for key, values in found.items() if values}


def _tags(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields the tags of a request, which services write as a list or as a map, and EC2 by type of resource."""
    found = given.get("Tags") or given.get("tags") or {}
    for specification in given.get("TagSpecifications") or []:
        if isinstance(specification, Mapping):
            yield from _tags(specification)
    if isinstance(found, Mapping):
        yield from ((str(key), str(value)) for key, value in found.items())
        return
    for tag in found:
        folded = {name.lower().removeprefix("tag"): value for name, value in tag.items()}
        yield str(folded["key"]), str(folded.get("value", ""))


def _of_sagemaker(call: Call) -> dict[str, list[str]]:
    context: dict[str, list[str]] = {}
    for parent, member, value in _members("", call.parameters):
        key = _key(call.name, parent) if member == "KmsKeyId" else _SAGEMAKER.get(member)
        if key is None:
            continue
        values = [_text(item) for item in value] if isinstance(value, list) else [_text(value)]
        if key.endswith("KmsKey"):
            values = [key_arn(text, call.account, call.region) for text in values if text]
        context[key] = list(dict.fromkeys([*context.get(key, []), *values]))
    return context


def _key(operation: str, parent: str) -> str | None:
    """Returns the context key of a ``KmsKeyId``, which depends on the member that contains it."""
    if parent in _OUTPUTS:
        return "sagemaker:OutputKmsKey"
    return "sagemaker:VolumeKmsKey" if not parent and operation in _VOLUMES else None


def _members(parent: str, given: Any) -> Iterator[tuple[str, str, Any]]:
    """Yields the members at all depths with the member that contains them."""
    if isinstance(given, Mapping):
        for name, value in given.items():
            if isinstance(value, Mapping) or (isinstance(value, list) and value and isinstance(value[0], Mapping)):
                yield from _members(name, value)
            else:
                yield parent, name, value
    elif isinstance(given, list):
        for item in given:
            yield from _members(parent, item)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
