"""A dataset of the lake."""

from __future__ import annotations

from typing import Literal

Classification = Literal["public", "internal", "confidential", "restricted"]
"""How much harm it does when others read it."""
Exposure = Literal["raw", "anonymised", "approved"]
"""raw: as it was taken in. anonymised: without persons. approved: let go as it is, by its owner's word."""
