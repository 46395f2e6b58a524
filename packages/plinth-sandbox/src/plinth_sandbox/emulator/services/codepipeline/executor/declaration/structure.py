"""Checks the structure of a pipeline as CodePipeline does, and fills in its defaults.

Source: CodePipeline User Guide, "CodePipeline pipeline structure reference" (read 2026-11-22).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.preconditions.policy_documents import admits_service
from plinth_sandbox.emulator.services.codepipeline.executor.conditions import check_conditions
from plinth_sandbox.emulator.services.codepipeline.executor.declaration.action_types import ACTION_TYPES, CATEGORIES
from plinth_sandbox.emulator.services.codepipeline.executor.declaration.references import (
    EXECUTION,
    PIPELINE,
    references_in,
)

PRINCIPAL = "codepipeline.amazonaws.com"
_LEAST_STAGES, _MOST_STAGES, _MOST_ACTIONS = 2, 50, 50
"""Quotas of pipelines and stages (User Guide, "Quotas in AWS CodePipeline")."""


def invalid(message: str, what: str = "Structure") -> AwsError:
    """Returns a refusal. ``what`` is ``Structure``, ``StageDeclaration`` or ``ActionDeclaration``."""
    return AwsError(f"Invalid{what}Exception", message)


def completed(given: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Returns a declaration with the defaults that CodePipeline fills in."""
    stages = [
        {**stage, "actions": [_completed_action(action) for action in stage["actions"]]} for stage in given["stages"]
    ]
    defaults = {"executionMode": "SUPERSEDED", "pipelineType": "V1"}
    return {**defaults, **given, "stages": stages, "version": version}


def _completed_action(action: Mapping[str, Any]) -> dict[str, Any]:
    lists: Mapping[str, Any] = {"configuration": {}, "inputArtifacts": [], "outputArtifacts": []}
    return {**lists, "runOrder": 1, **action}


def check(pipeline: Mapping[str, Any], region: str) -> None:
    """Raises AwsError for a completed declaration that CodePipeline refuses, and NotEmulatedError for one that the
    sandbox cannot run."""
    _check_type(pipeline)
    if not admits_service(str(pipeline["roleArn"]), PRINCIPAL):
        raise invalid(f"CodePipeline is not authorized to perform AssumeRole on role {pipeline['roleArn']}")
    if ("artifactStore" in pipeline) == ("artifactStores" in pipeline):
        raise invalid("Pipeline must have exactly one of artifactStore and artifactStores")
    if list(pipeline.get("artifactStores", {region: ()})) != [region]:
        raise NotEmulatedError("A pipeline with artifact stores in several regions")
    stages = pipeline["stages"]
    if not _LEAST_STAGES <= len(stages) <= _MOST_STAGES:
        bound = "minimum of 2" if len(stages) < _LEAST_STAGES else f"maximum of {_MOST_STAGES}"
        raise invalid(f"Pipeline has {len(stages)} stage(s). There should be a {bound} stages in a pipeline")
    _check_unique("Stage", [str(stage["name"]) for stage in stages], "StageDeclaration")
    for number, stage in enumerate(stages):
        _check_stage(stage, is_first=number == 0, region=region)
    _check_artifacts(stages)
    _check_references(pipeline)


def _check_type(pipeline: Mapping[str, Any]) -> None:
    """Refuses features of type V2 in a pipeline of type V1, and triggers, whose sources the sandbox lacks."""
    if pipeline["pipelineType"] == "V1":
        later = [name for name in ("variables", "triggers") if pipeline.get(name)]
        later += ["executionMode"] if pipeline["executionMode"] != "SUPERSEDED" else []
        conditions = ("beforeEntry", "onSuccess", "onFailure")
        later += [name for stage in pipeline["stages"] for name in conditions if name in stage]
        if later:
            raise invalid(f"{later[0]} is only supported for pipelines of type V2")
    if pipeline.get("triggers"):
        raise NotEmulatedError("A pipeline with triggers on connections")
    _check_unique("Variable", [str(variable["name"]) for variable in pipeline.get("variables", [])], "Structure")


def _check_unique(what: str, names: Sequence[str], error: str) -> None:
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise invalid(f"{what} name must be unique. The name '{repeated[0]}' is used more than once", error)


def _check_stage(stage: Mapping[str, Any], *, is_first: bool, region: str) -> None:
    name, actions = stage["name"], stage["actions"]
    if not 1 <= len(actions) <= _MOST_ACTIONS:
        message = f"Stage '{name}' has {len(actions)} action(s). A stage has between 1 and {_MOST_ACTIONS} actions"
        raise invalid(message, "StageDeclaration")
    if stage.get("blockers"):
        raise invalid(f"Stage '{name}' has blockers, which are reserved", "BlockerDeclaration")
    _check_unique(f"Stage '{name}': action", [str(action["name"]) for action in actions], "StageDeclaration")
    for action in actions:
        is_source = action["actionTypeId"]["category"] == "Source"
        if is_source != is_first:
            where = (
                "The first stage must contain only Source actions"
                if is_first
                else ("Source actions are only allowed in the first stage")
            )
            raise invalid(f"{where}. Stage '{name}', action '{action['name']}'")
        _check_action(action, region)
    check_conditions(stage, is_first=is_first)


