"""The job input and the result of one stack operation: plain data that the command line and its workers exchange."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

DEFAULT_LOCK_MINUTES = 60
"""The slowest resources, such as databases and clusters, take AWS less than an hour each."""
_URN = re.compile(r"urn:pulumi:\S+")
_CONNECTION = re.compile(r"dial tcp \S+ .*", re.DOTALL)
"""Why a request of the engine's plugins did not reach a service (Go's package ``net``, ``OpError``)."""


class Action(StrEnum):
    """The action of an operation."""

    PREVIEW = "preview"
    UP = "up"
    DESTROY = "destroy"


class Status(StrEnum):
    """The result of an operation."""

    SUCCEEDED = "succeeded"
    UNCHANGED = "unchanged"
    """There was nothing to change."""
    REFUSED = "refused"
    """Policy enforcement or a check refused the operation."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """A dependency did not succeed."""
    INTERRUPTED = "interrupted"

    @property
    def lets_dependents_go_on(self) -> bool:
        return self in (Status.SUCCEEDED, Status.UNCHANGED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One action on one stack."""

    action: Action
    stack: str
    project_directory: Path
    upstream: tuple[str, ...] = ()
    """Stacks whose outputs this one may read. They are initialised too, so that a preview can request their outputs."""
    policy_packs: tuple[Path, ...] = ()
    refresh: bool = False
    """Whether the engine reads the resources from AWS first."""
    keeps_protected: bool = False
    """Whether a destruction leaves protected resources and destroys the others. Otherwise it is refused."""
    diff: bool = False
    """Whether the outcome lists the changed properties."""
    parallel: int = 16
    """Number of parallel resource operations. The engine's default has no memory bound (pulumi/pulumi#14989)."""
    rehearsal: str | None = None
    """The preproduction stack that this production stack must equal (ACC-06). Policies compare the two."""
    rehearsal_file: Path | None = None
    """File with the resources of the rehearsal. Its own operation writes the file if it is part of this run."""
    record_file: Path | None = None
    """File to write the resources of this stack to; None if no other stack must equal it."""
    lock_path: Path
    """File of the stack lock, which the worker holds while it runs."""
    fingerprints: Path
    """Folder to which the worker writes the fingerprint of a stack that needs no change."""
    lock_timeout_minutes: int = DEFAULT_LOCK_MINUTES
    """Minutes to wait for locks of the backend that other engines hold."""
    approved: tuple[str, ...] | None = None
    """The steps that an update may consist of (``approved_steps``); None without an approval."""

    @property
    def is_rehearsed_in_this_run(self) -> bool:
        """Whether the same command also operates on the rehearsal."""
        return self.rehearsal_file is not None and self.rehearsal_file.parent.name == self.rehearsal

    def as_json(self) -> str:
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        body = json.loads(text)
        return cls(
            action=Action(body["action"]),
            stack=body["stack"],
            project_directory=Path(body["project_directory"]),
            upstream=tuple(body["upstream"]),
            policy_packs=tuple(Path(pack) for pack in body["policy_packs"]),
            refresh=body["refresh"],
            keeps_protected=body["keeps_protected"],
            diff=body["diff"],
            parallel=body["parallel"],
            rehearsal=body["rehearsal"],
            rehearsal_file=_path(body["rehearsal_file"]),
            record_file=_path(body["record_file"]),
            lock_path=Path(body["lock_path"]),
            fingerprints=Path(body["fingerprints"]),
            lock_timeout_minutes=body["lock_timeout_minutes"],
            approved=None if body["approved"] is None else tuple(body["approved"]),
        )


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """An error message of the engine, a provider or a policy."""

    message: str
    urn: str = ""
    """The affected resource; empty if there is none."""
    rule: str = ""
    """The rule of a policy pack that refused the resource; empty for other errors."""

    @property
    def finding(self) -> str:
        """The message without the description of its policy and without the rule, which a heading contains."""
        _, found, finding = self.message.partition(f"{self.rule}: ")
        if not found:
            return self.message.strip()
        return (finding.partition("\n")[2] or finding if "/" in self.rule else finding).strip()

    @property
    def cause(self) -> str:
        """Part of the message that equal errors of different resources have in common."""
        unreached = _CONNECTION.search(self.message)
        return unreached[0] if unreached else _URN.sub("", self.message)


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyChange:
    """One property that an update changes. The values are safe to print: secrets are hidden, long texts are cut."""

    path: str
    """For example ``rules[0].expiration.days``."""
    old: str
    new: str


CHANGED, DELETED = "changed", "deleted"
"""Steps of drift, which somebody made in AWS."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One resource that an update changes, or that somebody changed in AWS."""

    urn: str
    step: str
    """``create``, ``update``, ``replace``, ``delete`` or another step of the engine; ``changed`` or ``deleted`` for
    drift."""
    properties: tuple[PropertyChange, ...] = ()
    """The changed properties; empty for creations and deletions."""
    reasons: tuple[str, ...] = ()
    """The properties that require a replacement."""
    component: str = ""
    """URN of the outermost component that contains the resource; empty if there is none."""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        properties = tuple(PropertyChange(**each) for each in body["properties"])
        return cls(**{**body, "properties": properties, "reasons": tuple(body["reasons"])})


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The result of one operation with its details."""

    status: Status
    changes: Mapping[str, int] = field(default_factory=dict)
    """Number of steps by kind (create, update, replace, delete), without steps that change nothing."""
    drifted: tuple[str, ...] = ()
    """URNs of resources that differed from the state. Only operations with a refresh know them."""
    drift: tuple[Difference, ...] = ()
    """How they differed."""
    resources: int = 0
    """Number of resources after the operation, or after the previewed update."""
    accounts: tuple[str, ...] = ()
    """Ids of the AWS accounts that the stack outputs name."""
    problems: tuple[Problem, ...] = ()
    differences: tuple[Difference, ...] = ()
    """The changed resources with their properties. Only a preview with ``diff`` lists them."""
    unwaived: tuple[Problem, ...] = ()
    """Why an update would be refused after this preview: data that it would delete without a waiver."""
    not_read: tuple[str, ...] = ()
    """URNs of resources that a refresh with the roles for reviews left out, because these roles cannot read them."""
    seconds: float = 0.0
    reason: str = ""
    """Why the stack was skipped as unchanged; empty if it was run."""
    held_up_by: str = ""
    """The stack whose failure kept this one from starting, directly or through others; empty for other outcomes."""

    @property
    def changed(self) -> int:
        return sum(self.changes.values())

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        return cls(
            status=Status(body["status"]),
            changes=dict(body["changes"]),
            drifted=tuple(body["drifted"]),
            drift=tuple(map(Difference.from_json, body.get("drift", ()))),
            resources=body["resources"],
            accounts=tuple(body["accounts"]),
            problems=tuple(Problem(**problem) for problem in body["problems"]),
            differences=tuple(map(Difference.from_json, body.get("differences", ()))),
            unwaived=tuple(Problem(**problem) for problem in body.get("unwaived", ())),
            not_read=tuple(body.get("not_read", ())),
            seconds=body["seconds"],
            reason=body["reason"],
        )
