"""Translates the engine's events into records of the operation event log and into the result of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from selfservice.checks.account_refusals import explained
from selfservice.checks.policy_enforcement import Finding
from selfservice.engine.differences import ABSENT, STACK_TYPE, changed_properties
from selfservice.formatting import resource_name
from selfservice.operations.event_log import DRIFT, Step
from selfservice.operations.operation import CHANGED, DELETED, Difference, Problem, PropertyChange
from settings.types.redaction import redacted

if TYPE_CHECKING:
    from pulumi.automation.events import DiagnosticEvent, EngineEvent, PolicyEvent, StepEventMetadata

# Steps that change nothing in the cloud (engine/update.go, HasChanges, and the steps of a refresh).
_UNCHANGING = frozenset({"same", "read", "read-discard", "read-replacement", "refresh"})
_REMOVING = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace", "forget"})
_DELETING = frozenset({"delete", "replace"})
"""Steps that delete the resource in the cloud, as ``Watcher`` counts them: one step for a whole replacement."""
_MARKUP = re.compile(r"<\{%[^%]*%\}>")
"""Colour markup of the engine, which the event log leaves out."""
_LINES_OF_THE_PROGRAM = 20
_CONSEQUENCES = frozenset({"preview failed", "update failed", "destroy failed"})
"""Errors of the stack that follow from another error (engine/deployment_executor.go)."""
# The engine announces a replacement three times: as itself, as the creation and as the deletion.
_PARTS_OF_A_REPLACEMENT = frozenset({"create-replacement", "delete-replaced", "discard-replaced"})


class Watcher:
    """Receives the events of one run of the engine."""

    def __init__(self, notify: Callable[[Step], None]) -> None:
        self._notify = notify
        self._steps: dict[str, str] = {}
        self._changed: dict[str, StepEventMetadata] = {}
        self._parents: dict[str, str] = {}
        self._adopted: set[str] = set()
        self._drift: dict[str, Difference] = {}
        self._different_in_aws: dict[str, StepEventMetadata] = {}
        self._errors: list[Problem] = []
        self._program_said: list[str] = []
        self.findings: list[Finding] = []
        self._inputs: dict[str, Mapping[str, Any]] = {}
        self._providers: dict[str, str] = {}
        self.outputs_change = False
        """Whether the run changes the stack outputs, which dependent stacks read."""

    @property
    def changes(self) -> dict[str, int]:
        """The number of resources per kind of change. Correcting drift counts as the step that corrects it."""
        counted: dict[str, int] = {}
        for step in self._steps.values():
            if step not in _UNCHANGING:
                counted[step] = counted.get(step, 0) + 1
        return counted

    @property
    def registered(self) -> list[dict[str, Any]]:
        """The resources that the program registered, in the form of a state."""
        kept = [urn for urn, step in self._steps.items() if step not in _REMOVING and urn in self._inputs]
        return [{"urn": urn, "type": _type_of(urn), "inputs": self._inputs[urn]} for urn in kept]

    @property
    def created(self) -> list[dict[str, Any]]:
        """The resources that the run creates, in the form of a state."""
        made = {urn for urn, step in self._steps.items() if step == "create"}
        registered = (resource for resource in self.registered if resource["urn"] in made)
        return [{**resource, "provider": self._providers[resource["urn"]]} for resource in registered]

    @property
    def differences(self) -> list[Difference]:
        """The changed resources, with their changed properties."""
        return [self._difference(metadata) for metadata in self._changed.values()]

    @property
    def renamings(self) -> list[str]:
        """A message for each resource that the run adopts under another name than it has."""
        return [
            f"{resource_name(metadata.urn)} is adopted and renamed: {change.old} -> {change.new}"
            for metadata in self._changed.values()
            if metadata.urn in self._adopted
            for change in self._difference(metadata).properties
            if change.path == "name"
        ]

    def values_of(self, type_: str, name: str) -> Iterator[tuple[str, Any, Any]]:
        """Yields the resources of a type that the run updates in place, with the present value of a property, which a
        refresh has read in AWS, and the wanted one."""
        for metadata in self._changed.values():
            if metadata.type == type_ and metadata.old is not None and metadata.new is not None:
                present, wanted = metadata.old.outputs or {}, metadata.new.inputs or {}
                yield metadata.urn, present.get(name), wanted.get(name)

    def _difference(self, metadata: StepEventMetadata) -> Difference:
        urn, step = metadata.urn, self._steps[metadata.urn]
        outermost = ""
        parent = self._parents.get(urn, "")
        while parent and f"::{STACK_TYPE}::" not in parent:
            outermost, parent = parent, self._parents.get(parent, "")
        if step == "create" or metadata.old is None or metadata.new is None:
            return Difference(urn=urn, step=step, component=outermost)
        properties = changed_properties(metadata.old.inputs or {}, metadata.new.inputs or {}, metadata.diffs or ())
        reasons = tuple(metadata.keys or ()) if step == "replace" else ()
        return Difference(urn=urn, step=step, properties=tuple(properties), reasons=reasons, component=outermost)

    @property
    def deleted(self) -> dict[str, str]:
        """The step (``delete`` or ``replace``) of each resource that the run deletes, by URN."""
        return {urn: step for urn, step in self._steps.items() if step in _DELETING}

    @property
    def drifted(self) -> list[str]:
        """URNs of the resources that differ from the state."""
        return sorted(self._drift)

    @property
    def drift(self) -> list[Difference]:
        """Changes that somebody made in AWS: the resources that differ from the state, from the state to AWS."""
        return [self._drift[urn] for urn in self.drifted]

    def add_drift(self, urn: str, what: str) -> None:
        """Records a difference that the engine does not see. Correcting it counts as an update."""
        known = self._drift.get(urn, Difference(urn=urn, step=CHANGED))
        added = PropertyChange(path="addition", old=ABSENT, new=what)
        self._drift[urn] = replace(known, properties=(*known.properties, added))
        if self._steps.get(urn, "same") in _UNCHANGING:
            self._steps[urn] = "update"
        self._notify(Step(urn=urn, step=DRIFT, state="done", detail=what))

    @property
    def resources(self) -> int:
        """The number of resources after the run."""
        return sum(1 for step in self._steps.values() if step not in _REMOVING)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Errors of the engine and of providers. An error of the program includes its last lines of output."""
        # Redacted as a whole, because the last lines of a private key do not show what they are.
        said = redacted("\n".join(self._program_said)).splitlines()[-_LINES_OF_THE_PROGRAM:]
        causes = [error for error in self._errors if error.urn or error.message not in _CONSEQUENCES]
        return tuple(
            error if error.urn else replace(error, message="\n".join([error.message, *said]))
            for error in dict.fromkeys(causes or self._errors)
        )

    def __call__(self, event: EngineEvent) -> None:
        if event.resource_pre_event is not None:
            self._step(event.resource_pre_event.metadata, "started")
        elif event.res_outputs_event is not None:
            self._step(event.res_outputs_event.metadata, "done")
        elif event.res_op_failed_event is not None:
            self._step(event.res_op_failed_event.metadata, "failed")
        elif event.policy_event is not None:
            self.findings.append(_finding(event.policy_event))
        elif event.diagnostic_event is not None:
            self._diagnostic(event.diagnostic_event)

    def _step(self, metadata: StepEventMetadata, state: str) -> None:
        step = str(getattr(metadata.op, "value", metadata.op))
        if step == "refresh":
            # Properties that AWS computes may differ at each read. Only changes of declared properties are drift, and
            # those that the program would take back.
            if state == "done":
                self._different_in_aws[metadata.urn] = metadata
            if state == "done" and (metadata.new is None or metadata.diffs):
                self._drift[metadata.urn] = _drifted(metadata)
                self._notify(Step(urn=metadata.urn, step=DRIFT, state=state, detail=_drift(metadata)))
            return
        if metadata.type == STACK_TYPE and state == "done":
            self.outputs_change = self.outputs_change or _differs(metadata)
        if state == "done" and step not in _PARTS_OF_A_REPLACEMENT:
            self._steps[metadata.urn] = step
            if step == "import":  # the engine updates the imported resource in a second step
                self._adopted.add(metadata.urn)
            if step not in _UNCHANGING:
                self._changed[metadata.urn] = metadata
                self._take_back(metadata)
            if metadata.new is not None:
                self._parents[metadata.urn] = metadata.new.parent
                self._inputs[metadata.urn] = metadata.new.inputs or {}
                self._providers[metadata.urn] = metadata.new.provider
        self._notify(Step(urn=metadata.urn, step=step, state=state, detail=", ".join(metadata.diffs or ())))

    def _take_back(self, metadata: StepEventMetadata) -> None:
        """Records drift that the engine noticed only when it compared the program with what the refresh read.

        An addition to a property that the program leaves empty is an example. The settings have not changed, because
        the program asks for the inputs of the last deployment.
        """
        read = self._different_in_aws.get(metadata.urn)
        if read is None or read.old is None or read.new is None or metadata.new is None or metadata.urn in self._drift:
            return
        is_as_deployed = (metadata.new.inputs or {}) == (read.old.inputs or {})
        if is_as_deployed and (_differs(read) or read.old.inputs != read.new.inputs):
            self._drift[metadata.urn] = _drifted(read, metadata.diffs)
            detail = ", ".join(metadata.diffs or ())
            self._notify(Step(urn=metadata.urn, step=DRIFT, state="done", detail=detail))

    def _diagnostic(self, event: DiagnosticEvent) -> None:
        message = _MARKUP.sub("", event.message).strip()
        if event.severity == "error":
            urn = event.urn or ""
            is_of_program = not urn or f"::{STACK_TYPE}::" in urn
            meaning = explained(redacted(message.removeprefix("error: ")))
            self._errors.append(Problem(message=meaning, urn="" if is_of_program else urn))
        elif event.severity == "info#err":
            self._program_said.extend(message.splitlines())


