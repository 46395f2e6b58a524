"""One emulated AWS for all tests of patches. Each test uses its own resources or accounts."""

from collections.abc import Iterator

import pytest

from plinth_sandbox.testing import EmulatedAws


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    server = EmulatedAws(tmp_path_factory.mktemp("aws"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def account(aws: EmulatedAws) -> str:
    """Returns a member account of the organization, with a quota for the networks of all tests."""
    made = aws.new_account("patched")
    quotas = aws.client("service-quotas", made)
    quotas.request_service_quota_increase(ServiceCode="vpc", QuotaCode="L-F678F1CE", DesiredValue=100)
    return made
