"""Every type of the provider catalog behaves like the vendor's provider, and boto3 sees the same state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

from conformance import samples
from conformance.plugin import Kept, Plugin
from conformance.sample import Aws, Sample, resolve
from plinth_sandbox.provider.entry import all_types
from plinth_sandbox.provider.vocabulary import Resource

Make = Callable[[Sample], tuple[Kept, dict[str, Any]]]


def all_samples() -> Iterator[Sample]:
    for category in iter_modules(samples.__path__, f"{samples.__name__}."):
        folder = Path(samples.__path__[0]) / category.name.rpartition(".")[2]
        for module in iter_modules([str(folder)], f"{category.name}."):
            yield from import_module(module.name).SAMPLES


SAMPLES = list(all_samples())
every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def those_with(attribute: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sample", [s for s in SAMPLES if getattr(s, attribute) is not None], ids=str)


def changed(inputs: dict[str, Any], change: dict[str, Any], kept: Kept) -> dict[str, Any]:
    merged = {**inputs, **resolve(change, kept.known)}
    return {name: value for name, value in merged.items() if value is not None}


def test_every_type_of_the_provider_catalog_has_a_sample():
    catalogue = {item.type for item in all_types() if isinstance(item, Resource)}
    assert catalogue - {sample.type for sample in SAMPLES} == set()


@every_sample
def test_a_resource_lives_as_with_the_vendors_provider(sample: Sample, make: Make, plugin: Plugin, aws: Aws):
    """From its creation to its deletion. A resource with what it needs is made once for all of it."""
    kept, inputs = make(sample)
    reads_back(sample, kept, inputs, plugin, aws)
    is_imported_with_the_inputs_of_the_program(sample, kept, inputs, plugin)
    if sample.replace is not None:
        plan = plugin.diff(kept, changed(inputs, sample.replace, kept))
        assert set(plan.replaces) == set(sample.replace)
    if sample.drift is not None:
        kept = drift_is_found_and_corrected(sample, kept, inputs, plugin, aws)
    if sample.change is not None:
        kept = is_updated_in_place(sample, kept, inputs, plugin, aws)
    plugin.delete(kept)
    assert (plugin.refresh(kept) is None) is (sample.remove is not None)
    plugin.delete(kept)


def reads_back(sample: Sample, kept: Kept, inputs: dict[str, Any], plugin: Plugin, aws: Aws) -> None:
    """Another client sees what was created, and a second preview and a refresh find nothing to do."""
    assert sample.look(aws, kept) == resolve(sample.seen, kept.known)
    assert plugin.diff(kept, inputs).paths == {}
    refreshed = plugin.refresh(kept)
    assert refreshed is not None
    assert refreshed.inputs == kept.inputs
    assert refreshed.outputs == kept.outputs


def is_imported_with_the_inputs_of_the_program(
    sample: Sample, kept: Kept, inputs: dict[str, Any], plugin: Plugin
) -> None:
    imported = plugin.import_(kept.type, kept.name, kept.id)
    assert imported is not None
    written = {**inputs, **{name: kept.inputs[name] for name in kept.inputs.get("__defaults", [])}}
    assert set(plugin.diff(imported, written).changed) == set(sample.not_imported)


def drift_is_found_and_corrected(sample: Sample, kept: Kept, inputs: dict[str, Any], plugin: Plugin, aws: Aws) -> Kept:
    assert sample.drift is not None
    sample.drift(aws, kept)
    drifted = plugin.refresh(kept)
    assert drifted is not None
    assert sample.drifts in plugin.diff(drifted, inputs).changed
    corrected = plugin.update(drifted, inputs)
    assert sample.look(aws, corrected) == resolve(sample.seen, kept.known)
    assert plugin.refresh(corrected).inputs == corrected.inputs
    return replace(corrected, known=kept.known)


def is_updated_in_place(sample: Sample, kept: Kept, inputs: dict[str, Any], plugin: Plugin, aws: Aws) -> Kept:
    assert sample.change is not None
    wanted = changed(inputs, sample.change, kept)
    plan = plugin.diff(kept, wanted)
    assert plan.changed
    assert set(plan.changed) <= {"tagsAll", *sample.change}
    assert plan.replaces == []
    updated = plugin.update(kept, wanted)
    assert sample.look(aws, updated) == resolve(sample.seen_changed, kept.known)
    assert plugin.diff(updated, wanted).paths == {}
    assert plugin.refresh(updated).inputs == updated.inputs
    return replace(updated, known=kept.known)


@those_with("remove")
def test_a_resource_deleted_outside_the_engine_is_found_gone(sample: Sample, make: Make, plugin: Plugin, aws: Aws):
    kept, _ = make(sample)
    sample.remove(aws, kept)
    assert plugin.refresh(kept) is None
