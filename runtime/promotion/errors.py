"""The error of the promotion."""

from __future__ import annotations


class PromotionError(Exception):
    """The promotion cannot go on. The message says why, for a person."""


class SupersededError(PromotionError):
    """Another execution of the pipeline does the same, or a later version was promoted since."""
