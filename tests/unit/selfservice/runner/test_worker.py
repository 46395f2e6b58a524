"""Tests of how a worker evaluates the engine's runs. The engine is a script of events."""

import json
import socket
import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from pulumi import automation

from selfservice.engine import automation as engine
from selfservice.engine.additions import Addition
from selfservice.fingerprints.drift_record import DriftRecord
from selfservice.fingerprints.recorder import FingerprintRecorder
from selfservice.operations.event_log import Notice, Phase
from selfservice.operations.operation import Action, Operation, Problem, Status
from selfservice.runner import worker
from selfservice.runner.cluster_version import CLUSTER
from selfservice.runner.worker import StackWorker
from settings.organization.waiver import Waiver
from settings.types.aws.account_access import READ_ONLY_VARIABLE
from tests.support.every_stack import example_organization
from tests.unit.selfservice.engine.test_unanswered_operations import EOF, begins, fails
from tests.unit.selfservice.runner.test_events import BUCKET, STACK, done, event

ROLE = BUCKET.replace("aws:s3/bucket:Bucket", "aws:iam/role:Role")
KNOWN = {"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "id": "artifacts", "inputs": {}, "outputs": {}}


class EngineLog(list):
    """An event log in memory."""

    write = list.append

    @property
    def phases(self):
        return [entry.name for entry in self if isinstance(entry, Phase)]

    @property
    def notices(self):
        return [entry.message for entry in self if isinstance(entry, Notice)]


class Script:
    """A stack whose engine sends the given events, by command, and then fails if the command is to fail."""

    name = "fraud"

    def __init__(self, state, events, fails=()):
        self.state, self.events, self.fails, self.ran = state, events, fails, []

    def _run(self, command, on_event, **options):
        self.ran.append((command, options))
        for engine_event in self.events.get(command, ()):
            on_event(engine_event)
        if command in self.fails:
            raise automation.CommandError(automation.CommandResult("", "error: no space left", 255))

    def preview(self, *, on_event, **options):
        self._run("preview", on_event, **options)

    def up(self, *, on_event, **options):
        self._run("up", on_event, **options)
        return automation.UpResult("", "", None, {"vpc_account_id": automation.OutputValue("1" * 12, secret=False)})

    def destroy(self, *, on_event, **options):
        self._run("destroy", on_event, **options)

    def export_stack(self):
        return automation.Deployment(version=3, deployment={"resources": list(self.state)})

    @property
    def commands(self):
        return [command for command, _ in self.ran]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Returns a function that runs an operation, and returns the outcome, the engine and the worker's recorder."""

    (tmp_path / "Pulumi.yaml").write_text("name: plinth\n")

    def run(action=Action.UP, *, state=(KNOWN,), fails=(), added=(), fixed=(), interrupted=False, events=None, **more):
        script = Script(state, events or {}, fails)
        monkeypatch.setattr(engine, "open_stack", lambda operation, variables: script)
        monkeypatch.setattr(engine, "state_of", lambda stack, upstream: stack.export_stack())
        monkeypatch.setattr(worker, "changed_immutable_fields", lambda *_: fixed)
        monkeypatch.setattr(worker, "find_additions", lambda *_: list(added))
        operation = Operation(
            action=action,
            stack="fraud",
            project_directory=tmp_path,
            lock_path=tmp_path / "locks" / "fraud",
            fingerprints=tmp_path / "fingerprints",
            **more,
        )
        stop = threading.Event()
        if interrupted:
            stop.set()
        said = EngineLog()
        recorder = FingerprintRecorder(operation)
        script.outcome = StackWorker(operation, said, stop, recorder, {}, operation.policy_packs).run()
        script.said, script.recorder = said, recorder
        script.drift = DriftRecord.read(tmp_path / "fingerprints", "fraud")
        return script

    return run


@pytest.fixture
def waived(monkeypatch):
    """Settings without a waiver. Returns a function that adds one for a resource."""
    organization = example_organization()

    def settings(*waivers):
        changed = organization.model_copy(update={"waivers": waivers})
        monkeypatch.setattr(
            "settings.files.validation_cache.load_cached", lambda _: SimpleNamespace(organization=changed)
        )

    def add(resource):
        last = datetime.now(UTC).date().isoformat()
        reason, requester = "It was copied elsewhere.", "owner@acme.example"
        settings(Waiver(stack="fraud", resource=resource, reason=reason, requester=requester, expires=last))

    settings()
    return add


CHANGE = done("update", diffs=["tags"])
SAME = done("same", new={})
ADVICE = {"policyPackName": "plinth", "policyName": "network", "enforcementLevel": "advisory", "message": "is public"}
REFUSAL = {**ADVICE, "enforcementLevel": "mandatory", "message": "is open"}


def refresh(*diffs):
    return done("refresh", old={}, new={}, diffs=diffs)


def outputs(old, new):
    return done("same", urn=STACK, old=old, new=new)


def policy(body):
    return event("policyEvent", {"resourceUrn": BUCKET, "policyPackVersion": "1", "color": "never", **body})


def addition(removed):
    return Addition(urn=ROLE, what="policy extra", remove=lambda: removed.append("extra"))


@pytest.mark.parametrize(
    "difference", [CHANGE, refresh("tags"), outputs({}, {"a": "1"})], ids=["change", "drift", "output"]
)
def test_an_update_runs_for_every_difference_that_the_preview_finds(run, difference):
    ran = run(events={"preview": [difference], "up": [CHANGE]}, refresh=True)
    assert ran.commands == ["preview", "up"]
    assert ran.outcome.status is Status.SUCCEEDED
    assert ran.said.phases == ["previewing", "updating"]
    assert ran.drift.drifted == ()


@pytest.mark.threat("T-15")
@pytest.mark.parametrize(
    ("read_only", "refresh", "left_out"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_only_a_refresh_with_the_roles_for_reviews_leaves_objects_out(run, monkeypatch, read_only, refresh, left_out):
    if read_only:
        monkeypatch.setenv(READ_ONLY_VARIABLE, "1")
    script = {**KNOWN, "type": "aws:s3/bucketObjectv2:BucketObjectv2", "urn": f"{BUCKET}-script"}
    ran = run(Action.PREVIEW, state=(KNOWN, script), events={"preview": [SAME]}, refresh=refresh)
    (_, options), expected = ran.ran[0], [script["urn"]] if left_out else []
    assert (options["exclude"], list(ran.outcome.not_read)) == (expected, expected)


def test_without_a_difference_only_the_preview_runs(run):
    ran = run(events={"preview": [SAME]})
    assert (ran.commands, ran.outcome.status, ran.outcome.resources) == (["preview"], Status.UNCHANGED, 1)


def test_an_update_that_only_changes_outputs_leaves_the_stack_unchanged_and_tells_its_accounts(run):
    ran = run(events={"preview": [outputs({}, {"vpc_account_id": "1"})], "up": [SAME]})
    assert (ran.outcome.status, ran.outcome.accounts) == (Status.UNCHANGED, ("1" * 12,))


@pytest.mark.parametrize("difference", [refresh("tags"), outputs({}, {"a": "1"})], ids=["drift", "output"])
def test_a_preview_with_differences_that_are_no_changes_leaves_work(run, difference):
    assert run(Action.PREVIEW, events={"preview": [difference]}, refresh=True).recorder.pending_work
    assert not run(Action.PREVIEW, events={"preview": [SAME]}).recorder.pending_work


def test_differences_are_listed_on_request(run):
    events = {"preview": [done("create", new={})]}
    assert run(Action.PREVIEW, events=events).outcome.differences == ()
    (difference,) = run(Action.PREVIEW, events=events, diff=True).outcome.differences
    assert (difference.urn, difference.step) == (BUCKET, "create")


@pytest.mark.threat("T-16")
def test_a_finding_that_refuses_ends_the_operation_and_advice_is_shown_once(run):
    ran = run(events={"preview": [CHANGE, policy(ADVICE), policy(ADVICE)]})
    assert ran.said.notices == ran.recorder.notices == ["plinth/network: is public"]
    assert ran.commands == ["preview", "up"]
    ran = run(events={"preview": [CHANGE, policy(REFUSAL)]})
    assert (ran.commands, ran.outcome.status, ran.outcome.changes) == (["preview"], Status.REFUSED, {})
    assert [problem.urn for problem in ran.outcome.problems] == [BUCKET]
    assert ran.said.notices == []


@pytest.mark.threat("T-10", "T-16")
@pytest.mark.parametrize(
    ("approved", "commands"),
    [
        ((), ["preview"]),
        ((f"create {BUCKET}",), ["preview", "up"]),
        ((f"update {BUCKET}",), ["preview", "up"]),
        ((f"delete {BUCKET}", f"update {ROLE}"), ["preview"]),
        (None, ["preview", "up"]),
    ],
    ids=["nothing", "creation", "update", "others", "no request"],
)
def test_an_update_that_would_do_more_than_was_approved_ends_after_its_preview(run, approved, commands):
    ran = run(events={"preview": [CHANGE], "up": [CHANGE]}, approved=approved)
    assert ran.commands == commands
    if commands == ["preview"]:
        assert (ran.outcome.status, ran.outcome.changes) == (Status.REFUSED, {})
        assert ran.outcome.problems[0].message == f"the update would do what nobody approved: update {BUCKET}"


REPLACEMENT = done("replace", old={}, new={})


@pytest.mark.parametrize("request_", [None, (f"replace {BUCKET}",)], ids=["command", "request"])
def test_an_update_that_would_delete_data_without_a_waiver_ends_after_its_preview(run, waived, request_):
    ran = run(events={"preview": [REPLACEMENT]}, approved=request_)
    assert (ran.commands, ran.outcome.status, ran.outcome.changes) == (["preview"], Status.REFUSED, {})
    assert [problem.urn for problem in ran.outcome.problems] == [BUCKET]
    waived("aws:s3/bucket:Bucket::artifacts")
    ran = run(events={"preview": [REPLACEMENT], "up": [REPLACEMENT]}, approved=request_)
    assert (ran.commands, ran.outcome.status) == (["preview", "up"], Status.SUCCEEDED)


def test_a_preview_tells_which_data_an_update_may_not_delete(run, waived):
    ran = run(Action.PREVIEW, events={"preview": [REPLACEMENT]})
    assert (ran.outcome.status, [problem.urn for problem in ran.outcome.unwaived]) == (Status.SUCCEEDED, [BUCKET])
    assert ran.said.notices[0].startswith("an update would be refused: fraud: would replace aws:s3/bucket:Bucket")
    waived("aws:s3/bucket:Bucket::artifacts")
    assert run(Action.PREVIEW, events={"preview": [REPLACEMENT]}).outcome.unwaived == ()


def test_what_aws_keeps_needs_no_waiver(run, waived):
    kept = {**KNOWN, "retainOnDelete": True}
    assert run(state=[kept], events={"preview": [REPLACEMENT], "up": [REPLACEMENT]}).commands == ["preview", "up"]


def test_a_failed_preview_has_changed_nothing_and_a_failed_update_counts_what_it_changed(run):
    ran = run(events={"preview": [CHANGE]}, fails=["preview"])
    assert (ran.commands, ran.outcome.status, ran.outcome.changes) == (["preview"], Status.FAILED, {})
    assert "no space left" in ran.outcome.problems[0].message
    ran = run(events={"preview": [CHANGE], "up": [CHANGE]}, fails=["up"])
    assert (ran.outcome.status, ran.outcome.changes, ran.outcome.resources) == (Status.FAILED, {"update": 1}, 1)


def test_an_interruption_before_the_update_updates_nothing_and_one_during_it_is_no_failure(run):
    ran = run(events={"preview": [CHANGE]}, interrupted=True)
    assert (ran.commands, ran.outcome.status) == (["preview"], Status.INTERRUPTED)
    ran = run(Action.DESTROY, fails=["destroy"], interrupted=True)
    assert ran.outcome.status is Status.INTERRUPTED


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_lock_of_an_engine_that_was_killed_is_broken_at_once(run, tmp_path, monkeypatch, ended_engine, interrupted):
    """The engine exits without releasing its lock if it is interrupted before it handles signals."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    now = datetime.now(UTC).isoformat()
    lock = {"pid": ended_engine, "username": "ana", "hostname": socket.gethostname(), "timestamp": now}
    locks = tmp_path / ".pulumi" / "locks" / "organization" / "plinth" / "fraud"
    locks.mkdir(parents=True)
    (locks / "own.json").write_text(json.dumps(lock))
    (locks / "elsewhere.json").write_text(json.dumps({**lock, "hostname": "elsewhere"}))
    ran = run(Action.DESTROY, fails=["destroy"], interrupted=interrupted)
    assert [file.name for file in locks.iterdir()] == ["elsewhere.json"]
    assert [notice for notice in ran.said.notices if "broke the lock" in notice] == [
        f"broke the lock left behind by process {ended_engine} of ana on {socket.gethostname()}, since {now}: "
        "that process is gone"
    ]


def test_a_damaged_lock_is_the_explanation_of_a_failure(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    locks = tmp_path / ".pulumi" / "locks" / "organization" / "plinth" / "fraud"
    locks.mkdir(parents=True)
    (locks / "empty.json").touch()
    ran = run(events={"preview": [CHANGE]}, fails=["up"])
    assert [problem.message for problem in ran.outcome.problems] == [
        f"The lock file://{locks}/empty.json is empty or damaged, so the engine refuses every update. "
        "If no update of the stack runs, remove it with `pulumi cancel --stack fraud --yes`."
    ]


def test_additions_are_removed_before_the_update_and_count_as_its_drift(run):
    removed = []
    ran = run(events={"preview": [SAME], "up": [SAME]}, refresh=True, added=[addition(removed)])
    assert (removed, ran.outcome.drifted, ran.outcome.changes) == (["extra"], (ROLE,), {"update": 1})
    assert ran.outcome.status is Status.SUCCEEDED
    ran = run(Action.PREVIEW, events={"preview": [SAME]}, refresh=True, added=[addition(removed)])
    assert (removed, ran.outcome.drifted, ran.drift.drifted) == (["extra"], (ROLE,), (ROLE,))


def test_additions_are_not_sought_unless_aws_is_read(run):
    ran = run(events={"preview": [SAME]}, added=[addition([])])
    assert (ran.commands, ran.outcome.drifted, ran.drift) == (["preview"], (), None)


def test_an_addition_that_stays_ends_the_operation_before_the_update(run):
    def denied():
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "denied"}}, "DeleteRolePolicy")

    kept = Addition(urn=ROLE, what="policy extra", remove=denied)
    ran = run(events={"preview": [CHANGE]}, refresh=True, added=[kept])
    assert (ran.commands, ran.outcome.status) == (["preview"], Status.FAILED)
    assert [problem.urn for problem in ran.outcome.problems] == [ROLE]


def test_changed_immutable_settings_refuse_an_operation_on_a_deployed_stack(run):
    fixed = (Problem(message="cidr: 10.0.0.0/16 -> 10.1.0.0/16"),)
    for action in (Action.PREVIEW, Action.UP):
        ran = run(action, fixed=fixed)
        assert (ran.commands, ran.outcome.status, ran.outcome.problems) == ([], Status.REFUSED, fixed)
    assert run(Action.DESTROY, fixed=fixed).commands == ["destroy"]
    assert run(fixed=fixed, state=()).outcome.status is Status.UNCHANGED


def test_a_version_that_eks_would_refuse_ends_the_operation_after_the_preview(run):
    cluster = BUCKET.replace("aws:s3/bucket:Bucket", CLUSTER)

    def change(old, new):
        given = {"old": {"version": old}, "new": {}, "inputs": {"version": new}, "diffs": ["version"]}
        return {"preview": [done("update", urn=cluster, **given)]}

    for action in (Action.PREVIEW, Action.UP):
        ran = run(action, events=change("1.34", "1.36"))
        assert (ran.commands, ran.outcome.status) == (["preview"], Status.REFUSED)
        assert [problem.urn for problem in ran.outcome.problems] == [cluster]
    assert run(Action.PREVIEW, events=change("1.35", "1.36")).outcome.status is Status.SUCCEEDED
    rolled_back = run(Action.PREVIEW, events=change("1.36", "1.35"))
    assert rolled_back.outcome.status is Status.SUCCEEDED
    assert any("rolls the cluster back" in notice for notice in rolled_back.said.notices)


def test_protected_resources_refuse_a_destruction_unless_they_are_kept(run):
    guarded = [{**KNOWN, "protect": True}]
    ran = run(Action.DESTROY, state=guarded)
    assert (ran.commands, ran.outcome.status) == ([], Status.REFUSED)
    assert [problem.urn for problem in ran.outcome.problems] == [BUCKET]
    ((command, options),) = run(Action.DESTROY, state=guarded, keeps_protected=True).ran
    assert (command, options["exclude_protected"]) == ("destroy", True)


def test_a_stack_without_resources_needs_no_destruction(run):
    ran = run(Action.DESTROY, state=())
    assert (ran.commands, ran.outcome.status) == ([], Status.UNCHANGED)


def test_an_operation_on_a_rehearsal_writes_what_the_other_has_to_equal(run, tmp_path):
    file = tmp_path / "rehearsal.json"
    run(Action.PREVIEW, events={"preview": [SAME, policy(REFUSAL)]}, record_file=file)
    assert not file.exists()
    run(Action.PREVIEW, events={"preview": [SAME]}, record_file=file)
    assert BUCKET in file.read_text()


@pytest.fixture
def recoveries(monkeypatch):
    """Records the URNs that each recovery has to resolve, and whether it is a first look. Resolves nothing."""
    asked = []

    def recover(_stack, _lock_path, _notify, unanswered, *, is_first_look=False, access=None):
        asked.append(([operation["resource"]["urn"] for operation in unanswered.read()], is_first_look))
        if fault:
            raise fault.pop()

    fault = []
    monkeypatch.setattr(worker, "recover", recover)
    return asked, fault


CREATION = begins("create")


@pytest.mark.parametrize(("action", "command"), [(Action.UP, "up"), (Action.DESTROY, "destroy")])
def test_what_a_plugin_did_not_answer_is_looked_for_at_once_and_again_before_the_next_run(
    run, recoveries, action, command
):
    events = {"preview": [CHANGE], command: [CREATION, *fails("create", EOF)]}
    ran = run(action, events=events, fails=[command])
    assert (recoveries[0], ran.outcome.status) == ([([BUCKET], True)], Status.FAILED)
    assert [problem.urn for problem in ran.outcome.problems] == [BUCKET]
    assert ran.said.phases[-1] == "recovering"
    ran = run(action)
    assert recoveries[0] == [([BUCKET], True), ([BUCKET], False)]
    assert ran.said.phases[0] == "recovering"


def test_what_aws_refused_is_not_looked_for(run, recoveries):
    run(events={"preview": [CHANGE], "up": [CREATION, *fails("create", "EMAIL_ALREADY_EXISTS")]}, fails=["up"])
    run(events={"preview": [CHANGE]})
    assert recoveries[0] == []


def test_a_preview_looks_for_nothing_but_knows_that_there_is_work(run, recoveries):
    run(events={"preview": [CHANGE], "up": [CREATION, *fails("create", EOF)]}, fails=["up"])
    del recoveries[0][:]
    assert run(Action.PREVIEW, events={"preview": [SAME]}).recorder.pending_work
    assert recoveries[0] == []


def test_a_killed_engine_is_not_looked_after_by_its_own_worker(run, recoveries):
    run(events={"preview": [CHANGE], "up": [CREATION]}, fails=["up"])
    assert recoveries[0] == []
    run()
    assert recoveries[0] == [([BUCKET], False)]


def test_the_reason_of_a_failure_is_kept_if_looking_for_what_was_not_answered_fails_too(run, recoveries):
    asked, fault = recoveries
    fault.append(ClientError({"Error": {"Code": "Throttling", "Message": "slow down"}}, "ListAccounts"))
    ran = run(events={"preview": [CHANGE], "up": [CREATION, *fails("create", EOF)]}, fails=["up"])
    assert (ran.outcome.status, ran.outcome.problems[0].urn) == (Status.FAILED, BUCKET)
    assert "slow down" in ran.said.notices[-1]
    assert asked == [([BUCKET], True)]
