"""Generates the reference of the settings: a JSON Schema for each file type, and the pages of settings and errors.

``python -m settings.files.schema`` writes it to docs/reference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.files.config_sections import DATASET, ENVIRONMENT, FEATURE_GROUP, ORGANIZATION, STACK_FILE_KEYS, TEAM
from settings.files.settings_table import settings_page
from settings.organization.organization import Organization
from settings.team.team import EnvironmentSettings, Team
from settings.types.error_codes import Code
from settings.types.model import Settings

DIRECTORY = Path("docs/reference")


def reference() -> dict[str, str]:
    """Returns the contents of the generated files by name."""
    return {
        "project.schema.json": _json(_project_file()),
        "team.schema.json": _json(_stack_file("Stack file of a team", TEAM, Team)),
        "environment.schema.json": _json(_stack_file("Stack file of an environment", ENVIRONMENT, EnvironmentSettings)),
        "dataset.schema.json": _json(_stack_file("Stack file of a dataset", DATASET, Dataset)),
        "feature-group.schema.json": _json(_stack_file("Stack file of a feature group", FEATURE_GROUP, FeatureGroup)),
        "stack.schema.json": _json(_stack_file("Stack file without settings")),
        "settings.md": settings_page(),
        "faults.md": _faults(),
    }


def _project_file() -> dict[str, Any]:
    organization, definitions = _settings(Organization)
    wrapped = {
        "type": "object",
        "properties": {"value": organization},
        "required": ["value"],
        "additionalProperties": False,
    }
    config = {"type": "object", "properties": {ORGANIZATION: wrapped}, "required": [ORGANIZATION]}
    return {
        **_head("Project file with the organization's settings"),
        "type": "object",
        "properties": {"config": config},
        "required": ["name", "runtime", "config"],
        "$defs": definitions,
    }


def _stack_file(title: str, key: str | None = None, model: type[Settings] | None = None) -> dict[str, Any]:
    settings, definitions = _settings(model) if model else ({}, {})
    config: dict[str, Any] = {"type": ["object", "null"], "properties": {key: settings} if key else {}}
    # Other namespaces belong to the engine and the providers. A file has at most one key of this namespace.
    config["patternProperties"] = {"^(?!plinth:)[^:]+:": True}
    config["additionalProperties"] = False
    if model in (Team, Dataset, FeatureGroup):
        config["required"] = [key]
    engine_keys = {name: True for name in STACK_FILE_KEYS if name != "config"}
    return {
        **_head(title),
        "type": "object",
        "properties": {"config": config, **engine_keys},
        "additionalProperties": False,
        "$defs": definitions,
    }


def _head(title: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}


def _settings(model: type[Settings]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the schema of a model without the fields from the file name, and the definitions it refers to."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    for name in model.FROM_FILE_NAME:
        schema["properties"].pop(name)
    required = [name for name in schema.get("required", []) if name not in model.FROM_FILE_NAME]
    return {**schema, "required": required}, definitions


def _json(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _faults() -> str:
    rows = [f"| `{code.value}` | {code.meaning} |" for code in Code]
    head = (
        "# Settings errors\n\n"
        "Plinth reports all errors at once, each as `file:line: path: value rule; fix [code]`.\n"
        "A code never changes its meaning.\n"
        "Generated from `settings/types/error_codes.py` by `python -m settings.files.schema`.\n\n"
        "| code | rule or error |\n|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def main() -> None:
    for name, content in reference().items():
        (DIRECTORY / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
