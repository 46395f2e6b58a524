"""What may be said about one account: adopt it by id, or name it otherwise."""

from __future__ import annotations

from pydantic import Field

from settings.types.model import IMMUTABLE, Settings
from settings.types.values import AccountId, AccountName, EmailAddress


class AccountSettings(Settings):
    """An account's own settings. All may be left out: the account is then created under its default name."""

    id: AccountId | None = Field(
        default=None, description="An account that exists: it is adopted, not created.", json_schema_extra=IMMUTABLE
    )
    name: AccountName | None = Field(
        default=None,
        description="Another display name. Renaming changes nothing else. Default: organization, team, environment.",
    )
    email: EmailAddress | None = Field(
        default=None, description="Another address than the organization's pattern gives.", json_schema_extra=IMMUTABLE
    )
