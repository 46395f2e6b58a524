"""Bad input in tags and cost centres."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import TEAM, Case, team

TAGS = [
    Case(56, "AWS's prefix", team(tags={"aws:x": "1"}), Code.TAG_RESERVED, TEAM + "tags.aws:x", ("reserved for AWS",)),
    Case(
        56,
        "the foundation's prefix",
        team(tags={"Plinth:team": "x"}),
        Code.TAG_RESERVED,
        TEAM + "tags.Plinth:team",
        ("reserved for the foundation",),
    ),
    Case(
        56,
        "the platform's prefix",
        team(tags={"platform:x": "1"}),
        Code.TAG_RESERVED,
        TEAM + "tags.platform:x",
        ("reserved for the foundation",),
    ),
    Case(
        56,
        "the data perimeter's",
        team(tags={"dp:exclude": "1"}),
        Code.TAG_RESERVED,
        TEAM + "tags.dp:exclude",
        ("data perimeter",),
    ),
    Case(
        56,
        "too many",
        team(tags={f"tag-{n}": "x" for n in range(41)}),
        Code.TAG_COUNT,
        TEAM + "tags",
        ("41 tags", "at most 40", "50"),
    ),
    Case(
        56,
        "long key",
        team(tags={"k" * 129: "x"}),
        Code.TAG_KEY,
        TEAM + "tags." + "k" * 64 + "…",
        ("has 129 characters", "128"),
    ),
    Case(
        56,
        "long value",
        team(tags={"key": "v" * 257}),
        Code.TAG_VALUE,
        TEAM + "tags.key",
        ("has 257 characters", "256"),
    ),
    Case(56, "illegal character", team(tags={"key": "a<b"}), Code.TAG_VALUE, TEAM + "tags.key", ("< at position 2",)),
    Case(56, "empty key", team(tags={"": "x"}), Code.TAG_KEY, TEAM + 'tags.""', ("is empty", "1-128")),
    Case(
        56,
        "twins by case",
        team(tags={"Area": "x", "area": "y"}),
        Code.TAG_TWIN,
        TEAM + "tags.area",
        ("differs only in case from Area",),
    ),
    Case(
        56,
        "twin of the organization's",
        lambda project: project.organization(tags={"Area": "x"}).team(tags={"area": "y"}),
        Code.TAG_TWIN,
        TEAM + "tags.area",
        ("from Area",),
    ),
    Case(
        56,
        "cost centre",
        team(cost_centre="c" * 65),
        Code.COST_CENTRE,
        TEAM + "cost_centre",
        ("has 65 characters", "64"),
    ),
]
