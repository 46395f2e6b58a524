"""Policy enforcement: decides between preview and update whether findings refuse the update.

If a rule reads an unknown value, the policy SDK reports an advisory message whatever the rule's level. A critical rule
that could not be evaluated must not let the update pass, so those messages refuse it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from selfservice.operations.operation import Problem

_NOT_EVALUATED = "can't run policy "
"""Start of the policy SDK's message for a rule that read an unknown value (pulumi_policy/policy.py)."""

_CRITICAL = "critical"

_RULE = re.compile(r"^[A-Z]{2,3}-\d\d [^:\n]+(?=: )", re.MULTILINE)
"""Id and title of a rule of the foundation at the start of a line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One report of a rule about one resource."""

    pack: str
    policy: str
    level: str
    """``mandatory``, ``advisory`` or ``remediate``, as the engine reports it."""
    message: str
    urn: str = ""

    @property
    def refuses(self) -> bool:
        """Whether this finding refuses the update."""
        return self.level == "mandatory" or (self.was_not_evaluated and self.is_critical)

    @property
    def is_critical(self) -> bool:
        """Whether the policy contains critical rules. Taken from its name: the Automation API drops severities."""
        return self.policy.startswith(_CRITICAL)

    @property
    def was_not_evaluated(self) -> bool:
        return self.message.lstrip().startswith(_NOT_EVALUATED)

    @property
    def rule(self) -> str:
        """The rule: its id and title, if the message contains them, or else the name of its policy."""
        found = _RULE.search(self.message)
        return found[0] if found else f"{self.pack}/{self.policy}"

    def __str__(self) -> str:
        return f"{self.pack}/{self.policy}: {self.message.strip()}"


def refusals(findings: Iterable[Finding]) -> list[Problem]:
    """Returns the findings that refuse the update, each once."""
    refused = {(finding.urn, str(finding)): finding.rule for finding in findings if finding.refuses}
    return [Problem(message=message, urn=urn, rule=rule) for (urn, message), rule in refused.items()]
