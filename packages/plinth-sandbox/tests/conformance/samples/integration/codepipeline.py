"""Samples of AWS CodePipeline."""

from __future__ import annotations

from typing import Any

from conformance.plugin import Kept
from conformance.sample import Aws, Need, Sample

_TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"Service": "codepipeline.amazonaws.com"}}]}'
)
_ROLE: Need = ("aws:iam/role:Role", {"name": "promoter-{n}", "assumeRolePolicy": _TRUST})


def _pipeline(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("codepipeline").get_pipeline(name=it.id)["pipeline"]
    tags = aws("codepipeline").list_tags_for_resource(resourceArn=it.outputs["arn"])["tags"]
    actions = [action for stage in found["stages"] for action in stage["actions"]]
    return {
        "mode": found["executionMode"],
        "type": found["pipelineType"],
        "variables": found.get("variables"),
        "store": found["artifactStore"],
        "stages": [stage["name"] for stage in found["stages"]],
        "providers": [action["actionTypeId"]["provider"] for action in actions],
        "outputs": [output_artifact["name"] for action in actions for output_artifact in action["outputArtifacts"]],
        "asked": actions[-1]["configuration"]["CustomData"],
        "minutes": actions[-1].get("timeoutInMinutes"),
        "failure": found["stages"][-1].get("onFailure"),
        "entry": found["stages"][-1].get("beforeEntry"),
        "tags": {tag["key"]: tag["value"] for tag in tags},
    }


def _stages(asked: str, **last: Any) -> list[dict[str, Any]]:
    fixed = {"owner": "AWS", "version": "1"}
    read = {
        "name": "Source",
        "category": "Source",
        "provider": "CodeCommit",
        **fixed,
        "configuration": {"RepositoryName": "fraud", "BranchName": "main", "PollForSourceChanges": "false"},
        "outputArtifacts": ["Code"],
        "namespace": "Source",
    }
    decide = {"name": "Decide", "category": "Approval", "provider": "Manual", **fixed, "timeoutInMinutes": 60}
    decide["configuration"] = {"CustomData": asked}
    return [{"name": "Source", "actions": [read]}, {"name": "Approve", "actions": [decide], **last}]


_CHECK = {
    "name": "Asked",
    "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "VariableCheck", "version": "1"},
    "configuration": {"Variable": "#{variables.VERSION}", "Value": "0", "Operator": "NE"},
}
_SEEN = {
    "mode": "QUEUED",
    "type": "V2",
    "variables": [{"name": "VERSION", "defaultValue": "1"}],
    "store": {"location": "store", "type": "S3", "encryptionKey": {"id": "alias/store", "type": "KMS"}},
    "stages": ["Source", "Approve"],
    "providers": ["CodeCommit", "Manual"],
    "outputs": ["Code"],
    "asked": "version #{variables.VERSION}",
    "minutes": 60,
    "failure": {"result": "ROLLBACK"},
    "entry": {"conditions": [{"result": "FAIL", "rules": [_CHECK]}]},
    "tags": {"from": "provider", "own": "1"},
}

SAMPLES = [
    Sample(
        type="aws:codepipeline/pipeline:Pipeline",
        needs={"role": _ROLE},
        inputs={
            "name": "promotion-{n}",
            "roleArn": "{role.outputs.arn}",
            "pipelineType": "V2",
            "executionMode": "QUEUED",
            "artifactStores": [
                {"location": "store", "type": "S3", "encryptionKey": {"id": "alias/store", "type": "KMS"}}
            ],
            "variables": [{"name": "VERSION", "defaultValue": "1"}],
            "stages": _stages(
                "version #{variables.VERSION}",
                onFailure={"result": "ROLLBACK"},
                beforeEntry={"condition": {"result": "FAIL", "rules": [_CHECK]}},
            ),
            "tags": {"own": "1"},
        },
        look=_pipeline,
        seen=_SEEN,
        change={
            "executionMode": None,
            "variables": None,
            "stages": _stages("commit #{Source.CommitId}"),
            "tags": None,
        },
        seen_changed={
            **_SEEN,
            "mode": "SUPERSEDED",
            "variables": None,
            "asked": "commit #{Source.CommitId}",
            "failure": None,
            "entry": None,
            "tags": {"from": "provider"},
        },
        replace={"name": "renamed-{n}"},
        drift=lambda aws, it: _slow_down(aws, it),
        drifts="executionMode",
        remove=lambda aws, it: aws("codepipeline").delete_pipeline(name=it.id),
    ),
]


def _slow_down(aws: Aws, it: Kept) -> None:
    found = aws("codepipeline").get_pipeline(name=it.id)["pipeline"]
    aws("codepipeline").update_pipeline(pipeline={**found, "executionMode": "PARALLEL"})
