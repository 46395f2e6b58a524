"""SQS: receive without waiting. moto would wait inside the call forever, because the clock stands still during a
call."""

from __future__ import annotations

from typing import Any

from moto.sqs.models import Message, SQSBackend


def patch_moto() -> None:
    """Makes moto answer at once. ``plinth_sandbox.emulator.layers.long_polling`` does the waiting."""
    receive = SQSBackend.receive_message

    def receive_at_once(
        self: SQSBackend, queue_name: str, count: int, wait_seconds_timeout: int, *others: Any, **more: Any
    ) -> list[Message]:
        del wait_seconds_timeout
        found: list[Message] = receive(self, queue_name, count, 0, *others, **more)
        return found

    SQSBackend.receive_message = receive_at_once
