"""IAM Identity Center portal API: the accounts and roles of a person who has signed in, and credentials of them.

The calls of a session with these credentials are judged by the policies of the permission set.

Source: IAM Identity Center Portal API Reference (read 2026-11-29).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.authorization.sessions import JUDGED_SESSIONS, JudgedSession, Origin
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.identity_center.executor import people, reserved_roles
from plinth_sandbox.emulator.services.identity_center.executor.sign_in import holder_of

_PAGE = 20
_ENDED = "identity-center-ended"
"""Topic of the ids of access tokens with which people have signed out."""
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_HOUR = 3600


def _list_accounts(exchange: Exchange, runtime: Runtime) -> Answer:
    names, assigned = people.accounts(), people.assigned_to(_person(exchange, runtime))
    found = [
        {"accountId": account, "accountName": names[account].name, "emailAddress": names[account].email}
        for account in dict.fromkeys(assignment.account for assignment in assigned)
    ]
    return _page(exchange, "accountList", found)


def _list_roles(exchange: Exchange, runtime: Runtime) -> Answer:
    wanted = exchange.call.parameters["accountId"]
    found = [
        {"roleName": assigned.permission_set.name, "accountId": assigned.account}
        for assigned in people.assigned_to(_person(exchange, runtime))
        if assigned.account == wanted
    ]
    if not found:
        raise AwsError("ForbiddenException", "No access", status=403)
    return _page(exchange, "roleList", found)


def _credentials(exchange: Exchange, runtime: Runtime) -> Answer:
    call, person = exchange.call, _person(exchange, runtime)
    wanted = (call.parameters["accountId"], call.parameters["roleName"])
    permission_set = next(
        (
            assigned.permission_set
            for assigned in people.assigned_to(person)
            if (assigned.account, assigned.permission_set.name) == wanted
        ),
        None,
    )
    if permission_set is None:
        raise AwsError("ForbiddenException", "No access", status=403)
    role = reserved_roles.provision(permission_set, wanted[0], person.region, exchange.memory)
    issued = runtime.credentials(role.arn, person.region, person.name, _seconds(permission_set.session_duration))
    session = JudgedSession(role.arn, person.name, Origin(), people.session_tags(person, exchange.memory))
    exchange.memory.notes(JUDGED_SESSIONS)[issued["AccessKeyId"]] = session
    return call.reply(
        {
            "roleCredentials": {
                "accessKeyId": issued["AccessKeyId"],
                "secretAccessKey": issued["SecretAccessKey"],
                "sessionToken": issued["SessionToken"],
                "expiration": int(issued["Expiration"].timestamp() * 1000),
            }
        }
    )


def _sign_out(exchange: Exchange, runtime: Runtime) -> Answer:
    claims = holder_of(exchange.call.parameters["accessToken"], runtime.outside.directory)
    if claims is not None:
        exchange.memory.notes(_ENDED)[str(claims["jti"])] = True
    return exchange.call.reply({})


def _person(exchange: Exchange, runtime: Runtime) -> people.Person:
    """Returns who has signed in. Raises: AwsError for a token that is not valid, or of somebody who has left."""
    claims = holder_of(exchange.call.parameters["accessToken"], runtime.outside.directory)
    if claims is not None and str(claims["jti"]) not in exchange.memory.notes(_ENDED):
        person = people.person_named(str(claims["sub"]))
        if person is not None:
            return person
    raise AwsError("UnauthorizedException", "Session token not found or invalid")


def _page(exchange: Exchange, member: str, found: list[dict[str, str]]) -> Answer:
    listed, following = page(found, exchange.call.parameters, _PAGE, token="nextToken", limit="maxResults")
    return exchange.call.reply({member: list(listed), **following})


def _seconds(duration: object) -> int:
    """Returns the seconds of an ISO 8601 duration; those of an hour, which is the default, of anything else."""
    match = _DURATION.fullmatch(str(duration or ""))
    if match is None:
        return _HOUR
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * _HOUR + minutes * 60 + seconds or _HOUR


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "GetRoleCredentials": _credentials,
    "ListAccountRoles": _list_roles,
    "ListAccounts": _list_accounts,
    "Logout": _sign_out,
}


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Records nothing: the portal starts no run."""
    del outcome, runtime
