"""The error of the promotion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class PromotionError(Exception):
    """The promotion cannot go on. The message says why, for a person."""

    def __init__(self, message: str, alarms: Sequence[Mapping[str, str]] = ()) -> None:
        """``alarms`` are those that fired during a deployment: name, time and reason."""
        super().__init__(message)
        self.alarms = alarms


class NoApprovedVersionError(PromotionError):
    """The registry has no approved version of the model."""


class SupersededError(PromotionError):
    """The execution has nothing to do: another one does the same, a later version was promoted since, or there is no
    approved version yet."""
