"""Models for endpoints and batch jobs."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS
from plinth_sandbox.provider.vocabulary import Name, Resource

MODEL = Resource(
    type="aws:sagemaker/model:Model",
    create="create_model",
    identifier="{name}",
    address={"ModelName": "{name}"},
    read="describe_model",
    delete="delete_model",
    absent="ValidationException: Could not find model",
    renames={"name": "ModelName", "arn": "ModelArn"},
    defaults={
        "enableNetworkIsolation": False,
        "primaryContainer.mode": "SingleModel",
        "containers.mode": "SingleModel",
    },
    computed=["inferenceExecutionConfig"],
    ordered=["containers"],
    name=Name(longest=63),
    tags=TAGS,
)

RESOURCES = [MODEL]
