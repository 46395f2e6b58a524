"""The program that the Pulumi engine runs: one stack of the foundation, which its name says."""

import gc
from pathlib import Path

import pulumi

from settings.derived.stack_graph import StackIdentity
from settings.files.validation_cache import load_cached
from settings.types.errors import SettingsError
from stacks.stack_modules import provision

# The program ends within seconds, and most of what it makes are the SDK's classes, which stay: looking for garbage
# among them takes a fifth of its time and finds none.
gc.disable()

try:
    foundation = load_cached(Path(pulumi.get_root_directory()))
    provision(StackIdentity.parse(pulumi.get_stack()), foundation)
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None
