"""Changes of the contract, and whether they break callers."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from generated import deployment_repository
from plinth_project.deployment.compatibility import breaking_changes, compatibility_faults
from plinth_project.deployment.contract import CONTRACT, MODULE, Contract, contract_from, read_contract

ROW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "age": {"type": "integer", "minimum": 0},
        "city": {"type": "string", "maxLength": 9, "nullable": True},
    },
    "required": ["age"],
    "additionalProperties": False,
}
CONTENT: dict[str, Any] = {
    "version": "1.0.0",
    "problem": "classification",
    "target": "late",
    "request": {"type": "array", "items": ROW, "maxItems": 100},
    "response": {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}},
}
REQUEST = ("request", "items", "properties")


def contract(content: dict[str, Any]) -> Contract:
    return contract_from(deployment_repository(), content)


def changed(path: tuple[str, ...], value: object) -> Contract:
    """Returns the contract with another value at a path; None removes it."""
    content = copy.deepcopy(CONTENT)
    holder = content
    for name in path[:-1]:
        holder = holder[name]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return contract(content)


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ((*REQUEST, "age"), None, "request[].age: known in one version only"),
        ((*REQUEST, "age", "type"), "string", "request[].age: integer and string differ"),
        ((*REQUEST, "age", "minimum"), 18, "request[].age: minimum differs"),
        ((*REQUEST, "age", "maximum"), 99, "request[].age: maximum differs"),
        ((*REQUEST, "city", "maxLength"), 5, "request[].city: maxLength differs"),
        ((*REQUEST, "city", "nullable"), None, "request[].city: null is allowed in one version only"),
        ((*REQUEST, "city", "enum"), ["Bern"], "request[].city: enum differs"),
        (("request", "items", "required"), ["age", "city"], "request[].city: required in one version only"),
        (("request", "maxItems"), 10, "request: maxItems differs"),
        (("response", "items", "maximum"), None, "response[]: maximum differs"),
        (("response", "items", "nullable"), True, "response[]: null is allowed in one version only"),
    ],
)
def test_a_change_that_breaks_callers_is_named(path: tuple[str, ...], value: object, place: str) -> None:
    assert place in list(breaking_changes(contract(CONTENT), changed(path, value)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), "1.1.0"),
        ((*REQUEST, "age", "type"), "number"),
        ((*REQUEST, "age", "minimum"), -1),
        ((*REQUEST, "age", "nullable"), True),
        ((*REQUEST, "zip"), {"type": "string"}),
        (("request", "items", "required"), []),
        (("request", "maxItems"), 200),
        (("response", "items", "minimum"), 0.5),
    ],
)
def test_a_change_that_callers_do_not_notice_is_none(path: tuple[str, ...], value: object) -> None:
    assert list(breaking_changes(contract(CONTENT), changed(path, value))) == []


def git(folder: Path, *words: str) -> None:
    author = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True)


def test_the_contract_of_main_is_what_callers_use(tmp_path: Path) -> None:
    file = tmp_path / CONTRACT
    file.parent.mkdir(parents=True)
    released = vars(read_contract(deployment_repository()))
    shutil.copy(deployment_repository() / MODULE, tmp_path / MODULE)
    file.write_text(json.dumps(released))
    assert compatibility_faults(tmp_path) == []
    git(tmp_path, "init", "--initial-branch", "main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--message", "Release")
    smaller = json.loads(json.dumps(released))
    smaller["request"]["properties"]["instances"]["maxItems"] = 1
    file.write_text(json.dumps(smaller))
    (fault,) = compatibility_faults(tmp_path)
    assert fault.startswith(f"{CONTRACT}: request.instances: maxItems differs, which breaks callers of ")
    file.write_text(json.dumps({**smaller, "version": "9.0.0"}))
    assert compatibility_faults(tmp_path) == []
