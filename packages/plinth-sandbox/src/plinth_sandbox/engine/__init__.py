"""The Pulumi engine of this machine: found, downloaded or built, once, and then only looked up.

>>> paths = provide()           # milliseconds when ready, minutes the first time
>>> paths.binary_directory      # goes first on PATH; `pulumi` and its Python hosts are in it
"""

from plinth_sandbox.engine.doctor import Component, report
from plinth_sandbox.engine.locate import EnginePaths
from plinth_sandbox.engine.provision import provide

__all__ = ["Component", "EnginePaths", "provide", "report"]
