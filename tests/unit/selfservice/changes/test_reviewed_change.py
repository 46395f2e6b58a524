"""Tests of the changed settings that a review refuses, and of the count of stacks."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from selfservice.changes.reviewed_change import ReviewedChange
from selfservice.operations.operation import Outcome, Problem, Status
from selfservice.reviews.review import Review

LOST = Problem(urn="urn", message="fraud: would replace a bucket; no waiver allows it")


def reviewed(*unwaived: Problem) -> ReviewedChange:
    outcome = Outcome(status=Status.SUCCEEDED, changes={"replace": 1}, unwaived=unwaived)
    review = Review(revision="", commit="", stacks=1, teams={}, reasons={"fraud": ""}, outcomes={"fraud": outcome})
    unused: Any = SimpleNamespace()
    return ReviewedChange(request=unused, change=unused, review=review, code="")


def test_a_request_that_would_delete_data_without_a_waiver_is_refused_in_its_review() -> None:
    assert reviewed(LOST).refusals == [f"fraud: {LOST.message}"]
    assert reviewed().refusals == []


def test_a_worker_reports_the_missing_waivers_with_its_outcome() -> None:
    outcome = Outcome(status=Status.SUCCEEDED, unwaived=(LOST,))
    assert Outcome.from_json(asdict(outcome)) == outcome


def test_the_summary_and_the_heading_of_a_review_count_the_same_stacks() -> None:
    outcomes = {
        "fraud": Outcome(status=Status.SUCCEEDED, changes={"create": 2}),
        "tooling": Outcome(status=Status.SUCCEEDED),
    }
    review = Review(revision="", commit="", stacks=9, teams={}, reasons=dict.fromkeys(outcomes, ""), outcomes=outcomes)
    unused: Any = SimpleNamespace(announcement=lambda _template: "")
    found = ReviewedChange(request=unused, change=unused, review=review, code="")
    assert found.summary == "1 of 9 stacks would change"
    assert "### Plinth: 1 of 9 stacks would change\n" in found.markdown(10_000)
