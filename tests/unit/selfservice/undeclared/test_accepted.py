"""Which findings the settings accept, and until when."""

from __future__ import annotations

from datetime import date

import pytest

from selfservice.undeclared.accepted import LONGEST_DAYS, Acceptance, matches
from selfservice.undeclared.finding import Danger, Finding
from selfservice.undeclared.search import Undeclared
from settings.organization.accepted_finding import AcceptedFinding

TODAY = date(2029, 12, 1)
ROLE = "arn:aws:iam::111122223333:role/scanner-7"


def finding(resource=ROLE, *principals):
    return Finding(
        danger=Danger.TAKE_OVER,
        account="111122223333",
        service="IAM",
        resource=resource,
        allows="acting",
        principals=principals,
        remedy="Delete it.",
    )


def accepted(**changes):
    values = {
        "resource": "arn:aws:iam::111122223333:role/scanner-*",
        "reason": "The security team installs its scanner.",
        "requester": "security@acme.example",
        "expires": "2030-01-31",
    }
    return AcceptedFinding.model_validate({**values, **changes})


def left(*entries, found=None):
    return Acceptance(entries, TODAY).applied_to(Undeclared(findings=(found or finding(),)))


def test_an_accepted_finding_is_counted_and_not_reported():
    result = left(accepted())
    assert (result.findings, result.accepted) == ((), 1)


def test_another_resource_is_still_reported():
    result = left(accepted(), found=finding("arn:aws:iam::111122223333:role/other"))
    assert (len(result.findings), result.accepted) == (1, 0)


@pytest.mark.parametrize(
    ("expires", "words"), [("2029-11-30", "expired after 2029-11-30"), ("2031-01-01", f"more than {LONGEST_DAYS} days")]
)
def test_a_finding_says_why_its_acceptance_does_not_hold(expires, words):
    (found,) = left(accepted(expires=expires)).findings
    assert words in found.note


def test_one_valid_acceptance_is_enough():
    assert left(accepted(expires="2029-11-30"), accepted()).findings == ()


@pytest.mark.parametrize(
    ("principals", "matching"),
    [(("a:user/one",), True), (("a:user/one", "a:user/two"), True), (("a:user/one", "b:user/one"), False), ((), False)],
)
def test_an_acceptance_of_a_principal_covers_only_findings_that_name_no_other(principals, matching):
    assert matches(accepted(principal="a:user/*"), finding(ROLE, *principals)) is matching
