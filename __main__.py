"""The program that the Pulumi engine runs. It builds the selected stack of the foundation."""

import gc
import os
from pathlib import Path

import pulumi

from settings.derived.stack_graph import StackIdentity
from settings.files.validation_cache import load_cached
from settings.types.aws.account_access import AccountAccess
from settings.types.errors import SettingsError
from stacks.shared.adoption import VARIABLE, adopt
from stacks.shared.providers.accounts import entering
from stacks.shared.source_positions import keep_one_position
from stacks.stack_modules import provision

# The program ends within seconds and allocates mostly classes of the SDK, which stay alive. Garbage collection would
# take a fifth of its time and free nothing.
gc.disable()

keep_one_position()
try:
    adopt(os.environ.get(VARIABLE))
    foundation = load_cached(Path(pulumi.get_root_directory()))
    with entering(AccountAccess.of(os.environ)):
        provision(StackIdentity.parse(pulumi.get_stack()), foundation)
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None
