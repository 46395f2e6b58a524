"""Sessions whose calls are judged: those that a service opens for a run, and those that they open in turn.

A service opens a session with an access key of its own. The call is in the journal, so a replay knows the sessions too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Principal
from plinth_sandbox.emulator.authorization.documents import managed_policy, policy_of
from plinth_sandbox.emulator.authorization.principals import role_of, role_principal
from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.credentials import service_of
from plinth_sandbox.executors.session import ORIGIN_HEADER

JUDGED_SESSIONS = "judged-sessions"
"""Topic of the judged sessions by access key, in the memory of the emulator."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the calls of a session come from."""

    source_arn: str = ""
    """ARN of the resource for which a service opened the session."""
    subnets: Sequence[str] = ()
    """Subnets in which the run has its network interfaces. Without any, it has a network of the service."""
    readers: Mapping[str, str] = field(default_factory=dict)
    """Roles as which Lake Formation lets the run read, by location."""
    account: str = ""
    """Account of the subnets, if it is not that of the role."""

    @classmethod
    def of(cls, call: Call) -> Origin:
        text = call.request.header(ORIGIN_HEADER)
        return cls(**json.loads(text)) if text else cls()


@dataclass(frozen=True, slots=True)
class JudgedSession:
    """A session of a role whose calls are judged."""

    role_arn: str
    name: str
    origin: Origin
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tags: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[str, ...] = ()
    """Session policies: documents, and ARNs of managed policies."""
    source_identity: str = ""
    """Name of the person for whom the session is. It persists in the sessions that it opens."""

    def reader_of(self, call: Call) -> str | None:
        """Returns the role as which Lake Formation lets the run make a read of S3, or None."""
        if call.service != "s3" or not call.only_reads:
            return None
        key = call.parameters.get("Key", call.parameters.get("Prefix", ""))
        wanted = f"s3://{call.parameters.get('Bucket')}/{key}"
        places = self.origin.readers.items()
        return next((reader for place, reader in places if wanted.startswith(f"{place.rstrip('/')}/")), None)

    @property
    def account(self) -> str:
        return self.role_arn.split(":")[4]

    @property
    def context(self) -> dict[str, tuple[str, ...]]:
        """The context keys that all calls of the session have."""
        return {"aws:SourceIdentity": (self.source_identity,)} if self.source_identity else {}

    @property
    def network_account(self) -> str:
        """The account of the network from which the calls come."""
        return self.origin.account or self.account

    def principal(self) -> Principal | None:
        """Returns the session as the evaluator sees it, or None if the role no longer exists."""
        role = role_of(self.role_arn)
        if role is None:
            return None
        principal = role_principal(role, self.name)
        return replace(
            principal,
            tags={**principal.tags, **self.tags},
            transitive_tags=self.transitive_tags,
            session_policies=tuple(self._session_policies()) if self.policies else None,
        )

    def _session_policies(self) -> list[Policy]:
        from moto.iam.models import iam_backends

        found = []
        for text in self.policies:
            if text.startswith("arn:"):
                found.append(managed_policy(iam_backends[self.account]["aws"].managed_policies[text]))
            elif (policy := policy_of("session policy", text)) is not None:
                found.append(policy)
        return found


def opened(call: Call, opener: JudgedSession | None) -> JudgedSession:
    """Returns the session that a successful AssumeRole opens. ``opener`` is None for a service."""
    given: Mapping[str, Any] = call.parameters
    inherited = dict(opener.transitive_tags) if opener else {}
    tags = {**{tag["Key"]: tag["Value"] for tag in given.get("Tags", [])}, **inherited}
    transitive = {key: tags[key] for key in {*given.get("TransitiveTagKeys", []), *inherited} if key in tags}
    policies = [given["Policy"]] if given.get("Policy") else []
    policies += [policy_arn["arn"] for policy_arn in given.get("PolicyArns", [])]
    return JudgedSession(
        role_arn=str(given["RoleArn"]),
        name=str(given["RoleSessionName"]),
        origin=Origin(subnets=opener.origin.subnets, account=opener.network_account) if opener else Origin.of(call),
        source_identity=str(given.get("SourceIdentity") or (opener.source_identity if opener else "")),
        tags=tags,
        transitive_tags=transitive,
        policies=tuple(policies),
    )


def is_service(call: Call) -> bool:
    """Whether a service makes a call as itself."""
    return service_of(call.access_key) is not None
