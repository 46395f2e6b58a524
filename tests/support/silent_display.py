"""A display that shows nothing, for tests of the work of a runner."""

from __future__ import annotations

from contextlib import nullcontext
from unittest.mock import Mock

from selfservice.request_runner.display import Display

SILENT = Display(listening=lambda action, plan: nullcontext(Mock()), announce=lambda line: None, warn=lambda line: None)
