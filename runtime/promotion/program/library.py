"""The library of use cases: the version that a deployment repository pins, and the one that the promotion runs."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

from runtime.promotion.errors import PromotionError

NAME = "plinth-project"
FILE = "requirements.txt"
_PINNED = re.compile(rf"^{NAME}==(?P<version>(?P<major>\d+)\S*)", re.MULTILINE)


def refuse_other_library(requirements: str) -> None:
    """Refuses a repository that pins another first number of the library than the one of the promotion, whose program
    and tests would fail in ways that nobody understands. A repository that pins none has its own copy.

    Raises: PromotionError.
    """
    pinned = _PINNED.search(requirements)
    if pinned is None:
        return
    try:
        own = version(NAME)
    except PackageNotFoundError:
        raise PromotionError(
            f"the image of the promotion lacks {NAME}; install packages/plinth-project in it"
        ) from None
    if own.partition(".")[0] != pinned["major"]:
        raise PromotionError(
            f"{FILE} of the deployment repository pins {NAME} {pinned['version']}, and the promotion has {own}: their "
            "first numbers have to be equal. Pin the version of the promotion, or ask the platform team to update the "
            "image of the promotion"
        )
