"""Git over HTTPS is judged by the permissions of CodeCommit, and a source identity persists."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.git.credentials import password
from plinth_sandbox.environment import git_configuration
from plinth_sandbox.testing import REGION, refusal

from .judged import Organization, Session, allow, deny

NAME = "models"
MERGED = "merged"
ENCRYPTED = "encrypted"
SERVER = f"https://git-codecommit.{REGION}.amazonaws.com/v1/repos/"
ADDRESS = f"{SERVER}{NAME}"
READ_KEY = ("kms:Decrypt", "kms:DescribeKey")
CHANGE_KEY = (*READ_KEY, "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
THROUGH_CODECOMMIT = {"StringEquals": {"kms:ViaService": f"codecommit.{REGION}.amazonaws.com"}}
NOT_MAIN = deny(
    "codecommit:GitPush",
    Condition={
        "StringEqualsIfExists": {"codecommit:References": ["refs/heads/main"]},
        "Null": {"codecommit:References": "false"},
    },
)


class WorkingCopy:
    """A folder with a git repository, and the credentials of a session."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder = session, folder
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Begin")

    def git(self, *words: str) -> int:
        """Runs git, and returns its exit code."""
        keys = self.session.credentials
        identity = {
            f"GIT_{role}_{what}": "ana@acme.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
            **identity,
            **git_configuration(self.session.aws.url),
        }
        return subprocess.run(
            ["git", *words], cwd=self.folder, env=variables, capture_output=True, check=False
        ).returncode

    def pushes(self, *references: str, to: str = NAME) -> bool:
        return self.git("push", "--quiet", f"{SERVER}{to}", *(f"HEAD:{reference}" for reference in references)) == 0

    def pulls(self, repository: str = NAME) -> bool:
        return self.git("ls-remote", f"{SERVER}{repository}") == 0


@pytest.fixture(scope="module")
def codecommit(organization: Organization) -> Iterator[Any]:
    client = organization.aws.client("codecommit", organization.home)
    client.create_repository(repositoryName=NAME)
    yield client
    client.delete_repository(repositoryName=NAME)


@pytest.fixture
def copy_of(organization: Organization, codecommit: Any, tmp_path: Path) -> Any:
    def create(name: str, *statements: Any) -> WorkingCopy:
        return WorkingCopy(organization.session(organization.role(name, *statements)), tmp_path)

    return create


def branches(codecommit: Any) -> set[str]:
    return set(codecommit.list_branches(repositoryName=NAME)["branches"])


def test_a_role_without_permissions_neither_pulls_nor_pushes(copy_of: Any, codecommit: Any) -> None:
    copy = copy_of("git-nothing", allow("s3:ListBucket"))
    assert not copy.pulls()
    assert not copy.pushes("refs/heads/feature/nothing")
    assert "feature/nothing" not in branches(codecommit)


def test_who_may_pull_may_not_push(copy_of: Any, codecommit: Any) -> None:
    copy = copy_of("git-reader", allow("codecommit:GitPull"))
    assert copy.pulls()
    assert not copy.pushes("refs/heads/feature/read")


def test_a_push_is_judged_by_each_reference_that_it_changes(copy_of: Any, codecommit: Any) -> None:
    copy = copy_of("git-writer", allow("codecommit:GitPull", "codecommit:GitPush"), NOT_MAIN)
    assert copy.pushes("refs/heads/feature/a", "refs/heads/feature/b")
    assert not copy.pushes("refs/heads/feature/c", "refs/heads/main")
    assert {"feature/a", "feature/b"} <= branches(codecommit)
    assert not {"feature/c", "main"} & branches(codecommit)


@pytest.fixture(scope="module")
def key(organization: Organization) -> str:
    """The customer managed key of the repository ``encrypted``, which has a branch."""
    kms = organization.aws.client("kms", organization.home)
    arn = str(kms.create_key()["KeyMetadata"]["Arn"])
    client = organization.aws.client("codecommit", organization.home)
    client.create_repository(repositoryName=ENCRYPTED, kmsKeyId=arn)
    client.put_file(repositoryName=ENCRYPTED, branchName="main", filePath="a", fileContent=b"1")
    return arn


