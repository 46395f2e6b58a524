"""AWS calls for one resource, within its timeout."""

from __future__ import annotations

import threading
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from plinth_sandbox.provider.errors import AwsError, ProviderError, StoppedError
from plinth_sandbox.provider.operations.operation import Operation
from plinth_sandbox.provider.operations.session import Session
from plinth_sandbox.provider.vocabulary import Properties


class Caller:
    """Makes calls for one resource until its timeout passes or the engine cancels."""

    def __init__(
        self,
        session: Session,
        type_token: str,
        service: str,
        region: str | None,
        cancelled: threading.Event,
        timeout_seconds: float,
    ) -> None:
        self.session = session
        self.type = type_token
        self._service = service
        self._region = region
        self._cancelled = cancelled
        self._deadline = time.monotonic() + timeout_seconds

    def aws(self, operation: str, /, **arguments: Any) -> dict[str, Any]:
        """Returns the answer of one operation (`create_key`, `sts:get_caller_identity`). Catalog functions use it too.

        Raises AwsError, StoppedError.
        """
        self.check_time()
        named_service, _, method = operation.rpartition(":")
        service = named_service or self._service
        client = self.session.client(service, self._region)
        try:
            answer: dict[str, Any] = getattr(client, method)(**arguments)
        except ClientError as error:
            raise AwsError(self.type, service, error) from error
        except BotoCoreError as error:
            raise ProviderError(f"{self.type}: {service} {method}: {error}") from error
        return answer

    def run(self, operation: Operation, known: Properties) -> dict[str, Any]:
        """Returns the answer of a catalog call."""
        return self.aws(operation.name, **operation.arguments(known))

    def pause(self, seconds: float) -> None:
        """Waits between two repetitions of a call. Raises StoppedError if no time is left."""
        self.check_time()
        self._cancelled.wait(seconds)
        self.check_time()

    def check_time(self) -> None:
        """Raises StoppedError if the engine asked to stop or the timeout passed."""
        if self._cancelled.is_set():
            raise StoppedError(f"{self.type}: cancelled")
        if time.monotonic() > self._deadline:
            raise StoppedError(f"{self.type}: not complete within its timeout")

    def place(self) -> dict[str, Any]:
        """Returns the resource's location for templates."""
        return {
            "@account": self.session.account_id,
            "@region": self._region or self.session.region,
            "@partition": self.session.partition,
        }
