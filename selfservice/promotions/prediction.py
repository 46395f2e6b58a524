"""Calls of the API that an environment serves, as a client would send them."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError, RefusedError
from selfservice.promotions.place import PromotionPlace, explained
from settings.types.kinds import ReleasedTo

_JSON = "application/json"
_SERVICE = "execute-api"
_OK, _ACCEPTED, _FORBIDDEN, _THROTTLED = 200, 202, 403, 429
LONGEST_SECONDS = 3600.0
"""Longest wait for the answer of asynchronous inference, which may take that long (SageMaker Developer Guide,
"Asynchronous inference")."""
_LOOK_SECONDS = 1.0
PROXY, AUTHORITIES = "HTTPS_PROXY", "AWS_CA_BUNDLE"
"""Variables that name a proxy, and the file of certificate authorities, as the clients of AWS read them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Predictions:
    """The API of a use case in one environment."""

    url: str
    region: str
    key_id: str = ""
    """Id of an API key of the caller, if the API requires one."""

    def curl(self, data: Path, role_arn: str | None = None) -> str:
        """Returns the command with which somebody in a shell with credentials of a caller sends a file.

        With a role, the command assumes it first, so that it works in the shell that this process has.
        """
        words = ["curl", "--silent", "--show-error", "--aws-sigv4", f"aws:amz:{self.region}:{_SERVICE}"]
        for variable, option in ((PROXY, "--proxy"), (AUTHORITIES, "--cacert")):
            given = os.environ.get(variable, "")
            words += [option, str(Path(given).absolute()) if variable == AUTHORITIES else given] if given else []
        words += ["--header", f"content-type: {_JSON}", "--data", f"@{data}", self.url]
        own = f"aws apigateway get-api-key --api-key {self.key_id} --include-value --query value --output text"
        key = f' --header "x-api-key: $({own})"' if self.key_id else ""
        signing = (
            '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" --header "x-amz-security-token: $AWS_SESSION_TOKEN"'
        )
        command = f"{shlex.join(words[:5])} {signing}{key} {shlex.join(words[5:])}"
        return command if role_arn is None else f"({_assuming(role_arn)}; {command})"

    def api_key(self, caller: Account) -> str:
        """Returns the value of the API key, or nothing if the API requires none.

        Raises: RefusedError if the caller may not read it.
        """
        if not self.key_id:
            return ""
        with explained():
            return str(caller.client("apigateway").get_api_key(apiKey=self.key_id, includeValue=True)["value"])

    def send(self, body: bytes, keys: Any, api_key: str = "", *, longest_seconds: float = LONGEST_SECONDS) -> str:
        """Sends a request that is signed with the keys of a caller, with the value of an API key if it is required.
        Returns the body of the answer. For an answer that comes later, it waits.

        Raises: RefusedError if the API refuses it, cannot be reached, or does not answer in time.
        """
        status, text = self._exchange("POST", self.url, body, keys, api_key)
        if status == _ACCEPTED:
            address = f"{self.url}/{json.loads(text)['id']}"
            until = time.monotonic() + longest_seconds
            # A key of a low rate may refuse a question about the answer.
            while status in (_ACCEPTED, _THROTTLED) and time.monotonic() < until:
                time.sleep(_LOOK_SECONDS)
                status, text = self._exchange("GET", address, None, keys, api_key)
            if status in (_ACCEPTED, _THROTTLED):
                raise RefusedError(f"{address} has no answer after {longest_seconds:.0f} seconds; ask again later")
        if status != _OK:
            remedy = "; pass a role that may call the API with --role" if status == _FORBIDDEN else ""
            raise RefusedError(f"{self.url} answered with {status}: {text}{remedy}")
        return text

    def _exchange(self, method: str, url: str, body: bytes | None, keys: Any, api_key: str) -> tuple[int, str]:
        """Returns the status and the body of the answer to a signed request."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import BotoCoreError
        from botocore.httpsession import URLLib3Session
        from botocore.utils import get_environ_proxies

        headers = {**({"Content-Type": _JSON} if body else {}), **({"x-api-key": api_key} if api_key else {})}
        request = AWSRequest(method, url, data=body, headers=headers)
        SigV4Auth(keys, _SERVICE, self.region).add_auth(request)
        authorities: Any = os.environ.get(AUTHORITIES) or True
        http = URLLib3Session(verify=authorities, proxies=get_environ_proxies(url))
        try:
            found = http.send(request.prepare())
        except BotoCoreError as error:
            raise RefusedError(
                f"{url} cannot be reached: {error}; private APIs are reached from the network of the environment"
            ) from error
        return int(found.status_code), str(found.text)


def _assuming(role_arn: str) -> str:
    """Returns commands of a shell that export the credentials of a role. No credentials are printed."""
    query = "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]"
    words = ["aws", "sts", "assume-role", "--role-arn", role_arn, "--role-session-name", "predict"]
    asked = shlex.join([*words, "--query", query, "--output", "text"])
    return f"set -- $({asked}); export AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2 AWS_SESSION_TOKEN=$3"


def predictions_in(
    place: PromotionPlace, environment: ReleasedTo, version: str, caller: str | None = None
) -> Predictions:
    """Returns the API of an environment. ``version`` is the major version of the contract, such as ``v1``.

    ``caller`` names the plan whose API key is used. None uses that of the tests of the promotion, if there are plans.

    Raises: BadInputError if the environment serves nothing behind an API, or has no plan of this name.
    """
    with explained():
        record = place.records.served(environment)
    if record is None:
        raise BadInputError(
            f"{environment} of {place.names.prefix} serves nothing yet; `plinth promotions {place.names.prefix}` lists "
            "its promotions"
        )
    outputs = record["outputs"]
    if "url" not in outputs:
        raise BadInputError(f"{environment} of {place.names.prefix} predicts in batches and has no API")
    return Predictions(
        url=f"{outputs['url'].rstrip('/')}/{version}/predictions",
        region=place.account.region,
        key_id=_key_id(outputs, caller),
    )


def _key_id(outputs: Mapping[str, Any], caller: str | None) -> str:
    """Returns the id of the API key of a caller. The release has created it; its value is in API Gateway only."""
    if caller is None:
        return str(outputs.get("api_key_id", ""))
    keys: Mapping[str, str] = outputs.get("api_keys", {})
    if caller not in keys:
        known = f"there are: {', '.join(sorted(keys))}" if keys else "the release has no plans"
        raise BadInputError(f"there is no plan {caller}; {known}")
    return keys[caller]
