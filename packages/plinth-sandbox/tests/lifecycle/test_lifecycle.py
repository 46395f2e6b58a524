"""`plinth sandbox` in a separate directory: repeated commands, kills and conflicts."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import click
import pytest
from click.testing import CliRunner

from plinth_sandbox import engine, plugin
from plinth_sandbox.command import REGION_OF_PROGRAM, sandbox
from plinth_sandbox.emulator.charges import read_charges
from plinth_sandbox.emulator.credentials import management_secret
from plinth_sandbox.emulator.process import ServerRecord, last_record, running
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.image import description_of
from plinth_sandbox.environment import exports
from plinth_sandbox.executors.ports import LASTING_PORTS
from plinth_sandbox.kubernetes import provision
from plinth_sandbox.kubernetes.node import programs
from plinth_sandbox.layout import Layout
from plinth_sandbox.lifecycle import SandboxLifecycle
from plinth_sandbox.progress import Progress
from plinth_sandbox.provider.launch import SOCKET
from plinth_sandbox.states.place import BUCKET
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually


@pytest.fixture(autouse=True)
def _engine_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Replaces the engine, whose set-up has its own tests."""
    paths = engine.EnginePaths(binary_directory=tmp_path / "engine", version="v3", origin="given by the test")
    monkeypatch.setattr(engine, "provide", lambda progress=None: paths)


@pytest.fixture
def lifecycle(tmp_path: Path) -> Iterator[SandboxLifecycle]:
    lifecycle = SandboxLifecycle(Layout.find(tmp_path / "sand box"), Progress())
    yield lifecycle
    lifecycle.down()


def buckets(lifecycle: SandboxLifecycle) -> list[str]:
    return [bucket["Name"] for bucket in s3(lifecycle).list_buckets()["Buckets"]]


def s3(lifecycle: SandboxLifecycle) -> "boto3.client":
    return client(lifecycle.environment(), "s3")


def client(values: Mapping[str, str], service: str) -> "boto3.client":
    return boto3.client(
        service,
        endpoint_url=values["AWS_ENDPOINT_URL"],
        region_name=values["AWS_REGION"],
        aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
    )


def make_bucket(lifecycle: SandboxLifecycle, name: str) -> None:
    s3(lifecycle).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


