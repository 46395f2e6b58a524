"""Settings of accepted findings: what `plinth drift` finds and somebody answers for."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import Field

from settings.organization.waiver import Day
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import Checked, EmailAddress, Reason

_RESOURCE = r"arn:aws:[a-z0-9-]+:[a-z0-9-]*:[0-9]{0,12}:[^\s*?\[][^\s?\[]{1,}"
"""An ARN whose service, region and account are written out. `*` may stand in the name of the resource."""
_PRINCIPAL = r"[^\s*?\[][^*?\[]{3,}\*?"


def _resource(text: str) -> str:
    if not re.fullmatch(_RESOURCE, text):
        rule = "is not an ARN with its service and account, in which only the end of the name has a `*`"
        raise refusal(Code.FORMAT, rule, "copy the resource of the finding from `plinth drift`")
    return text


def _principal(text: str) -> str:
    if not re.fullmatch(_PRINCIPAL, text):
        rule = "is not a principal, or the beginning of one with `*` at the end"
        raise refusal(Code.FORMAT, rule, "copy the principal of the finding from `plinth drift`")
    return text


FoundResource = Annotated[str, Checked(_resource, {"pattern": f"^{_RESOURCE}$"})]
FoundPrincipal = Annotated[str, Checked(_principal, {"pattern": f"^{_PRINCIPAL}$"})]


class AcceptedFinding(Settings):
    """Something in AWS that no stack declares, and that somebody answers for until a day."""

    resource: FoundResource = Field(
        description="The resource as `plinth drift` prints it. `*` stands for any characters of its name.",
        examples=["arn:aws:iam::111122223333:role/scanner-*"],
    )
    principal: FoundPrincipal | None = Field(
        default=None,
        description="Accepts access of this principal only, as `plinth drift` prints it; `*` may end it. Default: of "
        "everybody.",
        examples=["arn:aws:iam::111122223333:role/scanner"],
    )
    reason: Reason = Field(
        description="Why it exists, and why no stack declares it.",
        examples=["The security team installs its scanner from another program."],
    )
    requester: EmailAddress = Field(
        description="Address of the person who answers for it.", examples=["security@acme.example"]
    )
    expires: Day = Field(
        description="Last day of the acceptance in UTC, in quotes, at most 366 days ahead.", examples=["2030-01-31"]
    )

    @property
    def last_day(self) -> date:
        """The last day on which the acceptance holds."""
        return date.fromisoformat(self.expires)
