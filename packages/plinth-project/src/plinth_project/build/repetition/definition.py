"""The definition of a repetition: the steps of a run that lead to its reports, without what they are for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_CONDITION = "Condition"
INPUT = "input/"
"""Folder of a build to which a step writes that gets its input."""


def repeated_definition(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the definition without the steps that get the input, because a repetition reads the same one, and without
    the gates and what follows the last of them, because it registers nothing."""
    left_out, kept = set[str](), list[dict[str, Any]]()
    for step in _ungated(definition["Steps"]):
        after = set(step.get("DependsOn", ())) & left_out
        if step["Type"] == _CONDITION or _gets_input(step):
            left_out.add(step["Name"])
        else:
            kept.append({**step, "DependsOn": sorted(set(step["DependsOn"]) - after)} if after else dict(step))
    return {**definition, "Steps": kept}


def _ungated(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yields the steps, and in place of a gate with reports behind it, such as one of the data before training, what
    it lets through."""
    for step in steps:
        inner = list(_ungated(step["Arguments"].get("IfSteps", ()))) if step["Type"] == _CONDITION else []
        if any(inner_step.get("PropertyFiles") for inner_step in inner):
            yield from inner
        else:
            yield step


def reports(definition: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Yields each report of a step, as a property file names it, and its key in a build that begins with ``prefix``."""
    for step in definition["Steps"]:
        files = step.get("PropertyFiles", ())
        outputs = {output["OutputName"]: output["S3Output"]["S3Uri"] for output in _outputs(step)}
        for file in files:
            folder = _folder(outputs[file["OutputName"]])
            yield str(file["PropertyFileName"]), f"{prefix}{folder}{file['FilePath']}"


def instances(definition: Mapping[str, Any]) -> str:
    """Returns the instance types of the steps."""
    return ", ".join(sorted(set(_instance_types(definition["Steps"]))))


def _gets_input(step: Mapping[str, Any]) -> bool:
    return any(_folder(output["S3Output"]["S3Uri"]) == INPUT for output in _outputs(step))


def _outputs(step: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = step.get("Arguments", {}).get("ProcessingOutputConfig", {}).get("Outputs", [])
    return found


def _folder(uri: Any) -> str:
    """Returns the folder of a URI in its build: ``input/`` of a bucket, a build id and ``/input/``."""
    values = uri["Std:Join"]["Values"] if isinstance(uri, Mapping) and "Std:Join" in uri else [uri]
    last = str(values[-1]) if isinstance(values[-1], str) else ""
    return f"{last.strip('/')}/"


def _instance_types(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "InstanceType":
                yield str(inner)
            else:
                yield from _instance_types(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _instance_types(inner)