def run(lifecycle: SandboxLifecycle, *arguments: str) -> str:
    result = CliRunner().invoke(sandbox, [*arguments, "--directory", str(lifecycle.layout.root)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_up_and_down_can_be_repeated(lifecycle: SandboxLifecycle) -> None:
    first, second = lifecycle.up(), lifecycle.up()
    assert first == second
    assert first.port in LASTING_PORTS
    assert lifecycle.down() is True
    assert lifecycle.down() is False
    assert lifecycle.status()["running"] is False


def test_a_sandbox_that_is_up_forks_plugins(lifecycle: SandboxLifecycle) -> None:
    lifecycle.up()
    assert eventually((lifecycle.layout.aws / SOCKET).exists)


def test_users_of_the_directory_have_passwords_and_a_reset_keeps_both(lifecycle: SandboxLifecycle) -> None:
    lifecycle.up(users=["ana:fraud", "ben"])
    password = run(lifecycle, "user", "ana").strip()
    assert re.fullmatch(r"[a-z2-7]{16}", password)
    lifecycle.reset()
    lifecycle.up(users=["ben"])
    assert run(lifecycle, "user", "ana").strip() == password
    assert run(lifecycle, "user", "ben").strip() != password
    values = lifecycle.environment()
    directory, center = client(values, "identitystore"), client(values, "sso-admin")
    store = {"IdentityStoreId": center.list_instances()["Instances"][0]["IdentityStoreId"]}
    users = [directory.describe_user(**store, UserId=user["UserId"]) for user in directory.list_users(**store)["Users"]]
    departments = {user["UserName"]: next(iter(user.get("Extensions", {}).values()), {}) for user in users}
    assert departments == {"ana": {"department": "fraud"}, "ben": {}}
    for words in (["user", "zoe"], ["user", "ana", "--group", "nobody"]):
        refused = CliRunner().invoke(sandbox, [*words, "--directory", str(lifecycle.layout.root)])
        assert refused.exit_code == 1
        assert f"the directory has no {'user zoe' if 'zoe' in words else 'group nobody'}" in refused.output


def test_every_sandbox_has_a_secret_of_its_own_which_a_reset_keeps(lifecycle: SandboxLifecycle, tmp_path: Path) -> None:
    lifecycle.up()
    secret = lifecycle.environment()["AWS_SECRET_ACCESS_KEY"]
    lifecycle.reset()
    assert lifecycle.environment()["AWS_SECRET_ACCESS_KEY"] == secret
    assert management_secret(tmp_path) != secret


def test_nobody_else_can_enter_a_sandbox_even_one_that_was_open(lifecycle: SandboxLifecycle) -> None:
    layout = lifecycle.layout
    layout.state.mkdir(parents=True)
    layout.state.chmod(0o755)
    lifecycle.up()
    kept = [layout.aws, layout.state, layout.pulumi_home, *layout.aws.iterdir()]
    assert layout.server_log in kept
    assert {path.name: oct(path.stat().st_mode) for path in kept if path.stat().st_mode & 0o077} == {}


def test_a_killed_server_comes_back_on_its_port_with_its_state(lifecycle: SandboxLifecycle) -> None:
    before = lifecycle.up()
    make_bucket(lifecycle, "kept")
    os.kill(before.pid, signal.SIGKILL)
    eventually(lambda: not running(lifecycle.layout.aws))
    after = lifecycle.up()
    assert (after.port, buckets(lifecycle)) == (before.port, ["kept"])
    assert after.pid != before.pid


def test_a_server_that_is_killed_while_it_is_asked_is_started_again(
    lifecycle: SandboxLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, ask = lifecycle.up(), SandboxLifecycle._ask

    def killed(*_: object, **__: object) -> dict[str, object]:
        monkeypatch.setattr(SandboxLifecycle, "_ask", ask)
        os.kill(before.pid, signal.SIGKILL)
        raise SetUpError("the connection was reset", fix="")

    monkeypatch.setattr(SandboxLifecycle, "_ask", killed)
    after = lifecycle.up()
    assert after.pid != before.pid
    assert buckets(lifecycle) == []


def test_another_port_is_used_if_the_last_one_is_taken(lifecycle: SandboxLifecycle) -> None:
    port = lifecycle.up().port
    lifecycle.down()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        assert lifecycle.up().port != port


def test_a_reused_process_id_in_the_record_is_not_killed(lifecycle: SandboxLifecycle) -> None:
    lifecycle.layout.aws.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        record = {"pid": bystander.pid, "port": 1, "started": 0.0}
        (lifecycle.layout.aws / "server.json").write_text(json.dumps(record))
        assert lifecycle.down() is False
        assert lifecycle.up().pid != bystander.pid
        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.parametrize("remains", ["", '{"pid": 1', "[]", '{"pid": 1, "wrong": 2}'])
def test_a_partial_record_is_ignored(lifecycle: SandboxLifecycle, remains: str) -> None:
    lifecycle.layout.aws.mkdir(parents=True)
    (lifecycle.layout.aws / "server.json").write_text(remains)
    assert last_record(lifecycle.layout.aws) is None
    assert running(lifecycle.layout.aws) is None


def test_two_parallel_commands_start_one_server(lifecycle: SandboxLifecycle) -> None:
    script = (
        "import sys; from pathlib import Path; from plinth_sandbox import engine\n"
        "engine.provide = lambda progress=None: engine.EnginePaths("
        "binary_directory=Path('/nowhere'), version='v3', origin='test')\n"
        "from plinth_sandbox.layout import Layout; from plinth_sandbox.lifecycle import SandboxLifecycle\n"
        "from plinth_sandbox.progress import Progress\n"
        "print(SandboxLifecycle(Layout(Path(sys.argv[1])), Progress()).up().pid)"
    )
    command = [sys.executable, "-c", script, str(lifecycle.layout.root)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pids = {process.communicate(timeout=LONGEST_SECONDS)[0].strip() for process in both}
    record = running(lifecycle.layout.aws)
    assert record
    assert pids == {str(record.pid)}


@pytest.mark.nightly
def test_a_killed_reset_is_completed_by_the_next_up(lifecycle: SandboxLifecycle) -> None:
    lifecycle.up()
    make_bucket(lifecycle, "half")
    lifecycle.layout.reset_marker.touch()
    (lifecycle.layout.state / "stack.json").write_text("{}")
    lifecycle.up()
    assert (buckets(lifecycle), list(lifecycle.layout.state.iterdir())) == ([], [])
    assert not lifecycle.layout.reset_marker.exists()


def lock_stack(lifecycle: SandboxLifecycle, pid: int, host: str) -> None:
    folder = lifecycle.layout.stack_locks / "organization" / "plinth" / "fraud-development"
    folder.mkdir(parents=True)
    (folder / "0.json").write_text(json.dumps({"pid": pid, "username": "ada", "hostname": host}))


def test_reset_refuses_while_a_stack_operation_runs_and_says_which(lifecycle: SandboxLifecycle) -> None:
    record = lifecycle.up()
    lock_stack(lifecycle, os.getpid(), socket.gethostname())
    with pytest.raises(SetUpError, match=rf"fraud-development \(process {os.getpid()}\)"):
        lifecycle.reset()
    assert running(lifecycle.layout.aws) == record


@pytest.mark.nightly
def test_states_in_the_emulated_s3_are_kept_and_their_place_changes_only_with_a_reset(
    lifecycle: SandboxLifecycle,
) -> None:
    run(lifecycle, "up", "--states", "s3")
    assert lifecycle.environment()["PULUMI_BACKEND_URL"] == f"s3://{BUCKET}?region=eu-west-1&awssdk=v2"
    s3(lifecycle).put_object(Bucket=BUCKET, Key=".pulumi/meta.yaml", Body=b"version: 1")
    lifecycle.down()
    lifecycle.up()
    assert [object_["Key"] for object_ in s3(lifecycle).list_objects_v2(Bucket=BUCKET)["Contents"]] == [
        ".pulumi/meta.yaml"
    ]
    with pytest.raises(SetUpError, match="reset --states folder"):
        lifecycle.up(place="folder")
    run(lifecycle, "reset", "--yes")
    assert s3(lifecycle).list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    run(lifecycle, "reset", "--yes", "--states", "folder")
    assert lifecycle.environment()["PULUMI_BACKEND_URL"].startswith("file://")
    assert buckets(lifecycle) == []


def test_a_sandbox_with_states_in_a_folder_keeps_them_there(lifecycle: SandboxLifecycle) -> None:
    lifecycle.up()
    make_bucket(lifecycle, "used")
    with pytest.raises(SetUpError, match="not in the emulated S3") as refused:
        lifecycle.up(place="s3")
    assert "plinth sandbox reset --states s3" in str(refused.value)
    assert lifecycle.environment()["PULUMI_BACKEND_URL"].startswith("file://")


@pytest.mark.nightly
def test_reset_sees_operations_on_states_in_the_emulated_s3(lifecycle: SandboxLifecycle) -> None:
    lifecycle.up(place="s3")
    key = ".pulumi/locks/organization/plinth/fraud-development/0.json"
    for pid, blocks in ((os.getpid(), True), (2**22 + 1, False)):
        lock = {"pid": pid, "username": "ada", "hostname": socket.gethostname()}
        s3(lifecycle).put_object(Bucket=BUCKET, Key=key, Body=json.dumps(lock).encode())
        if blocks:
            with pytest.raises(SetUpError, match=rf"fraud-development \(process {pid}\)"):
                lifecycle.reset()
    lifecycle.reset()
    assert s3(lifecycle).list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


@pytest.mark.nightly
def test_reset_deletes_both_states_despite_locks_of_killed_operations(
    lifecycle: SandboxLifecycle,
) -> None:
    lifecycle.up()
    make_bucket(lifecycle, "forgotten")
    kept_by_git = (lifecycle.layout.repositories / "fraud.git", lifecycle.layout.clones / "fraud")
    for folder in kept_by_git:
        folder.mkdir(parents=True)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lock_stack(lifecycle, ended.pid, socket.gethostname())
    lifecycle.reset()
    assert buckets(lifecycle) == []
    assert list(lifecycle.layout.state.iterdir()) == []
    assert [folder for folder in kept_by_git if folder.exists()] == []


def test_a_server_that_logs_nothing_is_named_after_the_time_limit(
    lifecycle: SandboxLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = subprocess.Popen(silent)
    monkeypatch.setattr("plinth_sandbox.lifecycle.SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(SandboxLifecycle, "_start", lambda *_, **__: process)
    lifecycle.layout.aws.mkdir(parents=True)
    lifecycle.layout.server_log.write_text("restored 1 of 2 calls\n")
    try:
        with pytest.raises(SetUpError, match=r"it logged nothing for 0\.1 s after 'restored 1 of 2 calls'"):
            lifecycle._server(None, with_nodes=False)
    finally:
        process.kill()
        process.wait()


def test_a_journal_that_cannot_be_read_is_a_clear_error(lifecycle: SandboxLifecycle) -> None:
    lifecycle.layout.aws.mkdir(parents=True)
    lifecycle.layout.journal.write_text("not a journal\n")
    with pytest.raises(SetUpError, match="the emulated AWS did not start"):
        lifecycle.up()


def test_the_environment_connects_a_shell_with_the_sandbox_and_nothing_else(
    lifecycle: SandboxLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = lifecycle.layout.root
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "config").write_text("[default]\nignore_configured_endpoint_urls = true\n")
    monkeypatch.setenv("HOME", str(home))
    leading_elsewhere = {
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ENDPOINT_URL_STS",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_PROFILE",
        "AWS_ROLE_ARN",
        "AWS_SESSION_TOKEN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    }
    for name in leading_elsewhere:
        monkeypatch.setenv(name, "true")
    record = lifecycle.up()
    program = (
        "import boto3, json, os; sts = boto3.client('sts'); sts.get_caller_identity();"
        "print(json.dumps({**os.environ, 'called': sts.meta.endpoint_url}))"
    )
    script = f'eval "$1"; "{sys.executable}" -c "{program}"'
    shell = subprocess.run(
        ["/bin/sh", "-c", script, "sh", exports(lifecycle.environment())], capture_output=True, text=True, check=True
    )
    seen = json.loads(shell.stdout)
    assert seen["AWS_ENDPOINT_URL"] == record.url
    assert seen["PULUMI_HOME"] == str(lifecycle.layout.root / "pulumi")
    assert re.fullmatch(r"file:///\S+\?metadata=skip", seen["PULUMI_BACKEND_URL"])
    assert Path(seen["PATH"].split(os.pathsep)[0]).name == "engine"
    assert seen["called"] == record.url
    assert seen["GIT_CONFIG_KEY_0"] == f"url.{record.url}/git-codecommit..insteadOf"
    assert leading_elsewhere & seen.keys() == {"AWS_CONFIG_FILE"}
    assert seen["AWS_CONFIG_FILE"] == os.devnull


@pytest.mark.parametrize(
    ("given", "options", "region"),
    [
        (None, [], "eu-west-1"),
        (lambda: None, [], "eu-west-1"),
        (lambda: "eu-central-1", [], "eu-central-1"),
        (lambda: "eu-central-1", ["--region", "us-east-1"], "us-east-1"),
    ],
)
def test_the_region_of_a_shell_is_the_one_given_or_that_of_the_program(
    given: object, options: list[str], region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SandboxLifecycle, "environment", lambda _, region: {"AWS_REGION": region})

    @click.group()
    @click.pass_context
    def program(context: click.Context) -> None:
        if given is not None:
            context.meta[REGION_OF_PROGRAM] = given

    program.add_command(sandbox)
    result = CliRunner().invoke(program, ["sandbox", "env", "--json", *options])
    assert json.loads(result.output) == {"AWS_REGION": region}


def test_the_environment_of_a_sandbox_that_is_down_is_an_error_with_the_remedy(lifecycle: SandboxLifecycle) -> None:
    result = CliRunner().invoke(sandbox, ["env", "--directory", str(lifecycle.layout.root)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "plinth sandbox up" in result.stderr


def test_a_directory_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(sandbox, ["up", "--directory", str(tmp_path / "file" / "sandbox")])
    assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
    assert str(tmp_path / "file") in result.stderr


def test_a_server_whose_log_was_deleted_is_still_found(lifecycle: SandboxLifecycle) -> None:
    record = lifecycle.up()
    lifecycle.layout.server_log.unlink()
    assert lifecycle.up() == record


def test_the_server_does_not_import_modules_from_the_current_folder(
    lifecycle: SandboxLifecycle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "moto.py").write_text("raise RuntimeError('taken for the real one')\n")
    monkeypatch.chdir(tmp_path)
    assert lifecycle.up().url == lifecycle.status()["url"]


def test_the_status_is_available_as_text_and_as_json(lifecycle: SandboxLifecycle) -> None:
    assert "is not running" in run(lifecycle, "status")
    record = lifecycle.up()
    found = json.loads(run(lifecycle, "status", "--json"))
    assert (found["pid"], found["port"], found["journalled_calls"]) == (record.pid, record.port, 0)
    assert found["accounts"] == [{"id": "123456789012", "name": "management", "status": "ACTIVE"}]
    text = run(lifecycle, "status")
    assert record.url in text
    assert "other calls are allowed" in text


COLUMNS = "ChargePeriodStart,SubAccountId,ServiceName,ChargeCategory,BilledCost,BillingCurrency,Tags"


def test_charges_of_a_file_reach_cost_explorer_and_a_wrong_line_none_of_them(
    lifecycle: SandboxLifecycle, tmp_path: Path
) -> None:
    today = datetime.now(UTC).date()
    bill = tmp_path / "bill.csv"
    right = f'{today}T00:00:00Z,123456789012,Amazon SageMaker,Usage,1.5,USD,"{{""team"": ""fraud""}}"'
    lifecycle.up()
    bill.write_text(f"{COLUMNS}\n{right}\n{right.replace('USD', 'EUR')}\n")
    refused = CliRunner().invoke(sandbox, ["charge", str(bill), "--directory", str(lifecycle.layout.root)])
    assert refused.exit_code == 1
    assert "bill.csv, line 3 is no charge: BillingCurrency is 'EUR'; allowed is 'USD'" in refused.output
    bill.write_text(f"{COLUMNS}\n{right}\n{right}\n")
    run(lifecycle, "charge", str(bill))
    values = lifecycle.environment()
    (month,) = client(values, "ce").get_cost_and_usage(
        TimePeriod={"Start": str(today), "End": str(today + timedelta(days=1))},
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
    )["ResultsByTime"]
    assert month["Total"]["UnblendedCost"]["Amount"] == "3.0"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (COLUMNS.replace("Tags", "Labels"), "has no column Tags"),
        (f"{COLUMNS}\nyesterday,1,S3,Usage,1,USD,", "line 2 is no charge: Invalid isoformat string"),
        (f"{COLUMNS}\n2026-11-01,1,S3,Gift,1,USD,", "ChargeCategory is 'Gift'"),
        (f"{COLUMNS}\n2026-11-01,1,S3,Usage,much,USD,", "line 2 is no charge"),
        (f"{COLUMNS}\n2026-11-01,1,S3,Usage,1,USD,[1]", "line 2 is no charge"),
        (f"{COLUMNS}\n2026-11-01,1", "line 2 is no charge"),
    ],
)
def test_a_file_that_is_no_bill_is_one_error(line: str, said: str, tmp_path: Path) -> None:
    bill = tmp_path / "bill.csv"
    bill.write_text(line)
    with pytest.raises(SetUpError, match=re.escape(said)):
        read_charges(bill)


def test_the_engine_finds_the_sandboxs_plugin_and_starts_it_with_this_python(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    plugin.install(layout, None, tmp_path)
    (executable,) = layout.pulumi_home.glob("plugins/resource-aws-v*/pulumi-resource-aws")
    assert os.access(executable, os.X_OK)
    launcher = executable.read_text()
    assert sys.executable in launcher
    assert "-m plinth_sandbox.provider" in launcher


def vendor_cli(tmp_path: Path, script: str) -> Path:
    cli = tmp_path / "bin" / "pulumi"
    cli.parent.mkdir()
    cli.write_text(f"#!/bin/sh\n{script}\n")
    cli.chmod(0o755)
    return cli.parent


def test_the_vendors_plugin_replaces_the_sandboxs_own_and_stays(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    download = (
        "d=$PULUMI_HOME/plugins/resource-aws-$5; mkdir -p $d; echo ELF > $d/pulumi-resource-aws; "
        'echo "$@" >> $PULUMI_HOME/calls'
    )
    cli = vendor_cli(tmp_path, download)
    assert plugin.install(layout, None, cli).startswith("own AWS plugin")
    assert plugin.install(layout, "vendor", cli).startswith("vendor AWS plugin")
    assert plugin.install(layout, None, cli).startswith("vendor AWS plugin")
    assert len((layout.pulumi_home / "calls").read_text().splitlines()) == 1
    assert plugin.install(layout, "plinth", cli).startswith("own AWS plugin")


def test_an_unavailable_vendors_plugin_is_an_error_and_keeps_the_sandboxs_own(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    cli = vendor_cli(tmp_path, 'echo "error: 403 HTTP error" >&2; exit 255')
    plugin.install(layout, None, cli)
    with pytest.raises(SetUpError, match="403 HTTP error"):
        plugin.install(layout, "vendor", cli)
    assert plugin.install(layout, None, cli).startswith("own AWS plugin")


def test_the_directory_comes_from_the_option_the_variable_or_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLINTH_SANDBOX_DIR", raising=False)
    assert Layout.find().root == tmp_path / ".sandbox"
    monkeypatch.setenv("PLINTH_SANDBOX_DIR", str(tmp_path / "other"))
    assert Layout.find().root == tmp_path / "other"
    assert Layout.find(tmp_path / "named").root == tmp_path / "named"


@pytest.mark.parametrize("folder", ["docs", ".sandbox/clones/fraud--scoring-build/algorithms"])
def test_a_folder_of_the_project_and_a_clone_in_the_sandbox_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.delenv("PLINTH_SANDBOX_DIR", raising=False)
    (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / folder)
    assert Layout.find().root == tmp_path / folder / ".sandbox", "no sandbox was started yet"
    with pytest.raises(SetUpError, match="PLINTH_SANDBOX_DIR"):
        SandboxLifecycle(Layout.find(), Progress()).environment()
    layout = Layout(tmp_path / ".sandbox")
    layout.aws.mkdir(parents=True)
    layout.server_log.touch()
    layout.lock.touch()
    assert Layout.find() == layout


def test_a_record_has_an_address() -> None:
    assert ServerRecord(pid=1, port=4566, started=0.0).url == "http://127.0.0.1:4566"


@pytest.mark.nightly
def test_the_choice_of_kubernetes_is_kept_and_changes_only_while_the_sandbox_is_down(
    lifecycle: SandboxLifecycle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "control-plane"
    program.touch()
    monkeypatch.setattr(provision, "provide", lambda progress=None: program)
    record = lifecycle.up(kubernetes=True)
    assert command_of(record.pid)[-2:] == ["--kubernetes", str(program)]
    with pytest.raises(SetUpError, match="the sandbox runs with Kubernetes"):
        lifecycle.up(kubernetes=False)
    lifecycle.down()
    assert "--kubernetes" in command_of(lifecycle.up().pid)
    lifecycle.down()
    assert "--kubernetes" not in command_of(lifecycle.up(kubernetes=False).pid)


def command_of(pid: int) -> list[str]:
    listed = subprocess.run(["ps", "-wwo", "args=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return listed.stdout.split()


def test_nodes_that_the_machine_does_not_allow_are_refused_and_not_kept(
    lifecycle: SandboxLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Progress) -> None:
        raise SetUpError("pods do not run: this machine allows no node", fix="plinth sandbox up --no-nodes")

    monkeypatch.setattr(programs, "provide", refuse)
    with pytest.raises(SetUpError, match="pods do not run"):
        lifecycle.up(nodes=True)
    assert not running(lifecycle.layout.aws)
    lifecycle.up()
    assert not lifecycle.layout.nodes_marker.exists()
    with pytest.raises(SetUpError, match="nodes need a control plane"):
        lifecycle.up(kubernetes=False, nodes=True)
    monkeypatch.setattr(programs, "provide", lambda _: None)
    with pytest.raises(SetUpError, match="the sandbox runs without"):
        lifecycle.up(nodes=True)


def test_the_status_says_whether_pods_run(lifecycle: SandboxLifecycle) -> None:
    lifecycle.up()
    without = lifecycle.status()["cannot_show"]
    lifecycle.layout.nodes_marker.touch()
    (told,) = set(lifecycle.status()["cannot_show"]) - set(without)
    assert any(sentence.startswith("pods of Kubernetes do not run") for sentence in without)
    assert told.endswith("network policies are not enforced")


def test_users_of_containers_may_enter_the_folders_of_an_image_with_the_engine(lifecycle: SandboxLifecycle) -> None:
    """The folders of the emulator and of the engine are closed to them, also where a container sees the sandbox."""
    lifecycle.up()
    described = description_of(lifecycle.with_engine(Path(sys.prefix)))
    assert described is not None
    root = lifecycle.layout.root
    inside = [folder for folder in described.search_path if folder.is_relative_to(root)]
    assert [folder.name for folder in inside if folder.name.startswith("resource-aws-")]
    for folder in inside:
        entered = [folder, *(parent for parent in folder.parents if parent.is_relative_to(root) and parent != root)]
        assert all(path.stat().st_mode & 0o5 == 0o5 for path in entered), folder
    assert not lifecycle.layout.pulumi_home.stat().st_mode & 0o7
    lifecycle.with_engine(Path(sys.prefix))  # again
