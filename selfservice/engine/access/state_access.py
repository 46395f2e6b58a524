"""Makes the providers in the state of a stack enter accounts as this process does, as long as it works on the stack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pulumi import automation

from selfservice.engine import automation as engine
from selfservice.engine.access.provider_roles import with_access
from settings.types.aws.account_access import AccountAccess

_OUTSIDE = AccountAccess()
"""The access of commands outside of the cluster. States have its roles while no pod works on them."""


@dataclass(frozen=True, slots=True)
class StateAccess:
    """The access of one process, and what it changes in states."""

    access: AccountAccess
    notify: Callable[[str], None]

    def is_missing(self, stack: str, state: automation.Deployment) -> bool:
        """Returns whether the providers of the state have the roles of another access: in a pod, and after the kill of
        one."""
        deployment = state.deployment or {}
        return bool(deployment) and with_access(stack, deployment, self.access) != deployment

    @property
    def is_of_pod(self) -> bool:
        """Whether this process runs in a pod, so that states have other roles while nobody works on them."""
        return self.access.person is not None

    def enter(self, stack: automation.Stack, state: automation.Deployment) -> automation.Deployment:
        """Writes and returns the state with the roles of this access.

        The state must have no pending operations, because an import removes them. A recovery changes the roles itself.
        """
        entered = with_access(stack.name, state.deployment or {}, self.access)
        changed = automation.Deployment(version=state.version, deployment=entered)
        stack.import_stack(changed)
        return changed

    def leave(self, stack: automation.Stack) -> None:
        """Writes the state with the roles of commands outside of the cluster, if this process runs in a pod.

        A state with pending operations stays as it is for the next operation, which resolves them and enters anew.
        """
        if not self.is_of_pod:
            return
        outside = StateAccess(_OUTSIDE, self.notify)
        try:
            state = stack.export_stack()
            if outside.is_missing(stack.name, state) and not engine.pending_operations_of(state):
                outside.enter(stack, state)
        except automation.CommandError as error:
            self.notify(f"the next operation restores the roles of the providers, because this failed: {error}")
