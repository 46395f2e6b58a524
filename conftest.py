"""Hides from all tests, and from the processes that they start, what the shell says to Python.

Many containers set ``PYTHONUNBUFFERED``, with which streams behave as on few machines of users.
"""

import os

for _name in [name for name in os.environ if name.startswith("PYTHON")]:
    del os.environ[_name]
