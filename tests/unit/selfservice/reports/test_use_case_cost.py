"""Tests of the monthly cost of a use case, and of the number of its predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from components.serving.served_variant import VARIANT
from components.serving.trial import CANDIDATE
from selfservice.cli.command import main
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError, ExitCode, RefusedError
from selfservice.reports.cost import served_predictions, use_case_report
from selfservice.reports.cost.served_predictions import Predictions
from selfservice.reports.cost.use_case_cost import CostPlace, Month, costs
from settings.derived.use_case_names import UseCaseNames
from stacks.organization.costs import COST_TAGS
from tests.support.workbench import REPOSITORY

TODAY = date(2026, 3, 9)
NAMES = UseCaseNames(team="fraud", use_case="scoring")
LABELS = {"111111111111": "tooling", "222222222222": "fraud-production"}
SAGEMAKER, LAMBDA = "Amazon SageMaker", "AWS Lambda"


def period(month: str, *groups: tuple[str, str, str], unit: str = "USD") -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": f"{month}-01", "End": "2026-12-31"},
        "Groups": [
            {"Keys": [account, service], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": unit}}}
            for account, service, amount in groups
        ],
    }


class Accounts:
    """An account whose answers are given by operation."""

    id = "999999999999"

    def __init__(self, *pages: dict[str, Any], tags: tuple[str, ...] = COST_TAGS, **listed: list[Any]) -> None:
        self.pages, self.listed = pages, {"list_cost_allocation_tags": [{"TagKey": tag} for tag in tags], **listed}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def every(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        self.asked.append((operation, arguments))
        return iter(self.listed.get(operation, []))

    def client(self, service: str) -> Any:
        return SimpleNamespace(get_cost_and_usage=self._page)

    def _page(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(("get_cost_and_usage", asked))
        number = int(asked.get("NextPageToken", 0))
        more = {"NextPageToken": str(number + 1)} if number + 1 < len(self.pages) else {}
        return {"ResultsByTime": [self.pages[number]], **more}


def place(management: Accounts, production: Accounts | None = None) -> CostPlace:
    accounts = {"management": cast(Account, management), "production": cast(Account | None, production)}
    return CostPlace(names=NAMES, labels=LABELS, **accounts)


def test_costs_are_added_by_month_account_and_service_over_all_pages() -> None:
    found = costs(
        place(
            Accounts(
                period("2026-02", ("111111111111", SAGEMAKER, "1.5"), ("333333333333", SAGEMAKER, "0.25")),
                period("2026-03", ("222222222222", SAGEMAKER, "2")),
                period("2026-03", ("222222222222", LAMBDA, "0.1")),
            )
        ),
        1,
        TODAY,
    )
    before, present = found
    assert (before.month, before.is_final, before.total) == ("2026-02", True, Decimal("1.75"))
    assert before.accounts == {"tooling": Decimal("1.5"), "333333333333": Decimal("0.25")}
    assert (present.month, present.is_final) == ("2026-03", False)
    assert present.accounts == {"fraud-production": Decimal("2.1")}
    assert present.services == {SAGEMAKER: Decimal(2), LAMBDA: Decimal("0.1")}


def test_only_what_has_the_tags_of_the_use_case_is_asked_for_without_credits() -> None:
    management = Accounts(period("2025-12"))
    costs(place(management), 3, TODAY)
    (asked,) = (given for operation, given in management.asked if operation == "get_cost_and_usage")
    assert asked["TimePeriod"] == {"Start": "2025-12-01", "End": "2026-03-10"}
    assert asked["Filter"]["And"] == [
        {"Tags": {"Key": "plinth:team", "Values": ["fraud"]}},
        {"Tags": {"Key": "plinth:use-case", "Values": ["scoring"]}},
        {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}},
    ]


def test_bills_without_the_tags_are_one_error_with_the_setting_that_adds_them() -> None:
    with pytest.raises(BadInputError, match=r"have no tag plinth:use-case: set `bill_by_tags: true`"):
        costs(place(Accounts(tags=("plinth:team",))), 3, TODAY)


def test_another_currency_is_refused_and_not_added() -> None:
    with pytest.raises(BadInputError, match="bills this organization in CNY"):
        costs(place(Accounts(period("2026-03", ("111111111111", SAGEMAKER, "1"), unit="CNY"))), 0, TODAY)


@pytest.mark.parametrize(
    ("code", "said"),
    [("DataUnavailableException", "open Cost Explorer once"), ("AccessDeniedException", "ce:GetCostAndUsage")],
)
def test_cost_explorer_without_an_answer_says_what_to_do(code: str, said: str) -> None:
    management = Accounts()

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetCostAndUsage")

    management.client = lambda service: SimpleNamespace(get_cost_and_usage=refuse)  # type: ignore[method-assign]
    with pytest.raises(RefusedError, match=said):
        costs(place(management), 0, TODAY)


def test_predictions_are_requests_of_answering_variants_and_completed_batches() -> None:
    answering = {"Timestamps": [datetime(2026, 2, 27, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)], "Values": [7, 5]}
    run = {"StartTime": datetime(2026, 3, 2, tzinfo=UTC), "PipelineExecutionStatus": "Succeeded"}
    production = Accounts(
        get_metric_data=[answering, {"Timestamps": [datetime(2026, 3, 1, tzinfo=UTC)], "Values": [1]}],
        list_pipelines=[{"PipelineName": "fraud--scoring-prod-inference"}],
        list_pipeline_executions=[run, {**run, "PipelineExecutionStatus": "Failed"}],
    )
    management = Accounts(period("2026-02"), period("2026-03"))
    before, present = costs(place(management, production), 1, TODAY)
    assert before.predictions == Predictions(requests=7)
    assert present.predictions == Predictions(requests=6, batches=1)
    (asked,) = (given for operation, given in production.asked if operation == "get_metric_data")
    variants = {
        tuple(dimension["Value"] for dimension in query["MetricStat"]["Metric"]["Dimensions"])
        for query in asked["MetricDataQueries"]
    }
    assert variants == {("fraud--scoring-prod", VARIANT), ("fraud--scoring-prod", CANDIDATE)}
    assert set(served_predictions.ANSWERING) == {VARIANT, CANDIDATE}


def month(name: str, usd: str, *, is_final: bool = True, **predictions: int) -> Month:
    return Month(
        month=name,
        is_final=is_final,
        accounts={"fraud-production": Decimal(usd)},
        services={SAGEMAKER: Decimal(usd)},
        predictions=Predictions(**predictions),
    )


def test_the_report_has_a_line_for_each_month_and_the_cost_of_a_thousand_requests() -> None:
    text = use_case_report.as_text(
        "fraud--scoring",
        [month("2026-02", "30", requests=9000), month("2026-03", "2.5", is_final=False, requests=1000)],
    )
    lines = [line.split() for line in text.splitlines()]
    assert ["month", "fraud-production", "total", "requests", "batches"] in lines
    assert ["2026-02", "30.00", "30.00", "9,000", "0"] in lines
    assert ["2026-03", "*", "2.50", "2.50", "1,000", "0"] in lines
    assert "3.25 for each 1,000 requests" in text


def test_the_cost_of_requests_is_not_told_beside_batches_which_nobody_can_compare() -> None:
    assert "1,000 requests" not in use_case_report.as_text(
        "fraud--scoring", [month("2026-02", "3", requests=9, batches=1)]
    )


def test_nothing_charged_is_said_and_no_table_of_zeros() -> None:
    text = use_case_report.as_text("fraud--scoring", [Month(month="2026-03", is_final=False)])
    assert text.endswith("AWS has charged nothing with its tags since 2026-03.")


def test_the_report_for_programs_has_numbers() -> None:
    (found,) = json.loads(use_case_report.as_json("fraud--scoring", [month("2026-02", "0.125", batches=2)]))["months"]
    assert found == {
        "month": "2026-02",
        "is_final": True,
        "usd": 0.13,
        "accounts": {"fraud-production": 0.13},
        "services": {SAGEMAKER: 0.13},
        "requests": 0,
        "batches": 2,
    }


@pytest.mark.parametrize("words", ["--use-case fraud--scoring --teams 3", "--months 2"])
def test_options_of_the_other_report_are_refused(words: str) -> None:
    result = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "cost", *words.split()])
    assert result.exit_code == ExitCode.BAD_INPUT
    assert "remove" in result.output
