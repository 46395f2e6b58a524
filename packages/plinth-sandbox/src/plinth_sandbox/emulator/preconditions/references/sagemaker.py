"""SageMaker and the scaling of its endpoints.

The refusal of a role is the one that CreateModel, CreateTrainingJob and others answer
(github.com/awslabs/predictive-maintenance-using-machine-learning/issues/3). That of Feature Store is quoted by the
vendor's provider (``internal/service/sagemaker/feature_group.go``), which waits for the role of an image too
(``image.go``). AWS documents no wording for Studio, pipelines and scalable targets. The keys of volumes are checked
where the caller needs ``kms:CreateGrant``: SageMaker Developer Guide, "Amazon SageMaker AI API permissions". Keys of
outputs are not checked, because the job uses them (all read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Iterator

from plinth_sandbox.emulator.preconditions.references import kinds
from plinth_sandbox.emulator.preconditions.references.reference import (
    MISSING,
    Question,
    Reference,
    References,
    Refusal,
    texts,
)
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import endpoints
from plinth_sandbox.emulator.store.record import Place

_VALIDATION = "ValidationException"
_PLACE = "arn:aws:sagemaker:{region}:{account}"
_ROLE = Refusal(
    _VALIDATION,
    "Could not assume role {name}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' "
    "to assume the role.",
)
_STORE_ROLE = Refusal(
    _VALIDATION,
    "The execution role ARN is invalid. Please ensure that the role exists and that its trust relationship policy "
    "allows the action 'sts:AssumeRole' for the service principal 'sagemaker.amazonaws.com'.",
)
_MODEL = Refusal(_VALIDATION, f'Could not find model "{_PLACE}:model/{{name}}".')
_KEY = Refusal(_VALIDATION, "The KMS key {name} does not exist.")
_KEY_STATES = {
    kinds.DISABLED: Refusal(_VALIDATION, "The KMS key {name} is disabled."),
    kinds.PENDING_DELETION: Refusal(_VALIDATION, "The KMS key {name} is pending deletion."),
}
_SUBNET = Refusal(_VALIDATION, "The subnet ID '{name}' does not exist")
_GROUP = Refusal(_VALIDATION, "The security group '{name}' does not exist")
_OTHER_VPC = "is not in the VPC of the domain"


def _role(where: str) -> Reference:
    return Reference(where, kinds.role("sagemaker"), _ROLE)


def _key(where: str) -> Reference:
    return Reference(where, kinds.key, _KEY, _KEY_STATES)


def _groups(where: str) -> Reference:
    other = {kinds.FOREIGN: Refusal(_VALIDATION, f"The security group '{{name}}' {_OTHER_VPC}")}
    return Reference(where, kinds.security_group, _GROUP, other)


_SUBNETS = Reference(
    "SubnetIds[]",
    kinds.subnet,
    _SUBNET,
    {kinds.FOREIGN: Refusal(_VALIDATION, f"The subnet '{{name}}' {_OTHER_VPC}")},
)
_VPC = Reference("VpcId", kinds.vpc, Refusal(_VALIDATION, "The vpc ID '{name}' does not exist"))
_SETTINGS = tuple(
    reference
    for settings in ("DefaultUserSettings", "DefaultSpaceSettings")
    for reference in (_role(f"{settings}.ExecutionRole"), _groups(f"{settings}.SecurityGroups[]"))
)
_DOMAIN = (*_SETTINGS, _groups("DomainSettings.SecurityGroupIds[]"))
_USER = (_role("UserSettings.ExecutionRole"), _groups("UserSettings.SecurityGroups[]"))
_OWNER = Reference(
    "OwnershipSettings.OwnerUserProfileName",
    kinds.stored("sagemaker", "UserProfile", "UserProfileName", shared=("DomainId",)),
    Refusal(_VALIDATION, "User profile {name} does not exist."),
)
_VOLUMES = "ResourceConfig.VolumeKmsKeyId"
_CONFIGURATION = Reference(
    "EndpointConfigName",
    kinds.stored("sagemaker", "EndpointConfig", "EndpointConfigName"),
    Refusal(_VALIDATION, f'Could not find endpoint configuration "{_PLACE}:endpoint-config/{{name}}".'),
)


def _keys_of_the_configuration(question: Question) -> Iterator[str]:
    """Yields the key of the volumes of an endpoint, which its configuration names."""
    call = question.call
    wanted = {"EndpointConfigName": call.parameters["EndpointConfigName"]}
    place = Place(call.account, call.region, "sagemaker")
    found = question.memory.store.find(place, "EndpointConfig", wanted)
    yield from texts(found.values, "KmsKeyId") if found else ()


def _scaled_variants(question: Question) -> Iterator[str]:
    if question.call.parameters["ScalableDimension"].startswith("sagemaker:variant:"):
        yield str(question.call.parameters["ResourceId"])


def _variant(resource: str, question: Question) -> str:
    """Looks up the variant of an endpoint, of the fleet that serves or of the one that is being started."""
    call = question.call
    _, name, _, variant = resource.split("/") if resource.count("/") == 3 else ("", "", "", "")
    endpoint = endpoints(question.memory, Place(call.account, call.region, "sagemaker")).get(name)
    if endpoint is None:
        return MISSING
    fleets = [endpoint.fleet, endpoint.deployment.fleet if endpoint.deployment else None]
    return "" if any(variant == candidate.name for fleet in fleets if fleet for candidate in fleet.serving) else MISSING


def _of(operation: str, *references: Reference) -> References:
    return {("sagemaker", operation): references}


REFERENCES: References = {
    ("application-autoscaling", "RegisterScalableTarget"): (
        Reference(_scaled_variants, _variant, Refusal(_VALIDATION, "SageMaker endpoint variant not found: {name}")),
    ),
    **_of("CreateDomain", _VPC, _SUBNETS, *_DOMAIN, _key("KmsKeyId")),
    **_of("UpdateDomain", *_DOMAIN),
    **_of("CreateUserProfile", *_USER),
    **_of("UpdateUserProfile", *_USER),
    **_of("CreateSpace", _OWNER),
    **_of("CreatePipeline", _role("RoleArn")),
    **_of("UpdatePipeline", _role("RoleArn")),
    **_of(
        "CreateFeatureGroup",
        Reference("RoleArn", kinds.role("sagemaker"), _STORE_ROLE),
        _key("OnlineStoreConfig.SecurityConfig.KmsKeyId"),
    ),
    **_of("CreateImage", _role("RoleArn")),
    **_of("UpdateImage", _role("RoleArn")),
    **_of("CreateModel", _role("ExecutionRoleArn")),
    **_of("CreateTrainingJob", _role("RoleArn"), _key(_VOLUMES)),
    **_of("CreateProcessingJob", _role("RoleArn"), _key("ProcessingResources.ClusterConfig.VolumeKmsKeyId")),
    **_of("CreateTransformJob", Reference("ModelName", kinds.model, _MODEL), _key("TransformResources.VolumeKmsKeyId")),
    **_of(
        "CreateHyperParameterTuningJob",
        _role("TrainingJobDefinition.RoleArn"),
        _key(f"TrainingJobDefinition.{_VOLUMES}"),
    ),
    **_of(
        "CreateEndpointConfig",
        _role("ExecutionRoleArn"),
        Reference("ProductionVariants[].ModelName", kinds.model, _MODEL),
        Reference("ShadowProductionVariants[].ModelName", kinds.model, _MODEL),
    ),
    **_of("CreateEndpoint", _CONFIGURATION, Reference(_keys_of_the_configuration, kinds.key, _KEY, _KEY_STATES)),
    **_of("UpdateEndpoint", _CONFIGURATION, Reference(_keys_of_the_configuration, kinds.key, _KEY, _KEY_STATES)),
    **_of("CreateNotebookInstance", _role("RoleArn"), _key("KmsKeyId")),
    **_of("UpdateNotebookInstance", _role("RoleArn")),
}
