"""The types of actions that the sandbox performs: their configuration and their artifacts.

Source: CodePipeline User Guide, "Action structure reference" and "Valid action types and providers" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionType:
    """Requirements of CodePipeline for an action. Counts of artifacts are least and most."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    inputs: tuple[int, int] = (0, 0)
    outputs: tuple[int, int] = (0, 0)


ACTION_TYPES: Mapping[tuple[str, str], ActionType] = {
    ("Source", "CodeCommit"): ActionType(
        ("RepositoryName", "BranchName"), ("PollForSourceChanges", "OutputArtifactFormat"), outputs=(1, 1)
    ),
    ("Source", "S3"): ActionType(
        ("S3Bucket", "S3ObjectKey"), ("PollForSourceChanges", "AllowOverrideForS3ObjectKey"), outputs=(1, 1)
    ),
    ("Build", "CodeBuild"): ActionType(
        ("ProjectName",),
        ("PrimarySource", "EnvironmentVariables", "BatchEnabled", "BuildspecOverride", "CombineArtifacts"),
        inputs=(1, 5),
        outputs=(0, 5),
    ),
    ("Approval", "Manual"): ActionType((), ("NotificationArn", "ExternalEntityLink", "CustomData")),
    ("Invoke", "Lambda"): ActionType(("FunctionName",), ("UserParameters",), inputs=(0, 5), outputs=(0, 5)),
}
ACTION_TYPES = {**ACTION_TYPES, ("Test", "CodeBuild"): ACTION_TYPES["Build", "CodeBuild"]}
"""Types by category and provider. All have the owner ``AWS`` and the version 1."""
CATEGORIES: Mapping[str, frozenset[str]] = {
    "Source": frozenset({"CodeCommit", "CodeStarSourceConnection", "ECR", "S3"}),
    "Build": frozenset({"CodeBuild", "ECRBuildAndPublish", "Jenkins"}),
    "Test": frozenset({"CodeBuild", "DeviceFarm"}),
    "Deploy": frozenset(
        {
            "AlexaSkillsKit",
            "AppConfig",
            "CloudFormation",
            "CloudFormationStackInstances",
            "CloudFormationStackSet",
            "CodeDeploy",
            "CodeDeployToECS",
            "EC2",
            "ECS",
            "EKS",
            "ElasticBeanstalk",
            "Lambda",
            "OpsWorks",
            "S3",
            "ServiceCatalog",
        }
    ),
    "Approval": frozenset({"Manual"}),
    "Invoke": frozenset({"CodePipeline", "InspectorScan", "Lambda", "StepFunctions"}),
    "Compute": frozenset({"Commands"}),
}
"""Providers of AWS by category."""
FUNCTION_HOURS = 24
"""Time limit of a function without a result (User Guide, "Quotas")."""
APPROVAL_MINUTES = 7 * 24 * 60
"""Time limit of an approval without ``timeoutInMinutes`` (User Guide, "Quotas": seven days)."""
