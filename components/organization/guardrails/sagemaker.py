"""Guardrails on SageMaker: inside the VPC, encrypted, and without interactive tools where people do not work."""

from __future__ import annotations

from components.identity.iam.statements import Conditions, Statement
from components.organization.guardrails.denial import deny
from components.organization.guardrails.sagemaker_keys import JOB_DEFINITIONS, SCHEDULES, actions_with

INTERACTIVE_TOOLS = (
    "ecs:ExecuteCommand", "sagemaker:CreateApp", "sagemaker:CreateDomain", "sagemaker:CreateNotebookInstance",
    "sagemaker:CreatePresignedDomainUrl", "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:CreateSpace",
    "sagemaker:CreateUserProfile", "sagemaker:StartNotebookInstance", "sagemaker:StartSession", "ssm:StartSession",
)  # fmt: skip

LOCAL_STORAGE = (
    "ml.*d.*", "ml.*dn.*", "ml.g5.*", "ml.g6*", "ml.i3*", "ml.p4*", "ml.p5*", "ml.p6*", "ml.trn*",
)  # fmt: skip
"""Instance types with local storage that the hardware encrypts. SageMaker rejects a KMS key for them (API reference,
"VolumeKmsKeyId"; EC2 User Guide, "Instance store volumes")."""

UPDATES = ("UpdateCluster", "UpdateDomain")
"""Update actions with subnets. A missing parameter leaves the value unchanged, so its absence violates no rule."""

NO_ISOLATION_TAG = "aws:PrincipalTag/plinth:network-isolation"
"""Principal tag of a use case role whose containers call AWS, which isolated containers cannot. Only the foundation
sets it."""

_WHOLE_DEFINITION: Conditions = {"Null": {"sagemaker:InstanceTypes": "false"}}
"""Condition that holds for schedules that contain their whole definition. For schedules that name a job definition, the
job definition is checked instead."""


def only_in_the_network() -> list[Statement]:
    """Builds SCP-08: jobs, models and Studio use the organization's subnets; notebooks have no internet access, no root
    access and no IMDSv1.

    Transform jobs have no network configuration of their own; the model's applies. Endpoint configurations have one
    only with inference components.
    """
    elsewhere = (*SCHEDULES, *UPDATES, "CreateEndpointConfig")
    return [
        deny("SCP08JobsInNetwork", actions_with("VpcSubnets", but=elsewhere), _is_absent("VpcSubnets")),
        deny(
            "SCP08SchedulesInNetwork",
            [f"sagemaker:{action}" for action in SCHEDULES],
            {"Null": {"sagemaker:VpcSubnets": "true", "sagemaker:InstanceTypes": "false"}},
        ),
        deny(
            "SCP08DomainsInNetwork",
            ["sagemaker:CreateDomain"],
            {"StringNotEquals": {"sagemaker:AppNetworkAccessType": "VpcOnly"}},
        ),
        deny(
            "SCP08DomainsStayInNetwork",
            ["sagemaker:UpdateDomain"],
            {"StringEquals": {"sagemaker:AppNetworkAccessType": "PublicInternetOnly"}},
        ),
        *_closed_notebooks(),
    ]


def _closed_notebooks() -> list[Statement]:
    create, update = ["sagemaker:CreateNotebookInstance"], ["sagemaker:UpdateNotebookInstance"]
    access, root, tokens = (
        f"sagemaker:{key}" for key in ("DirectInternetAccess", "RootAccess", "MinimumInstanceMetadataServiceVersion")
    )
    return [
        deny("SCP08NotebooksWithoutInternet", create, {"StringNotEquals": {access: "Disabled"}}),
        deny("SCP08NotebooksWithoutRoot", create, {"StringNotEquals": {root: "Disabled"}}),
        deny("SCP08NotebooksWithMetadataTokens", create, {"StringNotEquals": {tokens: "2"}}),
        deny("SCP08NotebooksStayWithoutRoot", update, {"StringEquals": {root: "Enabled"}}),
        deny("SCP08NotebooksStayWithTokens", update, {"StringEquals": {tokens: "1"}}),
    ]


