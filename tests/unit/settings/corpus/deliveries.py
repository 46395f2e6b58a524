"""Bad input in deliveries of use cases."""

from __future__ import annotations

from settings.team.delivery import MAX_IMAGES
from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import TEAM, Case, Change

DELIVERY = TEAM + "use_cases.scoring.delivery"


def delivery(phase: str = "repeatable", **settings: object) -> Change:
    """Returns a change that writes a use case with this delivery, in an organization of this phase."""
    use_cases = {"scoring": {"delivery": settings}}
    return lambda project: project.organization(phase=phase).team(use_cases=use_cases)


DELIVERIES = [
    Case(
        169,
        "delivery before the tooling account",
        delivery("initial"),
        Code.NOT_IN_PHASE,
        DELIVERY,
        ("tooling account", "repeatable"),
    ),
    Case(
        170,
        "too many images",
        delivery(images=[f"image-{number}" for number in range(MAX_IMAGES + 1)]),
        Code.DELIVERY,
        f"{DELIVERY}.images",
        (f"({MAX_IMAGES})", "combine several"),
    ),
    Case(
        171,
        "image named twice",
        delivery(images=["train", "train"]),
        Code.DELIVERY,
        f"{DELIVERY}.images",
        ("occurs 2 times", "write it once"),
    ),
    Case(
        172,
        "image with capitals",
        delivery(images=["Train"]),
        Code.SLUG,
        f"{DELIVERY}.images[0]",
        ("container image name", "try train"),
    ),
    Case(
        173,
        "builds of three minutes",
        delivery(build_minutes=3),
        Code.OUT_OF_RANGE,
        f"{DELIVERY}.build_minutes",
        ("5 to 2,160 minutes", "5"),
    ),
    Case(
        174,
        "team with the prefix of feature groups",
        lambda project: project.team("features"),
        Code.STACK_UNKNOWN,
        "",
        ("reserved by the foundation",),
    ),
]
