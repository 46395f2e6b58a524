"""A request to bring a team to the installed version of the foundation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.requested.base import PresentSettings, RequestedAction
from selfservice.changes.reviewed_change import Reviewed
from selfservice.requests.kinds.request import Request
from selfservice.requests.kinds.review_site import ReviewSite
from selfservice.upgrades.review_upgrade import review_upgrade
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.redaction import shown

_VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){0,2}[0-9a-z.+-]{0,20}")


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text):
        raise refusal(Code.WRONG_TYPE, f"{shown(text)} is not a version", "write one as `0.2.0`, in quotes")
    return text


class UpgradeRequest(Request):
    """A request to upgrade a team. Its settings stay, and its stacks are updated by another version of the program."""

    ACTIONS: ClassVar = (
        RequestedAction(
            name="upgrade",
            title="Upgrade a team",
            asks_for="the upgrade of the team",
            commit="Upgrade the team",
            unchanged="The settings of {} stay; the runner updates its stacks with the installed version.",
        ),
    )

    action: Literal["upgrade"] = Field(description="upgrade: update the stacks of a team with the installed version.")
    version: Annotated[str, AfterValidator(_version)] = Field(
        description="The version that the runner has installed.", examples=["0.2.0"]
    )

    def files(self, present: PresentSettings) -> Iterable[tuple[str, str | None]]:
        """Yields no file: the settings stay."""
        del present
        return ()

    def review(self, site: ReviewSite) -> Reviewed:
        """Previews all stacks of the team with the installed version."""
        recorded = TeamRecords(site.catalog).version_of(self.team)
        return review_upgrade(
            site.directory, self, self.version, site.folder, site.preview, site.preview_due, recorded=recorded
        )
