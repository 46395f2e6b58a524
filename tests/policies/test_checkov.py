"""checkov, which knows no rule of this repository, judges every object that stacks deploy into a cluster."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support import locked_environment
from tests.support.every_stack import Deployment, example_foundation, example_organization
from tests.support.variants import CLUSTER, CLUSTER_WITH_PORTAL, REQUESTS

pytestmark = pytest.mark.nightly

EXPLAINED: Mapping[str, str] = {
    "CKV_K8S_11": "Containers have no limit of CPU: it would throttle them while a node is idle. They request their "
    "share, the quota of their namespace limits the sum, and a limit of memory is set.",
}
"""Findings of checkov that are intended, with the reason."""
FEWEST_OBJECTS = 45
BAD: Mapping[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "planted", "namespace": "default"},
    "spec": {"containers": [{"name": "main", "image": "nginx", "securityContext": {"privileged": True}}]},
}


@pytest.fixture(scope="module")
def checkov() -> Path:
    """Returns the command. It runs offline, with the rules of its own package."""
    try:
        return locked_environment.provide(locked_environment.CHECKOV).with_name("checkov")
    except locked_environment.NoEnvironmentError as error:
        pytest.skip(f"no environment of checkov: {error}")


def judged(checkov: Path, objects: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Returns what checkov says of objects, by their name."""
    for name, content in objects.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    words = [
        "--framework",
        "kubernetes",
        "--directory",
        str(folder),
        "--skip-download",
        "--compact",
        "--output",
        "json",
    ]
    said = subprocess.run([str(checkov), *words], capture_output=True, text=True)
    assert said.returncode in (0, 1), said.stderr
    return dict(json.loads(said.stdout))


def deployed() -> dict[str, Any]:
    """Returns the objects of all stacks in a cluster, by stack and name."""
    found: dict[str, Any] = {}
    for settings in (CLUSTER, {**CLUSTER_WITH_PORTAL, **REQUESTS}):
        deployment = Deployment(example_foundation(organization=example_organization(**settings)))
        for stack, recorder in deployment.items():
            objects = (resource for resource in recorder.resources if resource.type.startswith("kubernetes:"))
            found |= {f"{stack}-{object_.name}": _whole(object_.inputs) for object_ in objects}
    return found


def _whole(value: Any) -> Any:
    """Returns a value with whole numbers as integers. The protocol of the engine has one kind of number."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _whole(item) for key, item in value.items()}
        case list():
            return [_whole(item) for item in value]
    return value


def failed(said: Mapping[str, Any]) -> set[str]:
    return {finding["check_id"] for finding in said["results"]["failed_checks"]}


def test_no_object_of_a_stack_has_a_finding_that_nobody_explains(checkov: Path, tmp_path: Path) -> None:
    objects = deployed()
    said = judged(checkov, objects, tmp_path)
    assert {name.partition("-")[2].partition("-")[0] for name in objects} == {
        "ci",
        "mlflow",
        "platform",
        "portal",
        "runner",
    }
    assert said["summary"]["resource_count"] >= FEWEST_OBJECTS
    assert said["summary"]["parsing_errors"] == 0
    assert failed(said) == set(EXPLAINED), [
        f"{failed_check['check_id']} {failed_check['check_name']}: {failed_check['resource']}"
        for failed_check in said["results"]["failed_checks"]
    ]


def test_checkov_finds_a_planted_pod(checkov: Path, tmp_path: Path) -> None:
    assert {"CKV_K8S_16", "CKV_K8S_21", "CKV_K8S_43"} <= failed(judged(checkov, {"planted": BAD}, tmp_path))