def test_a_pull_and_a_push_use_the_customer_managed_key_of_the_repository(copy_of: Any, key: str) -> None:
    git = allow("codecommit:GitPull", "codecommit:GitPush")
    assert not copy_of("git-without-key", git).pulls(ENCRYPTED)


def test_who_may_only_decrypt_pulls_and_does_not_push(copy_of: Any, key: str) -> None:
    git = allow("codecommit:GitPull", "codecommit:GitPush")
    copy = copy_of("git-decrypts", git, allow(*READ_KEY, on=key, Condition=THROUGH_CODECOMMIT))
    assert copy.pulls(ENCRYPTED)
    assert not copy.pushes("refs/heads/feature/key", to=ENCRYPTED)


def test_who_may_use_the_key_through_codecommit_pushes(copy_of: Any, key: str) -> None:
    git = allow("codecommit:GitPull", "codecommit:GitPush")
    copy = copy_of("git-encrypts", git, allow(*CHANGE_KEY, on=key, Condition=THROUGH_CODECOMMIT))
    assert copy.pushes("refs/heads/feature/key", to=ENCRYPTED)


def test_calls_use_the_key_and_descriptions_of_the_repository_do_not(organization: Organization, key: str) -> None:
    named = {"repositoryName": ENCRYPTED}
    written = {**named, "branchName": "feature/api", "filePath": "b", "fileContent": b"2"}
    use = {"on": key, "Condition": THROUGH_CODECOMMIT}

    def client(name: str, *statements: Any) -> Any:
        return organization.session(organization.role(name, allow("codecommit:*"), *statements)).client("codecommit")

    without, reader = client("api-without-key"), client("api-decrypts", allow(*READ_KEY, **use))
    assert without.get_repository(**named)["repositoryMetadata"]["kmsKeyId"] == key
    refused = "EncryptionKeyAccessDeniedException"
    assert refusal(without.get_file, **named, filePath="a") == refused
    assert refusal(without.list_branches, **named) == refused
    head = reader.get_branch(**named, branchName="main")["branch"]["commitId"]
    assert refusal(reader.create_branch, **named, branchName="feature/api", commitId=head) == refused
    writer = client("api-encrypts", allow(*CHANGE_KEY, **use))
    writer.create_branch(**named, branchName="feature/api", commitId=head)
    writer.put_file(**written, parentCommitId=head)
    target = {"repositoryName": ENCRYPTED, "sourceReference": "feature/api", "destinationReference": "main"}
    assert refusal(reader.create_pull_request, title="B", targets=[target]) == refused
    opened = writer.create_pull_request(title="B", targets=[target])["pullRequest"]["pullRequestId"]
    assert refusal(without.get_pull_request, pullRequestId=opened) == refused
    assert reader.get_pull_request(pullRequestId=opened)["pullRequest"]["title"] == "B"
    merge = {"pullRequestId": opened, **named}
    assert refusal(reader.merge_pull_request_by_fast_forward, **merge) == refused
    writer.merge_pull_request_by_fast_forward(**merge)


def test_whoever_creates_a_repository_uses_its_key(organization: Organization, key: str) -> None:
    created = {"repositoryName": "encrypted-by-a-role", "kmsKeyId": key}
    without = organization.session(organization.role("creates-without-key", allow("codecommit:*")))
    assert refusal(without.client("codecommit").create_repository, **created) == "EncryptionKeyAccessDeniedException"
    with_key = organization.role("creates-with-key", allow("codecommit:*"), allow(*CHANGE_KEY, on=key))
    organization.session(with_key).client("codecommit").create_repository(**created)


