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
            yield "\n".join([f"{danger}:", *(f"  {line}" for one in findings for line in self._lines(one))])
        yield from self._rest()

    def as_markdown(self) -> Iterator[str]:
        """Yields the same in Markdown. Values are in code blocks, because strangers choose names of resources."""
        for danger, findings in self._by_danger():
            yield f"**{danger}**"
            yield code_block("\n".join(line for one in findings for line in self._lines(one)))
        yield from self._rest(markdown=True)

    def as_document(self) -> dict[str, Any]:
        """Returns the report for JSON."""
        return {
            "findings": [
                {**asdict(one), "principals": list(one.principals), "account_name": self.found.names.get(one.account)}
                for one in self.found.findings
            ],
            "accepted": self.found.accepted,
            "not_read": [asdict(one) for one in self.found.unread],
            "accounts": self.found.accounts,
            "accounts_without_stacks": list(self.found.not_ours),
        }

    @property
    def total(self) -> str:
        findings = self.found.findings
        accounts = {one.account for one in findings}
        count = f"{counted(len(findings), 'finding')} in {counted(len(accounts), 'account')}" if findings else "none"
        accepted = f", {self.found.accepted} accepted by the settings" if self.found.accepted else ""
        return f"beyond the settings: {count}{accepted}; {counted(self.found.accounts, 'account')} read"

    def _by_danger(self) -> Iterator[tuple[Danger, list[Finding]]]:
        for danger, findings in groupby(self.found.findings, key=lambda one: one.danger):
            yield danger, list(findings)

    def _lines(self, one: Finding) -> Iterator[str]:
        yield f"{self._account(one.account)}: {one.service}: {one.resource}"
        who = ", ".join(one.principals)
        yield f"  allows {f'{who}: ' if who else ''}{one.allows}"
        if one.since:
            yield f"  since {one.since}"
        yield f"  {one.remedy}{f' ({one.note})' if one.note else ''}"

    def _account(self, id_: str) -> str:
        name = self.found.names.get(id_)
        return f"{name} ({id_})" if name else id_

    def _rest(self, *, markdown: bool = False) -> Iterator[str]:
        if self.found.findings:
            yield _ACCEPT
        if self.found.unread:
            lines = [
                f"{self._account(one.account)}: {one.what}{f' in {one.region}' if one.region else ''}: {one.reason}"
                for one in self.found.unread
            ]
            yield "Not read, so nobody knows what it allows:"
            yield code_block("\n".join(lines)) if markdown else "\n".join(f"  {line}" for line in lines)
        if self.found.not_ours:
            listed = ", ".join(map(self._account, self.found.not_ours))
            yield f"Accounts of the organization that no stack deploys into, which were not read: {listed}"
