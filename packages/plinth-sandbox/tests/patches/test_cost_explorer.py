"""Cost Explorer: which charges an account sees, by month and by what they are grouped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from plinth_sandbox.testing import EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

TODAY = datetime.now(UTC).date()
LATER = TODAY + timedelta(days=30)
"""A day that is in the future also if the tests run over midnight."""
OLD = (TODAY.replace(day=1) - timedelta(days=31 * 14)).replace(day=1)
SERVICE, TAX = "Amazon SageMaker", "Tax"


def _in_a_month_that_goes_on() -> date | None:
    moment = datetime.now(UTC)
    return moment.date() if (moment + timedelta(minutes=2)).month == moment.month else None


@cache
def today() -> date:
    """Returns the day on which these tests begin. At the end of a month they wait for the next one, because charges are
    estimated until their month has ended."""
    return eventually(_in_a_month_that_goes_on)


def first() -> date:
    return today().replace(day=1)


def last_month() -> date:
    return (first() - timedelta(days=1)).replace(day=1)


def tomorrow() -> date:
    return today() + timedelta(days=1)


def charge(account: str, amount: str, **changed: Any) -> dict[str, Any]:
    return {
        "day": first().isoformat(),
        "account": account,
        "service": SERVICE,
        "amount": amount,
        "category": "Usage",
        "tags": {"use-case": "scoring"},
        **changed,
    }


@pytest.fixture(scope="module")
def charged(aws: EmulatedAws) -> str:
    """Returns an account with charges of this month and the last one."""
    account = aws.new_account("charged")
    aws.charge(
        [
            charge(account, "1.25"),
            charge(account, "0.75", service="AWS Lambda"),
            charge(account, "8", day=last_month().isoformat()),
            charge(account, "-3", category="Credit"),
            charge("210987654321", "100"),
        ]
    )
    return account


def asked(start: date | None = None, end: date | None = None, **more: Any) -> dict[str, Any]:
    period = {"Start": str(start or last_month()), "End": str(end or tomorrow())}
    return {"TimePeriod": period, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"], **more}


def amounts(result: dict[str, Any]) -> dict[tuple[str, ...], Decimal]:
    return {tuple(group["Keys"]): Decimal(group["Metrics"]["UnblendedCost"]["Amount"]) for group in result["Groups"]}


def test_charges_are_added_by_month_and_group(aws: EmulatedAws, charged: str) -> None:
    groups = [{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}, {"Type": "DIMENSION", "Key": "SERVICE"}]
    usage = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}}
    of_account = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [charged]}}
    answer = aws.client("ce").get_cost_and_usage(**asked(GroupBy=groups, Filter={"And": [usage, of_account]}))
    before, present = answer["ResultsByTime"]
    assert amounts(before) == {(charged, SERVICE): Decimal(8)}
    assert amounts(present) == {(charged, "AWS Lambda"): Decimal("0.75"), (charged, SERVICE): Decimal("1.25")}
    assert (before["Estimated"], present["Estimated"]) == (False, True)
    assert present["TimePeriod"] == {"Start": str(first()), "End": str(tomorrow())}


def test_an_account_sees_its_own_charges_and_the_management_account_all(aws: EmulatedAws, charged: str) -> None:
    (own,) = aws.client("ce", charged).get_cost_and_usage(**asked(start=first()))["ResultsByTime"]
    assert own["Total"]["UnblendedCost"] == {"Amount": "-1.00", "Unit": "USD"}
    (every,) = aws.client("ce").get_cost_and_usage(**asked(start=first()))["ResultsByTime"]
    assert Decimal(every["Total"]["UnblendedCost"]["Amount"]) >= Decimal(99)


def test_bills_have_a_tag_only_while_it_is_active(aws: EmulatedAws, charged: str) -> None:
    ce = aws.client("ce")
    of_use_case = asked(start=first(), Filter={"Tags": {"Key": "use-case", "Values": ["scoring"]}})

    def total() -> Decimal:
        (found,) = ce.get_cost_and_usage(**of_use_case)["ResultsByTime"]
        return Decimal(found["Total"]["UnblendedCost"]["Amount"])

    assert total() == 0
    by_tag = asked(start=first(), GroupBy=[{"Type": "TAG", "Key": "use-case"}])
    (found,) = aws.client("ce", charged).get_cost_and_usage(**by_tag)["ResultsByTime"]
    assert set(amounts(found)) == {("use-case$",)}
    ce.update_cost_allocation_tags_status(CostAllocationTagsStatus=[{"TagKey": "use-case", "Status": "Active"}])
    assert total() >= Decimal(99)
    (found,) = aws.client("ce", charged).get_cost_and_usage(**by_tag)["ResultsByTime"]
    assert set(amounts(found)) == {("use-case$scoring",)}


def test_charges_outlast_a_restart_with_not_and_or(aws: EmulatedAws, charged: str) -> None:
    aws.restart()
    credit = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", TAX]}}
    other = {"Dimensions": {"Key": "SERVICE", "Values": ["AWS Lambda"]}}
    wanted = {"Not": {"Or": [credit, other]}}
    (found,) = aws.client("ce", charged).get_cost_and_usage(**asked(start=first(), Filter=wanted))["ResultsByTime"]
    assert Decimal(found["Total"]["UnblendedCost"]["Amount"]) == Decimal("1.25")


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": LATER},
        {"start": TODAY, "end": TODAY},
        {"start": LATER, "end": LATER + timedelta(days=1)},
        {"start": OLD},
        {"Filter": {"And": [{"Tags": {"Key": "use-case", "Values": ["scoring"]}}]}},
        {"GroupBy": [{"Type": "DIMENSION", "Key": key} for key in ("SERVICE", "LINKED_ACCOUNT", "RECORD_TYPE")]},
        {
            "Filter": {
                "Tags": {"Key": "use-case", "Values": ["scoring"]},
                "Dimensions": {"Key": "SERVICE", "Values": [SERVICE]},
            }
        },
    ],
    ids=["end before start", "empty", "future", "too old", "one operand", "three groups", "two operators"],
)
def test_what_aws_refuses_is_refused(aws: EmulatedAws, wrong: dict[str, Any]) -> None:
    assert refusal(aws.client("ce").get_cost_and_usage, **asked(**wrong)) == "ValidationException"


def test_a_member_account_has_no_cost_allocation_tags(aws: EmulatedAws, charged: str) -> None:
    assert refusal(aws.client("ce", charged).list_cost_allocation_tags) == "AccessDeniedException"
