"""The approval of a version in the registry, which proposes its promotion (AMB-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from runtime.promotion.decisions.people import Person, user_of
from runtime.promotion.records import Records, proposal_of
from runtime.promotion.versions import Version
from settings.data.promotion_layout import PROPOSED


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The approval of a version in the registry."""

    at: str
    """Time in ISO 8601, in UTC, so that the texts of proposals have the order of their times."""
    by: Person | None
    """Person who approved; None if the registry does not say."""

    def as_record(self) -> dict[str, Any]:
        return {"at": self.at, "by": self.by.as_record() if self.by else None}


def proposed(version: Version, records: Records, promotion_arn: str) -> Proposal:
    """Returns the proposal of an approved version.

    SageMaker remembers only the last change of a version, and the marks of the promotion are changes too. The proposal
    is therefore recorded before the first mark, and read from the record if the promotion changed the version last.

    Args: ``promotion_arn`` is the ARN of the session of the promotion role.
    """
    name = proposal_of(version.number)
    changer = version.changer
    ours = _role_of(changer.get("IamIdentity", {}).get("Arn", "")) == _role_of(promotion_arn)
    if ours and (found := records.read(name)):
        return Proposal(at=found["at"], by=Person.of_record(found["by"]) if found["by"] else None)
    names = [changer.get("UserProfileName", ""), user_of(changer.get("IamIdentity", {}).get("Arn", ""))]
    known = tuple(name for name in names if name)
    proposal = Proposal(
        at=version.changed_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        by=Person(part=PROPOSED, names=known) if known else None,
    )
    records.write(name, proposal.as_record())
    return proposal


def _role_of(arn: str) -> str:
    """Returns the ARN of a session of a role without the name of the session."""
    return arn.rpartition("/")[0]
