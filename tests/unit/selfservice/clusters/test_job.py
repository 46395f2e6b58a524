"""The Job of an operation: its name, and what its pod may do."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from selfservice.clusters.job import JobSettings, job_name, job_of

SETTINGS = JobSettings(
    namespace="plinth-stacks", service_account="worker", image="registry/plinth@sha256:1", state_bucket="acme-states",
    region="eu-west-1", cpus=1, memory_gib=2,
)  # fmt: skip
TEAMS = st.from_regex(r"[a-z]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
STACKS = st.from_regex(r"[a-z]{1,12}(--?[a-z0-9]{1,20}){0,3}", fullmatch=True)


@given(TEAMS, STACKS, st.text(max_size=8))
def test_the_name_of_a_pod_is_a_host_name_that_begins_with_its_owner_and_no_other(team, stack, run):
    pod = f"{job_name(team, stack, run)}-abcde"
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", pod)
    assert len(pod) <= 63
    assert pod.partition("--")[0] == team


@given(STACKS, STACKS, st.text(max_size=8))
def test_operations_of_one_command_have_different_names(stack, other, run):
    assert (job_name("fraud", stack, run) == job_name("fraud", other, run)) == (stack == other)


def test_the_pod_is_restricted_has_no_keys_and_leaves_a_killed_engine_time():
    pod = job_of("fraud--development-1", "fraud-development", "ada", "0" * 64, SETTINGS)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert container["resources"]["limits"]["memory"] == "2Gi"
    assert pod["terminationGracePeriodSeconds"] >= 60
    variables = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert variables["PULUMI_BACKEND_URL"] == "s3://acme-states?region=eu-west-1&awssdk=v2"
    assert not {name for name in variables if "SECRET" in name or "PASSPHRASE" in name or "KEY" in name}


def test_a_job_starts_no_pod_while_another_ends_and_keeps_its_node():
    spec = job_of("fraud--development-1", "fraud-development", "ada", "0" * 64, SETTINGS)["spec"]
    assert spec["template"]["metadata"]["annotations"] == {"karpenter.sh/do-not-disrupt": "true"}
    assert (spec["podReplacementPolicy"], spec["template"]["spec"]["restartPolicy"]) == ("Failed", "Never")
