"""Test cases of guardrails on SageMaker and the model registry."""

from __future__ import annotations

from tests.unit.components.guardrails.cases.requests import (
    ANYBODY,
    FOUNDATION,
    KEY,
    LEAD,
    LEAD_BY_ROLE,
    PERSON,
    STILL,
    SUBNET,
    case,
    keys,
)

INTEGRATION = "role/plinth/fraud--scoring-integration"
MAIN_GROUP = "arn:aws:sagemaker:eu-west-1:111111111111:model-package-group/fraud--scoring-main"
FEATURE_GROUP = "arn:aws:sagemaker:eu-west-1:111111111111:model-package-group/fraud--scoring-feature-x-1a2b3c4d5e"
UPDATES = ("UpdateCluster", "UpdateDomain", "UpdateNotebookInstance")
WITH_LOCAL_STORAGE = (
    "ml.m5d.large", "ml.m5dn.large", "ml.g5.xlarge", "ml.g6.xlarge", "ml.i3en.large", "ml.p4de.24xlarge",
    "ml.p5.48xlarge", "ml.p6-b200.48xlarge", "ml.trn1.32xlarge",
)  # fmt: skip

CASES = [
    case(
        "SCP08JobsInNetwork",
        "sagemaker:CreateTrainingJob",
        also=[{"action": "sagemaker:CreateModel"}, *ANYBODY],
        passes=[
            SUBNET,
            *({"action": f"sagemaker:{action}"} for action in ("CreateTransformJob", "CreateEndpointConfig", *UPDATES)),
        ],
    ),
    case(
        "SCP08SchedulesInNetwork",
        "sagemaker:CreateMonitoringSchedule",
        **keys(sagemaker__InstanceTypes=["ml.m5.large"]),
        passes=[keys(), keys(sagemaker__InstanceTypes=["ml.m5.large"], sagemaker__VpcSubnets=["subnet-1"])],
    ),
    case(
        "SCP08DomainsInNetwork",
        "sagemaker:CreateDomain",
        also=[keys(sagemaker__AppNetworkAccessType="PublicInternetOnly")],
        passes=[keys(sagemaker__AppNetworkAccessType="VpcOnly")],
    ),
    case(
        "SCP08DomainsStayInNetwork",
        "sagemaker:UpdateDomain",
        **keys(sagemaker__AppNetworkAccessType="PublicInternetOnly"),
        passes=[keys(), keys(sagemaker__AppNetworkAccessType="VpcOnly")],
    ),
    case(
        "SCP08NotebooksWithoutInternet",
        "sagemaker:CreateNotebookInstance",
        also=[keys(sagemaker__DirectInternetAccess="Enabled")],
        passes=[keys(sagemaker__DirectInternetAccess="Disabled")],
    ),
    case(
        "SCP08NotebooksWithoutRoot",
        "sagemaker:CreateNotebookInstance",
        also=[keys(sagemaker__RootAccess="Enabled")],
        passes=[keys(sagemaker__RootAccess="Disabled")],
    ),
    case(
        "SCP08NotebooksWithMetadataTokens",
        "sagemaker:CreateNotebookInstance",
        also=[keys(sagemaker__MinimumInstanceMetadataServiceVersion="1")],
        passes=[keys(sagemaker__MinimumInstanceMetadataServiceVersion="2")],
    ),
    case(
        "SCP08NotebooksStayWithoutRoot",
        "sagemaker:UpdateNotebookInstance",
        **keys(sagemaker__RootAccess="Enabled"),
        passes=[keys()],
    ),
    case(
        "SCP08NotebooksStayWithTokens",
        "sagemaker:UpdateNotebookInstance",
        **keys(sagemaker__MinimumInstanceMetadataServiceVersion="1"),
        passes=[keys()],
    ),
    case(
        "SCP09ResultsEncrypted",
        "sagemaker:CreateTransformJob",
        passes=[keys(sagemaker__OutputKmsKey=KEY), {"action": "sagemaker:CreateMonitoringSchedule"}],
    ),
    case(
        "SCP09ResultsOfSchedulesEncrypted",
        "sagemaker:CreateMonitoringSchedule",
        **keys(sagemaker__InstanceTypes=["ml.m5.large"]),
        passes=[keys(), keys(sagemaker__InstanceTypes=["ml.m5.large"], sagemaker__OutputKmsKey=KEY)],
    ),
    case(
        "SCP09VolumesEncrypted",
        "sagemaker:CreateEndpointConfig",
        **keys(sagemaker__InstanceTypes=["ml.m5.large"]),
        also=[keys(sagemaker__InstanceTypes=["ml.t3.medium"])],
        passes=[
            keys(sagemaker__InstanceTypes=["ml.m5.large"], sagemaker__VolumeKmsKey=KEY),
            *(keys(sagemaker__InstanceTypes=[instance_type]) for instance_type in WITH_LOCAL_STORAGE),
            {"action": "sagemaker:CreateDomain"},
            keys(sagemaker__InstanceTypes=["ml.g4dn.xlarge", "ml.m5.large"]),
            keys(),
        ],
    ),
    case("SCP09HomesEncrypted", "sagemaker:CreateDomain", passes=[keys(sagemaker__VolumeKmsKey=KEY)]),
    case(
        "SCP09OnlineFeaturesEncrypted",
        "sagemaker:CreateFeatureGroup",
        **keys(sagemaker__FeatureGroupEnableOnlineStore="true"),
        passes=[
            keys(),
            keys(sagemaker__FeatureGroupEnableOnlineStore="true", sagemaker__FeatureGroupOnlineStoreKmsKey=KEY),
        ],
    ),
    case(
        "SCP09OfflineFeaturesEncrypted",
        "sagemaker:CreateFeatureGroup",
        **keys(sagemaker__FeatureGroupOfflineStoreS3Uri="s3://lake"),
        passes=[
            keys(),
            keys(sagemaker__FeatureGroupOfflineStoreS3Uri="s3://lake", sagemaker__FeatureGroupOfflineStoreKmsKey=KEY),
        ],
    ),
    case(
        "SCP09TrafficEncrypted",
        "sagemaker:CreateTrainingJob",
        also=[keys(sagemaker__InterContainerTrafficEncryption="false")],
        passes=[keys(sagemaker__InterContainerTrafficEncryption="true")],
    ),
    case(
        "SCP09TrafficOfSchedulesEncrypted",
        "sagemaker:CreateMonitoringSchedule",
        **keys(sagemaker__InstanceTypes=["ml.m5.large"]),
        passes=[
            keys(),
            keys(sagemaker__InstanceTypes=["ml.m5.large"], sagemaker__InterContainerTrafficEncryption="true"),
        ],
    ),
    case(
        "SCP09ContainersIsolated",
        "sagemaker:CreateModel",
        also=[keys(sagemaker__NetworkIsolation="false"), {"tags": {"plinth:network-isolation": "true"}}],
        passes=[
            keys(sagemaker__NetworkIsolation="true"),
            {"tags": {"plinth:network-isolation": "false"}},
            {"action": "sagemaker:CreateProcessingJob"},
        ],
    ),
    case(
        "SCP09ContainersOfSchedulesIsolated",
        "sagemaker:CreateMonitoringSchedule",
        **keys(sagemaker__InstanceTypes=["ml.m5.large"]),
        passes=[keys(), keys(sagemaker__InstanceTypes=["ml.m5.large"], sagemaker__NetworkIsolation="true")],
    ),
    case(
        "SCP10OnlyApproversApprove",
        "sagemaker:UpdateModelPackage",
        who=PERSON,
        **keys(sagemaker__ModelApprovalStatus="Approved"),
        also=ANYBODY,
        passes=[{"who": LEAD}, keys(sagemaker__ModelApprovalStatus="PendingManualApproval"), keys()],
    ),
    case(
        "SCP10OnlyApproversMoveStages",
        "sagemaker:UpdateModelPackage",
        who=PERSON,
        **{"keys": {"sagemaker:ModelLifeCycle:Stage": "Production"}},
        also=ANYBODY,
        passes=[{"who": LEAD}, {"who": LEAD_BY_ROLE}, keys()],
    ),
    case(
        "SCP10KeepTheRegistry",
        "sagemaker:DeleteModelPackageGroup",
        on=FEATURE_GROUP,
        also=[{"who": LEAD}, *STILL],
        passes=[*FOUNDATION, {"who": INTEGRATION}, {"action": "sagemaker:CreateModelPackageGroup"}],
    ),
    case(
        "SCP10KeepPermanentGroups",
        "sagemaker:DeleteModelPackageGroup",
        on=MAIN_GROUP,
        also=[
            {"who": INTEGRATION},
            {"who": LEAD},
            {"action": "sagemaker:DeleteModelPackage", "on": MAIN_GROUP.replace("-group/", "/") + "/3"},
            *STILL,
        ],
        passes=[
            *FOUNDATION,
            {"on": FEATURE_GROUP},
            {"on": FEATURE_GROUP.replace("-group/", "/") + "/3"},
            {"action": "sagemaker:CreateModelPackageGroup"},
        ],
    ),
    case(
        "SCP11NoStudioNorNotebooks",
        "sagemaker:CreateDomain",
        also=[*ANYBODY, {"action": "sagemaker:CreatePresignedDomainUrl"}],
        passes=[{"action": "sagemaker:CreateEndpoint"}],
    ),
    case(
        "SCP11NoRemoteDebugging",
        "sagemaker:CreateTrainingJob",
        **keys(sagemaker__EnableRemoteDebug="true"),
        also=ANYBODY,
        passes=[keys(), keys(sagemaker__EnableRemoteDebug="false")],
    ),
]
