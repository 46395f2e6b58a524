"""The gRPC stubs of the `pulumi` wheel, without the rest of the SDK.

`import pulumi` costs each provider process another 60 ms and 7 MB, and a program starts one process per provider.
"""

from __future__ import annotations

import importlib.util
import sys
from typing import Any


def _load_stubs() -> Any:
    sdk = importlib.util.find_spec("pulumi")
    if sdk is None or not sdk.submodule_search_locations:
        raise ImportError("the pulumi package is not installed")
    folder = f"{sdk.submodule_search_locations[0]}/runtime/proto"
    spec = importlib.util.spec_from_file_location(
        "pulumi_protocol", f"{folder}/__init__.py", submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"no stubs in {folder}")
    stubs = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = stubs
    spec.loader.exec_module(stubs)
    return stubs


_stubs = _load_stubs()
PACKAGE: str = _stubs.__name__
"""Name of the package of the stubs, for those that are not listed here."""
provider: Any = _stubs.provider_pb2
provider_service: Any = _stubs.provider_pb2_grpc
plugin: Any = _stubs.plugin_pb2
