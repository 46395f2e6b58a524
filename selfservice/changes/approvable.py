"""Facts to which an approval is bound: the request, the settings files, the program with its policies, the template of
a use case, and the previews."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Approvable:
    """The facts of a review whose digest a person approves."""

    request: str
    """The request as JSON."""
    files: Mapping[str, str]
    """SHA-256 digests of the changed settings files, by name."""
    code: str
    """Digest of the program and of the policy packs."""
    steps: Mapping[str, Sequence[str]]
    """Steps of the previews by stack, in dependency order."""
    reasons: Mapping[str, str]
    """Why each stack is affected."""
    cost: str
    """Change of the fixed monthly cost in US dollars."""
    template: str = ""
    """Template of a use case that is created, with its version and the commit; empty for other requests."""

    @property
    def digest(self) -> str:
        """SHA-256 digest of all facts."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    def as_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))

    def difference(self, files: Mapping[str, str], code: str, template: str) -> str | None:
        """Returns what has changed since the review, or None."""
        if dict(files) != dict(self.files):
            return "the settings have changed"
        if template != self.template:
            return f"the template has changed from {self.template} to {template}"
        return "the program or its policies have changed" if code != self.code else None
