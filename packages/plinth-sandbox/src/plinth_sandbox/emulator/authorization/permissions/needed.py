"""A permission that a call needs: an action on a resource, with the context keys of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Context = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Needed:
    """A permission that a call needs."""

    action: str
    arn: str
    context: Context = field(default_factory=dict)
    via: str = ""
    """Service principal of the service that makes a dependent call in the name of the role, such as
    ``s3.eu-west-1.amazonaws.com``."""
    code: str = ""
    """Error code of a denial, if the called service has its own for this permission."""
    unnamed: str = ""
    """Why the resource of a reading call is not known, if it is not. Only a permission for every resource is then known
    to suffice."""


class UnknownPermissionsError(Exception):
    """The sandbox does not know which permissions a call needs. The message says what is missing."""


class UnnamedResourceError(UnknownPermissionsError):
    """The action of a call is known, and its parameters do not name the resource."""
