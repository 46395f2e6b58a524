"""Findings that the settings do not declare, by danger: the result of a search of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from selfservice.formatting import code_block, counted
from selfservice.undeclared.finding import Danger, Finding
from selfservice.undeclared.search import Undeclared

_ACCEPT = (
    "If somebody answers for one of them, add it to `accepted_findings` of plinth:organization in Pulumi.yaml with the "
    "resource as printed, the reason and the last day."
)


@dataclass(frozen=True, slots=True)
class UndeclaredReport:
    """The findings of a search as text, Markdown and JSON."""

    found: Undeclared

    def as_text(self) -> Iterator[str]:
        """Yields the paragraphs of the report, without the total."""
        for danger, findings in self._by_danger():
            yield "\n".join([f"{danger}:", *(f"  {line}" for finding in findings for line in self._lines(finding))])
        yield from self._rest()

    def as_markdown(self) -> Iterator[str]:
        """Yields the same in Markdown. Values are in code blocks, because strangers choose names of resources."""
        for danger, findings in self._by_danger():
            yield f"**{danger}**"
            yield code_block("\n".join(line for finding in findings for line in self._lines(finding)))
        yield from self._rest(markdown=True)

    def as_document(self) -> dict[str, Any]:
        """Returns the report for JSON."""
        return {
            "findings": [
                {
                    **asdict(finding),
                    "principals": list(finding.principals),
                    "account_name": self.found.names.get(finding.account),
                }
                for finding in self.found.findings
            ],
            "accepted": self.found.accepted,
            "not_read": [asdict(unread) for unread in self.found.unread],
            "accounts": self.found.accounts,
            "accounts_without_stacks": list(self.found.not_ours),
        }

    @property
    def total(self) -> str:
        findings = self.found.findings
        accounts = {finding.account for finding in findings}
        count = f"{counted(len(findings), 'finding')} in {counted(len(accounts), 'account')}" if findings else "none"
        accepted = f", {self.found.accepted} accepted by the settings" if self.found.accepted else ""
        return f"beyond the settings: {count}{accepted}; {counted(self.found.accounts, 'account')} read"

    def _by_danger(self) -> Iterator[tuple[Danger, list[Finding]]]:
        for danger, findings in groupby(self.found.findings, key=lambda finding: finding.danger):
            yield danger, list(findings)

    def _lines(self, finding: Finding) -> Iterator[str]:
        yield f"{self._account(finding.account)}: {finding.service}: {finding.resource}"
        who = ", ".join(finding.principals)
        yield f"  allows {f'{who}: ' if who else ''}{finding.allows}"
        if finding.since:
            yield f"  since {finding.since}"
        yield f"  {finding.remedy}{f' ({finding.note})' if finding.note else ''}"

    def _account(self, id_: str) -> str:
        name = self.found.names.get(id_)
        return f"{name} ({id_})" if name else id_

    def _rest(self, *, markdown: bool = False) -> Iterator[str]:
        if self.found.findings:
            yield _ACCEPT
        if self.found.unread:
            lines = [
                f"{self._account(unread.account)}: {unread.what}{f' in {unread.region}' if unread.region else ''}: "
                f"{unread.reason}"
                for unread in self.found.unread
            ]
            yield "Not read, so nobody knows what it allows:"
            yield code_block("\n".join(lines)) if markdown else "\n".join(f"  {line}" for line in lines)
        if self.found.not_ours:
            listed = ", ".join(map(self._account, self.found.not_ours))
            yield f"Accounts of the organization that no stack deploys into, which were not read: {listed}"
