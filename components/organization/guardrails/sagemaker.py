"""SageMaker inside the network, encrypted, and where nobody works by hand, without what people work with."""

from __future__ import annotations

from components.identity.iam.statements import Conditions, Statement
from components.organization.guardrails.denial import deny
from components.organization.guardrails.sagemaker_keys import JOB_DEFINITIONS, SCHEDULES, actions_with

WORK_BY_HAND = (
    "ecs:ExecuteCommand", "sagemaker:CreateApp", "sagemaker:CreateDomain", "sagemaker:CreateNotebookInstance",
    "sagemaker:CreatePresignedDomainUrl", "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:CreateSpace",
    "sagemaker:CreateUserProfile", "sagemaker:StartNotebookInstance", "sagemaker:StartSession", "ssm:StartSession",
)  # fmt: skip

LOCAL_STORAGE = (
    "ml.*d.*", "ml.*dn.*", "ml.g5.*", "ml.g6*", "ml.i3*", "ml.p4*", "ml.p5*", "ml.p6*", "ml.trn*",
)  # fmt: skip
"""Instance types with storage of their own, which their hardware encrypts: SageMaker refuses a key for them (API
reference, "VolumeKmsKeyId"; EC2 User Guide, "Instance store volumes")."""

UPDATES = ("UpdateCluster", "UpdateDomain", "UpdateNotebookInstance")
"""What an update leaves out stays as it is, so absence says nothing."""

UNISOLATED = "aws:PrincipalTag/plinth:network-isolation"
"""Tag of the role of a use case whose containers call AWS, which isolated ones cannot; only the foundation sets it."""

_DESCRIBED: Conditions = {"Null": {"sagemaker:InstanceTypes": "false"}}
"""True of a schedule that says everything itself; one that names a job definition has it checked there."""


def only_in_the_network() -> list[Statement]:
    """SCP-08: jobs, models and Studio in our subnets, notebooks without internet, root and old metadata service.

    Transform jobs have no network of their own; the model carries it. An endpoint configuration has one only with
    inference components.
    """
    elsewhere = (*SCHEDULES, *UPDATES, "CreateEndpointConfig")
    return [
        deny("SCP08JobsInNetwork", actions_with("VpcSubnets", but=elsewhere), _absent("VpcSubnets")),
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
    """SCP-09: a key of ours for everything that is kept: results, volumes, features."""
    return [
        deny("SCP09ResultsEncrypted", actions_with("OutputKmsKey", but=SCHEDULES), _absent("OutputKmsKey")),
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
            _absent("VolumeKmsKey"),
        ),
        deny(
            "SCP09OnlineFeaturesEncrypted",
            ["sagemaker:CreateFeatureGroup"],
            _absent("FeatureGroupOnlineStoreKmsKey"),
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
    """SCP-09, in production units: containers talk to each other encrypted, and those that predict to nobody else.

    Processing jobs read the lake through Athena and features through their store, so they are not isolated.
    """
    encrypted: Conditions = {"BoolIfExists": {"sagemaker:InterContainerTrafficEncryption": "false"}}
    isolated: Conditions = {"BoolIfExists": {"sagemaker:NetworkIsolation": "false"}}
    learning = ("CreateHyperParameterTuningJob", "CreateModel", "CreateTrainingJob", *JOB_DEFINITIONS)
    schedules = [f"sagemaker:{action}" for action in SCHEDULES]
    return [
        deny("SCP09TrafficEncrypted", actions_with("InterContainerTrafficEncryption", but=SCHEDULES), encrypted),
        deny("SCP09TrafficOfSchedulesEncrypted", schedules, encrypted, _DESCRIBED),
        deny(
            "SCP09ContainersIsolated",
            [f"sagemaker:{action}" for action in sorted(learning)],
            isolated,
            {"StringNotEquals": {UNISOLATED: "false"}},
        ),
        deny("SCP09ContainersOfSchedulesIsolated", schedules, isolated, _DESCRIBED),
    ]


def no_studio() -> list[Statement]:
    """SCP-11, where no Studio is declared: nowhere for people to work by hand, and no way into running jobs."""
    return [
        deny("SCP11NoStudioNorNotebooks", WORK_BY_HAND),
        deny(
            "SCP11NoRemoteDebugging",
            actions_with("EnableRemoteDebug"),
            {"Bool": {"sagemaker:EnableRemoteDebug": "true"}},
        ),
    ]


def _absent(key: str) -> Conditions:
    return {"Null": {f"sagemaker:{key}": "true"}}
