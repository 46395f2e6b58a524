"""Setup of all tests.

Hides from tests, and from the processes that they start, what the shell says to Python: many containers set
``PYTHONUNBUFFERED``, with which streams behave as on few machines of users. Only folders of this repository stay on the
path: a copy of it with a planted fault names its own, so that processes do not import the installed packages instead.
All AWS sessions of a process share their descriptions of services. Reading them again takes 0.1 s for each client.
"""

import functools
import os
from pathlib import Path

import botocore.session

_ROOT = Path(__file__).parent
_own = [
    entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry and Path(entry).is_relative_to(_ROOT)
]

for _name in [name for name in os.environ if name.startswith("PYTHON")]:
    del os.environ[_name]

if _own:
    os.environ |= {"PYTHONPATH": os.pathsep.join(_own), "PYTHONDONTWRITEBYTECODE": "1"}

botocore.session.create_loader = functools.cache(botocore.session.create_loader)
