"""Fixtures per test file: an emulated AWS, a provider instance, and boto3 clients."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from conformance.plugin import Kept, Plugin, plugin_in_this_process
from conformance.sample import Aws, Sample, resolve
from executors.serving import name_image
from plinth_sandbox.environment import endpoint_variables
from plinth_sandbox.testing import MANAGEMENT, EmulatedAws

_numbers = itertools.count(1)
_SHOWN_LINES = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """Starts the emulated AWS of a test file and points the environment to it."""
    server = EmulatedAws(tmp_path_factory.mktemp("aws"))
    server.start()
    keys = {name.upper(): value for name, value in server.credentials(MANAGEMENT).items()}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**keys, **endpoint_variables(server.url)}.items():
            environment.setenv(name, value)
        for role in ("worker", "other-worker"):
            server.role(role, "sagemaker")
        name_image(server, "*/fraud/scoring@*")
        yield server
    server.kill()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    """Shows what the emulated AWS has logged beside the failure of a test."""
    report = yield
    running = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(running, EmulatedAws):
        lines = (running.directory / "errors.log").read_text(errors="replace").splitlines()
        report.sections.append(("log of the emulated AWS", "\n".join(lines[-_SHOWN_LINES:])))
    return report


@pytest.fixture(scope="module")
def aws(server: EmulatedAws) -> Aws:
    """Returns boto3 clients of the management account."""
    return cache(server.client)


@pytest.fixture(scope="module")
def stub(server: EmulatedAws) -> Iterator[Any]:
    """Yields a channel to the plugin's server."""
    with plugin_in_this_process() as channel:
        yield channel


@pytest.fixture(scope="module")
def plugin(stub: Any) -> Plugin:
    """Returns a provider instance for the management account, with a default tag."""
    return Plugin(stub, defaultTags={"tags": {"from": "provider"}})


@pytest.fixture(scope="module")
def center(aws: Aws) -> dict[str, str]:
    """Returns the Identity Center instance and its directory, which exist without a program."""
    (instance,) = aws("sso-admin").list_instances()["Instances"]
    return {"instance": instance["InstanceArn"], "directory": instance["IdentityStoreId"]}


@pytest.fixture(scope="module")
def offered(server: EmulatedAws, aws: Aws) -> dict[str, str]:
    """Returns load balancers, which the plugin cannot create, and the name of a service with one of them."""
    ec2, elb, subnets = aws("ec2"), aws("elbv2"), server.network()["SubnetIds"]

    def balancer(name: str, type_: str) -> str:
        created = elb.create_load_balancer(Name=name, Type=type_, Scheme="internal", Subnets=subnets)
        return str(created["LoadBalancers"][0]["LoadBalancerArn"])

    gateway = [balancer("gateway", "gateway")]
    made = ec2.create_vpc_endpoint_service_configuration(GatewayLoadBalancerArns=gateway, AcceptanceRequired=False)
    return {
        "balancer": balancer("tools", "network"),
        "other_balancer": balancer("others", "network"),
        "gateway_service": str(made["ServiceConfiguration"]["ServiceName"]),
    }


@pytest.fixture
def make(
    plugin: Plugin, aws: Aws, center: dict[str, str], offered: dict[str, str]
) -> Iterator[Callable[[Sample], tuple[Kept, dict[str, Any]]]]:
    """Yields a function that creates a sample with its prerequisites and returns the resource with the program's
    inputs.

    At the end of the test, the remaining resources are deleted in reverse order.
    """
    made: list[Kept] = []

    def create(sample: Sample) -> tuple[Kept, dict[str, Any]]:
        known: dict[str, Any] = {"n": next(_numbers), "center": center, "offered": offered}
        for name, (type_token, inputs) in sample.needs.items():
            known[name] = plugin.create(type_token, f"{name}-{known['n']}", resolve(inputs, known))
            made.append(known[name])
        if sample.prepare is not None:
            known["prepared"] = sample.prepare(aws, known)
        inputs = resolve(sample.inputs, known)
        kept = plugin.create(sample.type, f"it-{known['n']}", inputs)
        kept.known = known
        made.append(kept)
        return kept, inputs

    yield create
    for kept in reversed(made):
        plugin.delete(kept)
