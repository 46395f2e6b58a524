"""Pulumi homes with the engine and the plugins of the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

import plinth_sandbox.engine
from plinth_sandbox.layout import Layout
from plinth_sandbox.plugin import install


def install_home(folder: Path, environment: pytest.MonkeyPatch) -> Path:
    """Makes a Pulumi home in an empty folder, connects this process to it, and returns it."""
    layout, engine = Layout(folder), plinth_sandbox.engine.provide().binary_directory
    install(layout, "plinth", engine)
    environment.setenv("PATH", str(engine), prepend=":")
    for name, value in {
        "PULUMI_HOME": str(layout.pulumi_home),
        "PULUMI_BACKEND_URL": layout.pulumi_home.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }.items():
        environment.setenv(name, value)
    return layout.pulumi_home
