"""``python -m selfservice.portal.pod``: the portal in a pod.

The role of the pod reads the settings, and nothing else. What people do, they do with their own permission sets, as in
every portal.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from selfservice.hosting.settings_copy import SettingsCopy
from selfservice.portal.server import serve
from selfservice.projects.project import open_project
from settings.types.aws.portal_pods import (
    ADDRESS_VARIABLE,
    ISSUER_VARIABLE,
    PORT,
    REGION_VARIABLE,
    SETTINGS_ROLE_VARIABLE,
)
from settings.types.aws.request_builds import BRANCH, REPOSITORY

_PROFILE = "settings"


def run(variables: Mapping[str, str], folder: Path, codecommit: Any) -> None:
    """Serves the portal until it is interrupted, with a copy of the settings in ``folder``.

    Raises: ClientError if the settings cannot be read; SettingsError for settings that are not valid.
    """
    copy = SettingsCopy(codecommit, REPOSITORY, BRANCH, folder)
    copy.update()
    project = replace(open_project(copy.directory), directory=copy.directory)
    stopped = threading.Event()
    follower = threading.Thread(target=copy.follow, args=[stopped], name="settings", daemon=True)
    follower.start()
    try:
        serve(project, PORT, variables[ISSUER_VARIABLE], print, address=variables[ADDRESS_VARIABLE])
    finally:
        stopped.set()
        follower.join()


def reader(role_arn: str, region: str, folder: Path, source: str = "EcsContainer") -> Any:
    """Returns a client of CodeCommit in a region that acts as a role, and renews its session by itself.

    ``source`` says from where botocore has the credentials with which it assumes the role: those of a pod come from an
    address, as those of a container of ECS do.
    """
    import boto3
    import botocore.session

    config = folder / "config"
    values = {
        "region": region,
        "role_arn": role_arn,
        "role_session_name": "plinth-portal",
        "credential_source": source,
    }
    lines = [f"[profile {_PROFILE}]", *(f"{name} = {value}" for name, value in values.items()), ""]
    config.write_text("\n".join(lines), encoding="utf-8")
    session = botocore.session.Session(profile=_PROFILE)
    session.set_config_variable("config_file", str(config))
    return boto3.Session(botocore_session=session).client("codecommit")


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] # a pod's output is a stream of text
    with tempfile.TemporaryDirectory(prefix="plinth-portal-") as home:
        folder = Path(home)
        client = reader(os.environ[SETTINGS_ROLE_VARIABLE], os.environ[REGION_VARIABLE], folder)
        run(os.environ, folder, client)


if __name__ == "__main__":
    main()
