"""Cost Explorer: which charges an account sees, by month and by what they are grouped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from plinth_sandbox.testing import EmulatedAws, refusal

TODAY = datetime.now(UTC).date()
FIRST = TODAY.replace(day=1)
LAST_MONTH = (FIRST - timedelta(days=1)).replace(day=1)
TOMORROW = TODAY + timedelta(days=1)
LATER = TODAY + timedelta(days=30)
"""A day that is in the future also if the tests run over midnight."""
SERVICE, TAX = "Amazon SageMaker", "Tax"


def charge(account: str, amount: str, **changed: Any) -> dict[str, Any]:
    return {
        "day": FIRST.isoformat(),
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
            charge(account, "8", day=LAST_MONTH.isoformat()),
            charge(account, "-3", category="Credit"),
            charge("210987654321", "100"),
        ]
    )
    return account


def asked(start: object = LAST_MONTH, end: object = TOMORROW, **more: Any) -> dict[str, Any]:
    period = {"Start": str(start), "End": str(end)}
    return {"TimePeriod": period, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"], **more}


def amounts(result: dict[str, Any]) -> dict[tuple[str, ...], Decimal]:
    return {tuple(one["Keys"]): Decimal(one["Metrics"]["UnblendedCost"]["Amount"]) for one in result["Groups"]}


def test_charges_are_added_by_month_and_group(aws: EmulatedAws, charged: str) -> None:
    groups = [{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}, {"Type": "DIMENSION", "Key": "SERVICE"}]
    usage = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}}
    of_account = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [charged]}}
    answer = aws.client("ce").get_cost_and_usage(**asked(GroupBy=groups, Filter={"And": [usage, of_account]}))
    before, present = answer["ResultsByTime"]
    assert amounts(before) == {(charged, SERVICE): Decimal(8)}
    assert amounts(present) == {(charged, "AWS Lambda"): Decimal("0.75"), (charged, SERVICE): Decimal("1.25")}
    assert (before["Estimated"], present["Estimated"]) == (False, True)
    assert present["TimePeriod"] == {"Start": str(FIRST), "End": str(TOMORROW)}


def test_an_account_sees_its_own_charges_and_the_management_account_all(aws: EmulatedAws, charged: str) -> None:
    (own,) = aws.client("ce", charged).get_cost_and_usage(**asked(start=FIRST))["ResultsByTime"]
    assert own["Total"]["UnblendedCost"] == {"Amount": "-1.00", "Unit": "USD"}
    (every,) = aws.client("ce").get_cost_and_usage(**asked(start=FIRST))["ResultsByTime"]
    assert Decimal(every["Total"]["UnblendedCost"]["Amount"]) >= Decimal(99)


def test_bills_have_a_tag_only_while_it_is_active(aws: EmulatedAws, charged: str) -> None:
    ce = aws.client("ce")
    of_use_case = asked(start=FIRST, Filter={"Tags": {"Key": "use-case", "Values": ["scoring"]}})

    def total() -> Decimal:
        (found,) = ce.get_cost_and_usage(**of_use_case)["ResultsByTime"]
        return Decimal(found["Total"]["UnblendedCost"]["Amount"])

    assert total() == 0
    by_tag = asked(start=FIRST, GroupBy=[{"Type": "TAG", "Key": "use-case"}])
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
    (found,) = aws.client("ce", charged).get_cost_and_usage(**asked(start=FIRST, Filter=wanted))["ResultsByTime"]
    assert Decimal(found["Total"]["UnblendedCost"]["Amount"]) == Decimal("1.25")


OLD = (FIRST - timedelta(days=31 * 14)).replace(day=1)


@pytest.mark.parametrize(
    "wrong",
    [
        asked(start=LATER),
        asked(start=TODAY, end=TODAY),
        asked(start=LATER, end=LATER + timedelta(days=1)),
        asked(start=OLD),
        asked(Filter={"And": [{"Tags": {"Key": "use-case", "Values": ["scoring"]}}]}),
        asked(GroupBy=[{"Type": "DIMENSION", "Key": key} for key in ("SERVICE", "LINKED_ACCOUNT", "RECORD_TYPE")]),
        asked(
            Filter={
                "Tags": {"Key": "use-case", "Values": ["scoring"]},
                "Dimensions": {"Key": "SERVICE", "Values": [SERVICE]},
            }
        ),
    ],
    ids=["end before start", "empty", "future", "too old", "one operand", "three groups", "two operators"],
)
def test_what_aws_refuses_is_refused(aws: EmulatedAws, wrong: dict[str, Any]) -> None:
    assert refusal(aws.client("ce").get_cost_and_usage, **wrong) == "ValidationException"


def test_a_member_account_has_no_cost_allocation_tags(aws: EmulatedAws, charged: str) -> None:
    assert refusal(aws.client("ce", charged).list_cost_allocation_tags) == "AccessDeniedException"
