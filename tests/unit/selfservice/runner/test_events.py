import pytest
from pulumi.automation.events import EngineEvent

from selfservice.engine.differences import SECRET
from selfservice.operations.operation import CHANGED, DELETED, Difference, PropertyChange
from selfservice.runner.events import Watcher

BUCKET = "urn:pulumi:fraud::plinth::aws:s3/bucket:Bucket::artifacts"
STACK = "urn:pulumi:fraud::plinth::pulumi:pulumi:Stack::plinth-fraud"


def metadata(op, urn=BUCKET, old=None, new=None, diffs=(), inputs=None, provider=""):
    def state(outputs):
        given = {"inputs": inputs, "outputs": outputs}
        return {"type": kind, "urn": urn, "id": "i", "parent": "", "provider": provider, **given}

    kind = urn.split("::")[2]
    body = {"op": op, "urn": urn, "type": kind, "provider": "", "diffs": list(diffs)}
    return {**body, "old": None if old is None else state(old), "new": None if new is None else state(new)}


def event(name, body):
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, name: body})


def done(op, **given):
    return event("resOutputsEvent", {"metadata": metadata(op, **given)})


@pytest.fixture
def notified():
    return []


@pytest.fixture
def watcher(notified):
    return Watcher(notified.append)


def test_steps_without_changes_count_as_resources_only(watcher):
    watcher(done("same"))
    watcher(done("read", urn=STACK))
    assert watcher.changes == {}
    assert watcher.resources == 2


def test_a_replacement_counts_once_though_the_engine_announces_it_three_times(watcher):
    for op in ("create-replacement", "replace", "delete-replaced"):
        watcher(done(op))
    assert watcher.changes == {"replace": 1}
    assert watcher.resources == 1


def test_differences_name_the_old_and_new_inputs_and_the_outermost_component(watcher):
    outer, inner = (f"urn:pulumi:fraud::plinth::plinth:a:{kind}::{kind}" for kind in ("Outer", "Inner"))
    for urn, parent in ((STACK, ""), (outer, STACK), (inner, outer), (BUCKET, inner)):
        given = metadata("create", urn=urn, new={})
        given["new"]["parent"] = parent
        watcher(event("resOutputsEvent", {"metadata": given}))
    role = BUCKET.replace("artifacts", "logs")
    changed = metadata("update", urn=role, old={}, new={}, diffs=["days"], inputs={"days": 60})
    changed["old"]["inputs"] = {"days": 30}
    watcher(event("resOutputsEvent", {"metadata": changed}))
    by_urn = {difference.urn: difference for difference in watcher.differences}
    assert [by_urn[urn].component for urn in (outer, inner, BUCKET)] == ["", outer, outer]
    (days,) = by_urn[role].properties
    assert (days.path, days.old, days.new) == ("days", "30", "60")


def test_an_adopted_resource_that_gets_another_name_is_announced(watcher):
    for urn, name in ((BUCKET, "old name"), (BUCKET.replace("artifacts", "logs"), "new name")):
        watcher(done("import", urn=urn, new={}, inputs={"name": name}))
        adopted = metadata("update", urn=urn, old={}, new={}, inputs={"name": "new name"})
        adopted["old"]["inputs"] = {"name": name}
        watcher(event("resOutputsEvent", {"metadata": adopted}))
    renamed = metadata("update", urn=STACK, old={}, new={}, inputs={"name": "new name"})
    renamed["old"]["inputs"] = {"name": "old name"}
    watcher(event("resOutputsEvent", {"metadata": renamed}))
    (message,) = watcher.renamings
    assert message == 'aws:s3/bucket:Bucket artifacts is adopted and renamed: "old name" -> "new name"'


def test_an_error_that_only_follows_from_another_is_left_out(watcher):
    for urn, message in ((STACK, "update failed"), (BUCKET, "AccessDenied"), (BUCKET, "AccessDenied")):
        watcher(event("diagnosticEvent", {"message": message, "severity": "error", "urn": urn, "color": "never"}))
    assert [(problem.urn, problem.message) for problem in watcher.problems] == [(BUCKET, "AccessDenied")]


