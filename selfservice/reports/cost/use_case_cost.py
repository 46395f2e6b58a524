"""Costs of a use case by month, from Cost Explorer, and its predictions in the same months.

Bills tell use cases apart by cost allocation tags. Cost Explorer keeps 14 months, and AWS charges 0.01 USD for each of
its answers (Cost Explorer API reference and AWS Cost Management pricing, read 2026-11-28).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from selfservice.engine.account_access import DENIED, Account
from selfservice.engine.import_discovery import Search, decoded
from selfservice.errors import BadInputError, NotConnectedError, RefusedError
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack
from selfservice.promotions.place import current_account
from selfservice.reports.cost.served_predictions import Predictions, predictions_by_month
from selfservice.reports.delivery import names_of
from settings.derived.use_case_names import UseCaseNames
from settings.team.use_case import USE_CASE_TAG
from settings.types.aws.account_access import AccountAccess
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS
from settings.types.regions import account_label_of

TEAM_TAG = "plinth:team"
_TAGS = (TEAM_TAG, USE_CASE_TAG)
_METRIC = "UnblendedCost"
_NOT_USED = ("Credit", "Refund")
"""Types of records that pay for a use case, and do not tell what it used."""
_PROVIDER = "pulumi:providers:aws"
_ROLE = "aws:iam/role:Role"


@dataclass(kw_only=True)
class Month:
    """The costs of a month in US dollars, and the predictions of production."""

    month: str
    """Such as ``2026-11``."""
    is_final: bool
    """Whether the month is over. AWS still changes the costs of the last days until it has sent the bill."""
    accounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """Costs by account: its label in the settings, or its id."""
    services: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    predictions: Predictions = field(default_factory=Predictions)

    @property
    def total(self) -> Decimal:
        return sum(self.services.values(), Decimal())


@dataclass(frozen=True, kw_only=True, slots=True)
class CostPlace:
    """The accounts of a use case, and the one that sees the costs of all."""

    names: UseCaseNames
    management: Account
    labels: Mapping[str, str]
    """Labels of the accounts by id."""
    production: Account | None
    """The account that predicts; None without releases."""


def cost_place(project: Project, use_case: str) -> CostPlace:
    """Returns the place with the credentials of the shell.

    Raises: BadInputError if there is no such use case; NotConnectedError without credentials; RefusedError if they are
    not those of the management account.
    """
    names, own = names_of(project, use_case), current_account(project.home_region)
    if own is None:
        raise NotConnectedError("it has no valid credentials of AWS (sign in to the management account)")
    if own.id != project.management_account_id:
        raise RefusedError(
            f"the shell is signed in to the account {own.id}; only the management account "
            f"{project.management_account_id} sees the costs of all accounts, so sign in there"
        )
    resources = resources_by_stack(project, [use_case])[use_case]
    prefix, search = f"{names.prefix}-{ENVIRONMENT_ABBREVIATIONS['production']}-", Search({"resources": resources})
    role = next(
        (
            resource
            for resource in resources
            if resource["type"] == _ROLE and str(resource.get("id")).startswith(prefix)
        ),
        None,
    )
    return CostPlace(
        names=names,
        management=own,
        labels=dict(map(_label, (resource for resource in resources if resource["type"] == _PROVIDER))),
        production=None if role is None else _entered(search.account_of(role).id, project.home_region),
    )


def _label(provider: Mapping[str, Any]) -> tuple[str, str]:
    """Returns id and label of a provider's account."""
    (account_id,) = decoded(provider["inputs"]["allowedAccountIds"])
    return str(account_id), account_label_of(str(provider["urn"]).rpartition("::")[2])


def _entered(account_id: str, region: str) -> Account:
    role = AccountAccess().role_arn(account_id)
    return Account(id=account_id, region=region, role_arn=role, session_name="plinth-cost")


def costs(place: CostPlace, months: int, today: date | None = None) -> list[Month]:
    """Returns the costs of the present month and of those before it; the oldest comes first.

    Raises: BadInputError if bills do not tell use cases apart; RefusedError if AWS has no costs yet.
    """
    today = today or datetime.now(UTC).date()
    first = _month_before(today.replace(day=1), months)
    with _explained():
        _require_tags(place.management)
        found = list(_months(place, first, today))
    predicted = predictions_by_month(place.production, place.names, first, today) if place.production else {}
    for month in found:
        month.predictions = predicted.get(month.month, Predictions())
    return found


def _month_before(first: date, months: int) -> date:
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _require_tags(account: Account) -> None:
    given = {"TagKeys": list(_TAGS), "Status": "Active"}
    active = {tag["TagKey"] for tag in account.every("ce", "list_cost_allocation_tags", "CostAllocationTags", **given)}
    if missing := [tag for tag in _TAGS if tag not in active]:
        raise BadInputError(
            f"the bills of the organization have no tag {missing[0]}: set `bill_by_tags: true` in plinth:organization "
            "and run `plinth up organization`. From then on, AWS attributes costs to use cases"
        )


def _months(place: CostPlace, first: date, today: date) -> Iterator[Month]:
    """Yields the months with their costs, without predictions."""
    tags = {TEAM_TAG: place.names.team, USE_CASE_TAG: place.names.use_case}
    unwanted = {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(_NOT_USED)}}
    asked = {
        # The end is no part of the time.
        "TimePeriod": {"Start": first.isoformat(), "End": (today + timedelta(days=1)).isoformat()},
        "Granularity": "MONTHLY",
        "Metrics": [_METRIC],
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in ("LINKED_ACCOUNT", "SERVICE")],
        "Filter": {
            "And": [*({"Tags": {"Key": key, "Values": [value]}} for key, value in tags.items()), {"Not": unwanted}]
        },
    }
    by_month: dict[str, Month] = {}
    for period in _periods(place.management.client("ce"), asked):
        name = period["TimePeriod"]["Start"][:7]
        month = by_month.setdefault(name, Month(month=name, is_final=name < f"{today:%Y-%m}"))
        for group in period["Groups"]:
            account, service = group["Keys"]
            usd = _usd(group["Metrics"][_METRIC])
            month.accounts[place.labels.get(account, account)] += usd
            month.services[service] += usd
    yield from (by_month[name] for name in sorted(by_month))


def _periods(client: Any, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yields the periods of all pages. A month may be on two of them."""
    following: dict[str, str] = {}
    while True:
        page = client.get_cost_and_usage(**asked, **following)
        yield from page["ResultsByTime"]
        if not page.get("NextPageToken"):
            return
        following = {"NextPageToken": page["NextPageToken"]}


def _usd(amount: Mapping[str, str]) -> Decimal:
    """Returns an amount. Raises: BadInputError for another currency."""
    if amount["Unit"] != "USD":
        raise BadInputError(f"AWS bills this organization in {amount['Unit']}; this report adds US dollars only")
    return Decimal(amount["Amount"])


@contextmanager
def _explained() -> Iterator[None]:
    """Explains why Cost Explorer has no answer. Raises: RefusedError."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "DataUnavailableException":
            raise RefusedError(
                "AWS has no costs yet: open Cost Explorer once in the console of the management account; costs follow "
                "within a day"
            ) from error
        if code in DENIED:
            raise RefusedError(f"{error}; the role needs ce:GetCostAndUsage and ce:ListCostAllocationTags") from error
        raise
