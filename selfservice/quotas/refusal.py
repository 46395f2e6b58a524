"""Refuses stacks that need more of a quota than AWS allows their accounts.

AWS refuses each resource on its own, so without this check an update would end in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence

from selfservice.errors import BadInputError
from selfservice.projects.project import Project
from selfservice.quotas.comparison import Verdict, compare
from selfservice.quotas.text import fault


def refuse_too_small_quotas(project: Project, stacks: Sequence[str]) -> None:
    """Raises BadInputError with every quota that does not suffice for these stacks, and how to raise it.

    Quotas that may not suffice, depending on settings that are not told apart, are left to `plinth doctor --quotas`.
    """
    faults = [fault(row) for row in compare(project, stacks) if row.verdict is Verdict.TOO_SMALL]
    if faults:
        listed = "\n  ".join(faults)
        raise BadInputError(
            f"nothing was touched, because these quotas of AWS are too small (`plinth doctor --quotas` shows all):\n"
            f"  {listed}"
        )
