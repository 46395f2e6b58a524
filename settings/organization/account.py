"""Settings of one account: adopt an existing account, or change its name and address."""

from __future__ import annotations

from pydantic import Field

from settings.types.model import IMMUTABLE, Settings
from settings.types.values import AccountId, AccountName, EmailAddress


class AccountSettings(Settings):
    """Settings of one account. Without any, the account is created under its default name."""

    id: AccountId | None = Field(
        default=None, description="Id of an existing account, which is adopted.", json_schema_extra=IMMUTABLE
    )
    name: AccountName | None = Field(
        default=None,
        description="Display name. It can change at any time. Default: organization, team and environment.",
    )
    email: EmailAddress | None = Field(
        default=None,
        description="Address of the root user. Default: from the organization's pattern.",
        json_schema_extra=IMMUTABLE,
    )
