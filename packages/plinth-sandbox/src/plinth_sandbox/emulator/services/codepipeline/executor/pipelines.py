"""The operations of pipelines."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.references import caller
from plinth_sandbox.emulator.services.codepipeline.executor.declaration import structure
from plinth_sandbox.emulator.services.codepipeline.executor.executions import begin
from plinth_sandbox.emulator.services.codepipeline.executor.orchestrator import advance
from plinth_sandbox.emulator.services.codepipeline.executor.pipeline import NOUN, Pipeline, find, pipeline_of, record_of
from plinth_sandbox.emulator.store.projection import tags_from
from plinth_sandbox.emulator.store.record import Record


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    """Creates a pipeline and starts it, unless a variable has no value."""
    call, given = exchange.call, exchange.call.parameters["pipeline"]
    name, now = str(given["name"]), runtime.clock.now()
    declaration = structure.completed(given, version=1)
    structure.check(declaration, call.region)
    if find(exchange.memory, call.account, call.region, name):
        raise AwsError("PipelineNameInUseException", f"A pipeline with the name '{name}' already exists")
    arn = f"arn:aws:codepipeline:{call.region}:{call.account}:{name}"
    pipeline = Pipeline(name, arn, call.account, call.region, {1: declaration}, now, now)
    tags = tags_from(call.parameters.get("tags"))
    exchange.memory.store.add(Record(exchange.place, NOUN, {"name": name, "pipeline": pipeline}, arn, tags))
    if all("defaultValue" in variable for variable in declaration.get("variables", [])):
        creator = caller(call.account, call.region, call.access_key)
        begin(pipeline, {}, {"triggerType": "CreatePipeline", "triggerDetail": creator}, runtime)
        advance(pipeline, runtime)
    return call.reply({"pipeline": declaration, "tags": _listed(tags)})


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def _named(exchange: Exchange, member: str = "name") -> Pipeline:
    call = exchange.call
    return pipeline_of(exchange.memory, call.account, call.region, str(call.parameters[member]))


def _update(exchange: Exchange, runtime: Runtime) -> Answer:
    """Adds a version. Executions that run go on with theirs."""
    call, given = exchange.call, exchange.call.parameters["pipeline"]
    pipeline = pipeline_of(exchange.memory, call.account, call.region, str(given["name"]))
    version = max(pipeline.versions) + 1
    declaration = structure.completed({**given, "version": version}, version)
    structure.check(declaration, call.region)
    pipeline.versions[version], pipeline.updated = declaration, runtime.clock.now()
    stages = {stage["name"] for stage in declaration["stages"]}
    for name in pipeline.disabled.keys() - stages:
        del pipeline.disabled[name]
    return call.reply({"pipeline": declaration})


def _get(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    pipeline = _named(exchange)
    version = exchange.call.parameters.get("version", max(pipeline.versions))
    if version not in pipeline.versions:
        message = f"Pipeline '{pipeline.name}' does not have version {version}"
        raise AwsError("PipelineVersionNotFoundException", message)
    metadata = {"pipelineArn": pipeline.arn, "created": pipeline.created, "updated": pipeline.updated}
    return exchange.call.reply({"pipeline": pipeline.versions[version], "metadata": metadata})


def _list(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    records = exchange.memory.store.records(exchange.place, NOUN)
    pipelines: list[Pipeline] = sorted(
        (record.values["pipeline"] for record in records), key=lambda pipeline: str(pipeline.name)
    )
    found = [
        {
            "name": pipeline.name,
            "version": max(pipeline.versions),
            "pipelineType": pipeline.declaration["pipelineType"],
            "executionMode": pipeline.declaration["executionMode"],
            "created": pipeline.created,
            "updated": pipeline.updated,
        }
        for pipeline in pipelines
    ]
    items, further = page(found, exchange.call.parameters, 1000, token="nextToken", limit="maxResults")
    return exchange.call.reply({"pipelines": items, **further})


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    """Deletes a pipeline with its executions. One that does not exist is no error."""
    call = exchange.call
    record = find(exchange.memory, call.account, call.region, str(call.parameters["name"]))
    if record is not None:
        exchange.memory.store.remove(record)
        for execution in record.values["pipeline"].executions.values():
            for action in execution.actions:
                runtime.deadlines.cancel(f"approval {action.id}")
    return call.reply({})


def _transition(exchange: Exchange, runtime: Runtime) -> Answer:
    """Disables or enables the transition into a stage, or out of it, which is the one into the next stage."""
    call, given = exchange.call, exchange.call.parameters
    pipeline = _named(exchange, "pipelineName")
    names = [str(stage["name"]) for stage in pipeline.declaration["stages"]]
    if given["stageName"] not in names:
        message = f"Pipeline '{pipeline.name}' does not have stage {given['stageName']}"
        raise AwsError("StageNotFoundException", message)
    index = names.index(given["stageName"]) + (given["transitionType"] == "Outbound")
    if index in (0, len(names)):
        raise AwsError("ValidationException", f"Stage {given['stageName']} has no {given['transitionType']} transition")
    if call.name == "DisableStageTransition":
        pipeline.disabled[names[index]] = {
            "enabled": False,
            "lastChangedBy": caller(call.account, call.region, call.access_key),
            "lastChangedAt": runtime.clock.now(),
            "disabledReason": given["reason"],
        }
    else:
        pipeline.disabled.pop(names[index], None)
        advance(pipeline, runtime)
    return call.reply({})


def _tagged(exchange: Exchange) -> Record:
    call = exchange.call
    arn = str(call.parameters["resourceArn"])
    try:
        return record_of(exchange.memory, call.account, call.region, arn.rpartition(":")[2])
    except AwsError as error:
        raise AwsError("ResourceNotFoundException", f"The account does not have a resource {arn}") from error


def _list_tags(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    return exchange.call.reply({"tags": _listed(_tagged(exchange).tags)})


def _tag(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    _tagged(exchange).tags.update(tags_from(exchange.call.parameters["tags"]))
    return exchange.call.reply({})


def _untag(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    tags = _tagged(exchange).tags
    for key in exchange.call.parameters["tagKeys"]:
        tags.pop(key, None)
    return exchange.call.reply({})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreatePipeline": _create,
    "DeletePipeline": _delete,
    "DisableStageTransition": _transition,
    "EnableStageTransition": _transition,
    "GetPipeline": _get,
    "ListPipelines": _list,
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdatePipeline": _update,
}
