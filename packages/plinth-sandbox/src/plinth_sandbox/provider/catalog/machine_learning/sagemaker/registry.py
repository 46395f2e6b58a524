"""Model registry."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS
from plinth_sandbox.provider.vocabulary import Resource

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

MODEL_PACKAGE_GROUP_POLICY = Resource(
    type="aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
    put="put_model_package_group_policy",
    identifier="{modelPackageGroupName}",
    address={"ModelPackageGroupName": "{modelPackageGroupName}"},
    read="get_model_package_group_policy",
    delete="delete_model_package_group_policy",
    absent="ValidationException: ",
    name=None,
)

RESOURCES = [MODEL_PACKAGE_GROUP, MODEL_PACKAGE_GROUP_POLICY]
