"""The Jobs that commands start pass the rules of Kubernetes, although no stack contains them."""

from __future__ import annotations

from policies.rule_list import RULES
from selfservice.clusters.job import JobSettings, job_of
from tests.policies.case import Situation
from tests.policies.checking import findings

SETTINGS = JobSettings(
    namespace="plinth-stacks",
    service_account="worker",
    image=f"111111111111.dkr.ecr.eu-west-1.amazonaws.com/plinth@sha256:{'a' * 64}",
    state_bucket="acme-states",
    region="eu-west-1",
    cpus=1,
    memory_gib=2,
)


def job():
    made = job_of("fraud--development-1", "fraud-development", "ada", "0" * 64, SETTINGS)
    return {**made, "metadata": {**made["metadata"], "namespace": SETTINGS.namespace}}


def refused(inputs):
    return {str(finding.message) for finding in findings("kubernetes:batch/v1:Job", Situation(inputs=inputs), RULES)}


def test_the_job_of_an_operation_passes_every_rule():
    assert refused(job()) == set()


def test_a_job_that_mounted_a_token_of_the_api_would_not():
    made = job()
    made["spec"]["template"]["spec"]["automountServiceAccountToken"] = True
    assert any("mounts a token" in message for message in refused(made))
