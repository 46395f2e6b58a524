"""The registry of models."""

from __future__ import annotations

from sandbox.provider.catalogue.sagemaker.common import TAGS
from sandbox.provider.vocabulary import Resource

MODEL_PACKAGE_GROUP = Resource(
    type="aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    create="create_model_package_group",
    identifier="{modelPackageGroupName}",
    address={"ModelPackageGroupName": "{modelPackageGroupName}"},
    read="describe_model_package_group",
    delete="delete_model_package_group",
    absent="ValidationException: .*does not exist",
    renames={"arn": "ModelPackageGroupArn"},
    name=None,
    tags=TAGS,
)

RESOURCES = [MODEL_PACKAGE_GROUP]
