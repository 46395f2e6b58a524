"""Nouns that the store serves although moto has them, and defaults that AWS would fill in.

moto implements these nouns only in part (no update, no delete, lost members, or only a create), so its answers would
contradict the store's. A noun in this list is served entirely by the store. Measured against moto 5.2.5.
"""

from __future__ import annotations

from typing import Any

OWNED: dict[str, frozenset[str]] = {
    "sagemaker": frozenset(
        {
            "App",
            "AppImageConfig",
            "CodeRepository",
            "Domain",
            "Endpoint",
            "EndpointConfig",
            "FeatureGroup",
            "Hub",
            "HyperParameterTuningJob",
            "Image",
            "MlflowTrackingServer",
            "ModelPackageGroupPolicy",
            "MonitoringSchedule",
            "NotebookInstance",
            "NotebookInstanceLifecycleConfig",
            "ProcessingJob",
            "Space",
            "StudioLifecycleConfig",
            "TrainingJob",
            "TransformJob",
            "UserProfile",
        }
    ),
    "athena": frozenset({"DataCatalog", "NamedQuery"}),
}

CHILDREN: dict[tuple[str, str], tuple[str, ...]] = {
    ("sagemaker", "Domain"): ("UserProfile", "Space", "App"),
    ("sagemaker", "UserProfile"): ("App",),
    ("sagemaker", "Space"): ("App",),
}
"""Child nouns by parent. A parent cannot be deleted while it has children, and a child cannot be created without its
parent."""

DEFAULTS: dict[tuple[str, str], dict[str, Any]] = {
    ("athena", "NamedQuery"): {"WorkGroup": "primary"},
    ("codeconnections", "Connection"): {"ConnectionStatus": "PENDING", "OwnerAccountId": "{account}"},
    ("route53resolver", "FirewallRuleGroup"): {"ShareStatus": "NOT_SHARED"},
    ("route53resolver", "FirewallRuleGroupAssociation"): {"MutationProtection": "DISABLED"},
    ("route53profiles", "Profile"): {"ShareStatus": "NOT_SHARED"},
    ("sagemaker", "Domain"): {
        "AppNetworkAccessType": "PublicInternetOnly",
        "HomeEfsFileSystemId": "fs-{DomainId}",
        "TagPropagation": "DISABLED",
        "Url": "https://{DomainId}.studio.{region}.sagemaker.aws",
    },
    ("sagemaker", "MlflowApp"): {
        "AccountDefaultStatus": "DISABLED",
        "MlflowVersion": "3.4",
        "ModelRegistrationMode": "AutoModelRegistrationDisabled",
        "WeeklyMaintenanceWindowStart": "Tue:03:30",
    },
    ("sagemaker", "MlflowTrackingServer"): {
        "AutomaticModelRegistration": False,
        "MlflowVersion": "3.4",
        "TrackingServerSize": "Small",
        "TrackingServerUrl": "https://{TrackingServerName}.{region}.experiments.sagemaker.aws",
        "WeeklyMaintenanceWindowStart": "Tue:03:30",
    },
    ("sagemaker", "MonitoringSchedule"): {"MonitoringScheduleStatus": "Scheduled"},
    ("sagemaker", "NotebookInstance"): {
        "DirectInternetAccess": "Enabled",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
        "IpAddressType": "ipv4",
        "NotebookInstanceStatus": "InService",
        "PlatformIdentifier": "notebook-al2023-v1",
        "RootAccess": "Enabled",
        "Url": "{NotebookInstanceName}.notebook.{region}.sagemaker.aws",
        "VolumeSizeInGB": 5,
    },
}
"""Members that AWS fills in if the request omits them. Braces stand for another member, or for the account or
region."""


def parents(service: str, noun: str) -> list[str]:
    return [holder for (owner, holder), held in CHILDREN.items() if owner == service and noun in held]


def fill(service: str, noun: str, known: dict[str, Any]) -> dict[str, Any]:
    """Returns the noun's defaults with the values of ``known`` filled in."""
    defaults = DEFAULTS.get((service, noun), {})
    return {name: value.format_map(known) if isinstance(value, str) else value for name, value in defaults.items()}
