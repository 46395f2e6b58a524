"""Errors of the plugin, with messages for the user."""

from __future__ import annotations

import re

from botocore.exceptions import ClientError

_GONE = re.compile(
    r"NotFound|NoSuch|DoesNotExist|NotExist|NonExistent|UnknownResource|^404$|InvalidAssociationID|\.Unknown$"
)


class ProviderError(Exception):
    """Base class of all errors that the plugin reports to the engine."""


class StoppedError(ProviderError):
    """The engine asked to stop, or the operation timed out."""


class UnknownTypeError(ProviderError):
    """A resource type or data source that the provider catalog does not contain."""

    def __init__(self, token: str) -> None:
        module = token.split(":")[1].split("/")[0] if token.count(":") == 2 else token
        super().__init__(
            f"{token} is not in the sandbox's provider catalog: "
            f"describe it in {module}.py of plinth_sandbox.provider.catalog, "
            "then run python -m plinth_sandbox.provider.schema"
        )


class AwsError(ProviderError):
    """AWS refused an operation, or the emulator does not know it."""

    def __init__(self, type_token: str, service: str, error: ClientError) -> None:
        details = error.response.get("Error", {})
        self.code = str(details.get("Code", ""))
        self.explanation = str(details.get("Message", ""))
        operation = f"{service} {error.operation_name}"
        reason = f"{self.code}: {self.explanation}".strip(": ")
        super().__init__(f"{type_token}: {operation}: {reason}")

    def means_absent(self, further: str = "") -> bool:
        """Returns whether the error means that the requested resource does not exist."""
        if _GONE.search(self.code):
            return True
        return bool(further and re.search(further, f"{self.code}: {self.explanation}"))


class IncompleteError(ProviderError):
    """A step failed after earlier ones had created or changed the resource. The engine must store the partial state."""

    def __init__(self, identifier: str, outputs: dict[str, object], cause: Exception) -> None:
        super().__init__(str(cause) if isinstance(cause, ProviderError) else f"{type(cause).__name__}: {cause}")
        self.identifier = identifier
        self.outputs = outputs
