"""SageMaker: what moto keeps but cannot delete, and a flag that it loses."""

from __future__ import annotations

from moto.sagemaker.models import sagemaker_backends

from sandbox.aws.call import AwsError
from sandbox.aws.mends.mend import Exchange, Mends
from sandbox.aws.message import Answer


def _delete_model_package_group(exchange: Exchange) -> Answer:
    backend = sagemaker_backends[exchange.call.account][exchange.call.region]
    name = exchange.call.parameters["ModelPackageGroupName"]
    if name not in backend.model_package_groups:
        raise AwsError("ValidationException", f"ModelPackageGroup {name} does not exist.")
    if any(package.model_package_group_name == name for package in backend.model_packages.values()):
        raise AwsError(
            "ConflictException", f"Cannot delete ModelPackageGroup {name}: it still contains model packages."
        )
    del backend.model_package_groups[name]
    return exchange.call.reply({})


def _describe_model_package_group(exchange: Exchange) -> Answer:
    """moto answers with nothing where AWS says that there is no such group."""
    name = exchange.call.parameters["ModelPackageGroupName"].rpartition("/")[2]
    if name not in sagemaker_backends[exchange.call.account][exchange.call.region].model_package_groups:
        raise AwsError("ValidationException", f"ModelPackageGroup {name} does not exist.")
    return exchange.below()


def _create_model(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if answer.succeeded:
        model = sagemaker_backends[exchange.call.account][exchange.call.region]._models[
            exchange.call.parameters["ModelName"]
        ]
        model.enable_network_isolation = exchange.call.parameters.get("EnableNetworkIsolation", False)
    return answer


MENDS: Mends = {
    "CreateModel": _create_model,
    "DeleteModelPackageGroup": _delete_model_package_group,
    "DescribeModelPackageGroup": _describe_model_package_group,
}
