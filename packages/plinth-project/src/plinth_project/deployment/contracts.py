"""Generates the contract of the API from a registered model, and compares both."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plinth_project.deployment.contract import Contract
from plinth_project.documents import ProjectError

ARCHIVE = "model.tar.gz"
FILES = (ARCHIVE, "statistics.json", "constraints.json")
"""Files of a version in the registry's bucket. The build repository's step ``package`` writes them."""
MOST_ROWS = 100
_TYPES = {"Integral": "integer", "Fractional": "number", "String": "string"}
_MOST_CHARACTERS = 256


def contract_of(folder: Path, version: str) -> dict[str, Any]:
    """Returns the contract of a model. Its columns have the types and the completeness of the training data."""
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise ProjectError(*(f"{folder / name}: missing; name the folder of a version" for name in missing))
    about = _about_model(folder / ARCHIVE)
    kinds = {
        feature["name"]: feature["inferred_type"]
        for feature in json.loads((folder / "statistics.json").read_text())["features"]
    }
    limits = {feature["name"]: feature for feature in json.loads((folder / "constraints.json").read_text())["features"]}
    columns = {name: _column(kinds[name], limits[name]) for name in about["features"]}
    row = {"type": "object", "properties": columns, "required": list(columns), "additionalProperties": False}
    score = (
        {"type": "number", "minimum": 0, "maximum": 1} if about["problem"] == "classification" else {"type": "number"}
    )
    return {
        "version": version,
        "problem": about["problem"],
        "target": about["target"],
        "request": _members(instances={"type": "array", "items": row, "minItems": 1, "maxItems": MOST_ROWS}),
        "response": _members(version={"type": "string"}, predictions={"type": "array", "items": score}),
    }


def differences(contract: Contract, model: Mapping[str, Any]) -> list[str]:
    """Returns how the contract differs from that of a model, by column."""
    found = []
    own, needed = contract.columns, model["request"]["properties"]["instances"]["items"]["properties"]
    for name in dict.fromkeys([*needed, *own]):
        if name not in own:
            found.append(f"{name}: the model needs this column, and the contract does not have it")
        elif name not in needed:
            found.append(f"{name}: the contract requires this column, and the model does not know it")
        elif own[name]["type"] != needed[name]["type"]:
            found.append(f"{name}: {own[name]['type']} in the contract, {needed[name]['type']} in the training data")
    if contract.problem != model["problem"]:
        found.append(f"problem: {contract.problem} in the contract, {model['problem']} in the model")
    return found


def _about_model(archive: Path) -> dict[str, Any]:
    """Returns what training noted about the model."""
    with tarfile.open(archive) as packed:
        member = packed.extractfile("about.json")
        if member is None:
            raise ProjectError(f"{archive}: contains no about.json; name the folder of a version")
        about: dict[str, Any] = json.load(member)
        return about


def _column(kind: str, limits: Mapping[str, Any]) -> dict[str, Any]:
    column: dict[str, Any] = {"type": _TYPES[kind]}
    if kind == "String":
        column["maxLength"] = _MOST_CHARACTERS
    elif limits["num_constraints"]["is_non_negative"]:
        column["minimum"] = 0
    return {**column, "nullable": True} if limits["completeness"] < 1 else column


def _members(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}
