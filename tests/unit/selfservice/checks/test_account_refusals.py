"""Refusals of AWS Organizations are shown with their cause, whether they are tried again, and what stays (row 60)."""

from __future__ import annotations

import pytest

from selfservice.checks.account_refusals import explained

_WAITED = "waiting for AWS Organizations Account (car-1) create: unexpected state 'FAILED', wanted target 'SUCCEEDED'. "
_CALLED = "operation error Organizations: CreateAccount, https response error StatusCode: 400, RequestID: 1, "


@pytest.mark.parametrize(
    ("message", "cause", "retry"),
    [
        (f"{_WAITED}last error: EMAIL_ALREADY_EXISTS", "Another AWS account has this e-mail", "does not help"),
        (f"{_WAITED}last error: ACCOUNT_LIMIT_EXCEEDED", "L-E619E033", "does not help"),
        (
            f"{_CALLED}ConstraintViolationException: You have exceeded the allowed number of AWS accounts.",
            "L-E619E033",
            "does not help",
        ),
        (f"{_WAITED}last error: CONCURRENT_ACCOUNT_MODIFICATION", "Another change of the organization", "tried again"),
        (
            f"{_CALLED}ConcurrentModificationException: AWS Organizations can't complete your request.",
            "Another change of the organization",
            "tried again",
        ),
        (f"{_CALLED}TooManyRequestsException: Rate exceeded", "limits the rate of calls", "tried again"),
        (f"{_WAITED}last error: INTERNAL_FAILURE", "has failed to create the account", "Run it again"),
    ],
)
def test_a_refusal_is_explained(message: str, cause: str, retry: str) -> None:
    said, meaning = explained(message).split("\n")
    assert said == message
    assert cause in meaning
    assert retry in meaning
    assert meaning.endswith("Accounts that exist by now stay, and the next run creates only the others.")


@pytest.mark.parametrize(
    "message",
    [
        "operation error S3: CreateBucket, TooManyRequestsException: Rate exceeded",
        "operation error Glue: UpdateTable, ConcurrentModificationException: try again",
        f"{_CALLED}AccessDeniedException: not authorized",
    ],
)
def test_other_errors_stay_as_they_are(message: str) -> None:
    assert explained(message) == message
