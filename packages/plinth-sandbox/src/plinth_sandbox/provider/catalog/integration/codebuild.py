"""AWS CodeBuild. Tags are part of what an update replaces."""

from __future__ import annotations

from plinth_sandbox.provider.functions.integration.codebuild import (
    complete_project,
    create_webhook,
    read_webhook,
    update_webhook,
)
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

PROJECT = Resource(
    type="aws:codebuild/project:Project",
    create=Call("create_project", gives={"id": "project.arn"}, adjust=complete_project),
    address={"name": "{name}"},
    read=Call(
        "batch_get_projects",
        {"names": ["{id}"]},
        within="projects[0]",
        gives={"badgeEnabled": "projects[0].badge.badgeEnabled", "badgeUrl": "projects[0].badge.badgeRequestUrl"},
    ),
    update=[
        Update(Call("update_project", adjust=complete_project)),
        Update(
            Call("update_project_visibility", {"projectArn": "{id}"}),
            carries=["projectVisibility", "resourceAccessRole"],
        ),
    ],
    delete="delete_project",
    renames={"buildTimeout": "timeoutInMinutes", "queuedTimeout": "queuedTimeoutInMinutes"},
    defaults={
        "buildTimeout": 60,
        "queuedTimeout": 480,
        "badgeEnabled": False,
        "projectVisibility": "PRIVATE",
        "artifacts.encryptionDisabled": False,
        "artifacts.namespaceType": "NONE",
        "artifacts.overrideArtifactName": False,
        "artifacts.packaging": "NONE",
        "cache.type": "NO_CACHE",
        "environment.imagePullCredentialsType": "CODEBUILD",
        "environment.privilegedMode": False,
        "environment.environmentVariables.type": "PLAINTEXT",
        "logsConfig.cloudwatchLogs.status": "ENABLED",
        "logsConfig.s3Logs.status": "DISABLED",
        "source.insecureSsl": False,
    },
    computed=["artifacts.name", "autoRetryLimit", "cache", "description", "encryptionKey"],
    name=Name(longest=150),
    tags=Tagging("update_project", "update_project", read=None, whole=True, address={"name": "{name}"}),
)

REPORT_GROUP = Resource(
    type="aws:codebuild/reportGroup:ReportGroup",
    create=Call("create_report_group", {"type": "{type}"}, gives={"id": "reportGroup.arn"}),
    address={"arn": "{id}"},
    read=Call(
        "batch_get_report_groups",
        {"reportGroupArns": ["{id}"]},
        within="reportGroups[0]",
        gives={"type": "reportGroups[0].type"},
    ),
    update=["update_report_group"],
    delete=Call("delete_report_group", {"deleteReports": "{deleteReports}"}),
    renames={"type": "exportConfigType"},
    local=["deleteReports"],
    name=Name(longest=128),
    tags=Tagging("update_report_group", "update_report_group", read=None, whole=True),
)

WEBHOOK = Resource(
    type="aws:codebuild/webhook:Webhook",
    create=create_webhook,
    creates=["filterGroups", "buildType"],
    identifier="{projectName}",
    read=read_webhook,
    update=[Update(update_webhook, carries=["filterGroups", "buildType"])],
    delete="delete_webhook",
    defaults={"buildType": "BUILD", "filterGroups.filters.excludeMatchedPattern": False},
    name=None,
)

RESOURCES = [PROJECT, REPORT_GROUP, WEBHOOK]
