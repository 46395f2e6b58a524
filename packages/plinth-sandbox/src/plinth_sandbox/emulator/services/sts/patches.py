"""GetCallerIdentity of a presigned address, whose caller moto does not find, because it reads the header only."""

from __future__ import annotations

from moto.sts.models import sts_backends

from plinth_sandbox.emulator.authorization.principals import role_of
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _get_caller_identity(exchange: Exchange) -> Answer:
    call = exchange.call
    session = sts_backends[call.account]["aws"].get_assumed_role_from_access_key(call.access_key)
    role = role_of(str(session.role_arn)) if session is not None else None
    if session is None or role is None or call.request.header("authorization"):
        return exchange.below()
    name = str(session.session_name)
    arn = f"arn:aws:sts::{call.account}:assumed-role/{role.name}/{name}"
    return call.reply({"UserId": f"{role.id}:{name}", "Account": call.account, "Arn": arn})


PATCHES: Patches = {"GetCallerIdentity": _get_caller_identity}
