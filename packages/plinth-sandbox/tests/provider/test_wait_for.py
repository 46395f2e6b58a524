"""Conditions that a program sets for an object of Kubernetes."""

import pytest

from plinth_sandbox.kubernetes_provider.wait_for import reason_to_wait_for
from plinth_sandbox.provider.errors import ProviderError

HOST = "jsonpath={.status.loadBalancer.ingress[0].hostname}"
BALANCED = {"status": {"loadBalancer": {"ingress": [{"hostname": "a.elb.eu-west-1.amazonaws.com"}]}}}


@pytest.mark.parametrize("live", [{}, {"status": {"loadBalancer": {}}}, {"status": {"loadBalancer": {"ingress": []}}}])
def test_a_field_that_is_missing_is_a_reason_to_wait(live):
    assert HOST in reason_to_wait_for(HOST, live)


def test_a_field_that_exists_is_not():
    assert reason_to_wait_for(HOST, BALANCED) == ""


@pytest.mark.parametrize(("phase", "waits"), [("Running", False), ("Pending", True)])
def test_a_value_is_compared(phase, waits):
    assert bool(reason_to_wait_for("jsonpath={.status.phase}=Running", {"status": {"phase": phase}})) is waits


@pytest.mark.parametrize("condition", ["condition=Ready", "jsonpath={.items[*].name}", '["jsonpath={.a}"]'])
def test_other_forms_are_refused(condition):
    with pytest.raises(ProviderError, match="does not know the condition"):
        reason_to_wait_for(condition, BALANCED)
