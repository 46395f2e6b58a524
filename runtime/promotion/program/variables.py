"""Environment variables for code of the deployment repository: its program, and its tests."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SYSTEM = re.compile(r"PATH|HOME|USER|LANG|LC_[A-Z]+|TMPDIR|TZ|PYTHONPATH|PYTHONUNBUFFERED|PULUMI_HOME")
_CONNECTION = re.compile(
    r"AWS_(REGION|DEFAULT_REGION|ENDPOINT_URL|CA_BUNDLE|EC2_METADATA_DISABLED|ALLOW_HTTP|STS_REGIONAL_ENDPOINTS)"
    r"|(HTTPS?|NO)_PROXY|(https?|no)_proxy|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS"
)
"""Variables of the connection with AWS. None contains credentials."""
_CREDENTIALS = re.compile(
    r"AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CONTAINER_(CREDENTIALS_(RELATIVE|FULL)_URI|AUTHORIZATION_TOKEN))"
)
"""Variables by which the SDKs of AWS find credentials (AWS SDKs and Tools Reference Guide, "Settings reference";
CodeBuild sets ``AWS_CONTAINER_CREDENTIALS_RELATIVE_URI``)."""


def without_credentials(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables of the system and of the connection with AWS. All others are left out."""
    return {name: value for name, value in variables.items() if _SYSTEM.fullmatch(name) or _CONNECTION.fullmatch(name)}


def with_credentials(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the same variables, and those that lead to the credentials of the build."""
    found = {name: value for name, value in variables.items() if _CREDENTIALS.fullmatch(name)}
    return {**without_credentials(variables), **found}
