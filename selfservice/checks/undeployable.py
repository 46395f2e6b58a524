"""All checks of stacks against AWS and against what was deployed, before a preview or an update of them."""

from __future__ import annotations

from collections.abc import Sequence

from selfservice.checks.account_pinning import refuse_account_moves
from selfservice.checks.account_quota import refuse_too_many_accounts
from selfservice.checks.adopted_accounts import refuse_unusable_accounts
from selfservice.checks.directory_people import refuse_unknown_people
from selfservice.checks.state_keys import refuse_unusable_keys
from selfservice.checks.studio_quotas import refuse_types_without_quota
from selfservice.projects.project import Project
from selfservice.quotas.refusal import refuse_too_small_quotas


def refuse_undeployable(project: Project, stacks: Sequence[str]) -> None:
    """Raises BadInputError or RefusedError with the first kind of faults for which these stacks cannot be deployed.

    Nothing is changed. Each check reads AWS only for what the stacks do not have yet.
    """
    refuse_account_moves(project, stacks)
    refuse_unusable_accounts(project, stacks)
    refuse_too_many_accounts(project, stacks)
    refuse_unknown_people(project, stacks)
    refuse_unusable_keys(project, stacks)
    refuse_types_without_quota(project, stacks)
    refuse_too_small_quotas(project, stacks)
