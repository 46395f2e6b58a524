"""A request is of one person, is carried out once and as it was approved, and its history tells all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.changes.apply_settings import apply_settings
from selfservice.changes.approvable import Approvable
from selfservice.changes.reviewed_change import code_digest
from selfservice.errors import RefusedError
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.change_text import as_lines, as_text
from selfservice.requests.reading.team_requests import parsed_request
from selfservice.settings_repository.commit_message import last_request
from settings.data.catalog_layout import LOOKUP, OPEN, PARTITION, SORT
from tests.support.git import git
from tests.unit.selfservice.requests.work import ID, NOW, TEXT, Work, approve, run, state

CANARY = "AKIA" + "CANARYCANARY2345"
HOSTILE = "\x1b[2J\u202e<script>\nsecond line"
STALE = RunnerProcess("stale.example", 9, "9")


def overwrite(requests: ChangeRequests, text: str) -> None:
    """Writes a text under the id as a person can who does not use the command line."""
    requests.items.put({PARTITION: "person#ada", SORT: f"request#{ID}", LOOKUP: OPEN, "request": text})


def record_of(requests: ChangeRequests) -> ChangeRecord:
    found = requests.record(ID)
    assert found is not None
    return found


def everything(items: CatalogItems) -> str:
    """Returns what runners have recorded."""
    return json.dumps([item for item in items.all() if not item[PARTITION].startswith("person#")])


@pytest.mark.threat("T-01", "T-23")
def test_who_asked_and_who_decided_follow_from_keys_and_not_from_what_people_write(
    requests: ChangeRequests, items: CatalogItems
) -> None:
    own = {PARTITION: "person#mallory", "user": "ben", "id": "x", "approved_by": "ben"}
    items.put({**own, SORT: f"request#{ID}", LOOKUP: OPEN, "request": TEXT})
    work = Work()
    run(requests, work)
    items.put({**own, SORT: f"decision#{ID}", LOOKUP: f"decision#{ID}", "decision": "approve",
               "digest": record_of(requests).digest})  # fmt: skip
    assert run(requests, work) == []
    assert (record_of(requests).user, work.deployed) == ("mallory", [])


@pytest.mark.threat("T-02")
def test_an_approval_that_is_taken_back_before_the_deployment_deploys_nothing(asked: ChangeRequests) -> None:
    work = Work()
    run(asked, work)
    approve(asked)
    asked.decide("ben", ID, approves=False, digest="", reason="I was wrong", now=NOW)
    assert run(asked, work) == [("rejected", "rejected by ben: I was wrong")]
    assert work.deployed == []


@pytest.mark.threat("T-03")
def test_an_id_in_the_key_of_a_record_or_of_another_person_is_no_request(
    asked: ChangeRequests, items: CatalogItems
) -> None:
    work = Work()
    run(asked, work)
    for sort in (f"request#{ID}", "request#../../x", "request#", f"request#{ID}#record"):
        items.put({PARTITION: "person#mallory", SORT: sort, LOOKUP: OPEN, "request": TEXT.replace("fraud", "churn")})
    assert run(asked, work) == []
    assert (record_of(asked).user, record_of(asked).text) == ("ada", TEXT)


@pytest.mark.threat("T-09")
@pytest.mark.parametrize("ends", ["done", "rejected", "expired", "refused"])
def test_a_request_that_has_ended_is_not_carried_out_again(asked: ChangeRequests, ends: str) -> None:
    work = Work(refusals=["fraud: S3-01: is public"] if ends == "refused" else [])
    run(asked, work)
    asked.decide("ben", ID, approves=ends != "rejected", digest=record_of(asked).digest, reason="x", now=NOW)
    run(asked, work, NOW + timedelta(days=8) if ends == "expired" else NOW)
    assert state(asked) == ends
    deployed, events = list(work.deployed), asked.events(ID)
    for text in (TEXT, TEXT.replace("7000", "9000")):
        overwrite(asked, text)
        approve(asked)
        assert run(asked, Work()) == []
    assert (state(asked), record_of(asked).text, work.deployed) == (ends, TEXT, deployed)
    assert asked.events(ID) == events
    assert asked.open_changes() == []


@pytest.mark.threat("T-09", "T-10")
def test_another_text_under_the_id_after_the_review_is_not_deployed(asked: ChangeRequests) -> None:
    work = Work()
    run(asked, work)
    approve(asked)
    overwrite(asked, TEXT.replace("7000", "9000"))
    run(asked, work)
    assert (state(asked), record_of(asked).text) == ("done", TEXT)


@pytest.mark.threat("T-10")
def test_a_review_of_a_runner_without_the_claim_changes_nothing(asked: ChangeRequests, items: CatalogItems) -> None:
    work = Work()
    (change,) = asked.open_changes()
    stale = asked.claim(change, STALE, NOW)
    assert stale is not None
    later = NOW + timedelta(days=1)
    run(asked, work, later)
    approve(asked)
    before = everything(items)
    other = replace(facts(asked), steps={"fraud": ["delete urn"]})
    assert not asked.record_review(
        stale, digest=other.digest, summary="", text="", facts=other.as_json(), expires=later, now=later
    )
    assert everything(items) == before


@pytest.mark.threat("T-10")
def test_a_recorded_review_that_is_not_the_approved_one_is_reviewed_again(
    asked: ChangeRequests, items: CatalogItems
) -> None:
    work = Work()
    run(asked, work)
    approve(asked)
    other = replace(facts(asked), steps={"fraud": ["delete urn"]})
    items.put({PARTITION: f"request#{ID}", SORT: "review", "text": "", "facts": other.as_json()})
    assert run(asked, work) == [
        ("reviewing", "the recorded review has changed since the review, so it is reviewed again"),
        ("reviewed", "1 stack: 1 to update"),
    ]
    assert work.deployed == []


@pytest.mark.threat("T-10")
def test_a_deployment_that_continues_is_of_the_approved_review(asked: ChangeRequests, items: CatalogItems) -> None:
    work = Work(fails="AccessDenied")
    run(asked, work)
    approve(asked)
    run(asked, work)
    forged = replace(facts(asked), steps={"fraud": ["delete urn"]})
    items.put({PARTITION: f"request#{ID}", SORT: "review", "text": "", "facts": forged.as_json()})
    assert run(asked, work, only=ID) == [("failed", "the recorded review is not the approved one: request it again")]
    assert len(work.deployed) == 1


@pytest.mark.threat("T-10")
def test_an_approval_of_another_request_than_the_recorded_one_deploys_nothing(
    asked: ChangeRequests, items: CatalogItems
) -> None:
    work = Work()
    run(asked, work)
    other = replace(facts(asked), request=TEXT.replace("7000", "9000"))
    items.put({PARTITION: f"request#{ID}", SORT: "review", "text": "", "facts": other.as_json()})
    assert items.change(f"request#{ID}", "record", {"digest": other.digest}, expected={})
    approve(asked)
    assert run(asked, work)[0] == ("reviewing", "the request has changed since the review, so it is reviewed again")
    assert work.deployed == []


def facts(requests: ChangeRequests) -> Approvable:
    return Approvable.from_json(requests.facts(ID))


FACTS = Approvable(
    request=TEXT, files={"Pulumi.fraud.yaml": "1"}, code="code", steps={"fraud": ["update urn"]},
    reasons={"fraud": "changed"}, cost="0",
)  # fmt: skip


@pytest.mark.threat("T-10")
@pytest.mark.parametrize(
    "change",
    [
        {"request": TEXT.replace("7000", "9000")},
        {"files": {"Pulumi.fraud.yaml": "2"}},
        {"files": {}},
        {"code": "other"},
        {"steps": {"fraud": ["delete urn"]}},
        {"steps": {"fraud": ["update urn"], "churn": []}},
        {"reasons": {"churn": "changed"}},
        {"cost": "1"},
    ],
    ids=lambda change: ",".join(change),
)
def test_the_digest_of_an_approval_changes_with_every_fact(change: dict[str, Any]) -> None:
    assert replace(FACTS, **change).digest != FACTS.digest
    assert Approvable.from_json(FACTS.as_json()).digest == FACTS.digest


@pytest.mark.threat("T-10", "T-14", "T-16")
@pytest.mark.parametrize(
    "name", ["__main__.py", "policies/test/__main__.py", "policies/test/PulumiPolicy.yaml", "stacks/new.py", "etl/a.py"]
)
def test_the_digest_of_the_program_changes_with_each_file_and_with_each_pack(tmp_path: Path, name: str) -> None:
    for file in ("__main__.py", "policies/test/__main__.py", "policies/test/PulumiPolicy.yaml", "stacks/a.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("1")
    project: Any = SimpleNamespace(
        directory=tmp_path, program_directory=tmp_path, policy_packs=(tmp_path / "policies/test",)
    )
    before = code_digest(project)
    assert code_digest(project) == before
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("2")
    assert code_digest(project) != before


@pytest.mark.threat("T-10", "T-14")
def test_a_pack_outside_of_the_program_belongs_to_the_digest(tmp_path: Path) -> None:
    pack = tmp_path / "own-pack"
    pack.mkdir()
    (pack / "__main__.py").write_text("strict = True")
    program = tmp_path / "program"
    program.mkdir()
    project: Any = SimpleNamespace(directory=program, program_directory=program, policy_packs=(pack,))
    before = code_digest(project)
    (pack / "__main__.py").write_text("")
    assert code_digest(project) != before
    assert code_digest(SimpleNamespace(**{**vars(project), "policy_packs": ()})) != before  # type: ignore[arg-type]


@pytest.mark.threat("T-07")
@pytest.mark.parametrize(
    "text",
    [
        f'{{"action":"change","team":"fraud","cost_centre":"{CANARY}"}}',
        f'{{"action":"change","team":"fraud","environments":{{"development":{{"tags":{{"a":"{CANARY}"}}}}}}}}',
        f'{{"action":"change","team":"fraud","environments":{{"development":{{"password":"{CANARY[4:]}"}}}}}}',
        f'{{"action":"change","team":"fraud","{CANARY}":1}}',
        f'{{"team":"{CANARY}"',
        f"{'x' * 5000} {CANARY}",
    ],
    ids=["value", "nested", "named", "key", "broken", "late"],
)
def test_a_secret_in_a_request_is_in_no_record_event_or_message(
    requests: ChangeRequests, items: CatalogItems, text: str
) -> None:
    requests.add("ada", text, id_=ID, now=NOW)
    (handled,) = run(requests, Work())
    record = record_of(requests)
    told = [*handled, *as_lines([record], []), as_text(record, "", [], requests.events(ID), now=NOW)]
    told += [json.dumps(record.document([])), everything(items)]
    assert handled[0] == "refused"
    assert "was not recorded; remove it, and replace the credential where it was issued" in handled[1]
    assert [said for said in told if CANARY[4:] in said] == []


@pytest.mark.threat("T-07", "T-11")
@pytest.mark.parametrize("approves", [True, False])
def test_what_people_write_is_escaped_and_a_secret_of_theirs_is_not_repeated(
    asked: ChangeRequests, items: CatalogItems, approves: bool
) -> None:
    work = Work()
    run(asked, work)
    digest = record_of(asked).digest if approves else f"{HOSTILE}"
    asked.decide("ben", ID, approves=approves, digest=digest, reason=f"{HOSTILE} {CANARY}", now=NOW)
    asked.decide("eve\x1b", ID, approves=True, digest=HOSTILE, reason=HOSTILE, now=NOW)
    noted = "\n".join(note for _, note in run(asked, work))
    record, decisions = record_of(asked), asked.decisions(ID)
    told = [noted, *as_lines([record], []), as_text(record, "", decisions, asked.events(ID), now=NOW)]
    told += [json.dumps(record.document(decisions))]
    assert noted
    assert CANARY not in "".join(told) + everything(items)
    assert [line for said in told for line in said.split("\n") if not line.isprintable()] == []
    assert not any(line.startswith("second line") for said in told for line in said.split("\n"))


@pytest.mark.threat("T-11")
def test_a_void_approval_is_explained_in_printable_words(asked: ChangeRequests) -> None:
    run(asked, Work())
    asked.decide("eve\x1b", ID, approves=True, digest=HOSTILE, reason=HOSTILE, now=NOW)
    shown = as_text(record_of(asked), "", asked.decisions(ID), asked.events(ID), now=NOW)
    assert "is void, because it is of another review" in shown
    assert all(line.isprintable() for line in shown.split("\n"))


@pytest.mark.threat("T-11")
def test_a_request_that_nobody_could_read_is_shown_escaped(requests: ChangeRequests) -> None:
    requests.add("ada", HOSTILE, id_=ID, now=NOW)
    run(requests, Work())
    shown = as_text(record_of(requests), "", [], requests.events(ID), now=NOW)
    assert "\\x1b[2J\\u202e" in shown
    assert all(line.isprintable() for line in shown.split("\n"))


@pytest.mark.threat("T-19")
def test_a_request_that_meets_a_defect_does_not_hold_up_the_next(asked: ChangeRequests) -> None:
    class Defective(Work):
        def review(self, id_: str, request: Any) -> Any:
            if id_ == ID:
                raise KeyError("outputs")
            return super().review(id_, request)

    next_id = "20261123T120001Z-00000002"
    asked.add("ada", TEXT, id_=next_id, now=NOW)
    work = Defective()
    with pytest.raises(KeyError, match="outputs"):
        run(asked, work)
    found = asked.record(next_id)
    assert found is not None
    assert (found.state, state(asked)) == ("reviewed", "reviewing")


@pytest.mark.threat("T-19")
def test_what_is_recorded_of_a_flood_has_limits(requests: ChangeRequests, items: CatalogItems) -> None:
    for number in range(20):
        items.put({PARTITION: "person#mallory", SORT: f"request#20261123T120000Z-{number:08x}", LOOKUP: OPEN,
                   "request": "x" * 20_000, "requested": "y" * 20_000})  # fmt: skip
    assert [new_state for new_state, _ in run(requests, Work())] == ["refused"] * 20
    assert len(everything(items)) < 20 * 20_000
    assert requests.open_changes() == []


@pytest.mark.threat("T-23")
@pytest.mark.parametrize("ends", ["done", "rejected"])
def test_the_events_alone_tell_who_asked_what_who_decided_what_and_what_came_of_it(
    asked: ChangeRequests, ends: str
) -> None:
    work = Work()
    run(asked, work)
    run(asked, Work(code="other"))
    asked.decide("ben", ID, approves=ends == "done", digest=record_of(asked).digest, reason="because", now=NOW)
    run(asked, work)
    asked.decide("ben", ID, approves=ends != "done", digest="", reason="something else", now=NOW)
    events, record = asked.events(ID), record_of(asked)
    told: dict[str, str] = {}
    for event in events:
        told |= event
    named = ("id", "user", "requested", "text", "digest", "summary", "expires", "reason", "commit", "approved_by")
    assert {name: told.get(name, "") for name in named} == {name: getattr(record, name) for name in named}
    assert (told["state"], record.state) == (ends, ends)
    (decision,) = json.loads(told["decisions"])
    assert (decision["user"], decision["approves"], decision["reason"]) == ("ben", ends == "done", "because")
    assert all(event[SORT].split("#")[1].startswith("2026-11-23T12:00:00") for event in events)


@pytest.mark.threat("T-23")
def test_events_are_added_and_never_replaced(asked: ChangeRequests, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced: list[str] = []
    put, change = CatalogItems.put, CatalogItems.change

    def noted(original: Any, sort_of: Any) -> Any:
        def call(self: CatalogItems, *given: Any, **named: Any) -> Any:
            replaced.append(sort_of(given))
            return original(self, *given, **named)

        return call

    monkeypatch.setattr(CatalogItems, "put", noted(put, lambda given: given[0][SORT]))
    monkeypatch.setattr(CatalogItems, "change", noted(change, lambda given: given[1]))
    monkeypatch.setattr(CatalogItems, "remove", lambda *_: pytest.fail("an item was removed"))
    work = Work()
    run(asked, work)
    approve(asked)
    before = asked.events(ID)
    run(asked, work)
    assert len(asked.events(ID)) == len(before) + 2
    assert asked.events(ID)[: len(before)] == before
    assert replaced
    assert [sort for sort in replaced if sort.startswith("event")] == []


@pytest.mark.threat("T-10", "T-23")
def test_the_commit_names_requester_and_approver_and_has_no_file_that_was_not_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from selfservice.changes import apply_settings as module

    environments = tmp_path / "environments"
    environments.mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: plinth\nruntime: python\nstackConfigDir: environments\n")
    (environments / "Pulumi.fraud.yaml").write_text("old")
    identity = (["config", "user.name", "Plinth"], ["config", "user.email", "plinth@acme.example"])
    for command in (["init", "-q"], *identity, ["add", "-A"], ["commit", "-qm", "Start"]):
        git(tmp_path, *command)
    changed = SimpleNamespace(files={"Pulumi.fraud.yaml": "new"}, digests={})
    monkeypatch.setattr(module, "settings_change", lambda *_: changed)
    record = ChangeRecord(
        id=ID, user="ada", requested="", text=TEXT, state=ChangeState.RUNNING, runner="", lease=0, approved_by="ben\x1b"
    )
    request = parsed_request(TEXT)
    digest = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"  # of "new"
    with pytest.raises(RefusedError, match=r"Pulumi\.fraud\.yaml would not be what was approved"):
        apply_settings(tmp_path, request, record, replace(FACTS, files={"Pulumi.fraud.yaml": digest[::-1]}))
    assert (environments / "Pulumi.fraud.yaml").read_text() == "old"
    apply_settings(tmp_path, request, record, replace(FACTS, files={"Pulumi.fraud.yaml": digest}))
    said = git(tmp_path, "log", "-1", "--format=%b", "--name-only")
    assert said.split("\n")[0] == f"Requested by ada as {ID}, approved by ben\\x1b."
    assert said.split()[-1] == "environments/Pulumi.fraud.yaml"
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "Change the team fraud by hand")
    assert [
        last_request(tmp_path, team, ["Add the team", request.described.commit])
        for team in ("fraud", "fra", "fraud-x", "raud")
    ] == [ID, "", "", ""]
