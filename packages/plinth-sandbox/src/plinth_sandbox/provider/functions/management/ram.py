"""Sharing with the organization, which consists of trusted access for RAM and of RAM's service-linked role."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

SERVICE = "ram.amazonaws.com"
LINKED_ROLE = "AWSServiceRoleForResourceAccessManager"


def read_sharing(caller: Caller, _known: Properties) -> Properties | None:
    """Returns None if either is missing. Raises the error of the missing role."""
    caller.aws("iam:get_role", RoleName=LINKED_ROLE)
    trusted = caller.aws("organizations:list_aws_service_access_for_organization")["EnabledServicePrincipals"]
    return {} if any(service["ServicePrincipal"] == SERVICE for service in trusted) else None


def disable_sharing(caller: Caller, _known: Properties) -> None:
    """Removes both, as the vendor's provider does."""
    caller.aws("organizations:disable_aws_service_access", ServicePrincipal=SERVICE)
    caller.aws("iam:delete_service_linked_role", RoleName=LINKED_ROLE)
