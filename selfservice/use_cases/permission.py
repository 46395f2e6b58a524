"""Whether the current credentials may create use cases, which takes the role that deploys to the tooling account."""

from __future__ import annotations

from selfservice.engine.account_access import denials_refused
from selfservice.engine.import_discovery import Search
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack

_TOOLING = "tooling"


def refuse_denied(project: Project) -> None:
    """Opens a session of the role that deploys to the tooling account, as the deployment will. If that account is not
    deployed yet, there is no role to ask for.

    Raises: RefusedError with the sentence of AWS if the credentials may not assume the role.
    """
    resources = resources_by_stack(project, [_TOOLING])[_TOOLING] if _TOOLING in project.graph else []
    deployed = next((resource for resource in resources if resource.get("provider")), None)
    if deployed is None:
        return
    with denials_refused(
        lambda reason: (
            f"nothing was changed, because these credentials may not create a use case: {reason}; use "
            "credentials that deploy stacks, or ask those who have them"
        )
    ):
        Search({"resources": resources}).account_of(deployed).keys()
