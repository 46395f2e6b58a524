"""The gate between a preview and an update: what the policy packs said, and what they could not say.

The policy SDK turns a rule that met an unknown value into an advisory message, whatever the rule's level. Left
alone, a critical rule would wave through exactly what it could not see, so those messages are counted here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from selfservice.runner.operation import Problem

_NOT_EVALUATED = "can't run policy "
"""How the policy SDK begins the message of a rule that met an unknown value (pulumi_policy/policy.py)."""

_CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One message of one policy about one resource."""

    pack: str
    policy: str
    level: str
    """``mandatory``, ``advisory`` or ``remediate``, as the engine reports it."""
    message: str
    urn: str = ""

    @property
    def refuses(self) -> bool:
        """Whether this finding forbids the update."""
        return self.level == "mandatory" or (self.was_not_evaluated and self.is_critical)

    @property
    def is_critical(self) -> bool:
        """Whether the policy holds critical rules: said by its name, as the Automation API drops its severity."""
        return self.policy.startswith(_CRITICAL)

    @property
    def was_not_evaluated(self) -> bool:
        return self.message.lstrip().startswith(_NOT_EVALUATED)

    def __str__(self) -> str:
        return f"{self.pack}/{self.policy}: {self.message.strip()}"


def refusals(findings: Iterable[Finding]) -> list[Problem]:
    """The findings that forbid the update, each once."""
    refused = {(finding.urn, str(finding)): None for finding in findings if finding.refuses}
    return [Problem(message=message, urn=urn) for urn, message in refused]
