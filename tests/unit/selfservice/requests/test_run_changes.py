"""Tests of a runner of requests: it reviews, waits for another person, and deploys what was approved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.errors import RefusedError
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.approval import judge
from selfservice.requests.run_changes import MOST_OPEN, run_open_changes
from tests.unit.selfservice.requests.work import ID, NOW, TEXT, Work, approve, run, state


@pytest.mark.requirement("GOV-05.b")
@pytest.mark.threat("T-09")
def test_an_approved_request_is_deployed_once(asked: ChangeRequests) -> None:
    work = Work()
    assert run(asked, work) == [("reviewed", "1 stack: 1 to update")]
    assert asked.review(ID) == "the preview of ['fraud']"
    assert run(asked, work) == []
    approve(asked)
    assert run(asked, work) == [("running", "approved by ben"), ("done", "deployed 1 stack")]
    assert run(asked, work) == []
    assert work.deployed == [f"{ID} approved by ben"]
    record = asked.record(ID)
    assert record is not None
    assert (record.state, record.commit, record.runner) == ("done", "abc", "")


@pytest.mark.threat("T-02")
def test_the_approval_of_the_requester_deploys_nothing(asked: ChangeRequests) -> None:
    work = Work()
    run(asked, work)
    approve(asked, "ada")
    assert run(asked, work) == []
    assert (state(asked), work.deployed) == ("reviewed", [])


@pytest.mark.threat("T-02")
def test_the_approval_of_a_person_who_has_left_the_platform_team_deploys_nothing(asked: ChangeRequests) -> None:
    work = Work(gone=["ben"])
    run(asked, work)
    approve(asked)
    approve(asked, "chloe")
    two = '{"action":"decommission","team":"fraud","confirm":"fraud","reason":"ended"}'
    assert judge(asked.record(ID), asked.decisions(ID), NOW).approvers == ("ben", "chloe")
    assert run(asked, work)[0] == ("running", "approved by chloe")
    asked.add("ada", two, id_=(other := ID[:-1] + "2"), now=NOW)
    run(asked, work)
    record = asked.record(other)
    for user in ("ben", "chloe"):
        asked.decide(user, other, approves=True, digest=record.digest, reason="good", now=NOW)
    reason = "approved by ben, who is no longer in the platform team; request it again"
    assert run(asked, work) == [("rejected", reason)]
    assert work.deployed == [f"{ID} approved by chloe"]


@pytest.mark.threat("T-02")
def test_a_request_waits_while_nobody_can_say_whether_its_approver_has_left(asked: ChangeRequests) -> None:
    run(asked, Work())
    approve(asked)
    work = Work(gone=["nobody knows"])
    assert run(asked, work) == [("reviewed", "waits")]
    assert (state(asked), work.deployed) == ("reviewed", [])
    work.gone.clear()
    assert run(asked, work)[-1] == ("done", "deployed 1 stack")


def test_a_rejected_and_an_expired_request_end_without_a_change(asked: ChangeRequests) -> None:
    work = Work()
    run(asked, work)
    other = "20261123T120001Z-00000002"
    asked.add("ada", TEXT, id_=other, now=NOW)
    run(asked, work)
    asked.decide("ben", other, approves=False, digest="", reason="too expensive", now=NOW)
    approve(asked)
    late = NOW + timedelta(days=8)
    assert run(asked, work, late) == [
        ("expired", "the review was valid until 2026-11-30T12:00:00+00:00"),
        ("rejected", "rejected by ben: too expensive"),
    ]
    assert work.deployed == []
    assert asked.open_changes() == []


@pytest.mark.threat("T-10", "T-12", "T-14")
@pytest.mark.parametrize("changed", [{"code": "other code"}, {"template": "own 2.1.0, commit 2"}])
def test_a_changed_program_or_template_voids_the_approval(asked: ChangeRequests, changed: dict[str, str]) -> None:
    run(asked, Work(template="own 2.1.0, commit 1" if "template" in changed else ""))
    approve(asked)
    work = Work(**changed)
    states = [new_state for new_state, _ in run(asked, work)]
    assert states == ["reviewing", "reviewed"]
    assert run(asked, work) == []
    assert work.deployed == []
    approve(asked, "chloe")
    assert [new_state for new_state, _ in run(asked, work)] == ["running", "done"]
    assert work.deployed == [f"{ID} approved by chloe"]


@pytest.mark.parametrize(
    ("work", "state", "said"),
    [
        (Work(refusals=["fraud: S3-01: is public"]), "refused", "S3-01: is public"),
        (Work(stacks=[]), "done", "everything is as requested"),
    ],
)
def test_what_needs_no_approval_ends_at_once(asked: ChangeRequests, work: Work, state: str, said: str) -> None:
    ((found, note),) = run(asked, work)
    assert (found, work.deployed) == (state, [])
    assert said in note


@pytest.mark.parametrize("text", ["{", '{"team":"fraud","action":"remove"}', '{"team":"Fraud","action":"change"}'])
def test_a_wrong_request_is_refused_with_its_reason(requests: ChangeRequests, text: str) -> None:
    requests.add("ada", text, id_=ID, now=NOW)
    ((found, note),) = run(requests, Work())
    assert found == "refused"
    assert note


@pytest.mark.requirement("GOV-08.b")
def test_a_failed_request_waits_until_somebody_names_it(asked: ChangeRequests) -> None:
    work = Work(fails="fraud: AccessDenied")
    run(asked, work)
    approve(asked)
    assert run(asked, work)[-1] == ("failed", "fraud: AccessDenied")
    assert run(asked, work) == []
    work.fails = ""
    assert run(asked, work, only=ID) == [("done", "deployed 1 stack")]
    assert len(work.deployed) == 2


def test_what_stops_a_deployment_that_has_begun_is_a_failure(asked: ChangeRequests) -> None:
    work = Work(raises=RefusedError("Pulumi.fraud.yaml has changes that are not committed"))
    run(asked, work)
    approve(asked)
    assert run(asked, work)[-1] == ("failed", "Pulumi.fraud.yaml has changes that are not committed")


@pytest.mark.threat("T-19")
def test_a_person_has_a_limited_number_of_open_requests_and_others_are_not_affected(requests: ChangeRequests) -> None:
    for number in range(MOST_OPEN + 2):
        requests.add("ada", TEXT, id_=f"20261123T12{number:02}00Z-00000001", now=NOW)
    requests.add("ben", TEXT, id_="20261123T130000Z-00000002", now=NOW)
    states = [new_state for new_state, _ in run(requests, Work())]
    assert (states.count("reviewed"), states.count("refused")) == (MOST_OPEN + 1, 2)
    assert run(requests, Work()) == []


def test_nobody_waits_for_all_requests_of_another_person(requests: ChangeRequests) -> None:
    for user, minute in (("ada", 0), ("ada", 1), ("ada", 2), ("ben", 3), ("chloe", 4), ("ben", 5)):
        requests.add(user, TEXT, id_=f"20261123T12{minute:02}00Z-00000001", now=NOW)
    found = run_open_changes(requests, RunnerProcess("one.example", 1, "1"), Work(), now=lambda: NOW)
    assert [open_change.user for open_change in found] == ["ada", "ben", "chloe", "ada", "ben", "ada"]


@pytest.mark.threat("T-07")
def test_the_text_of_a_person_is_removed_if_it_contains_a_credential(
    requests: ChangeRequests, items: CatalogItems
) -> None:
    text = '{"action":"change","team":"fraud","monthly_budget_usd":7000,"owner":"AKIAIOSFODNN7EXAMPLE"}'
    requests.add("ada", text, id_=ID, now=NOW)
    ((found, _),) = run(requests, Work())
    assert found == "refused"
    assert not any("AKIA" in value for item in items.all() for value in item.values())


@pytest.mark.threat("T-20")
def test_what_was_approved_early_starts_after_the_delay_unless_somebody_rejects_it(asked: ChangeRequests) -> None:
    work = Work(delay=timedelta(hours=24))
    run(asked, work)
    approve(asked)
    assert run(asked, work, NOW + timedelta(hours=23)) == []
    record = asked.record(ID)
    assert record is not None
    waiting = judge(record, asked.decisions(ID), NOW)
    assert waiting.reason == "approved by ben; starts at 2026-11-24T12:00:00+00:00"
    assert [new_state for new_state, _ in run(asked, work, NOW + timedelta(hours=24))] == ["running", "done"]


@pytest.mark.threat("T-07")
def test_a_credential_in_the_reason_of_a_failure_is_in_no_record_and_no_event(
    asked: ChangeRequests, items: CatalogItems
) -> None:
    run(asked, Work())
    approve(asked)
    (_, (state, note)) = run(asked, Work(fails="fraud: refused AKIAIOSFODNN7EXAMPLE"))
    assert (state, note) == ("failed", "fraud: refused (not shown)")
    assert not any("AKIA" in value for item in items.all() for value in item.values())
