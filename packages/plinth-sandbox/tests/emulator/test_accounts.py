"""Many accounts in one server, and their state after a kill."""

import itertools
import json
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.credentials import management_secret
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, code_of, refusal
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually


def state(aws: EmulatedAws, account: str) -> dict[str, object]:
    """Returns everything that a test created in one account, with AWS's identifiers and times."""
    ec2, kms = aws.client("ec2", account), aws.client("kms", account)
    return {
        "vpcs": sorted((v["VpcId"], v["CidrBlock"]) for v in ec2.describe_vpcs()["Vpcs"]),
        "groups": sorted(g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"]),
        "keys": {k["KeyId"]: kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"] for k in kms.list_keys()["Keys"]},
        "roles": [(r["RoleId"], r["CreateDate"]) for r in aws.client("iam", account).list_roles()["Roles"]],
        "domains": aws.client("sagemaker", account).list_domains()["Domains"],
        "buckets": [(b["Name"], b["CreationDate"]) for b in aws.client("s3", account).list_buckets()["Buckets"]],
    }


def furnish(aws: EmulatedAws, account: str) -> None:
    aws.client("kms", account).create_key(Description="state")
    aws.client("s3", account).create_bucket(
        Bucket=f"state-{account}", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    aws.client("sagemaker", account).create_domain(
        DomainName="studio",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": aws.role("worker", "sagemaker", account)},
        **aws.network(account),
    )


def status(aws: EmulatedAws) -> dict[str, object]:
    owner = {"Authorization": f"Bearer {management_secret(aws.directory)}"}
    with urllib.request.urlopen(urllib.request.Request(f"{aws.url}/_sandbox/status", headers=owner)) as answer:
        return dict(json.load(answer))


def test_accounts_do_not_see_each_others_resources(aws: EmulatedAws) -> None:
    fraud, churn = aws.new_account("fraud"), aws.new_account("churn")
    aws.client("sns", fraud).create_topic(Name="alerts")
    assert [t["TopicArn"].split(":")[4] for t in aws.client("sns", fraud).list_topics()["Topics"]] == [fraud]
    assert aws.client("sns", churn).list_topics()["Topics"] == []
    others = [topic["TopicArn"].split(":")[4] for topic in aws.client("sns").list_topics()["Topics"]]
    assert fraud not in others
    assert aws.client("sts", churn).get_caller_identity()["Account"] == churn
    assert aws.client("sts").get_caller_identity()["Account"] == MANAGEMENT


def test_a_partially_written_call_is_dropped_from_the_journal(aws: EmulatedAws) -> None:
    aws.client("sns").create_topic(Name="whole")
    aws.kill()
    journal = aws.directory / "journal.jsonl"
    content = journal.read_bytes()
    journal.write_bytes(content + content.splitlines()[-1][:40])
    aws.start()
    aws.client("sns").create_topic(Name="after")
    aws.restart()
    names = [topic["TopicArn"].rpartition(":")[2] for topic in aws.client("sns").list_topics()["Topics"]]
    assert {"whole", "after"} <= set(names)


def test_a_killed_server_restores_its_complete_state(aws: EmulatedAws) -> None:
    """Compares identifiers, times, sessions, key material and objects."""
    account = aws.new_account("restored")
    furnish(aws, account)
    before, body = state(aws, account), bytes(range(256)) * 4096
    assert before["domains"]
    assert len(before["vpcs"]) == 2
    key = next(iter(before["keys"]))
    secret = aws.client("kms", account).encrypt(KeyId=key, Plaintext=b"the plan")["CiphertextBlob"]
    where = {"Bucket": f"state-{account}", "Key": "a b/ü%2F+c"}
    aws.client("s3", account).put_object(**where, Body=body, Metadata={"my_key": "v"})
    aws.restart()
    assert state(aws, account) == before
    assert aws.client("kms", account).decrypt(CiphertextBlob=secret)["Plaintext"] == b"the plan"
    found = aws.client("s3", account).get_object(**where)
    assert (found["Body"].read(), found["Metadata"]) == (body, {"my_key": "v"})


def test_concurrent_calls_are_restored_exactly(aws: EmulatedAws) -> None:
    accounts = [aws.new_account(f"parallel-{number}") for number in range(4)]
    for account in accounts:
        aws.credentials(account)

    def work(number: int) -> None:
        account = accounts[number % 4]
        ec2 = aws.client("ec2", account)
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
        ec2.describe_vpcs()
        aws.client("kms", account).create_key(Description=str(number))
        aws.client("kms", account).list_aliases()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(16)))
    before = [state(aws, account) for account in accounts]
    assert all(len(found["keys"]) >= 4 for found in before)
    aws.restart()
    assert [state(aws, account) for account in accounts] == before


def test_reads_change_neither_the_journal_nor_later_identifiers(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = []
    seed = json.dumps({"seed": "the same in both"}) + "\n"
    for reads in (0, 5):
        directory = tmp_path_factory.mktemp("reads")
        (directory / "journal.jsonl").write_text(seed)
        aws = EmulatedAws(directory)
        aws.start()
        try:
            for _ in range(reads):
                aws.client("ec2").describe_vpcs()
                aws.client("kms").list_keys()
            made.append(aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])
            assert status(aws)["journalled_calls"] == 1
        finally:
            aws.kill()
    assert made[0] == made[1]


def test_a_second_server_on_the_same_directory_is_refused(aws: EmulatedAws) -> None:
    second = EmulatedAws(aws.directory)
    with pytest.raises(AssertionError, match="ended before it listened"):
        second.start()
    assert "is already served" in (aws.directory / "errors.log").read_text()


def test_times_are_those_of_the_calls_and_not_of_the_restart(aws: EmulatedAws) -> None:
    before = datetime.now(UTC).replace(microsecond=0)  # dates have no more than milliseconds
    role = aws.client("iam").create_role(RoleName="timed", AssumeRolePolicyDocument='{"Version": "2012-10-17"}')["Role"]
    assert before <= role["CreateDate"] <= datetime.now(UTC)


def test_an_operation_that_is_not_emulated_is_refused_without_retries_and_named(aws: EmulatedAws) -> None:
    with pytest.raises(ClientError) as refused:
        aws.client("sagemaker").render_ui_template(
            Task={"Input": "{}"}, RoleArn="arn:aws:iam::123456789012:role/worker"
        )
    assert code_of(refused) == "NotImplementedBySandbox"
    assert "sagemaker RenderUiTemplate" in str(refused.value)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert status(aws)["refused"] == {"sagemaker RenderUiTemplate": 1}


def test_a_request_that_violates_the_model_changes_nothing_and_is_not_in_the_journal(aws: EmulatedAws) -> None:
    before = status(aws)["journalled_calls"]
    logs = aws.client("logs", checked=False)
    assert refusal(logs.create_log_group, logGroupName="a b") == "InvalidParameterException"
    assert logs.describe_log_groups(logGroupNamePrefix="a")["logGroups"] == []
    assert status(aws)["journalled_calls"] == before


def test_the_status_names_accounts_and_what_is_stored_without_being_emulated(aws: EmulatedAws) -> None:
    account = aws.new_account("counted")
    aws.client("accessanalyzer", account).list_analyzers()
    found = status(aws)
    assert found["stored_not_emulated"]["accessanalyzer ListAnalyzers"] == 1
    assert {"id": account, "name": "counted", "status": "ACTIVE"} in found["accounts"]
    assert found["peak_memory_mib"] > 10


def test_a_waiting_consumer_blocks_no_calls_and_adds_nothing_to_the_journal(aws: EmulatedAws) -> None:
    sqs, sent, queues = aws.client("sqs"), threading.Event(), itertools.count()
    sqs.meta.events.register("before-send.sqs.ReceiveMessage", lambda **_: sent.set())

    def received() -> list[str]:
        """Returns what the consumer receives; nothing if it waited for less time than the other calls took."""
        queue = sqs.create_queue(QueueName=f"slow-{next(queues)}")["QueueUrl"]
        before = status(aws)["journalled_calls"]
        sent.clear()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=20)
            assert sent.wait(LONGEST_SECONDS)
            assert aws.client("sts").get_caller_identity()["Account"] == MANAGEMENT
            is_waiting = not waiting.done()
            assert status(aws)["journalled_calls"] == before
            aws.client("sqs").send_message(QueueUrl=queue, MessageBody="at last")
            messages = waiting.result(timeout=LONGEST_SECONDS).get("Messages", [])
        return [message["Body"] for message in messages] if is_waiting else []

    assert eventually(received) == ["at last"]
