"""Forks of the plugin host name the services that they need, so that later forks have their models."""

from __future__ import annotations

import os
import selectors

import pytest

from plinth_sandbox.provider.host import PRELOADED, Reports
from plinth_sandbox.provider.operations import session
from plinth_sandbox.provider.operations.session import observe_models, service_model

OTHER = "sqs"
"""A service that the host does not read in advance."""


@pytest.fixture(autouse=True)
def _nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_observers", [])
    service_model.cache_clear()


def test_the_host_has_the_model_of_a_service_that_a_fork_has_read():
    assert OTHER not in PRELOADED
    reports = Reports()
    if os.fork() == 0:
        observe_models(reports.report)
        service_model(OTHER)
        os._exit(0)
    with selectors.DefaultSelector() as selector:  # unlike select, it has no highest number of a file descriptor
        selector.register(reports, selectors.EVENT_READ)
        assert selector.select(60)
    reports.read_model()
    read = service_model.cache_info().misses
    assert read == 1
    service_model(OTHER)
    assert service_model.cache_info().misses == read


def test_a_service_is_reported_once():
    reported: list[str] = []
    observe_models(reported.append)
    service_model(OTHER)
    service_model(OTHER)
    assert reported == [OTHER]


def test_a_report_to_a_host_that_does_not_keep_up_is_dropped():
    reports = Reports()
    for _ in range(10_000):
        reports.report(OTHER)
    reports.read_model()
    assert service_model.cache_info().misses == 1
