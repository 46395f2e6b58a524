"""Generated files are current, examples are valid, and importing settings has no side effects."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
import yaml

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.immutable_fields import is_immutable
from settings.files.loader import load
from settings.files.schema import DIRECTORY, reference
from settings.files.settings_table import settings_page
from settings.organization.organization import Organization
from settings.team.team import EnvironmentSettings, Team
from settings.types.error_codes import Code
from settings.types.model import Settings

ROOT = Path(__file__).parents[4]
PROJECTS = [ROOT, ROOT / "environments/small", ROOT / "environments/medium"]
FILES = [
    file for project in PROJECTS for file in [project / "Pulumi.yaml", *project.glob("environments/Pulumi.*.yaml")]
] + [file for project in PROJECTS[1:] for file in project.glob("Pulumi.*.yaml")]


@pytest.mark.parametrize("name", reference())
def test_a_generated_file_is_current(name: str):
    assert (ROOT / DIRECTORY / name).read_text() == reference()[name], "run `make reference`"


def models_in(annotation: object) -> Iterator[type[Settings]]:
    """Yields the models in the type of a field at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for part in get_args(annotation):
        yield from models_in(part)


def test_every_field_is_listed_on_the_settings_page():
    files = (Organization, Team, EnvironmentSettings, Dataset, FeatureGroup)
    tables = settings_page().split("\n## ")
    undocumented = [
        model.__name__
        for model in {model for file in files for model in models_in(file)}
        if not any(all(f"\n| `{field}` |" in table for field in fields_of(model)) for table in tables)
    ]
    assert undocumented == []


def fields_of(model: type[Settings]) -> list[str]:
    return [f.alias or name for name, f in model.model_fields.items() if name not in model.FROM_FILE_NAME]


def test_every_error_code_is_documented():
    page = (ROOT / DIRECTORY / "faults.md").read_text()
    assert [code.value for code in Code if f"| `{code.value}` | {code.meaning} |" not in page] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_an_example_file_names_its_schema_and_is_valid_by_it(file: Path):
    (comment,) = [line for line in file.read_text().splitlines() if line.startswith("# yaml-language-server: $schema=")]
    schema = json.loads((file.parent / comment.partition("=")[2]).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(file.read_text()), schema)


def test_the_schema_refuses_what_the_loader_refuses():
    schema = json.loads(reference()["team.schema.json"])
    sound = yaml.safe_load((ROOT / "environments/Pulumi.fraud.yaml").read_text())
    for change in (
        {"ownr": "x"},
        {"monthly_budget_usd": 0},
        {"cidr": "10.1.0.0"},
        {"accounts": {"prod": {}}},
        {"name": "fraud"},
    ):
        broken = {"config": {"plinth:team": {**sound["config"]["plinth:team"], **change}}}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema)


def test_the_schema_accepts_a_preset_or_a_mapping_as_placement():
    schema = json.loads(reference()["project.schema.json"])
    sound = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    for placement, fits in (
        ("small", True),
        ({"audit": "tooling"}, True),
        ("big", False),
        ({"audit": "development"}, False),
    ):
        sound["config"]["plinth:organization"]["value"]["placement"] = placement
        assert jsonschema.Draft202012Validator(schema).is_valid(sound) is fits


def test_immutable_fields_are_marked_in_the_schema():
    team = json.loads(reference()["team.schema.json"])["properties"]["config"]["properties"]["plinth:team"]
    assert [name for name, field in team["properties"].items() if field.get("x-immutable")] == ["cidr"]
    assert {name for name, field in Team.model_fields.items() if is_immutable(field)} == {"name", "cidr"}
    assert {name for name, field in Organization.model_fields.items() if is_immutable(field)} == {
        "name", "id", "email", "home_region"
    }  # fmt: skip


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_an_example_organization_is_valid(project: Path):
    assert load(project).teams


def test_the_example_organizations_show_every_placement():
    assert [len(load(project).accounts) for project in PROJECTS] == [14, 1, 5]


@pytest.mark.parametrize(
    "file", [file for file in FILES if "plinth:team:" in file.read_text()], ids=lambda file: file.stem
)
def test_a_team_is_requested_in_at_most_15_lines(file: Path):
    assert len(file.read_text().splitlines()) <= 15


IMPORT_EVERYTHING = """
import sys, pkgutil, importlib
import difflib, pydantic, pydantic.root_model, importlib.metadata
import settings

opened = []

def note(event, arguments):
    # Whoever imports a module first also writes its bytecode, by a file descriptor.
    if event == "open" and not isinstance(arguments[0], int):
        opened.append(str(arguments[0]))

sys.addaudithook(note)
for module in pkgutil.walk_packages(settings.__path__, "settings."):
    if not module.name.startswith("settings.files"):
        importlib.import_module(module.name)
print([name for name in ("pulumi", "pulumi_aws", "boto3", "yaml", "ruamel") if name in sys.modules])
print([path for path in opened if not path.endswith(".py") and ".pyc" not in path])
"""


def test_importing_settings_loads_no_engine_no_sdk_and_no_yaml_and_reads_nothing():
    command = [sys.executable, "-c", IMPORT_EVERYTHING]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == ["[]", "[]"]
