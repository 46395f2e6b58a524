"""People who take part in a promotion, and who of them may approve it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from settings.types.naming import profile_name


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person by what AWS and git know: the name of a session, an email address, a name."""

    part: str
    """Action of the person, as in "wrote the training code"."""
    names: tuple[str, ...]

    def is_called(self, name: str) -> bool:
        """Returns whether one of the names is that of a user. The part of an email address before ``@`` counts, and
        the name of the user's Studio profile, which records of SageMaker contain."""
        wanted = {*_forms(name), profile_name(name.strip()).casefold()}
        return any(wanted & _forms(own_name) for own_name in self.names)

    def as_record(self) -> dict[str, Any]:
        return {"part": self.part, "names": list(self.names)}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Person:
        return cls(part=record["part"], names=tuple(record["names"]))


def user_of(arn: str) -> str:
    """Returns the name of the person behind an ARN: the session of an assumed role, or an IAM user.

    IAM Identity Center names sessions after the user.
    """
    return arn.rpartition("/")[2]


def faults_of_approval(approver: str, allowed: Sequence[str], involved: Iterable[Person]) -> list[str]:
    """Returns why an approval is void: the approver is not listed, or took part in what was approved (AMB-05)."""
    faults = []
    if not any(is_same(approver, name) for name in allowed):
        faults.append(f"{approver} is not an approver of this stage; approvers are {', '.join(allowed)}")
    faults += [f"{approver} {person.part}" for person in involved if person.is_called(approver)]
    return faults


def is_same(name: str, other: str) -> bool:
    """Returns whether two user names are those of one person. Two addresses have to be equal, because their domains may
    be those of two companies."""
    if "@" in name and "@" in other:
        return name.strip().casefold() == other.strip().casefold()
    return bool(_forms(name) & _forms(other))


def _forms(name: str) -> set[str]:
    lower = name.strip().casefold()
    return {form for form in (lower, lower.partition("@")[0]) if form}