def only_encrypted() -> list[Statement]:
    """Builds SCP-09: outputs, volumes and feature groups are encrypted with customer managed keys."""
    return [
        deny("SCP09ResultsEncrypted", actions_with("OutputKmsKey", but=SCHEDULES), _is_absent("OutputKmsKey")),
        deny(
            "SCP09ResultsOfSchedulesEncrypted",
            [f"sagemaker:{action}" for action in SCHEDULES],
            {"Null": {"sagemaker:OutputKmsKey": "true", "sagemaker:InstanceTypes": "false"}},
        ),
        deny(
            "SCP09VolumesEncrypted",
            actions_with("VolumeKmsKey", "InstanceTypes", but=["CreateDomain"]),
            {
                "Null": {"sagemaker:VolumeKmsKey": "true", "sagemaker:InstanceTypes": "false"},
                "ForAllValues:StringNotLike": {"sagemaker:InstanceTypes": list(LOCAL_STORAGE)},
            },
        ),
        deny(
            "SCP09HomesEncrypted",
            ["sagemaker:CreateAutoMLJob", "sagemaker:CreateAutoMLJobV2", "sagemaker:CreateDomain"],
            _is_absent("VolumeKmsKey"),
        ),
        deny(
            "SCP09OnlineFeaturesEncrypted",
            ["sagemaker:CreateFeatureGroup"],
            _is_absent("FeatureGroupOnlineStoreKmsKey"),
            {"Bool": {"sagemaker:FeatureGroupEnableOnlineStore": "true"}},
        ),
        deny(
            "SCP09OfflineFeaturesEncrypted",
            ["sagemaker:CreateFeatureGroup"],
            {
                "Null": {
                    "sagemaker:FeatureGroupOfflineStoreKmsKey": "true",
                    "sagemaker:FeatureGroupOfflineStoreS3Uri": "false",
                }
            },
        ),
    ]


def only_isolated() -> list[Statement]:
    """Builds SCP-09 for production units: inter-container traffic is encrypted, and containers that train or predict
    are isolated.

    Processing jobs are not isolated, because they read the lake through Athena and features through the feature store.
    """
    encrypted: Conditions = {"BoolIfExists": {"sagemaker:InterContainerTrafficEncryption": "false"}}
    isolated: Conditions = {"BoolIfExists": {"sagemaker:NetworkIsolation": "false"}}
    learning = ("CreateHyperParameterTuningJob", "CreateModel", "CreateTrainingJob", *JOB_DEFINITIONS)
    schedules = [f"sagemaker:{action}" for action in SCHEDULES]
    return [
        deny("SCP09TrafficEncrypted", actions_with("InterContainerTrafficEncryption", but=SCHEDULES), encrypted),
        deny("SCP09TrafficOfSchedulesEncrypted", schedules, encrypted, _WHOLE_DEFINITION),
        deny(
            "SCP09ContainersIsolated",
            [f"sagemaker:{action}" for action in sorted(learning)],
            isolated,
            {"StringNotEquals": {NO_ISOLATION_TAG: "false"}},
        ),
        deny("SCP09ContainersOfSchedulesIsolated", schedules, isolated, _WHOLE_DEFINITION),
    ]


def no_studio() -> list[Statement]:
    """Builds SCP-11 for accounts without Studio: denies interactive tools and remote access to running jobs."""
    return [
        deny("SCP11NoStudioNorNotebooks", INTERACTIVE_TOOLS),
        deny(
            "SCP11NoRemoteDebugging",
            actions_with("EnableRemoteDebug"),
            {"Bool": {"sagemaker:EnableRemoteDebug": "true"}},
        ),
    ]


def _is_absent(key: str) -> Conditions:
    return {"Null": {f"sagemaker:{key}": "true"}}
