"""The environment of programs that download: uv, pip, npm, git and go get the same certificates, proxy and index.

Each of these programs reads other variables and files. What one of them is told here, all of them are told. Uses the
standard library only, because the set-up of a fresh clone runs it.
"""

from __future__ import annotations

import configparser
import os
import ssl
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

BUNDLE_VARIABLES = (
    "SSL_CERT_FILE",  # go, uv, and Python
    "REQUESTS_CA_BUNDLE",  # pip
    "CURL_CA_BUNDLE",
    "PIP_CERT",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",  # npm
)
"""Variables with a file of certificate authorities."""

PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
"""Variables that some programs read in capital letters and some in small ones."""

SYSTEM_CERTIFICATES = ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS")
"""Variables with which new and older versions of uv use the system's certificates instead of their own."""


_PIP_SETTINGS = ("cert", "proxy", "index-url", "extra-index-url")
"""Settings of pip that other programs need too."""

MACHINE_FILE = Path("/etc/pip.conf")
"""Settings of pip for all users."""


def network_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns an environment, by default that of this process, with what programs need to download.

    What the environment says is never replaced.
    """
    given = dict(os.environ if environment is None else environment)
    pip = _pip_settings(given)
    return {**_certificates(given, pip), **_proxies(given, pip), **_index(given, pip), **given}


def _certificates(given: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    bundle = next((given[name] for name in BUNDLE_VARIABLES if given.get(name)), pip["cert"])
    if bundle:
        return dict.fromkeys(BUNDLE_VARIABLES, bundle)
    return dict.fromkeys(SYSTEM_CERTIFICATES, "true") if _has_system_store() else {}


def _has_system_store() -> bool:
    paths = ssl.get_default_verify_paths()
    capath = Path(paths.capath) if paths.capath else None
    return sys.platform == "darwin" or bool(paths.cafile) or (capath is not None and any(capath.iterdir()))


def _proxies(given: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in PROXY_VARIABLES:
        value = given.get(name) or given.get(name.lower())
        if not value and name != "NO_PROXY":
            value = pip["proxy"]
        if value:
            found |= {name: value, name.lower(): value}
    return found


def _index(given: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    """Tells uv the index of pip, and pip that of uv."""
    index = given.get("UV_DEFAULT_INDEX") or given.get("UV_INDEX_URL") or pip["index-url"]
    extra = given.get("UV_EXTRA_INDEX_URL") or " ".join(pip["extra-index-url"].split())
    named = {"DEFAULT_INDEX": index, "INDEX_URL": index, "EXTRA_INDEX_URL": extra}
    variables = ("UV_DEFAULT_INDEX", "PIP_INDEX_URL", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL")
    return {name: named[name.partition("_")[2]] for name in variables if named[name.partition("_")[2]]}


def _pip_settings(given: Mapping[str, str]) -> dict[str, str]:
    """Returns the settings of pip from its variables or its files; empty texts for those that neither has."""
    found = dict.fromkeys(_PIP_SETTINGS, "")
    for file in _pip_files(given):
        read = configparser.RawConfigParser(strict=False)
        try:
            read.read(file, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue  # pip itself says what is wrong with its file
        for section in ("global", "install"):
            found = {name: read.get(section, name, fallback=known) for name, known in found.items()}
    variables = {name: given.get(f"PIP_{name.upper().replace('-', '_')}") for name in found}
    return {name: variables[name] or known.strip() for name, known in found.items()}


def _pip_files(given: Mapping[str, str]) -> Iterator[Path]:
    """Yields the files of pip, the decisive one last (https://pip.pypa.io/en/stable/topics/configuration/)."""
    home = Path(given.get("HOME") or "~").expanduser()
    own = given.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return
    if sys.platform == "darwin":
        yield Path("/Library/Application Support/pip/pip.conf")
    for folder in reversed(given.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep)):
        yield Path(folder) / "pip" / "pip.conf"
    yield MACHINE_FILE
    yield home / ".pip" / "pip.conf"
    if sys.platform == "darwin":
        yield home / "Library" / "Application Support" / "pip" / "pip.conf"
    yield Path(given.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
    if own:
        yield Path(own)
