"""The emulator patches as a layer above moto."""

from __future__ import annotations

import functools

from moto.core.exceptions import ServiceException, _RESTError

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches
from plinth_sandbox.emulator.services.table import modules_of


class PatchesLayer:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def answer(self, call: Call, below: Handler) -> Answer:
        patch = patches_of(call.service).get(call.name)
        if patch is None:
            return below(call)
        try:
            return patch(Exchange(call, self._memory, below))
        except ServiceException as error:
            raise AwsError(error.code, error.message) from error
        except _RESTError as error:
            raise AwsError(error.error_type, error.message) from error


@functools.cache
def patches_of(service: str) -> Patches:
    """Returns the patches of a service, and corrects moto's own classes.

    A backend must not exist before: other layers, and calls to other services, look into it too.
    """
    found: Patches = {}
    for module in modules_of(service, "patches"):
        if hasattr(module, "patch_moto"):
            module.patch_moto()
        found = {**found, **getattr(module, "PATCHES", {})}
    return found
