"""AWS CodePipeline. The vendor's form of a pipeline is flatter than the API's."""

from __future__ import annotations

from plinth_sandbox.provider.functions.integration.codepipeline import create_pipeline, read_pipeline, update_pipeline
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

_DECLARED = ["artifactStores", "executionMode", "pipelineType", "roleArn", "stages", "triggers", "variables"]

PIPELINE = Resource(
    type="aws:codepipeline/pipeline:Pipeline",
    create=create_pipeline,
    creates=["name", *_DECLARED, "tags"],
    identifier="{name}",
    read=read_pipeline,
    update=[Update(update_pipeline, carries=_DECLARED)],
    delete=Call("delete_pipeline", {"name": "{name}"}),
    defaults={"executionMode": "SUPERSEDED", "pipelineType": "V1"},
    derived={"arn": "arn:{@partition}:codepipeline:{@region}:{@account}:{name}"},
    computed=["stages.actions.region", "stages.actions.runOrder", "triggers"],
    ordered=["stages", "stages.actions"],
    replaces=["name"],
    name=Name(longest=100),
    tags=Tagging(),
)

RESOURCES = [PIPELINE]
