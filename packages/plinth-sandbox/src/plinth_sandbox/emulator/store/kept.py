"""Decides which nouns the store may serve: resources that clients create, read back, and delete or replace.

For everything else an answer would claim an effect that nothing shows later: a commit, an approval, the result of a
job, a generated URL. Those operations stay unsupported.
"""

from __future__ import annotations

import functools
import re

from moto.core.model import ServiceModel

from plinth_sandbox.emulator.layers.moto import emulates
from plinth_sandbox.emulator.store.ownership import OWNED
from plinth_sandbox.emulator.store.vocabulary import Verb, meaning

_RUNS = re.compile(r"(Job|Execution|Run|Experiment|Session|Query|Evaluation|Backfill|Commit|File)$")
"""Nouns that can be deleted but whose creation does something: work that the sandbox does not perform, or a commit."""


@functools.cache
def keeps(model: ServiceModel, noun: str) -> bool:
    """Returns whether what the store keeps of a noun can be read back from the store."""
    service = str(model.service_name)
    if noun in OWNED.get(service, ()):
        return True
    operations = _operations(model).get(noun, {})
    made = any(verb in (Verb.CREATE, Verb.PUT) for verb in operations.values())
    read = [name for name, verb in operations.items() if verb in (Verb.READ, Verb.LIST)]
    ends = any(verb in (Verb.DELETE, Verb.PUT) for verb in operations.values())
    # If moto reads the noun, it does not show what the store keeps.
    shown = bool(read) and not any(emulates(service, name) for name in read)
    return made and shown and ends and not _RUNS.search(noun)


@functools.cache
def _operations(model: ServiceModel) -> dict[str, dict[str, Verb]]:
    """Returns the verbs of a service's operations by noun and name."""
    found: dict[str, dict[str, Verb]] = {}
    for name in model.operation_names:
        said = meaning(model.operation_model(name))
        if said is not None:
            found.setdefault(said.noun, {})[str(name)] = said.verb
    return found
