"""Serves the provider until the engine ends: ``python -m plinth_sandbox.kubernetes_provider [ENGINE]``.

The argument is the address of the engine's log.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

from plinth_sandbox.kubernetes_provider.engine_log import EngineLog
from plinth_sandbox.kubernetes_provider.service import KubernetesProvider
from plinth_sandbox.provider.process import serve_until_the_engine_ends

if __name__ == "__main__":
    # The engine requests the plugin with exactly the SDK's version.
    address = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    serve_until_the_engine_ends(KubernetesProvider(version("pulumi_kubernetes"), EngineLog(address)))
