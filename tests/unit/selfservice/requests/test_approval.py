"""An approval counts if another person gives it for this review in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from selfservice.catalog.change_record import ChangeRecord, ChangeState, Decision
from selfservice.requests.approval import APPROVAL_DAYS, expiry_of, judge
from selfservice.requests.change_text import next_command, without_tags

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RECORD = ChangeRecord(
    id="20261123T120000Z-00000001",
    user="ada",
    requested="",
    text='{"action":"change","team":"fraud","monthly_budget_usd":7000}',
    state=ChangeState.REVIEWED,
    runner="",
    lease=0,
    digest="d" * 64,
    expires=expiry_of(NOW).isoformat(),
)
APPROVAL = Decision(user="ben", approves=True, digest="d" * 64, reason="good", decided="")


def test_another_person_approves_this_review() -> None:
    judged = judge(RECORD, [APPROVAL], NOW)
    assert (judged.verdict, judged.approvers) == ("approved", ("ben",))


def test_nobody_has_decided() -> None:
    assert judge(RECORD, [], NOW).verdict == "waits"


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (replace(APPROVAL, user="ada"), "ada is void, because ada is the requester"),
        (replace(APPROVAL, digest="e" * 64), "ben is void, because it is of another review"),
        (replace(APPROVAL, digest=""), "ben is void, because it is of another review"),
    ],
)
@pytest.mark.threat("T-02", "T-10")
def test_an_approval_that_does_not_count_says_why(decision: Decision, why: str) -> None:
    judged = judge(RECORD, [decision], NOW)
    assert judged.verdict == "waits"
    assert why in judged.reason


def test_a_rejection_outweighs_approvals() -> None:
    rejection = Decision(user="chloe", approves=False, digest="", reason="too expensive", decided="")
    judged = judge(RECORD, [APPROVAL, rejection], NOW)
    assert (judged.verdict, judged.reason) == ("rejected", "rejected by chloe: too expensive")


@pytest.mark.threat("T-02", "T-10")
def test_an_approval_counts_until_the_review_expires() -> None:
    last = NOW + timedelta(days=APPROVAL_DAYS)
    assert judge(RECORD, [APPROVAL], last - timedelta(seconds=1)).verdict == "approved"
    assert judge(RECORD, [APPROVAL], last).verdict == "expired"
    assert judge(RECORD, [], last).verdict == "expired"


@pytest.mark.threat("T-02", "T-20")
def test_a_decommission_needs_the_approvals_of_two_people() -> None:
    text = '{"action":"decommission","confirm":"fraud","reason":"it has ended","team":"fraud"}'
    record = replace(RECORD, text=text)
    assert judge(record, [], NOW).reason == "waits for 2 approvals"
    assert judge(record, [APPROVAL], NOW).reason == "approved by ben; waits for one more approval"
    assert judge(record, [APPROVAL, replace(APPROVAL, user="ada")], NOW).verdict == "waits"
    judged = judge(record, [APPROVAL, replace(APPROVAL, user="chloe")], NOW)
    assert (judged.verdict, judged.approvers) == ("approved", ("ben", "chloe"))


def test_nobody_approves_what_cannot_be_read() -> None:
    approvals = [replace(APPROVAL, user=user) for user in ("ben", "chloe", "dana")]
    judged = judge(replace(RECORD, text="{"), approvals, NOW)
    assert (judged.verdict, judged.reason) == ("waits", "nobody can approve it, because it cannot be read")


@pytest.mark.parametrize(
    ("users", "earliest", "expected"),
    [
        ([], timedelta(0), f"plinth requests approve {RECORD.id} --digest {'d' * 12} --reason TEXT"),
        (["ben"], timedelta(0), f"plinth requests approve {RECORD.id} --digest {'d' * 12} --reason TEXT"),
        (["ben", "chloe"], timedelta(0), "plinth requests run"),
        (["ben", "chloe"], timedelta(days=36500), "plinth requests run, from "),
    ],
    ids=["nobody", "one of two", "both", "both, with a delay"],
)
def test_the_next_command_follows_from_the_approvals(users: list[str], earliest: timedelta, expected: str) -> None:
    text = '{"action":"decommission","confirm":"fraud","reason":"it has ended","team":"fraud"}'
    early = (NOW + earliest).isoformat() if earliest else ""
    record = replace(RECORD, text=text, earliest=early)
    judged = judge(record, [replace(APPROVAL, user=user) for user in users], NOW)
    assert next_command(record, judged, NOW).startswith(expected)


def test_a_review_is_shown_without_the_tags_of_pages():
    review = "<!-- plinth review -->\n\n### Plinth\n\n<details><summary>fraud: 1 change</summary>\n\n```text\n"
    review += "update a <details> b\n```\n\n</details>\n\nThe end\n"
    assert without_tags(review) == ("### Plinth\n\nfraud: 1 change\n\n```text\nupdate a <details> b\n```\n\nThe end")
