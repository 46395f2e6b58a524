"""The account of the trail, with the credentials of the shell."""

from __future__ import annotations

from pathlib import Path

from selfservice.engine.account_access import Account
from selfservice.errors import NotConnectedError
from selfservice.projects.project import find_directory
from selfservice.promotions.place import current_account
from selfservice.reports.audit.questions import PERMISSION_SET
from settings.files.validation_cache import load_cached


def account_of_trail(directory: Path) -> Account:
    """Returns the account of the shell's credentials in the home region. Raises: NotConnectedError without any."""
    found = current_account(load_cached(find_directory(directory)).organization.home_region)
    if found is None:
        raise NotConnectedError(
            f"it has no valid credentials of AWS (sign in with the permission set {PERMISSION_SET})"
        )
    return found
