"""The list of the kinds of requests. Whatever offers, reads or carries out requests finds a kind here."""

from __future__ import annotations

from collections.abc import Mapping

from selfservice.changes.requested.base import RequestedAction
from selfservice.requests.kinds.decommission import DecommissionRequest
from selfservice.requests.kinds.request import Request
from selfservice.requests.kinds.team import TeamRequest
from selfservice.requests.kinds.upgrade import UpgradeRequest
from selfservice.requests.kinds.use_case_creation import CreateUseCaseRequest
from selfservice.requests.kinds.use_case_retirement import RetireUseCaseRequest

KINDS: tuple[type[Request], ...] = (
    TeamRequest,
    UpgradeRequest,
    DecommissionRequest,
    CreateUseCaseRequest,
    RetireUseCaseRequest,
)


def actions() -> Mapping[str, RequestedAction]:
    """Returns the actions of all kinds by name, in the order in which people see them."""
    return {action.name: action for kind in KINDS for action in kind.ACTIONS}


def kind_of(action: str) -> type[Request]:
    """Returns the kind of the requests with an action. Raises: KeyError for an unknown one."""
    return {requested_action.name: kind for kind in KINDS for requested_action in kind.ACTIONS}[action]
