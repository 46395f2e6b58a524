"""Samples of SageMaker notebook instances."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.machine_learning.sagemaker.common import (
    OTHER_WORKER,
    PROVIDER_TAG,
    SECURITY_GROUP,
    SUBNETS,
    TAGGED,
    WORKER,
    tags,
)

KEY = "{key.outputs.arn}"
QUIET, LOUD = "c2V0ICtlCg==", "c2V0IC1lCg=="
REPOSITORIES = ["https://git.acme.example/fraud.git", "https://git.acme.example/lib.git"]
SCRIPTS = (
    "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration",
    {"name": "needed-{n}", "onStart": QUIET},
)


def _instance(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_notebook_instance(NotebookInstanceName=it.id)
    return {
        "state": found["NotebookInstanceStatus"],
        "network": (found["DirectInternetAccess"], found["SubnetId"], found["SecurityGroups"]),
        "interface": it.outputs["networkInterfaceId"] == found["NetworkInterfaceId"],
        "url": it.outputs["url"] == found["Url"],
        "root": found["RootAccess"],
        "metadata": found["InstanceMetadataServiceConfiguration"]["MinimumInstanceMetadataServiceVersion"],
        "machine": (found["InstanceType"], found["VolumeSizeInGB"], found["KmsKeyId"], found["PlatformIdentifier"]),
        "role": found["RoleArn"],
        "scripts": found.get("NotebookInstanceLifecycleConfigName"),
        "repositories": [found.get("DefaultCodeRepository"), *found.get("AdditionalCodeRepositories", [])],
        "tags": tags(aws, it),
    }


_SEEN = {
    "state": "InService",
    "network": ("Disabled", SUBNETS[0], [SECURITY_GROUP]),
    "interface": True,
    "url": True,
    "root": "Disabled",
    "metadata": "2",
    "machine": ("ml.t3.medium", 20, KEY, "notebook-al2023-v1"),
    "role": WORKER,
    "scripts": "needed-{n}",
    "repositories": REPOSITORIES,
    "tags": TAGGED,
}


def _move(aws: Aws, it: Kept) -> None:
    client, name = aws("sagemaker"), {"NotebookInstanceName": it.id}
    client.stop_notebook_instance(**name)
    client.update_notebook_instance(**name, RootAccess="Enabled")
    client.start_notebook_instance(**name)


def _remove(aws: Aws, it: Kept) -> None:
    client, name = aws("sagemaker"), {"NotebookInstanceName": it.id}
    client.stop_notebook_instance(**name)
    client.delete_notebook_instance(**name)


def _scripts(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=it.id)
    contents = [[script["Content"] for script in found.get(when, [])] for when in ("OnCreate", "OnStart")]
    return {"scripts": contents, "tags": tags(aws, it)}


SAMPLES = [
    Sample(
        type="aws:sagemaker/notebookInstance:NotebookInstance",
        needs={"key": ("aws:kms/key:Key", {}), "scripts": SCRIPTS},
        inputs={
            "name": "sample-{n}",
            "instanceType": "ml.t3.medium",
            "roleArn": WORKER,
            "directInternetAccess": "Disabled",
            "subnetId": SUBNETS[0],
            "securityGroups": [SECURITY_GROUP],
            "rootAccess": "Disabled",
            "instanceMetadataServiceConfiguration": {"minimumInstanceMetadataServiceVersion": "2"},
            "kmsKeyId": KEY,
            "platformIdentifier": "notebook-al2023-v1",
            "volumeSize": 20,
            "lifecycleConfigName": "{scripts.id}",
            "defaultCodeRepository": REPOSITORIES[0],
            "additionalCodeRepositories": REPOSITORIES[1:],
            "tags": {"own": "1"},
        },
        look=_instance,
        seen=_SEEN,
        change={
            "instanceType": "ml.m7i.large",
            "volumeSize": 40,
            "roleArn": OTHER_WORKER,
            "rootAccess": "Enabled",
            "instanceMetadataServiceConfiguration": {"minimumInstanceMetadataServiceVersion": "1"},
            "lifecycleConfigName": None,
            "defaultCodeRepository": None,
            "additionalCodeRepositories": None,
            "tags": {"own": "2"},
        },
        seen_changed={
            **_SEEN,
            "root": "Enabled",
            "metadata": "1",
            "machine": ("ml.m7i.large", 40, KEY, "notebook-al2023-v1"),
            "role": OTHER_WORKER,
            "scripts": None,
            "repositories": [None],
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"directInternetAccess": "Enabled", "subnetId": SUBNETS[1]},
        drift=_move,
        drifts="rootAccess",
        remove=_remove,
    ),
    Sample(
        type="aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration",
        inputs={"name": "sample-{n}", "onCreate": QUIET, "onStart": QUIET, "tags": {"own": "1"}},
        look=_scripts,
        seen={"scripts": [[QUIET], [QUIET]], "tags": TAGGED},
        change={"onStart": LOUD, "tags": {"own": "2"}},
        seen_changed={"scripts": [[QUIET], [LOUD]], "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"name": "other-{n}"},
        drift=lambda aws, it: aws("sagemaker").update_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName=it.id, OnStart=[{"Content": LOUD}]
        ),
        drifts="onStart",
        remove=lambda aws, it: aws("sagemaker").delete_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName=it.id
        ),
    ),
]
