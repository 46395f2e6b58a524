"""The environment variables that connect a shell, the engine and the program with a sandbox. Nothing else connects
them."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plinth_sandbox.emulator.credentials import management_keys
from plinth_sandbox.layout import Layout
from plinth_sandbox.states.place import backend_url

REGION = "eu-west-1"
"""The region of a shell if nothing else is given."""

CLEARED = (
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
"""Variables that would lead a client elsewhere. `exports` also clears every other AWS variable of the user's shell."""

ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3_CONTROL", "AWS_EC2_METADATA_DISABLED", "AWS_ALLOW_HTTP")
"""Variables with which clients of AWS find the emulated AWS."""

PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy")
"""Variables with which a run finds the proxy of its network."""

AUTHORITY = "authority.pem"
"""File with the certificate of the sandbox's own authority, in the directory of the emulator."""
AUTHORITIES = "authorities.pem"
"""File with the certificates of all authorities that builds trust: the public ones and that of the sandbox."""
AUTHORITIES_VARIABLES = ("AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "PGSSLROOTCERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables with which clients find that file."""


def environment(layout: Layout, url: str, engine: Path, region: str = REGION) -> dict[str, str]:
    """Returns the variables by name. PATH is the complete new search path."""
    return {
        **endpoint_variables(url),
        **management_keys(layout.aws),
        **git_configuration(url),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        # The user's files may name other endpoints, and may disable AWS_ENDPOINT_URL.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "PULUMI_HOME": str(layout.pulumi_home),
        "PULUMI_BACKEND_URL": backend_url(layout, REGION),
        # Fixed, because the example's stack files are encrypted with it. It protects only emulated data.
        "PULUMI_CONFIG_PASSPHRASE": "sandbox",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # An empty value is off. Otherwise Python would compile the provider's SDK again for every program, which takes
        # longer than running it.
        "PYTHONDONTWRITEBYTECODE": "",
        "PATH": _search_path(engine),
    }


def endpoint_variables(url: str) -> dict[str, str]:
    """Returns the variables with which clients of AWS find the emulated AWS at ``url``."""
    return dict(zip(ENDPOINT_VARIABLES, (url, endpoint_of("s3control", url), "true", "true"), strict=True))


def endpoint_of(service: str, url: str) -> str:
    """Returns the URL at which clients of a service find the emulated AWS at ``url``.

    Clients of S3 Control put the account before the host (``<account>.<host>``), and below an address there are no
    names. In their URL, the account becomes part of the user name, which botocore neither sends nor signs.
    """
    return url.replace("//", "//account@", 1) if service == "s3control" else url


def client(service: str, values: Mapping[str, str], region: str = "") -> Any:
    """Returns a client of the sandbox with the credentials of a shell."""
    import boto3  # few commands need it

    return boto3.client(  # type: ignore[call-overload] # the service is known when it is called
        service,
        region_name=region or values["AWS_REGION"],
        endpoint_url=endpoint_of(service, values["AWS_ENDPOINT_URL"]),
        aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=values.get("AWS_SESSION_TOKEN"),
    )


def administrator_role(values: Mapping[str, str], account: str) -> str:
    """Returns the ARN of the administrator's role in an account of the organization, by the name of the account.

    Raises: LookupError if there is no such account.
    """
    organizations = client("organizations", values)
    pages = organizations.get_paginator("list_accounts").paginate()
    ids = {member["Name"]: member["Id"] for page in pages for member in page["Accounts"]}
    if account not in ids:
        raise LookupError(f"there is no account {account}; there are: {', '.join(sorted(ids))}")
    return f"arn:aws:iam::{ids[account]}:role/OrganizationAccountAccessRole"


def as_role(values: Mapping[str, str], role: str, session: str) -> dict[str, str]:
    """Returns the variables with the credentials of a session of the role."""
    issued = client("sts", values).assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
    return {
        **values,
        "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
        "AWS_SESSION_TOKEN": issued["SessionToken"],
    }


def exports(values: Mapping[str, str]) -> str:
    """Returns shell commands for ``eval "$(plinth sandbox env)"`` in a POSIX shell."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    others = {name for name in os.environ if name.startswith("AWS_")}
    return "\n".join([f"unset {' '.join(sorted({*CLEARED, *others} - values.keys()))}", *lines])


def git_configuration(url: str) -> dict[str, str]:
    """Returns the configuration of git that leads CodeCommit's own addresses to the sandbox (git-config(1))."""
    settings = {
        f"url.{url}/git-codecommit..insteadOf": "https://git-codecommit.",
        # The first, empty helper removes those of the user, which would store the credentials.
        f"credential.{url}.helper": ["", f"!{shlex.quote(sys.executable)} -P -m plinth_sandbox.git_credential"],
        f"credential.{url}.useHttpPath": "true",
    }
    pairs = [(key, text) for key, value in settings.items() for text in ([value] if isinstance(value, str) else value)]
    numbered = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in enumerate(pairs)}
    numbered |= {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in enumerate(pairs)}
    return {"GIT_CONFIG_COUNT": str(len(pairs)), **numbered}


def _search_path(engine: Path) -> str:
    others = [part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part != str(engine)]
    return os.pathsep.join([str(engine), *others])
