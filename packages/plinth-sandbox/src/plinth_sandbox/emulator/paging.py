"""Pages of listings. The token of a page is the position of its first item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def page(
    found: Sequence[T], parameters: Mapping[str, Any], size: int, *, token: str = "NextToken", limit: str = "MaxResults"
) -> tuple[Sequence[T], dict[str, str]]:
    """Returns the requested page, and the member of the answer that leads to the next one, if there is one.

    ``token`` and ``limit`` are members of the request, and ``size`` is the default of the limit.
    """
    start = int(parameters.get(token) or 0)
    end = start + int(parameters.get(limit) or size)
    return found[start:end], {token: str(end)} if end < len(found) else {}
