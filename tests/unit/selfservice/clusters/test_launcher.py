"""Tests of the prerequisites of a command with ``--remote``, and of the start of its Job."""

from __future__ import annotations

import base64
from dataclasses import replace
from types import SimpleNamespace

import pytest
import yaml
from botocore.exceptions import ClientError

from selfservice.clusters import launcher
from selfservice.clusters.job_input import JobInput
from selfservice.clusters.pod_owner import NoPodError
from selfservice.errors import BadInputError, RefusedError
from selfservice.operations.operation import Action, Operation
from selfservice.projects.project import open_project
from tests.support.workbench import Workbench

STACK, ACCOUNT, TOOLING = "fraud-development", "222222222222", "111111111111"
LAUNCHER = f"arn:aws:iam::{TOOLING}:role/plinth/platform-launcher"
RUNNER = {"image": f"sha256:{'a' * 64}", "state_bucket": "acme-states", "jobs": 3}
KEY = "awskms:///arn:aws:kms:eu-west-1:111111111111:key/1?region=eu-west-1&awssdk=v2"


def state(outputs, *resources):
    return {"resources": [{"type": "pulumi:pulumi:Stack", "outputs": outputs}, *resources]}


def provider(account):
    roles = [{"roleArn": f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"}]
    return {"type": "pulumi:providers:aws", "inputs": {"allowedAccountIds": [account], "assumeRoles": roles}}


@pytest.fixture
def states(monkeypatch):
    found = {
        "organization": state({"accounts": {"tooling": TOOLING}}),
        "tooling-cluster": state({
            "account_id": TOOLING, "region": "eu-west-1", "cluster_name": "main", "endpoint": "https://cluster",
            "certificate_authority": base64.b64encode(b"authority").decode(),
        }),
        "tooling-runner": state({
            "namespace": "plinth-stacks", "service_account": "worker", "image": "plinth@sha256:1",
            "launcher_role_arn": LAUNCHER,
        }),
        STACK: state({}, provider(ACCOUNT)),
    }  # fmt: skip
    monkeypatch.setattr(
        launcher, "deployments_by_stack", lambda _project, stacks: {stack: found[stack] for stack in stacks}
    )
    return found


class Session:
    """A session of a person, with a bucket."""

    arn = "arn:aws:sts::999999999999:assumed-role/platform/ada"

    def __init__(self, **_):
        self.objects, self.refused = {}, False

    def client(self, service):
        if service == "sts":
            return SimpleNamespace(get_caller_identity=lambda: {"Arn": self.arn})
        return SimpleNamespace(
            put_object=lambda *, Bucket, Key, Body: self.objects.update({Key: Body}),  # noqa: N803
            delete_object=self.delete,
        )

    def delete(self, *, Bucket, Key):  # noqa: N803
        if self.refused:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteObject")
        del self.objects[Key]


@pytest.fixture
def bench(tmp_path, monkeypatch):
    made = Workbench.of_example(tmp_path, teams=("fraud",))
    made.change_organization(tooling_cluster={"version": "1.35", "runner": RUNNER})
    file = made.settings_file(STACK)
    content = yaml.safe_load(file.read_text())
    content.pop("encryptionsalt", None)
    file.write_text(yaml.safe_dump({**content, "secretsprovider": KEY}))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://acme-states?region=eu-west-1&awssdk=v2")
    return made


def launched(bench, session=Session):
    return launcher.launcher_for(open_project(bench.project), [STACK], session)


def test_a_launcher_uploads_the_settings_once_and_starts_the_job_of_the_owner(bench, states, tmp_path):
    session = Session()
    made = launched(bench, lambda **_: session)
    assert (made.limit, made.person, made.owners) == (3, "ada", {STACK: "fraud"})
    assert made.jobs.backend_url.startswith("s3://acme-states?")
    created = []

    class Api:
        def request(self, method, path, body=None):
            created.append((method, path, body))
            return SimpleNamespace(code=201, body=body)

    operation = Operation(
        action=Action.UP, stack=STACK, project_directory=tmp_path, lock_path=tmp_path, fingerprints=tmp_path
    )
    replace(made, api=Api()).start(operation, tmp_path / STACK)
    ((method, path, job),) = created
    assert (method, path) == ("POST", "/apis/batch/v1/namespaces/plinth-stacks/jobs")
    assert job["metadata"]["name"].startswith("fraud--development-")
    variables = {
        variable["name"]: variable.get("value") for variable in job["spec"]["template"]["spec"]["containers"][0]["env"]
    }
    assert variables["PLINTH_DEPLOYS_FOR"] == "ada"
    asked = JobInput.from_json(session.objects[f".plinth/jobs/{variables['PLINTH_JOB_INPUT']}"])
    assert (asked.stack, asked.action) == (STACK, Action.UP)
    assert f".plinth/jobs/{asked.settings}" in session.objects
    assert len(session.objects) == 2
    made.clean_up(pytest.fail)
    assert session.objects == {}


def test_a_launcher_calls_the_cluster_with_the_role_that_starts_jobs_or_else_as_an_administrator(bench, states):
    assert launched(bench).api.token.account.role_arn == LAUNCHER
    states["tooling-runner"]["resources"][0]["outputs"]["launcher_role_arn"] = None
    assert launched(bench).api.token.account.role_arn.endswith(f"{TOOLING}:role/OrganizationAccountAccessRole")


def test_inputs_that_cannot_be_deleted_are_reported_and_change_no_result(bench, states):
    session, told = Session(), []
    made = launched(bench, lambda **_: session)
    made.inputs.put(b"operation")
    session.refused = True
    made.clean_up(told.append)
    assert "the inputs of Jobs stay in the bucket of states" in told[0]


def test_an_organization_without_a_runner_is_told_which_setting_adds_one(bench, states):
    project = yaml.safe_load((bench.project / "Pulumi.yaml").read_text())
    del project["config"]["plinth:organization"]["value"]["tooling_cluster"]
    (bench.project / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    with pytest.raises(BadInputError, match=r"set tooling_cluster\.runner in Pulumi\.yaml"):
        launched(bench)


@pytest.mark.parametrize("url", ["file:///states", "s3://elsewhere", ""])
def test_states_elsewhere_than_in_the_bucket_of_the_pods_are_refused(bench, states, monkeypatch, url):
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    with pytest.raises(BadInputError, match="set PULUMI_BACKEND_URL to s3://acme-states; it is"):
        launched(bench)


def test_a_stack_with_a_passphrase_is_refused(bench, states):
    file = bench.settings_file(STACK)
    content = yaml.safe_load(file.read_text())
    del content["secretsprovider"]
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(BadInputError, match=f"secrets of {STACK}, because a pod gets no passphrase"):
        launched(bench)


@pytest.mark.parametrize("stack", ["tooling-cluster", "tooling-runner"])
def test_a_cluster_that_is_not_deployed_is_named(bench, states, stack):
    states[stack] = {}
    with pytest.raises(BadInputError, match=f"needs {stack}, which is not deployed"):
        launched(bench)


def test_credentials_without_the_name_of_a_person_are_refused(bench, states):
    class Service(Session):
        arn = "arn:aws:sts::999999999999:assumed-role/platform/a name with spaces"

    with pytest.raises(BadInputError, match="not to a person"):
        launched(bench, Service)


def test_a_launcher_of_requests_judges_each_stack_when_its_operation_starts(bench, states):
    made = launcher.launcher_for(open_project(bench.project), (), Session)
    states["fraud-experimentation"] = {}
    with pytest.raises(NoPodError) as refused:
        made.for_stack(open_project(bench.project), "fraud-experimentation")
    assert refused.value.reason.startswith("it is not deployed yet")
    file = bench.settings_file("fraud-production")
    file.write_text(file.read_text() + "# changed\n")
    found = made.for_stack(open_project(bench.project), STACK)
    assert (found.owners, found.inputs) == ({STACK: "fraud"}, made.inputs)
    assert found.settings != made.settings, "the settings of the operation are those of its start"


def test_a_stack_with_a_passphrase_runs_in_no_pod(bench, states):
    made = launcher.launcher_for(open_project(bench.project), (), Session)
    file = bench.settings_file(STACK)
    file.write_text(file.read_text().replace("secretsprovider", "encryptionsalt"))
    with pytest.raises(NoPodError, match="a passphrase encrypts its secrets"):
        made.for_stack(open_project(bench.project), STACK)


@pytest.mark.threat("T-03")
def test_a_stack_of_two_owners_starts_no_job_and_uploads_nothing(bench, states):
    states[STACK]["resources"].append(provider(TOOLING))
    states["fraud-experimentation"] = {}
    file = bench.settings_file("fraud-experimentation")
    content = yaml.safe_load(file.read_text())
    content.pop("encryptionsalt", None)
    file.write_text(yaml.safe_dump({**content, "secretsprovider": KEY}))
    session = Session()
    with pytest.raises(RefusedError) as refused:
        launcher.launcher_for(open_project(bench.project), [STACK, "fraud-experimentation"], lambda **_: session)
    assert "a pod enters those of one owner" in str(refused.value)
    assert "fraud-experimentation cannot run with --remote: it is not deployed yet" in str(refused.value)
    assert session.objects == {}
