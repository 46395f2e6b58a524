"""Formats the status of a sandbox as text."""

from __future__ import annotations

from typing import Any


def status_text(status: dict[str, Any]) -> str:
    if not status["running"]:
        return f"The sandbox in {status['directory']} is not running. Start it: plinth sandbox up"
    lines = [
        f"Emulated AWS  {status['url']}, process {status['pid']}, since {status['started']}",
        f"Directory     {status['directory']}",
        f"State         {status['journalled_calls']:,} calls in the journal",
        f"Memory        {status['peak_memory_mib']} MiB at most",
        f"Accounts      {len(status['accounts'])}",
        *(f"  {account['id']}  {account['name']}  {account['status']}" for account in status["accounts"]),
    ]
    lines += _counted("Stored, not emulated (answered from stored requests)", status["stored_not_emulated"])
    lines += _counted("Refused (neither emulated nor stored)", status["refused"])
    if status["undelivered_events"]:
        lines += _counted("Events that did not reach a target", status["undelivered_events"])
    return "\n".join([*lines, "What it cannot show", *(f"  {item}" for item in status["cannot_show"])])


def _counted(title: str, counts: dict[str, int]) -> list[str]:
    if not counts:
        return [f"{title}: none"]
    return [title, *(f"  {count:>5}  {operation}" for operation, count in counts.items())]