def _check_action(action: Mapping[str, Any], region: str) -> None:
    type_id, name = action["actionTypeId"], action["name"]
    category, provider = type_id["category"], type_id["provider"]
    kind = ACTION_TYPES.get((category, provider))
    if kind is None or type_id["owner"] != "AWS":
        if type_id["owner"] != "AWS" or provider in CATEGORIES.get(category, ()):
            raise NotEmulatedError(f"A pipeline action of type {type_id['owner']} {category} {provider}")
        text = f"ActionType (Category: '{category}', Provider: '{provider}', Owner: '{type_id['owner']}', Version: "
        message = f"{text}'{type_id['version']}') in action '{name}' is not available in region {region.upper()}"
        raise invalid(message, "ActionDeclaration")
    given = action["configuration"]
    for key in kind.required:
        if key not in given:
            message = f"Action configuration for action '{name}' is missing required configuration '{key}'"
            raise invalid(message, "ActionDeclaration")
    if unknown := sorted(set(given) - {*kind.required, *kind.optional}):
        message = f"Action configuration for action '{name}' contains unknown configuration '{unknown[0]}'"
        raise invalid(message, "ActionDeclaration")
    for what, (least, most) in (("input", kind.inputs), ("output", kind.outputs)):
        count = len(action[f"{what}Artifacts"])
        if not least <= count <= most:
            bounds = f"Expected {least}" if least == most else f"Expected between {least} and {most}"
            raise invalid(f"Action '{name}' has {count} {what} artifacts. {bounds}", "ActionDeclaration")
    _check_supported(action, region)


def _check_supported(action: Mapping[str, Any], region: str) -> None:
    """Refuses what AWS accepts and the sandbox cannot do, and settings that do not fit together."""
    given, provider = action["configuration"], action["actionTypeId"]["provider"]
    if "timeoutInMinutes" in action and provider != "Manual":
        message = f"Action '{action['name']}': timeoutInMinutes is available only for manual approvals"
        raise invalid(message, "ActionDeclaration")
    if action.get("region", region) != region:
        raise NotEmulatedError("A pipeline action in another region")
    if provider in ("CodeCommit", "S3") and given.get("PollForSourceChanges", "true").lower() != "false":
        raise NotEmulatedError("A source action that polls for changes (PollForSourceChanges is not false)")
    if provider == "CodeBuild":
        if given.get("BatchEnabled", "false").lower() == "true":
            raise NotEmulatedError("A pipeline action that starts a batch build")
        if len(action["outputArtifacts"]) > 1:
            raise NotEmulatedError("A CodeBuild action with several output artifacts")
        if len(action["inputArtifacts"]) > 1 and "PrimarySource" not in given:
            message = f"Action '{action['name']}' has several input artifacts and no configuration 'PrimarySource'"
            raise invalid(message, "ActionDeclaration")
    if provider == "Lambda" and (action["inputArtifacts"] or action["outputArtifacts"]):
        raise NotEmulatedError("A Lambda action with artifacts")


def _groups(stages: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Returns the actions that run at the same time, in the order of their runs, each with the name of the stage."""
    found = []
    for stage in stages:
        orders = sorted({int(action["runOrder"]) for action in stage["actions"]})
        found += [
            (str(stage["name"]), [action for action in stage["actions"] if action["runOrder"] == order])
            for order in orders
        ]
    return found


def _check_artifacts(stages: Sequence[Mapping[str, Any]]) -> None:
    """Refuses input artifacts that no earlier action produces, and output artifacts with the same name."""
    produced: set[str] = set()
    for stage, actions in _groups(stages):
        for action in actions:
            for artifact in action["inputArtifacts"]:
                if artifact["name"] not in produced:
                    raise invalid(
                        f"Input Artifact Bundle {artifact['name']} in action {action['name']} of stage {stage} is not "
                        "declared as Output Artifact Bundle in any of the preceding actions"
                    )
        for action in actions:
            for artifact in action["outputArtifacts"]:
                if artifact["name"] in produced:
                    raise invalid(f"UniqueNames for Output Artifact Bundles: {artifact['name']} is used more than once")
                produced.add(artifact["name"])


def _check_references(pipeline: Mapping[str, Any]) -> None:
    """Refuses references to variables that no earlier action produces."""
    declared = {str(variable["name"]) for variable in pipeline.get("variables", [])}
    namespaces = {PIPELINE, EXECUTION}
    for stage, actions in _groups(pipeline["stages"]):
        for action in actions:
            for key, text in action["configuration"].items():
                for reference, namespace, name in references_in(str(text)):
                    _check_reference(reference, namespace, name, namespaces, declared, (stage, action["name"], key))
        for action in actions:
            if (own := action.get("namespace")) is not None:
                if own in namespaces:
                    raise invalid(f"Namespace '{own}' is used more than once or is reserved", "ActionDeclaration")
                namespaces.add(own)


def _check_reference(
    text: str, namespace: str, name: str, namespaces: set[str], declared: set[str], place: tuple[str, str, str]
) -> None:
    is_known = namespace in namespaces and bool(name)
    is_known &= namespace != PIPELINE or name in declared
    is_known &= namespace != EXECUTION or name == "PipelineExecutionId"
    if not is_known:
        stage, action, key = place
        raise invalid(
            "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period "
            "(.). The following pipeline execution variables are referencing a namespace that does not exist. "
            f"StageName=[{stage}], ActionName=[{action}], ActionConfigurationKey=[{key}], "
            f"VariableReferenceText=[{text}]",
            "ActionDeclaration",
        )
