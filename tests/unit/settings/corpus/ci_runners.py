"""Bad input in settings of the runners in the cluster."""

from __future__ import annotations

from typing import Any

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ORGANIZATION, Case, Change, organization

_CI = ORGANIZATION + "tooling_cluster.ci"


def _runners(**changes: Any) -> Change:
    settings = {
        "address": "https://gitlab.acme.example",
        "image": f"sha256:{'d' * 64}",
        "helper_image": f"sha256:{'e' * 64}",
        "job_images": [f"sha256:{'f' * 64}"],
        "teams": {"fraud": {}},
        **changes,
    }
    return organization(phase="scalable", placement="large", tooling_cluster={"ci": settings})


CI_RUNNERS = [
    Case(
        231,
        f"runners with {field}: {value}",
        _runners(**{field: value}),
        code,
        f"{_CI}.{place}",
        says,
    )
    for field, place, value, code, says in (
        ("address", "address", "http://gitlab.acme.example", Code.FORMAT, ("is not the address of a GitLab instance",)),
        ("address", "address", "https://gitlab.acme.example/ci", Code.FORMAT, ("write no path",)),
        ("image", "image", "17.0", Code.FORMAT, ("sha256",)),
        ("job_images", "job_images", [], Code.FIELD_MISSING, ("so that no job could run", "digest of an image")),
        ("job_images", "job_images[0]", ["python:3.11"], Code.FORMAT, ("sha256",)),
        ("teams", "teams", {}, Code.FIELD_MISSING, ("so that no job could run", "remove ci")),
        ("teams", "teams", {"frau": {}}, Code.CI_TEAM, ("is not the name of a team", "(fraud)")),
        ("teams", "teams.fraud.jobs", {"fraud": {"jobs": 0}}, Code.OUT_OF_RANGE, ("1 to 100 jobs",)),
        (
            "teams",
            "teams.fraud.memory_gib",
            {"fraud": {"memory_gib": 1024}},
            Code.OUT_OF_RANGE,
            ("1 to 256 GiB", "the nearest is 256"),
        ),
        (
            "teams",
            "teams",
            {f"team-{letter}": {} for letter in "abcdefghijklm"},
            Code.OUT_OF_RANGE,
            ("has 13 teams, and the stack has room for 12",),
        ),
        (
            "proxy",
            "proxy.address",
            {"address": "https://proxy.acme.example", "cidr": "10.200.4.0/22"},
            Code.FORMAT,
            ("is not the address of a proxy", "http://proxy.acme.example:3128"),
        ),
    )
]
