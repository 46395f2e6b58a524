"""Notebook instances and their lifecycle configurations."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS, not_found
from plinth_sandbox.provider.functions.sagemaker.notebooks import (
    CHANGEABLE,
    change_notebook_instance,
    delete_notebook_instance,
)
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Update, Wait

_SCRIPTS = {"OnCreate": [{"Content": "{onCreate}"}], "OnStart": [{"Content": "{onStart}"}]}

NOTEBOOK_INSTANCE = Resource(
    type="aws:sagemaker/notebookInstance:NotebookInstance",
    create="create_notebook_instance",
    identifier="{name}",
    address={"NotebookInstanceName": "{name}"},
    read=Call(
        "describe_notebook_instance",
        gives={"securityGroups": "SecurityGroups", "lifecycleConfigName": "NotebookInstanceLifecycleConfigName"},
    ),
    # AWS could change the platform of an instance. The vendor's provider replaces the instance. It also does so for a
    # smaller volume, which AWS refuses.
    update=[Update(change_notebook_instance, carries=CHANGEABLE)],
    delete=delete_notebook_instance,
    absent="ValidationException: RecordNotFound",
    renames={
        "name": "NotebookInstanceName",
        "arn": "NotebookInstanceArn",
        "securityGroups": "SecurityGroupIds",
        "volumeSize": "VolumeSizeInGB",
    },
    defaults={"directInternetAccess": "Enabled", "rootAccess": "Enabled", "volumeSize": 5},
    computed=["instanceMetadataServiceConfiguration", "platformIdentifier", "securityGroups"],
    ready=Wait(
        Call("describe_notebook_instance"),
        until="contains(['InService', 'Stopped'], NotebookInstanceStatus)",
        failed="NotebookInstanceStatus=='Failed'",
        reason="FailureReason",
    ),
    gone=not_found("describe_notebook_instance", "NotebookInstanceStatus=='Failed'"),
    name=Name(longest=63),
    tags=TAGS,
)

NOTEBOOK_INSTANCE_LIFECYCLE_CONFIGURATION = Resource(
    type="aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration",
    create=Call("create_notebook_instance_lifecycle_config", _SCRIPTS),
    identifier="{name}",
    address={"NotebookInstanceLifecycleConfigName": "{name}"},
    read=Call(
        "describe_notebook_instance_lifecycle_config",
        gives={"onCreate": "OnCreate[0].Content", "onStart": "OnStart[0].Content"},
    ),
    update=[Update(Call("update_notebook_instance_lifecycle_config", _SCRIPTS), carries=["onCreate", "onStart"])],
    delete="delete_notebook_instance_lifecycle_config",
    absent="ValidationException: .*does not exist",
    renames={"name": "NotebookInstanceLifecycleConfigName", "arn": "NotebookInstanceLifecycleConfigArn"},
    name=Name(longest=63),
    tags=TAGS,
)

RESOURCES = [NOTEBOOK_INSTANCE, NOTEBOOK_INSTANCE_LIFECYCLE_CONFIGURATION]
