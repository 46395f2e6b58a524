"""The worker process, which runs one operation. It is a fork of the prepared process.

It has its own session and communicates only through its event log. If the command line is killed, the engine still
finishes its steps. One SIGINT asks the engine, which is in the same process group, to stop after the current steps; the
worker itself only records the signal.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pulumi import automation

from selfservice.checks.data_loss import losses
from selfservice.checks.immutable_settings import changed_immutable_fields
from selfservice.checks.policy_enforcement import refusals
from selfservice.checks.protection import HOW_TO_LIFT
from selfservice.checks.waivers import unwaived_of
from selfservice.engine import account_suspension, adoption, deletion_protection, studio_apps
from selfservice.engine import automation as engine
from selfservice.engine.access.state_access import StateAccess
from selfservice.engine.access.unreadable import unreadable
from selfservice.engine.additions import Addition, find_additions, remove_additions
from selfservice.engine.locks.lock_wait import LockedStackError
from selfservice.engine.locks.operation_locks import OperationLocks
from selfservice.engine.locks.stack_lock import InterruptedOperationError, stack_lock
from selfservice.engine.orphaned_processes import reap_without_engine
from selfservice.engine.recovery import recover
from selfservice.engine.unanswered_operations import UnansweredOperations
from selfservice.fingerprints.drift_record import record_drift
from selfservice.fingerprints.recorder import FingerprintRecorder
from selfservice.forks.packs import forked_packs
from selfservice.forks.program import language_runtime
from selfservice.operations import policy_inputs
from selfservice.operations.event_log import PREVIEWING, EventLog, Finished, Notice, Phase
from selfservice.operations.operation import Action, Operation, Outcome, Problem, Status
from selfservice.runner.approved_steps import unapproved
from selfservice.runner.cluster_version import rollbacks, version_problems
from selfservice.runner.events import Watcher
from selfservice.runner.process import EVENT_LOG, REQUEST
from settings.types.aws.account_access import AccountAccess

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent

_ENDED_EARLY = (Status.FAILED, Status.INTERRUPTED)
_LISTED_STEPS = 5


class StackWorker:
    """Runs one operation on one stack."""

    def __init__(
        self,
        operation: Operation,
        event_log: EventLog,
        interrupted: threading.Event,
        recorder: FingerprintRecorder,
        variables: dict[str, str],
        policy_packs: Sequence[Path],
    ) -> None:
        self._operation = operation
        self._event_log = event_log
        self._interrupted = interrupted
        self._recorder = recorder
        self._variables = variables
        """Environment variables of the engine and of the next run of the program."""
        self._policy_packs = [str(pack) for pack in policy_packs]
        """Folders of the policy packs for the engine."""
        self._state_access = StateAccess(AccountAccess.of(os.environ), self._notify)
        self._unanswered = UnansweredOperations(operation.lock_path)
        self._locks = OperationLocks(operation, self._notify, interrupted)

    def run(self) -> Outcome:
        """Acquires the stack lock, runs the operation and returns its outcome."""
        try:
            with stack_lock(self._operation.lock_path, self._notify, self._interrupted):
                self._recorder.look()
                reap_without_engine(self._operation.lock_path, self._notify)
                stack = engine.open_stack(self._operation, self._variables)
                self._read_rehearsal(stack)
                self._tell_policies_of_the_organization(stack)
                outcome = None
                try:
                    outcome = self._until_done(stack)
                finally:
                    if outcome is None or outcome.status in _ENDED_EARLY:
                        self._locks.break_left_behind(stack)
                    self._state_access.leave(stack)
                self._recorder.end(outcome)
                record_drift(self._operation, outcome)
                return outcome
        except InterruptedOperationError:
            return Outcome(status=Status.INTERRUPTED)

    def _until_done(self, stack: automation.Stack) -> Outcome:
        while True:
            try:
                outcome = self._attempt(stack)
            except automation.ConcurrentUpdateError as refusal:
                try:
                    self._locks.resolve(stack, refusal, partial(self._phase, "waiting"))
                except LockedStackError as error:
                    return _failed([str(error)])
            except automation.CommandError:
                damaged = self._locks.damaged()
                if not damaged:
                    raise
                return _failed(damaged)
            else:
                damaged = self._locks.damaged() if outcome.status is Status.FAILED else []
                return replace(outcome, problems=_failed(damaged).problems) if damaged else outcome

    def _attempt(self, stack: automation.Stack) -> Outcome:
        state = engine.state_of(stack, self._operation.upstream)
        unanswered = self._unanswered.read() if engine.resources_of(state) else ()
        needs_recovery = bool(engine.pending_operations_of(state) or unanswered)
        self._recorder.pending_work = needs_recovery
        fixed = changed_immutable_fields(stack, self._operation, self._notify) if self._wants_settings(state) else ()
        if fixed:
            return Outcome(status=Status.REFUSED, problems=fixed, resources=len(engine.resources_of(state)))
        enters = self._state_access.is_missing(stack.name, state)
        if self._operation.action is Action.PREVIEW:
            if enters and (needs_recovery or not self._state_access.is_of_pod):
                return _refused(f"a pod works on the stack, or was killed: run `plinth up {stack.name}`", state)
            return self._preview(stack, self._state_access.enter(stack, state) if enters else state)
        if needs_recovery:
            self._phase("recovering")
            recover(stack, self._operation.lock_path, self._notify, self._unanswered, access=self._state_access.access)
            state = stack.export_stack()
        elif enters:
            state = self._state_access.enter(stack, state)
        if self._operation.action is Action.DESTROY:
            return self._destroy(stack, state)
        return self._up(stack, state)

    def _read_rehearsal(self, stack: automation.Stack) -> None:
        """Writes the deployed resources of the rehearsal to its file, unless its own operation already wrote it."""
        name, file = self._operation.rehearsal, self._operation.rehearsal_file
        if name is not None and file is not None and not file.exists():
            policy_inputs.write(file, engine.deployed(name, stack))

    def _tell_policies_of_the_organization(self, stack: automation.Stack) -> None:
        """Passes the accounts of the organization to policy packs, as far as upstream stacks are deployed."""
        if not self._operation.policy_packs:
            return
        assert isinstance(stack.workspace, engine.OperationWorkspace)
        exporting = (*self._operation.upstream, self._operation.stack)
        self._add(stack, policy_inputs.organization(exporting, stack.workspace.known_outputs))

    def _add(self, stack: automation.Stack, variables: Mapping[str, str]) -> None:
        """Adds environment variables for the engine and the next run of the program."""
        self._variables.update(variables)
        stack.workspace.env_vars = {**stack.workspace.env_vars, **variables}

    def _wants_settings(self, state: automation.Deployment) -> bool:
        """Returns whether the operation applies settings to a stack that is already deployed."""
        return self._operation.action is not Action.DESTROY and bool(engine.resources_of(state))

    def _preview(self, stack: automation.Stack, state: automation.Deployment) -> Outcome:
        watcher, failure = self._run_preview(stack, state)
        if failure is not None:
            return failure
        unwaived = self._unwaived(watcher, state)
        for problem in unwaived:
            self._notify(f"an update would be refused: {problem.message}")
        self._find_additions(watcher, state)
        previewed = self._outcome(watcher, Status.SUCCEEDED, engine.outputs_of(state))
        return replace(previewed, unwaived=unwaived, not_read=tuple(self._not_read(state)))

    def _up(self, stack: automation.Stack, state: automation.Deployment) -> Outcome:
        watcher, failure = self._run_preview(stack, state)
        if failure is None:
            failure = self._unapproved(stack, watcher)
        if failure is not None:
            return failure
        unwaived = self._unwaived(watcher, state)
        if unwaived:
            return Outcome(status=Status.REFUSED, problems=unwaived, resources=len(engine.resources_of(state)))
        additions = self._find_additions(watcher, state)
        if not (watcher.changes or watcher.drifted or watcher.outputs_change):
            return self._outcome(watcher, Status.UNCHANGED, engine.outputs_of(state))
        self._adopt_singletons(stack, watcher, state)
        if self._interrupted.is_set():
            raise InterruptedOperationError
        self._phase("updating")
        self._prepare_deletions(engine.resources_of(state), watcher.deleted)
        watcher = Watcher(self._event_log.write)
        # Before the update, because AWS deletes no role that has other policies and creates no rule twice.
        refused = remove_additions(additions)
        if refused:
            problems = tuple(Problem(urn=urn, message=message) for urn, message in refused.items())
            return Outcome(status=Status.FAILED, problems=problems, resources=engine.count(stack))
        try:
            result = stack.up(
                parallel=self._operation.parallel,
                policy_packs=self._policy_packs,
                refresh=self._operation.refresh,
                show_secrets=False,
                color="never",
                on_output=engine.log,
                on_event=self._watching(watcher),
            )
        except automation.CommandError as error:
            self._look_for_unanswered(stack)
            return self._failure(stack, watcher, error)
        finally:
            self._unanswered.tidy()
        for addition in additions:
            watcher.add_drift(addition.urn, f"{addition.what} removed")
        changed = Status.SUCCEEDED if watcher.changes else Status.UNCHANGED
        return self._outcome(watcher, changed, {key: output.value for key, output in result.outputs.items()})

    def _not_read(self, state: automation.Deployment) -> list[str]:
        """Returns the URNs of resources that a refresh of this operation leaves out."""
        return unreadable(engine.resources_of(state), self._state_access.access) if self._operation.refresh else []

    def _unapproved(self, stack: automation.Stack, preview: Watcher) -> Outcome | None:
        """Returns a refusal if the update would do more than was approved."""
        found = [] if self._operation.approved is None else unapproved(preview.differences, self._operation.approved)
        if not found:
            return None
        more = f" and {len(found) - _LISTED_STEPS} more" if len(found) > _LISTED_STEPS else ""
        message = f"the update would do what nobody approved: {'; '.join(found[:_LISTED_STEPS])}{more}"
        return Outcome(status=Status.REFUSED, problems=(Problem(message=message),), resources=engine.count(stack))

    def _unwaived(self, preview: Watcher, state: automation.Deployment) -> tuple[Problem, ...]:
        """Returns a problem for each resource with data that an update would delete without a waiver."""
        found = losses(self._operation.stack, preview.deleted, engine.resources_of(state))
        return tuple(unwaived_of(self._operation.project_directory, found))

    def _find_additions(self, watcher: Watcher, state: automation.Deployment) -> list[Addition]:
        """Returns what somebody added to roles and security groups, and reports it as drift, if AWS is to be read."""
        if not self._operation.refresh:
            return []
        additions = find_additions(engine.resources_of(state), watcher.registered)
        for addition in additions:
            watcher.add_drift(addition.urn, f"{addition.what} added")
        return additions

    def _adopt_singletons(self, stack: automation.Stack, preview: Watcher, state: automation.Deployment) -> None:
        """Makes the next run of the program import the singletons that the preview would create and AWS has."""
        known = [*preview.registered, *engine.resources_of(state)]
        found = adoption.existing_singletons(preview.created, known, self._notify)
        if found:
            self._add(stack, adoption.variables(found))

    def _destroy(self, stack: automation.Stack, state: automation.Deployment) -> Outcome:
        resources = engine.resources_of(state)
        if not resources:
            return Outcome(status=Status.UNCHANGED)
        guarded = engine.protected(resources)
        if guarded and not self._operation.keeps_protected:
            message = f"is protected against deletion; {HOW_TO_LIFT}"
            return Outcome(
                status=Status.REFUSED,
                resources=len(resources),
                problems=tuple(Problem(urn=urn, message=message) for urn in guarded),
            )
        self._phase("destroying")
        self._prepare_deletions(resources, None)
        account_suspension.suspend_accounts(resources, self._notify)
        watcher = Watcher(self._event_log.write)
        try:
            stack.destroy(
                parallel=self._operation.parallel,
                refresh=self._operation.refresh,
                exclude_protected=self._operation.keeps_protected,
                show_secrets=False,
                color="never",
                on_output=engine.log,
                on_event=self._watching(watcher),
            )
        except automation.CommandError as error:
            self._look_for_unanswered(stack)
            return self._failure(stack, watcher, error)
        finally:
            self._unanswered.tidy()
        return self._outcome(watcher, Status.SUCCEEDED, {})

    def _prepare_deletions(self, resources: Sequence[Mapping[str, Any]], deleted: Collection[str] | None) -> None:
        """Removes what makes AWS refuse the deletion of resources, for the ``deleted`` URNs, or for all if None."""
        deletion_protection.lift(resources, deleted, self._notify)
        studio_apps.delete_apps(resources, deleted, self._notify, self._interrupted)

    def _run_preview(self, stack: automation.Stack, state: automation.Deployment) -> tuple[Watcher, Outcome | None]:
        """Runs a preview with the policy packs enabled. Returns an outcome if the operation ends with it."""
        self._phase(PREVIEWING)
        watcher = Watcher(self._event_log.write)
        try:
            stack.preview(
                parallel=self._operation.parallel,
                policy_packs=self._policy_packs,
                refresh=self._operation.refresh,
                exclude=self._not_read(state),
                color="never",
                on_output=engine.log,
                on_event=watcher,
            )
        except automation.CommandError as error:
            return watcher, replace(self._failure(stack, watcher, error), changes={})
        self._recorder.pending_work |= bool(watcher.outputs_change or watcher.drifted)
        advice = [str(finding) for finding in watcher.findings if not finding.refuses]
        self._recorder.notices = list(dict.fromkeys([*watcher.renamings, *rollbacks(watcher), *advice]))
        for notice in self._recorder.notices:
            self._notify(notice)
        refused = [*refusals(watcher.findings), *version_problems(watcher)]
        if refused:
            return watcher, Outcome(status=Status.REFUSED, problems=tuple(refused), resources=engine.count(stack))
        if self._operation.record_file is not None:
            policy_inputs.write(self._operation.record_file, watcher.registered)
        return watcher, None

    def _watching(self, watcher: Watcher) -> Callable[[EngineEvent], None]:
        """Returns a receiver of the events of a run that changes resources."""

        def receive(event: EngineEvent) -> None:
            self._unanswered(event)
            watcher(event)

        self._unanswered.tidy()
        return receive

    def _look_for_unanswered(self, stack: automation.Stack) -> None:
        """Takes over what a plugin created that ended before its answer. The next operation looks for the rest.

        The next operation may run on another machine, which does not know the unanswered operations.
        """
        if not self._unanswered.failed:
            return
        self._phase("recovering")
        try:
            recover(
                stack,
                self._operation.lock_path,
                self._notify,
                self._unanswered,
                is_first_look=True,
                access=self._state_access.access,
            )
        except (automation.CommandError, BotoCoreError, ClientError) as error:
            self._notify(f"the next operation looks for what the provider was creating, because this failed: {error}")
            return
        if self._unanswered.read():
            self._notify("the provider ended before all its answers: the next operation resolves what it was changing")

    def _failure(self, stack: automation.Stack, watcher: Watcher, error: automation.CommandError) -> Outcome:
        """Returns the outcome of a failed engine run. The number of resources comes from the state."""
        if isinstance(error, automation.ConcurrentUpdateError):
            raise error
        refused = tuple(refusals(watcher.findings))
        status = Status.INTERRUPTED if self._interrupted.is_set() else Status.FAILED
        return Outcome(
            status=Status.REFUSED if refused else status,
            problems=refused or watcher.problems or (Problem(message=engine.last_words(error)),),
            changes=watcher.changes,
            resources=engine.count(stack),
        )

    def _outcome(self, watcher: Watcher, status: Status, outputs: Mapping[str, Any]) -> Outcome:
        return Outcome(
            status=status,
            changes=watcher.changes,
            drifted=tuple(watcher.drifted),
            drift=tuple(watcher.drift),
            resources=watcher.resources,
            accounts=engine.account_ids(outputs),
            differences=tuple(watcher.differences) if self._operation.diff else (),
        )

    def _phase(self, name: str) -> None:
        self._event_log.write(Phase(name=name))

    def _notify(self, message: str) -> None:
        self._event_log.write(Notice(message=message))


def _failed(messages: Sequence[str]) -> Outcome:
    return Outcome(status=Status.FAILED, problems=tuple(Problem(message=message) for message in messages))


def _refused(message: str, state: automation.Deployment) -> Outcome:
    return Outcome(
        status=Status.REFUSED, problems=(Problem(message=message),), resources=len(engine.resources_of(state))
    )


def main(directory: Path, alive: int) -> None:
    """Runs the operation whose job input is in ``directory``. The event log always gets a final record.

    ``alive`` closes when this process exits, because no other process keeps it open.
    """
    interrupted = threading.Event()
    # A handler instead of SIG_IGN, because the engine would inherit SIG_IGN.
    signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    began = time.monotonic()
    operation = Operation.from_json((directory / REQUEST).read_text(encoding="utf-8"))
    event_log = EventLog(directory / EVENT_LOG)
    try:
        recorder = FingerprintRecorder(operation)
        variables: dict[str, str] = {}
        # The packs first: a process with a server of the language runtime has threads.
        with (
            forked_packs(operation, directory, not_theirs=alive) as packs,
            language_runtime(operation, variables, not_theirs=alive) as client,
        ):
            variables.update(client)
            outcome = StackWorker(operation, event_log, interrupted, recorder, variables, packs).run()
    except Exception as error:  # the event log is the only way to report it
        traceback.print_exc()
        is_engines = isinstance(error, automation.CommandError)
        words = engine.last_words(error) if is_engines else f"{type(error).__name__}: {error}"
        outcome = Outcome(status=Status.FAILED, problems=(Problem(message=words),))
    event_log.write(Finished(outcome=replace(outcome, seconds=round(time.monotonic() - began, 3))))
