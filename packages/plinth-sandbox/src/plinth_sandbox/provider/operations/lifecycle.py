"""Creates, reads, updates and deletes one resource according to its catalog entry."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from plinth_sandbox.provider import tagging
from plinth_sandbox.provider.entry import Entry
from plinth_sandbox.provider.errors import AwsError, IncompleteError, ProviderError
from plinth_sandbox.provider.operations.binding import Bound, BoundUpdate
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.operations.operation import search
from plinth_sandbox.provider.properties.comparison import agree, is_empty
from plinth_sandbox.provider.properties.state import finished, is_unfinished, outputs_of, unfinished
from plinth_sandbox.provider.rpc.configuration import Configuration
from plinth_sandbox.provider.templates import ABSENT, fill, parse
from plinth_sandbox.provider.vocabulary import Properties, Wait

LOOK_SECONDS = 0.5
"""Seconds between two checks whether AWS has completed a change."""

_CLEARED: Mapping[str, Any] = {"boolean": False, "string": "", "list": [], "map": {}}
"""Value that clears a property in an update, by kind of property."""


class ResourceLifecycle:
    """One resource in one account and region."""

    def __init__(self, entry: Entry, caller: Caller, configuration: Configuration) -> None:
        self._entry = entry
        self._caller = caller
        self._configuration = configuration

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Creates the resource and returns its id and outputs. Raises IncompleteError if it exists but is
        incomplete."""
        entry = self._entry
        known = {**entry.resource.defaults, **self._known(inputs, added_to={})}
        creating, completing = next(
            (steps for name, steps in entry.copies.items() if known.get(name)), (entry.create, None)
        )
        answer = self._create(creating, known)
        known |= creating.gives(answer, known)
        known["id"] = self._identifier(known)
        try:
            if entry.ready is not None:
                known |= self._wait_until_ready(known)
            if completing is not None:
                completing.run(self._caller, known)
                known |= self._wait_until_ready(known)
            self._complete(inputs, known)
            return known["id"], self._outputs(inputs, known)
        except Exception as error:  # whatever the error, the resource exists now
            sent = {name: value for name, value in inputs.items() if name in entry.created | entry.identity}
            left = self._partial_outputs(inputs, known) or {**sent, "id": known["id"]}
            raise IncompleteError(known["id"], unfinished(left), error) from error

    def _create(self, step: Bound, known: Properties) -> dict[str, Any]:
        """Returns the answer of the creating call. Repeats it while it is only too early for it."""
        delayed = self._entry.resource.delayed
        while True:
            try:
                return step.run(self._caller, known)
            except AwsError as error:
                if not delayed or not re.search(delayed, f"{error.code}: {error.explanation}"):
                    raise
            self._caller.pause(LOOK_SECONDS)

    def read(self, identifier: str, outputs: Properties) -> Properties | None:
        """Returns the properties in AWS, or None if the resource is gone."""
        named = self._named_by(identifier)
        live = self._ask({**self._caller.place(), **named, **outputs, "id": identifier})
        return None if live is None else {**live, **named}

    def update(self, identifier: str, inputs: Properties, outputs: Properties, changed: Collection[str]) -> Properties:
        """Updates the changed properties to the inputs and returns the new outputs.

        Raises IncompleteError if only some of them could be changed.
        """
        entry = self._entry
        kept = {
            name: value
            for name, value in outputs.items()
            if name not in entry.schema.inputs.fields or name in entry.resource.computed
        }
        known = {**kept, **entry.resource.defaults, **self._known(inputs, added_to=outputs), "id": identifier}
        try:
            self._change(inputs, known, outputs, changed)
            return self._outputs(inputs, known)
        except ProviderError as error:
            left = self._partial_outputs(inputs, known)
            if left is None or left == finished(outputs):
                raise
            raise IncompleteError(identifier, unfinished(left), error) from error

    def _change(self, inputs: Properties, known: Properties, outputs: Properties, changed: Collection[str]) -> None:
        entry, resumes = self._entry, is_unfinished(outputs)
        resumed = [update for update in entry.updates if update.always and resumes]
        updates = [update for update in entry.updates if update.carries & set(changed) or update in resumed]
        cleared = self._cleared(inputs, changed)
        for update in updates:
            if update in resumed:  # as at creation, when only the program's properties were known
                found = update.carries - set(inputs)
                self._run_update(update, {name: value for name, value in known.items() if name not in found})
            else:
                self._run_update(update, known if update.whole else {**cleared, **known})
        if entry.tagging is not None and {"tags", "tagsAll"} & set(changed):
            entry.tagging.change(self._caller, known, outputs.get("tagsAll") or {}, known["tagsAll"])
        if (updates or resumes) and entry.ready is not None:
            known |= self._wait_until_ready(known)

    def _partial_outputs(self, inputs: Properties, known: Properties) -> Properties | None:
        """Returns the outputs of a resource after an incomplete operation, or None if they cannot be read."""
        try:
            live = self._ask(known)
            return None if live is None else self.outputs(inputs, live, known["id"])
        except Exception:  # report the original failure instead
            return None

    def delete(self, identifier: str, inputs: Properties, outputs: Properties) -> None:
        """Deletes the resource. It may already be gone."""
        known = {**self._caller.place(), **self._named_by(identifier), **outputs, **inputs, "id": identifier}
        if self._entry.delete is None:
            return
        try:
            self._entry.delete.run(self._caller, known)
        except AwsError as error:
            if not error.means_absent(self._entry.resource.absent):
                raise
        self._wait_until_gone(known)

    def outputs(self, inputs: Properties, live: Properties, identifier: str) -> Properties:
        """Returns the outputs of a resource that was read."""
        return outputs_of(self._entry, inputs, live, self._caller.place(), identifier, self._configuration)

    def _known(self, inputs: Properties, added_to: Properties) -> Properties:
        """Returns the values for templates: the inputs, the location, all tags, and added and removed list elements."""
        known = {**self._caller.place(), **inputs}
        if self._entry.tagging is not None:
            known["tagsAll"] = tagging.effective(self._configuration, inputs.get("tags") or {})
        for name, expected in self._entry.schema.inputs.fields.items():
            if expected.kind == "list":
                before, after = added_to.get(name) or [], inputs.get(name) or []
                known[f"+{name}"] = [item for item in after if item not in before]
                known[f"-{name}"] = [item for item in before if item not in after]
        return known

    def _cleared(self, inputs: Properties, changed: Collection[str]) -> Properties:
        """Returns values that clear the properties that the program removed. Omitting them would leave AWS
        unchanged."""
        fields = self._entry.schema.inputs.fields
        gone = [name for name in changed if name in fields and name not in inputs]
        return {name: _CLEARED[fields[name].kind] for name in gone if fields[name].kind in _CLEARED}

    def _identifier(self, known: Properties) -> str:
        template = self._entry.resource.identifier
        identifier = fill(template, known) if template else known.get("id", ABSENT)
        if identifier is ABSENT or not identifier:
            raise ProviderError(f"{self._entry.resource.type}: the answer of AWS lacks a part of the id")
        return str(identifier)

    def _named_by(self, identifier: str) -> Properties:
        template = self._entry.resource.identifier
        if not template:
            return {}
        named = parse(template, identifier)
        if named is None:
            raise ProviderError(f"{self._entry.resource.type}: the id {identifier} does not have the format {template}")
        kinds = {name: field.kind for name, field in self._entry.schema.outputs.fields.items()}
        return {name: int(text) if kinds.get(name) == "integer" else text for name, text in named.items()}

    def _complete(self, inputs: Properties, known: Properties) -> None:
        """Sets the properties that the creating call could not carry."""
        entry = self._entry
        for update in entry.updates:
            given = [name for name in update.carries if inputs.get(name) is not None and name not in entry.created]
            if update.always or any(self._differs_from_new(name, inputs[name], update) for name in given):
                self._run_update(update, known)
        if entry.tagging is not None and not entry.tags_on_create and known["tagsAll"]:
            arn = {"arn": self._arn(known)} if entry.tagging.by_arn else {}
            entry.tagging.change(self._caller, {**known, **arn}, {}, known["tagsAll"])

    def _arn(self, known: Properties) -> Any:
        """Returns the ARN, which tagging may need before the resource is read."""
        arn = known.get("arn") or self._derived(known).get("arn")
        return arn or (self._ask(known) or {}).get("arn")

    def _differs_from_new(self, name: str, value: Any, update: BoundUpdate) -> bool:
        defaults = self._entry.resource.defaults
        if name in defaults:
            return not agree(value, defaults[name], name, self._entry.tolerance)
        return update.otherwise is None or not is_empty(value)

    def _run_update(self, update: BoundUpdate, known: Properties) -> None:
        unset = all(is_empty(known.get(name)) for name in update.decisive)
        step = update.otherwise if update.otherwise is not None and unset else update.step
        step.run(self._caller, known)

    def _ask(self, known: Properties) -> Properties | None:
        """Returns the merged answers of all reading steps, or None if the first one reports that the resource does not
        exist."""
        resource = self._entry.resource
        live: Properties = {}
        for position, step in enumerate(self._entry.reads):
            try:
                answer, given = step.ask(self._caller, {**known, **live})
            except AwsError as error:
                if not error.means_absent(resource.absent):
                    raise
                answer, given = {}, None
            if position == 0 and (given is None or (resource.exists and not search(resource.exists, answer, known))):
                return None
            live = {**step.readable_of(given), **{name: value for name, value in live.items() if value is not None}}
        if self._entry.tagging is not None:
            whole = {**known, **live}
            whole |= {name: filled for name, filled in self._derived(whole).items() if whole.get(name) is None}
            found = self._entry.tagging.read(self._caller, whole)
            live["tagsAll"] = found if found is not None else live.get("tags") or {}
        return live

    def _derived(self, known: Properties) -> Properties:
        filled = {name: fill(template, known) for name, template in self._entry.resource.derived.items()}
        return {name: value for name, value in filled.items() if value is not ABSENT}

    def _outputs(self, inputs: Properties, known: Properties) -> Properties:
        live = self._ask(known)
        if live is None:
            raise ProviderError(f"{self._entry.resource.type}: {known['id']} cannot be read after its creation")
        created = {name: value for name, value in known.items() if name in self._entry.schema.outputs.fields}
        live = {**{name: value for name, value in created.items() if name not in live}, **live}
        return self.outputs(inputs, live, known["id"])

    def _wait_until_ready(self, known: Properties) -> Mapping[str, Any]:
        wait, step = self._entry.resource.ready, self._entry.ready
        if wait is None or step is None:
            return {}
        while True:
            answer, _ = step.ask(self._caller, known)
            if search(wait.until, answer, known):
                return step.gives(answer, known)
            self._raise_if_failed(wait, answer, known)
            self._caller.pause(LOOK_SECONDS)

    def _raise_if_failed(self, wait: Wait, answer: Mapping[str, Any], known: Properties) -> None:
        if wait.failed and search(wait.failed, answer, known):
            reason = search(wait.reason, answer, known) if wait.reason else "AWS gives no reason"
            raise ProviderError(f"{self._entry.resource.type}: {known['id']} failed: {reason}")

    def _wait_until_gone(self, known: Properties) -> None:
        wait, step = self._entry.resource.gone, self._entry.gone
        if wait is None or step is None:
            return
        while not self._is_gone(wait, step, known):
            self._caller.pause(LOOK_SECONDS)

    def _is_gone(self, wait: Wait, step: Bound, known: Properties) -> bool:
        try:
            answer, found = step.ask(self._caller, known)
        except AwsError as error:
            if error.means_absent(self._entry.resource.absent):
                return True
            raise
        self._raise_if_failed(wait, answer, known)
        return found is None or bool(search(wait.until, answer, known))
