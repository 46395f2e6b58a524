"""Setup of all tests on the real engine.

Their benches fork commands. Guides, and the tests that interrupt or kill a command, start them as a shell does.
"""

from tests.support.workbench import fork_commands

fork_commands()
