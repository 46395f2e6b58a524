"""The error of the promotion."""

from __future__ import annotations


class PromotionError(Exception):
    """The promotion cannot go on. The message says why, for a person."""


class NoApprovedVersionError(PromotionError):
    """The registry has no approved version of the model."""


class SupersededError(PromotionError):
    """The execution has nothing to do: another one does the same, a later version was promoted since, or there is no
    approved version yet."""
