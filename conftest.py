"""What all tests share.

Hides from tests, and from the processes that they start, what the shell says to Python: many containers set
``PYTHONUNBUFFERED``, with which streams behave as on few machines of users. All AWS sessions of a process share their
descriptions of services. Reading them again takes 0.1 s for each client.
"""

import functools
import os

import botocore.session

for _name in [name for name in os.environ if name.startswith("PYTHON")]:
    del os.environ[_name]

botocore.session.create_loader = functools.cache(botocore.session.create_loader)
