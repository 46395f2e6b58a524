"""Endpoints and their configurations."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS, not_found
from plinth_sandbox.provider.functions.sagemaker.studio import name_variants
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Update, Wait

ENDPOINT_CONFIGURATION = Resource(
    type="aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    create=Call("create_endpoint_config", adjust=name_variants),
    identifier="{name}",
    address={"EndpointConfigName": "{name}"},
    read="describe_endpoint_config",
    delete="delete_endpoint_config",
    renames={"name": "EndpointConfigName", "arn": "EndpointConfigArn", "kmsKeyArn": "KmsKeyId"},
    defaults={"productionVariants.initialVariantWeight": 1, "shadowProductionVariants.initialVariantWeight": 1},
    computed=["productionVariants.variantName", "shadowProductionVariants.variantName"],
    local=["namePrefix"],
    ordered=["productionVariants", "shadowProductionVariants"],
    absent="ValidationException: Could not find",
    name=Name(longest=63),
    tags=TAGS,
)

ENDPOINT = Resource(
    type="aws:sagemaker/endpoint:Endpoint",
    create="create_endpoint",
    identifier="{name}",
    address={"EndpointName": "{name}"},
    read=Call("describe_endpoint", gives={"deploymentConfig": "LastDeploymentConfig"}),
    update=[Update(Call("update_endpoint", carries=["endpointConfigName", "deploymentConfig"]))],
    delete="delete_endpoint",
    renames={"name": "EndpointName", "arn": "EndpointArn"},
    defaults={"deploymentConfig.blueGreenUpdatePolicy.terminationWaitInSeconds": 0},
    absent="ValidationException: Could not find",
    ready=Wait(
        Call("describe_endpoint"),
        until="EndpointStatus=='InService'",
        failed="contains(['Failed', 'UpdateRollbackFailed'], EndpointStatus)",
        reason="FailureReason",
    ),
    gone=not_found("describe_endpoint", "EndpointStatus=='Failed'"),
    name=Name(longest=63),
    tags=TAGS,
)

RESOURCES = [ENDPOINT_CONFIGURATION, ENDPOINT]
