"""Refuses unknown session keys."""

from __future__ import annotations

from moto.iam.models import iam_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer


class Sessions:
    """Refuses keys of sessions from before a reset, or from another sandbox.

    moto treats an unknown key as a key of the management account. A program that survives a reset would write there.
    """

    def answer(self, call: Call, below: Handler) -> Answer:
        if call.access_key.startswith("ASIA") and not _known(call.access_key):
            raise AwsError("ExpiredTokenException", "The security token included in the request is expired", status=403)
        return below(call)


def _known(access_key: str) -> bool:
    return any(access_key in backends["aws"].access_keys for backends in list(iam_backends.values()))
