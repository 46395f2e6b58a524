"""Reads what a page shows of a use case, each part with a role of the person that may see it.

Names come from the settings. No part lists what belongs to other use cases, so a page takes a limited number of calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from runtime.promotion.records import review_of
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError, RefusedError
from selfservice.portal.access.permission_sets import (
    BUILDS,
    PROMOTIONS,
    RUNS,
    VERSIONS,
    Needed,
    comparisons_in,
)
from selfservice.portal.access.permission_sets import endpoints_in as endpoints_needed
from selfservice.portal.access.sessions import Session
from selfservice.portal.access.visitor import Visitors, role_in
from selfservice.promotions.monitoring.comparisons import newest_report, rows
from selfservice.promotions.monitoring.places import place_in as monitoring_in
from selfservice.promotions.monitoring.switch import read_switch
from selfservice.promotions.place import PromotionPlace, explained, place_in
from selfservice.reports import delivery
from selfservice.reports.delivery import DeliveryPlace, Row
from selfservice.reports.lineage.versions import Endpoint, endpoints_in
from selfservice.reports.model_versions import ModelVersion, versions_in
from selfservice.reports.promotions import PromotionReport, report_of
from settings.derived.use_case_names import GROUP_BRANCHES, UseCaseNames
from settings.types.kinds import ENVIRONMENTS, RELEASED_TO, ReleasedTo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from settings.derived.accounts import Account as Placed
    from settings.derived.foundation import Foundation

MOST = 10
"""Builds, runs and versions on a page."""
MOST_PROMOTIONS = 5
"""Promotions on a page. Each takes several calls."""
_MOST_OF_A_REVIEW = 64 * 1024
"""Bytes of a review on a page. The changes of code in it may be longer."""
_ABSENT = ("NoSuchBucket", "PipelineNotFoundException", "ResourceNotFound", "ResourceNotFoundException")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part(Generic[T]):
    """A part of a page, or why the person does not see it."""

    found: T | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """Results of monitoring in an environment."""

    newest: Row | None
    """The newest comparison; None without one in the last 30 days."""
    off: str
    """Sentence that says who stopped predictions; empty if they are on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseParts:
    """The parts of a page."""

    builds: Part[list[Row]]
    runs: Part[list[Row]]
    versions: Part[list[ModelVersion]]
    promotions: Part[PromotionReport]
    review: Part[str]
    """Review of the newest promotion that waits for an approval, in Markdown."""
    monitoring: Mapping[ReleasedTo, Part[Watched]]
    endpoints: Mapping[ReleasedTo, Part[list[Endpoint]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseReader:
    """Reads a use case with a delivery as a person."""

    visitors: Visitors
    session: Session
    foundation: Foundation
    names: UseCaseNames

    @property
    def has_promotions(self) -> bool:
        return bool(self.foundation.approvers_of(self.names.team, self.names.use_case))

    def may(self, needed: Needed) -> bool:
        """Returns whether the person has one of the permission sets."""
        return role_in(self.session, needed, self._placed(needed)) is not None

    def account(self, needed: Needed) -> Account:
        """Returns the account as the person reaches it. Raises: RefusedError, SignedOutError."""
        return self.visitors.account(self.session, needed, self._placed(needed))

    def promotions_with(self, needed: Needed) -> PromotionPlace:
        """Returns the promotion pipeline as the person reaches it. Raises: RefusedError, SignedOutError."""
        return place_in(self.foundation, self.names.prefix, self.account(needed))

    def parts(self) -> UseCaseParts:
        """Reads all parts at the same time. Raises: SignedOutError once the sign-in has ended."""
        groups = [self.names.model_group(branch) for branch in GROUP_BRANCHES]
        with ThreadPoolExecutor() as threads:
            builds = threads.submit(self.part, BUILDS, lambda: delivery.builds(self._delivery(BUILDS), most=MOST))
            runs = threads.submit(self.part, RUNS, lambda: delivery.runs(self._delivery(RUNS), most=MOST))
            versions = threads.submit(
                self.part, VERSIONS, lambda: versions_in(self._delivery(VERSIONS), groups, most=MOST)
            )
            promotions = threads.submit(self._promotions)
            watched = {
                environment: threads.submit(self._watched, environment)
                for environment in RELEASED_TO
                if self.has_promotions
            }
            endpoints = self.endpoints(threads)
            report, review = promotions.result()
            return UseCaseParts(
                builds=builds.result(),
                runs=runs.result(),
                versions=versions.result(),
                promotions=report,
                review=review,
                monitoring={environment: future.result() for environment, future in watched.items()},
                endpoints={environment: endpoint.result() for environment, endpoint in endpoints.items()},
            )

    def endpoints(self, threads: ThreadPoolExecutor) -> dict[ReleasedTo, Future[Part[list[Endpoint]]]]:
        """Begins to read the endpoints of each environment. There are none without promotions."""
        return {
            environment: threads.submit(self._endpoints, environment)
            for environment in RELEASED_TO
            if self.has_promotions
        }

    def _endpoints(self, environment: ReleasedTo) -> Part[list[Endpoint]]:
        needed = endpoints_needed(environment)
        prefix = f"{self.names.prefix}-"
        return self.part(needed, lambda: list(endpoints_in(self.account(needed), environment, prefix)))

    def part(self, needed: Needed, read: Callable[[], T]) -> Part[T]:
        """Reads a part, or says why the person does not see it. Raises: SignedOutError."""
        try:
            with explained(str(needed)), absence_told(self.names):
                return Part(found=read())
        except BadInputError as error:
            return Part(problem=str(error))
        except RefusedError as error:
            remedy = "" if "permission set" in str(error) else f"; the permission set {needed} shows it"
            return Part(problem=f"{error}{remedy}")

    def _promotions(self) -> tuple[Part[PromotionReport], Part[str]]:
        """Returns the promotions, and the review of the newest one that waits for an approval."""
        if not self.has_promotions:
            return Part(), Part()

        def read() -> PromotionReport:
            return report_of(self.promotions_with(PROMOTIONS), most=MOST_PROMOTIONS)

        report = self.part(PROMOTIONS, read)
        waiting = (
            next((promotion for promotion in report.found.promotions if promotion.waits_in), None)
            if report.found
            else None
        )
        if waiting is None:
            return report, Part()
        name = review_of(waiting.plan or waiting.execution)
        records = self.promotions_with(PROMOTIONS).records
        return report, self.part(PROMOTIONS, lambda: records.read_text(name, _MOST_OF_A_REVIEW) or "")

    def _watched(self, environment: ReleasedTo) -> Part[Watched]:
        needed = comparisons_in(environment)

        def read() -> Watched:
            place = monitoring_in(self.names, environment, self.account(needed))
            newest, state = newest_report(place, datetime.now(UTC).date()), read_switch(place)
            return Watched(newest=rows([newest])[0] if newest else None, off=state.sentence if state.is_off else "")

        return self.part(needed, read)

    def _delivery(self, needed: Needed) -> DeliveryPlace:
        """Returns the place of what is read in one of the accounts."""
        account = self.account(needed)
        gates = self.foundation.minimum_gates_of(self.names.team, self.names.use_case)
        return DeliveryPlace(names=self.names, tooling=account, development=account, minimum_gates=gates)

    def _placed(self, needed: Needed) -> Placed:
        return self.foundation.account_of(needed.kind, self.names.team if needed.kind in ENVIRONMENTS else None)


@contextmanager
def absence_told(names: UseCaseNames) -> Iterator[None]:
    """Raises an error of AWS about something that does not exist as BadInputError."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        raise BadInputError(
            f"it is not deployed, or nothing was done yet: {error.response['Error']['Message']} "
            f"(`plinth up {names.prefix} --with-needs` deploys it)"
        ) from error
