import logging
import os
import shutil
import signal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from tests.support.shared_folder import shared_folder
from tests.support.stories import earlier_tests

pytest_plugins = [
    "pytester",
    "tests.support.durations",
    "tests.support.failures",
    "tests.support.nightly",
    "tests.support.process_environment",
    "tests.support.requirements",
    "tests.support.unstable",
]

# How long one example takes says more of the machine than of the code; a test as a whole has its time limit.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background has them, and all that they start, ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@logging.getLogger("asyncio").addFilter
def _without_traceback(record: logging.LogRecord) -> bool:
    """Log a failed task that nobody awaited in one line.

    The garbage collector logs it, and formatting a traceback parses source code. Python 3.11 fails with "AST
    constructor recursion depth mismatch" when the collector does so while a test parses source code.
    """
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]!r}", ()
        record.exc_info = None
    return True


LONGEST = (
    "tests/engine/example/",
    "tests/engine/main_job/",
    "tests/engine/test_team_requests.py",
    "tests/engine/tooling/",
)
"""Folders and files whose tests take longest, one for each process that runs tests."""
SHARED_DEPLOYMENTS = (*LONGEST, "tests/access/", "tests/engine/own_organization/", "tests/engine/portal/")
"""Folders and files whose tests share a deployment."""


class ByDeployment(LoadFileScheduling):
    """Files go to workers one by one, and those whose tests share a deployment together: it is made once."""

    def _split_scope(self, nodeid: str) -> str:
        shared = (folder for folder in SHARED_DEPLOYMENTS if nodeid.startswith(folder))
        return next(shared, None) or super()._split_scope(nodeid)


_number = count()
_COLLECTED = pytest.StashKey[int]()
"""Number of a test of this folder in the order of collection."""


def pytest_itemcollected(item):
    item.stash[_COLLECTED] = next(_number)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """A story comes with all tests up to the last one that is selected. The longest parts of a run start first, so that
    no worker ends long after the others.

    They start from copies of one deployment, which one of them makes while the others wait. Other deployments start
    later: each needs all processors at its beginning. What continues the main job follows it. The tests of a story on
    the engine keep their order if all others run in random order.
    """
    collected = sorted(items, key=lambda item: item.stash.get(_COLLECTED, 0))
    yield
    items += earlier_tests(items, collected)
    items.sort(key=_start)


def _start(item):
    test = item.nodeid
    on_engine = test.startswith("tests/engine/")
    order = item.stash[_COLLECTED] if on_engine else 0
    return (not test.startswith(LONGEST), not on_engine, "/continued/" in test, order)


def pytest_xdist_make_scheduler(config, log):
    return ByDeployment(config, log)


def pytest_sessionfinish(session):
    """The process that started the workers removes what they shared."""
    workers = session.config.pluginmanager.get_plugin("dsession")
    if workers is not None:
        shutil.rmtree(shared_folder(workers.nodemanager.testrunuid), ignore_errors=True)


OFFLINE = [Path(__file__).parent / room for room in ("access", "policies", "unit")]


@pytest.fixture(autouse=True)
def _nothing_outside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests find no account, engine or sandbox, whatever the shell or the home directory offers."""
    if not any(request.path.is_relative_to(folder) for folder in OFFLINE):
        return
    for name in list(os.environ):
        if name.startswith(("AWS_", "PULUMI_", "PLINTH_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)  # a new machine knows no name of who commits
    monkeypatch.setenv("PLINTH_CACHE_DIR", os.devnull)
    # Text made of an output is a defect that Pulumi only warns of unless told.
    monkeypatch.setenv("PULUMI_ERROR_OUTPUT_STRING", "true")
