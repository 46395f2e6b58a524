"""Which permission sets show a part of a use case, or allow a decision about it.

IAM decides. These names say which of a person's roles is asked, and which one others need.
"""

from __future__ import annotations

from dataclasses import dataclass

from selfservice.reports.audit.questions import PERMISSION_SET
from settings.data.promotion_layout import BUSINESS
from settings.types.kinds import Kind

_OPERATOR, _LEAD = "MLOpsEngineer-tooling", "LeadScientist-tooling"
_DATA_SCIENTISTS = (_OPERATOR, _LEAD, "MLEngineer-tooling", "DataScientist-tooling")
_BUSINESS = ("ProductOwner-tooling", "BusinessAnalyst-tooling")
_AUDITOR = "Auditor-accounts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Needed:
    """Kind of account and permission sets that a page or an action needs."""

    kind: Kind
    """Kind of the account."""
    permission_sets: tuple[str, ...]
    """Permission sets that suffice. Those that reach most teams come first."""

    def __str__(self) -> str:
        *others, last = self.permission_sets
        return f"{', '.join(others)} or {last}" if others else last


BUILDS = Needed(kind="tooling", permission_sets=_DATA_SCIENTISTS)
RUNS = Needed(
    kind="development",
    permission_sets=(
        "MLOpsEngineer-environments", "LeadScientist-development", "MLEngineer-development",
        "DataScientist-development", _AUDITOR,
    ),
)  # fmt: skip
VERSIONS = Needed(kind="tooling", permission_sets=(*_DATA_SCIENTISTS, _AUDITOR))
PROMOTIONS = Needed(kind="tooling", permission_sets=(*_DATA_SCIENTISTS, *_BUSINESS))
REQUESTS_USE_CASES = Needed(kind="tooling", permission_sets=(_LEAD,))
QUESTIONS = Needed(kind="audit", permission_sets=(PERMISSION_SET,))
DECIDES_ON_VERSIONS = Needed(kind="tooling", permission_sets=(_LEAD,))
_DECIDES_ON_RELEASES = Needed(kind="tooling", permission_sets=(_LEAD,))
_DECIDES_FOR_BUSINESS = Needed(kind="tooling", permission_sets=(_LEAD, *_BUSINESS))


def comparisons_in(kind: Kind) -> Needed:
    """Returns what the comparisons of monitoring in an environment need."""
    return Needed(kind=kind, permission_sets=("MLOpsEngineer-environments", "MLEngineer-releases"))


def endpoints_in(kind: Kind) -> Needed:
    """Returns what the endpoints of an environment need."""
    return Needed(kind=kind, permission_sets=("MLOpsEngineer-environments", "MLEngineer-releases", _AUDITOR))


def decides_on(stage: str) -> Needed:
    """Returns what a decision about an approval of a stage needs."""
    return _DECIDES_FOR_BUSINESS if stage == BUSINESS else _DECIDES_ON_RELEASES
