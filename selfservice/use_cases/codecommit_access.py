"""Access of git to CodeCommit over HTTPS with credentials of AWS.

The user name is the access key id with the session token, the password a moment and a Signature Version 4 of the
repository's address (git-remote-codecommit, ``git_url`` and ``sign``, read 2026-11-22).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from selfservice.engine.account_access import Account

_ADDRESS = re.compile(r"https://(?P<host>git-codecommit\.(?P<region>[a-z0-9-]+)\.[a-z.]+)(?P<path>/v1/repos/.+)")
_HELPER = '!f() { echo "username=$PLINTH_GIT_USER"; echo "password=$PLINTH_GIT_PASSWORD"; }; f'
"""Credential helper of git. It reads variables, because command lines are visible to all users of a machine."""


def access(account: Account, url: str) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Returns the configuration and the environment with which git reaches a repository of the account."""
    keys = account.keys()
    address = _ADDRESS.fullmatch(url)
    assert address is not None, url
    moment = datetime.now(UTC)
    environment = {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": keys.token or "",
        "PLINTH_GIT_USER": f"{keys.access_key}%{keys.token}" if keys.token else keys.access_key,
        "PLINTH_GIT_PASSWORD": password(keys, address["region"], address["host"], address["path"], moment),
    }
    helper = f"credential.https://{address['host']}.helper"
    # The first, empty helper removes those of the user, which would store the password.
    return [(helper, ""), (helper, _HELPER)], environment


def password(keys: Any, region: str, host: str, path: str, moment: datetime) -> str:
    """Returns the password for ``https://<host><path>``."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    request = AWSRequest(method="GIT", url=f"https://{host}{path}")
    request.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%S")
    signer = SigV4Auth(keys, "codecommit", region)
    text = signer.string_to_sign(request, f"GIT\n{path}\n\nhost:{host}\n\nhost\n")
    return f"{request.context['timestamp']}Z{signer.signature(text, request)}"