def test_a_merge_is_judged_by_the_repository_and_the_branch_of_its_pull_request(
    organization: Organization, codecommit: Any
) -> None:
    """The call names a pull request only. The policy names the repository and the branch."""
    codecommit.create_repository(repositoryName=MERGED)
    first = codecommit.put_file(repositoryName=MERGED, branchName="main", filePath="a", fileContent=b"1")["commitId"]
    for branch in ("develop", "feature/x"):
        codecommit.create_branch(repositoryName=MERGED, branchName=branch, commitId=first)
    on = {"repositoryName": MERGED, "branchName": "feature/x", "filePath": "a", "parentCommitId": first}
    codecommit.put_file(**on, fileContent=b"2")
    requests = ("Create", "Get", "Merge")
    allowed = allow(
        *(f"codecommit:{verb}PullRequest*" for verb in requests),
        "codecommit:PutFile",
        on=f"arn:aws:codecommit:{REGION}:{organization.home}:{MERGED}",
    )
    not_main = {**NOT_MAIN, "Action": ["codecommit:MergePullRequest*", "codecommit:PutFile"]}
    member = organization.session(organization.role("git-merger", allowed, not_main)).client("codecommit")
    stranger = organization.session(organization.role("git-stranger", allow("codecommit:List*"))).client("codecommit")

    def request(destination: str) -> str:
        target = {"repositoryName": MERGED, "sourceReference": "feature/x", "destinationReference": destination}
        return str(member.create_pull_request(title="X", targets=[target])["pullRequest"]["pullRequestId"])

    of_develop, of_main = request("develop"), request("main")
    named = {"repositoryName": MERGED}
    assert refusal(member.merge_pull_request_by_squash, pullRequestId=of_main, **named) == "AccessDeniedException"
    assert refusal(stranger.get_pull_request, pullRequestId=of_develop) == "AccessDeniedException"
    change = {**named, "branchName": "main", "filePath": "a", "fileContent": b"3", "parentCommitId": first}
    assert refusal(member.put_file, **change) == "AccessDeniedException"
    member.merge_pull_request_by_squash(pullRequestId=of_develop, **named)
    assert member.get_pull_request(pullRequestId=of_main)["pullRequest"]["pullRequestStatus"] == "OPEN"


def trusted(**conditions: Any) -> dict[str, Any]:
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    return {"Principal": {"AWS": "*"}, "Action": actions, "Condition": conditions}


BY_STUDIO = {"Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}
FOR_A_PERSON = trusted(Null={"aws:SourceIdentity": "false"})


def studio(organization: Organization, name: str, *actions: str, **how: Any) -> Session:
    role = organization.role(name, allow(*actions), trusted=BY_STUDIO)
    return organization.session(role, **how)


def test_a_source_identity_persists_in_the_sessions_that_a_session_opens(organization: Organization) -> None:
    target = organization.role("for-a-person", trusted=FOR_A_PERSON, account=organization.other)
    actions = ("sts:AssumeRole", "sts:SetSourceIdentity")
    ana = studio(organization, "studio-ana", *actions, SourceIdentity="ana")
    nobody = studio(organization, "studio-nobody", *actions)
    assert ana.assume(target).credentials
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        nobody.assume(target)
    with pytest.raises(ClientError, match="cannot be changed"):
        ana.assume(target, SourceIdentity="ben")


def test_a_session_with_a_source_identity_needs_the_permission_to_set_it(organization: Organization) -> None:
    target = organization.role("for-anybody", trusted=FOR_A_PERSON, account=organization.other)
    ana = studio(organization, "studio-chained", "sts:AssumeRole", SourceIdentity="ana")
    with pytest.raises(ClientError, match="not authorized to perform: sts:SetSourceIdentity"):
        ana.assume(target)


def test_git_reaches_the_address_of_codecommit_through_the_proxy(copy_of: Any, codecommit: Any) -> None:
    copy = copy_of("git-proxied", allow("codecommit:GitPull"))
    aws = copy.session.aws
    keys = copy.session.credentials
    host = f"git-codecommit.{REGION}.amazonaws.com"
    signed = password(keys["SecretAccessKey"], REGION, host, f"/v1/repos/{NAME}", datetime.now(UTC))
    user = quote(f"{keys['AccessKeyId']}%{keys['SessionToken']}", safe="")
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(copy.folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSL_CAINFO": str(aws.directory / "authorities.pem"),
        "HTTPS_PROXY": aws.url,
    }
    listed = ["git", "ls-remote", f"https://{user}:{signed}@{host}/v1/repos/{NAME}"]
    done = subprocess.run(listed, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
