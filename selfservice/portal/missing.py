"""The error for an address without a page."""

from __future__ import annotations


class MissingPageError(Exception):
    """There is nothing at an address. The message says what is missing."""
