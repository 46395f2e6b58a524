"""Installs the plugins that the engine finds in the sandbox: for AWS the sandbox's own or the vendor's, and for
Kubernetes the sandbox's own, if the SDK is installed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.network import network_environment
from plinth_sandbox.layout import INSTALLATION, Layout

Provider = Literal["plinth", "vendor"]

_EXECUTABLE = "pulumi-resource-aws"
_KUBERNETES_EXECUTABLE = "pulumi-resource-kubernetes"
_MARK = "# Starts Plinth's own AWS plugin."


def install(layout: Layout, provider: Provider | None, engine: Path) -> str:
    """Makes ``provider`` the AWS plugin and returns its name. None keeps the installed plugin, or installs the
    sandbox's own.

    Raises: SetUpError if the vendor's plugin cannot be installed.
    """
    folder = layout.pulumi_home / "plugins" / f"resource-aws-v{version('pulumi_aws')}"
    present = _present(folder)
    chosen = provider or present or "plinth"
    _install_kubernetes(layout)
    if chosen == "plinth":
        _write_launcher(folder, layout)
    elif present != "vendor":
        _install_vendors(layout, folder, engine)
    return f"{'own' if chosen == 'plinth' else 'vendor'} AWS plugin v{version('pulumi_aws')}"


def _present(folder: Path) -> Provider | None:
    executable = folder / _EXECUTABLE
    if not executable.exists():
        return None
    with executable.open("rb") as file:
        return "plinth" if _MARK.encode() in file.read(4096) else "vendor"


def _write_launcher(folder: Path, layout: Layout) -> None:
    """Writes the launcher script. The engine starts the file with this name once per provider of a program."""
    launch = Path(__file__).resolve().parent / "provider" / "launch.py"
    # The engine starts the plugin in the program's folder. -P keeps the packages there out of the import path.
    plugin = [sys.executable, "-P", "-m", "plinth_sandbox.provider"]
    command = [sys.executable, "-I", "-S", str(launch), str(layout.aws), INSTALLATION, *plugin]
    _write_script(folder / _EXECUTABLE, shlex.join(command), INSTALLATION)


def _install_kubernetes(layout: Layout) -> None:
    """Writes the launcher of the Kubernetes plugin, which is told the address of the engine's log."""
    try:
        found = version("pulumi_kubernetes")
    except PackageNotFoundError:
        return
    folder = layout.pulumi_home / "plugins" / f"resource-kubernetes-v{found}"
    command = [sys.executable, "-P", "-m", "plinth_sandbox.kubernetes_provider"]
    _write_script(folder / _KUBERNETES_EXECUTABLE, f'{shlex.join(command)} "$@"', INSTALLATION)


def _write_script(executable: Path, command: str, installation: str) -> None:
    text = "\n".join(
        [
            "#!/bin/sh",
            _MARK,
            f'PYTHONPATH={shlex.quote(installation)}"${{PYTHONPATH:+:$PYTHONPATH}}"; export PYTHONPATH',
            f"exec {command}",
            "",
        ]
    )
    folder = executable.parent
    if executable.exists() and executable.read_bytes() == text.encode():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    draft = folder / f"{executable.name}.{os.getpid()}"
    draft.write_text(text)
    draft.chmod(0o755)
    draft.replace(executable)


def _install_vendors(layout: Layout, folder: Path, engine: Path) -> None:
    aside = folder.with_name(f"{folder.name}.own")
    shutil.rmtree(aside, ignore_errors=True)
    if folder.exists():
        folder.rename(aside)
    result = subprocess.run(
        [engine / "pulumi", "plugin", "install", "resource", "aws", f"v{version('pulumi_aws')}"],
        env={**network_environment(), "PULUMI_HOME": str(layout.pulumi_home), "PULUMI_SKIP_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode == 0 and _present(folder) == "vendor":
        shutil.rmtree(aside, ignore_errors=True)
        return
    shutil.rmtree(folder, ignore_errors=True)
    if aside.exists():
        aside.rename(folder)
    reason = (result.stderr.strip().splitlines() or ["it was not installed"])[-1]
    raise SetUpError(
        f"the vendor's AWS plugin cannot be downloaded: {reason}",
        fix="check the connection to get.pulumi.com, or use the sandbox's own: plinth sandbox up --provider plinth",
    )
