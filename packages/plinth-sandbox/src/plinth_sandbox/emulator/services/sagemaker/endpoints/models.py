"""Models: what their containers consist of, and model packages that they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.sagemaker.models import sagemaker_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.preconditions.policy_documents import is_emulated
from plinth_sandbox.emulator.services.ecr.executor.manifests import is_stored
from plinth_sandbox.emulator.services.sagemaker.executor.shared_registry import require_group
from plinth_sandbox.emulator.store.record import Place
from plinth_sandbox.executors.images import EcrImage, has_environment

_CONTAINER = ("Image", "ModelDataUrl", "ModelDataSource", "Environment", "ContainerHostname")


def create(exchange: Exchange, runtime: Runtime) -> Answer:
    """Creates a model. SageMaker must be able to deploy the packages that it names."""
    given = exchange.call.parameters
    for container in _containers(given.get("PrimaryContainer"), given.get("Containers")):
        if "ModelPackageName" in container:
            _require_deployable(exchange.call, str(container["ModelPackageName"]), runtime)
        elif "Image" in container:
            _require_image(container, runtime)
        else:
            raise AwsError("ValidationException", "A container needs an Image or a ModelPackageName.")
    return exchange.below()


def _require_image(container: Mapping[str, Any], runtime: Runtime) -> None:
    """Refuses images outside ECR that no network reaches, and images that their repository does not have.

    An image exists, too, if an environment of this machine stands for it. The environments may have changed when the
    journal is replayed, so a replay accepts all images.

    Sources of the words: github.com/aws/sagemaker-python-sdk/pull/4700 and
    github.com/aws-samples/easy-amazon-sagemaker-deployments/issues/4 (read 2026-11-29).
    """
    uri = str(container["Image"])
    image = EcrImage.of(uri)
    if image is None:
        if (container.get("ImageConfig") or {}).get("RepositoryAccessMode") != "Vpc":
            words = f'Using non-ECR image "{uri}" without Vpc repository access mode is not supported.'
            raise AwsError("ValidationException", words)
    elif runtime.runner.is_open and not (is_stored(image) or has_environment(uri, runtime.runner.images)):
        raise AwsError("ValidationException", f"Requested image {uri} not found.")


def _require_deployable(call: Call, name: str, runtime: Runtime) -> None:
    """Refuses packages that do not exist, are not shared with the account, or are not approved.

    Accounts outside the organization are not emulated, so their packages count as existing.

    "For versioned models, the value of this parameter must be set to Approved to deploy the model" (SageMaker API,
    CreateModelPackage, ModelApprovalStatus). AWS documents no wording of the refusal.
    """
    arn = name if name.startswith("arn:") else f"arn:aws:sagemaker:{call.region}:{call.account}:model-package/{name}"
    _, _, _, region, owner, resource = arn.split(":", 5)
    if not is_emulated(owner):
        return
    if owner != call.account:
        group = resource.split("/")[1]
        require_group(call, runtime, Place(owner, region, "sagemaker"), "model-package", group)
    package = sagemaker_backends[owner][region].model_packages.get(arn)
    if package is None or region != call.region:
        raise AwsError("ValidationException", f"Could not find model package {arn}.")
    if package.model_package_version and package.model_approval_status != "Approved":
        raise AwsError(
            "ValidationException",
            f"Model package {arn} cannot be deployed: its approval status is {package.model_approval_status}, not "
            "Approved.",
        )


def described(account: str, region: str, name: str) -> dict[str, Any]:
    """Returns role, network and containers of a model, with those of its packages. Raises KeyError if there is none."""
    model = sagemaker_backends[account][region]._models[name]
    found = []
    for container in _containers(model.primary_container, model.containers):
        if package := container.get("ModelPackageName"):
            found += [_with(packaged, container) for packaged in _packaged(str(package), account, region)]
        else:
            found.append({member: container[member] for member in _CONTAINER if container.get(member)})
    return {
        "role": model.execution_role_arn,
        "containers": found,
        "isolated": bool(getattr(model, "enable_network_isolation", False)),
        "subnets": list((model.vpc_config or {}).get("Subnets", [])),
        "securityGroupIds": list((model.vpc_config or {}).get("SecurityGroupIds", [])),
    }


def _packaged(name: str, account: str, region: str) -> list[Mapping[str, Any]]:
    arn = name if name.startswith("arn:") else f"arn:aws:sagemaker:{region}:{account}:model-package/{name}"
    owner = arn.split(":")[4]
    package = sagemaker_backends[owner][region].model_packages[arn]
    containers: list[Mapping[str, Any]] = package.inference_specification["Containers"]
    return containers


def _with(packaged: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a container of a package with the environment that the model adds to it."""
    found = {member: packaged[member] for member in _CONTAINER if packaged.get(member)}
    environment = {**packaged.get("Environment", {}), **(container.get("Environment") or {})}
    return {**found, **({"Environment": environment} if environment else {})}


def _containers(primary: Mapping[str, Any] | None, several: list[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    return list(several) if several else [primary] if primary else []


OPERATIONS = {"CreateModel": create}