def test_the_only_error_is_kept_whatever_it_says(watcher):
    body = {"message": "update failed", "severity": "error", "urn": STACK, "color": "never"}
    watcher(event("diagnosticEvent", body))
    assert [problem.message for problem in watcher.problems] == ["update failed"]


def test_deleted_resources_include_replaced_ones_and_no_others(watcher):
    others = {op: f"{BUCKET}-{op}" for op in ("update", "delete", "replace", "create")}
    for op, urn in others.items():
        watcher(done(op, urn=urn))
    assert watcher.deleted == {others["delete"]: "delete", others["replace"]: "replace"}


def test_created_resources_are_kept_with_their_providers_and_others_are_not(watcher):
    part = BUCKET.replace("aws:s3", "plinth:storage:PrivateBucket$aws:s3")
    watcher(done("create", new={}, inputs={"bucket": "a"}, provider="p::1"))
    watcher(done("update", urn=part, old={}, new={}, inputs={"bucket": "b"}, provider="p::1"))
    assert watcher.created == [
        {"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "a"}, "provider": "p::1"}
    ]


def test_registered_resources_are_kept_with_their_inputs(watcher):
    part = BUCKET.replace("aws:s3", "plinth:storage:PrivateBucket$aws:s3")
    watcher(done("same", new={}, inputs={"bucket": "a"}))
    watcher(done("create", urn=part, new={}, inputs={"bucket": "b"}))
    watcher(done("delete", urn=STACK, old={}))
    assert watcher.registered == [
        {"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "a"}},
        {"urn": part, "type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "b"}},
    ]


def test_deleted_resources_do_not_count(watcher):
    watcher(done("delete"))
    assert watcher.changes == {"delete": 1}
    assert watcher.resources == 0


def test_a_step_reports_names_of_changed_properties_and_never_their_values(watcher, notified):
    watcher(done("update", old={"tags": "hush"}, new={"tags": "other"}, diffs=["tags"]))
    assert (notified[0].step, notified[0].detail) == ("update", "tags")
    assert "hush" not in repr(notified)


def test_a_resource_deleted_outside_the_engine_is_drift(watcher, notified):
    watcher(done("refresh", old={"bucket": "b"}, new=None))
    assert watcher.drifted == [BUCKET]
    assert watcher.drift == [Difference(urn=BUCKET, step=DELETED)]
    assert notified[0].detail == "does not exist any more"
    assert watcher.changes == {}


def test_a_property_changed_outside_the_engine_is_drift(watcher, notified):
    """Properties that AWS computes, such as ``b``, are not shown."""
    old = {"a": {"x": 1}, "b": 1, "password": "hush"}
    watcher(done("refresh", old=old, new={"a": {"x": 2}, "b": 2, "password": "other"}, diffs=["a.x", "password"]))
    assert watcher.drifted == [BUCKET]
    shown = (PropertyChange(path="a.x", old="1", new="2"), PropertyChange(path="password", old=SECRET, new=SECRET))
    assert watcher.drift == [Difference(urn=BUCKET, step=CHANGED, properties=shown)]
    assert notified[0].detail == "a.x, password"


def test_a_change_of_a_property_that_aws_computes_is_not_drift(watcher, notified):
    watcher(done("refresh", old={"accounts": []}, new={"accounts": ["1"]}))
    assert watcher.drifted == []
    assert notified == []


@pytest.mark.requirement("GOV-09.c")
@pytest.mark.parametrize(("program", "drifts"), [({"permissions": ["SELECT"]}, True), ({"permissions": []}, False)])
def test_an_addition_that_the_program_takes_back_is_drift_unless_the_program_changed(watcher, program, drifts):
    """The engine reports no changed property of the refresh, because the program declares no grant option."""
    deployed, added = {"permissions": ["SELECT"]}, {"permissions": ["SELECT"], "grantOptions": ["SELECT"]}
    read = metadata("refresh", old=deployed, new=added, inputs=added)
    read["old"]["inputs"] = deployed
    watcher(event("resOutputsEvent", {"metadata": read}))
    assert watcher.drifted == []
    taken_back = metadata("update", old=added, new=program, diffs=["grantOptions"], inputs=program)
    taken_back["old"]["inputs"] = added
    watcher(event("resOutputsEvent", {"metadata": taken_back}))
    assert watcher.drifted == ([BUCKET] if drifts else [])
    if drifts:
        (change,) = watcher.drift[0].properties
        assert (change.path, change.old, change.new) == ("grantOptions", "(none)", "[SELECT]")


@pytest.mark.parametrize(("new", "differ"), [({"vpc_id": "v-1"}, False), ({"vpc_id": "v-2"}, True)])
def test_a_stack_whose_outputs_would_differ_is_noticed(watcher, new, differ):
    watcher(done("same", urn=STACK, old={"vpc_id": "v-1"}, new=new))
    assert watcher.outputs_change is differ
    assert watcher.changes == {}


def test_a_violation_is_kept_with_rule_level_and_resource(watcher):
    body = {
        "resourceUrn": BUCKET,
        "message": "allows plain HTTP",
        "color": "never",
        "policyName": "high-rules",
        "policyPackName": "security",
        "policyPackVersion": "1",
        "policyPackVersionTag": "1",
        "enforcementLevel": "mandatory",
    }
    watcher(event("policyEvent", body))
    (finding,) = watcher.findings
    assert (finding.policy, finding.level, finding.urn) == ("high-rules", "mandatory", BUCKET)


def test_errors_are_problems_with_their_resource_and_other_diagnostics_are_not(watcher):
    for severity in ("info", "warning", "error"):
        body = {"urn": BUCKET, "prefix": "error: ", "message": "<{%reset%}>AccessDenied<{%reset%}>\n", "color": "never"}
        watcher(event("diagnosticEvent", {**body, "severity": severity}))
    (problem,) = watcher.problems
    assert problem.urn == BUCKET
    assert problem.message == "AccessDenied"


def test_an_error_without_a_resource_includes_the_standard_error_of_the_program(watcher):
    for severity, message in [
        ("info#err", "Traceback\n"),
        ("info#err", "KeyError: 'x'\n"),
        ("error", "exit status 1\n"),
    ]:
        watcher(event("diagnosticEvent", {"message": message, "color": "never", "severity": severity}))
    (problem,) = watcher.problems
    assert problem.message.splitlines() == ["exit status 1", "Traceback", "KeyError: 'x'"]


def test_drift_that_the_engine_does_not_see_counts_as_an_update(watcher, notified):
    watcher(done("same"))
    watcher.add_drift(BUCKET, "policy added")
    assert (watcher.drifted, watcher.changes, watcher.resources) == ([BUCKET], {"update": 1}, 1)
    assert (notified[-1].step, notified[-1].detail) == ("drift", "policy added")
    watcher.add_drift(BUCKET, "rule added")
    (drift,) = watcher.drift
    assert [property_.new for property_ in drift.properties] == ["policy added", "rule added"]


def test_a_resource_that_the_run_deletes_stays_a_deletion_if_it_drifted(watcher):
    watcher(done("delete", old={}))
    watcher.add_drift(BUCKET, "policy added")
    assert watcher.changes == {"delete": 1}


@pytest.mark.threat("T-07")
def test_a_problem_repeats_no_credential_that_a_provider_or_the_program_printed(watcher):
    key = ["-----BEGIN PRIVATE KEY-----", *["MIIEvQIBADANBgkq"] * 30, "-----END PRIVATE KEY-----", "KeyError: 'x'"]
    for severity, message, urn in [
        ("info#err", "\n".join(key), ""),
        ("error", "exit status 1 with AKIAIOSFODNN7EXAMPLE", ""),
        ("error", "refused password=hunter2", BUCKET),
    ]:
        body = {"message": message, "color": "never", "severity": severity, "urn": urn}
        watcher(event("diagnosticEvent", body))
    assert [problem.message.splitlines() for problem in watcher.problems] == [
        ["exit status 1 with (not shown)", "(not shown)", "KeyError: 'x'"],
        ["refused password=(not shown)"],
    ]
