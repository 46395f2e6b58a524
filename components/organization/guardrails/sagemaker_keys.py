"""SageMaker actions and the condition keys that each supports.

An unsupported key is absent from every request of an action, so a statement that denies absence would always deny the
action. Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker", July
2026. A test compares the table with an extract of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

JOB_DEFINITIONS = (
    "CreateDataQualityJobDefinition", "CreateModelBiasJobDefinition", "CreateModelExplainabilityJobDefinition",
    "CreateModelQualityJobDefinition",
)  # fmt: skip
SCHEDULES = ("CreateMonitoringSchedule", "UpdateMonitoringSchedule")
"""Actions on schedules. A schedule contains its whole definition or names a job definition; only the former contains an
instance type."""

_AUTO_ML = ("CreateAutoMLJob", "CreateAutoMLJobV2")
_JOBS = ("CreateHyperParameterTuningJob", "CreateProcessingJob", "CreateTrainingJob", *JOB_DEFINITIONS, *SCHEDULES)

SUPPORTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "EnableRemoteDebug": ("CreateTrainingJob", "UpdateTrainingJob"),
        "InstanceTypes": (
            *_JOBS, "CreateApp", "CreateCluster", "CreateDomain", "CreateEndpointConfig", "CreateNotebookInstance",
            "CreateSpace", "CreateTransformJob", "CreateUserProfile", "UpdateCluster", "UpdateDomain",
            "UpdateNotebookInstance", "UpdateSpace", "UpdateTrainingJob", "UpdateUserProfile",
        ),
        "InterContainerTrafficEncryption": (*_AUTO_ML, *_JOBS),
        "MaxRuntimeInSeconds": _JOBS,
        "ModelApprovalStatus": ("CreateModelPackage", "UpdateModelPackage"),
        "ModelLifeCycle:Stage": ("CreateModelPackage", "UpdateModelPackage"),
        "OutputKmsKey": (*_AUTO_ML, *_JOBS, "CreateLabelingJob", "CreateTransformJob"),
        "ServerlessMaxConcurrency": ("CreateEndpointConfig",),
        "VolumeKmsKey": (
            *_AUTO_ML, *_JOBS, "CreateDomain", "CreateEndpointConfig", "CreateLabelingJob", "CreateNotebookInstance",
            "CreateTransformJob",
        ),
        "VpcSubnets": (
            *_AUTO_ML, *_JOBS, "CreateCluster", "CreateDomain", "CreateEndpointConfig", "CreateModel",
            "CreateNotebookInstance", "UpdateCluster", "UpdateDomain",
        ),
    }
)  # fmt: skip
"""Actions by condition key, both without their prefix."""


def actions_with(*keys: str, but: Collection[str] = ()) -> list[str]:
    """Returns the actions that support all the keys, in alphabetical order."""
    known = set.intersection(*(set(SUPPORTED[key]) for key in keys)) - set(but)
    return sorted(f"sagemaker:{action}" for action in known)
