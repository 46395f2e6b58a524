"""Finds, downloads or builds the Pulumi engine of this machine. Emulated AWS does not belong here.

>>> paths = provide()           # milliseconds if the engine is ready, minutes the first time
>>> paths.binary_directory      # put it first on PATH; it contains `pulumi` and its Python hosts
"""

from plinth_sandbox.engine.doctor import Component, report
from plinth_sandbox.engine.locate import EnginePaths
from plinth_sandbox.engine.provision import provide

__all__ = ["Component", "EnginePaths", "provide", "report"]