def _type_of(urn: str) -> str:
    """Returns the resource's own type, without the types of its parent components."""
    return urn.split("::")[2].rpartition("$")[2]


def _differs(metadata: StepEventMetadata) -> bool:
    return _outputs(metadata.old) != _outputs(metadata.new)


def _outputs(state: Any) -> Mapping[str, Any] | None:
    return None if state is None else state.outputs or {}


def _drifted(metadata: StepEventMetadata, diffs: Sequence[str] | None = None) -> Difference:
    if metadata.new is None:
        return Difference(urn=metadata.urn, step=DELETED)
    old = (metadata.old.outputs if metadata.old is not None else None) or {}
    names = {name.partition(".")[0].partition("[")[0] for name in (diffs or metadata.diffs or ())}
    was, is_ = ({name: held[name] for name in held if name in names} for held in (old, metadata.new.outputs or {}))
    return Difference(urn=metadata.urn, step=CHANGED, properties=tuple(changed_properties(was, is_)))


def _drift(metadata: StepEventMetadata) -> str:
    return "does not exist any more" if metadata.new is None else ", ".join(metadata.diffs or ())


def _finding(event: PolicyEvent) -> Finding:
    return Finding(
        pack=event.policy_pack_name,
        policy=event.policy_name,
        level=event.enforcement_level,
        message=_MARKUP.sub("", event.message),
        urn=event.resource_urn or "",
    )
