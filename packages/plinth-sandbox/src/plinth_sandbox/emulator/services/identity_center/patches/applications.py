"""Assignments of people and groups to applications of Identity Center. The fallback store keeps them.

An application must exist, in an instance of the calling account, and a principal must be in the directory. Source:
CreateApplicationAssignment in the IAM Identity Center API Reference, read on 2026-11-21.
"""

from __future__ import annotations

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.identity_center.patches.organization_instance import has_principal, instance_of


def _assign(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    application, kind, principal = given["ApplicationArn"], given["PrincipalType"], given["PrincipalId"]
    if application.split(":")[4] != call.account:
        raise AwsError("AccessDeniedException", f"Application {application} belongs to an instance of another account.")
    if exchange.kept("Application", {"ApplicationArn": application}) is None:
        raise AwsError("ResourceNotFoundException", f"Application {application} does not exist.")
    if not has_principal(instance_of(call), call.region, kind, principal):
        raise AwsError("ResourceNotFoundException", f"{kind} {principal} does not exist.")
    return exchange.below()


PATCHES: Patches = {"CreateApplicationAssignment": _assign}
