"""After all that the other tests of the example did to what is deployed, which is why it runs last."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.plugin import Kept, Plugin, plugin_in_this_process
from settings.files.loader import load
from tests.support.workbench import Workbench

ENCRYPTED = "4dabf18193072939515e22adb298388d"
"""Key of an encrypted value in a state (sdk/go/common/resource, SigKey)."""


def resources_by_provider(acme: Workbench, stack: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yields the inputs of each provider of AWS, and the resources that it made."""
    made, providers = defaultdict(list), {}
    for resource in acme.state(stack):
        if resource["type"] == "pulumi:providers:aws":
            providers[f"{resource['urn']}::{resource['id']}"] = resource["inputs"]
        elif resource["custom"] and resource["type"].startswith("aws:"):
            made[resource["provider"]].append(resource)
    for provider, resources in made.items():
        inputs = providers[provider]
        yield {key: value for key, value in inputs.items() if key not in {"version", "__internal"}}, resources


def test_a_resource_whose_creation_was_interrupted_is_taken_over_unchanged(
    acme: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recovery knows a resource's inputs and its id, and reads the rest. A kill can interrupt any creation."""
    for name, value in acme.environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    differing, read = {}, 0
    for stack in acme.stacks():
        for configuration, resources in resources_by_provider(acme, stack):
            with plugin_in_this_process() as stub:
                plugin = Plugin(stub, **configuration)
                for resource in resources:
                    inputs = resource.get("inputs", {})
                    name = resource["urn"].rpartition("::")[2]
                    found = plugin.refresh(Kept(resource["type"], name, resource["id"], inputs, inputs))
                    read += 1
                    if found is None or (ENCRYPTED not in str(inputs) and plugin.diff(found, inputs).changed):
                        differing[resource["urn"]] = found
    assert differing == {}
    assert read > 1500


def test_a_second_run_changes_nothing(acme: Workbench) -> None:
    """Nor have jobs, queries and people changed what the stacks have: a run reads everything again.

    A preview after it runs no stack, because the run saw each of them unchanged.
    """
    report = json.loads(acme.plinth("up", "--all", "--yes", "--json").stdout)
    assert report["changes"] == {}
    assert report["stacks"].keys() == {stack.name for stack in load(acme.project).stacks}
    assert [(name, stack["drifted"]) for name, stack in report["stacks"].items() if stack["drifted"]] == []
    report = json.loads(acme.plinth("preview", "--all", "--json", "--expect-no-changes").stdout)
    ran = [name for name, stack in report["stacks"].items() if not stack["reason"]]
    assert (ran, report["changes"]) == ([], {})
