"""The judgement of git over HTTPS, which is no call of an API, and of calls that name a pull request only."""

from __future__ import annotations

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Request
from plinth_sandbox.emulator.authorization.networks import endpoint_named
from plinth_sandbox.emulator.authorization.permissions.needed import Needed
from plinth_sandbox.emulator.authorization.resources import resource_of
from plinth_sandbox.emulator.authorization.sessions import JUDGED_SESSIONS, JudgedSession
from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.codecommit.executor.pull_request_records import target
from plinth_sandbox.emulator.services.codecommit.executor.pull_requests import find_pull_request
from plinth_sandbox.emulator.services.codecommit.executor.references import NOUN
from plinth_sandbox.emulator.services.codecommit.permissions import needed_on_content, needed_to_create, uses_key
from plinth_sandbox.emulator.store.record import Place, Record

PULL, PUSH = "codecommit:GitPull", "codecommit:GitPush"
_ARCHIVE = "codecommit:UploadArchive"
"""Permission with which CodePipeline reads a commit, which it clones here (CodePipeline User Guide, "Add permissions to
the CodePipeline service role")."""


def may_use_git(memory: Memory, access_key: str, region: str, name: str, action: str, reference: str = "") -> bool:
    """Returns whether the holder of an access key may pull or push. Only judged sessions may be refused.

    A push names the reference that it changes, once for each; the question whether a push is possible names none
    (CodeCommit User Guide, "Limit pushes and merges to branches").
    """
    session: JudgedSession | None = memory.notes(JUDGED_SESSIONS).get(access_key)
    if session is None:
        return True
    changes = action == PUSH
    if action == PULL and session.origin.source_arn.startswith("arn:aws:codepipeline:"):
        action = _ARCHIVE
    principal = session.principal()
    if principal is None:
        return False
    arn = f"arn:aws:codecommit:{region}:{session.account}:{name}"
    needs = [Needed(action, arn, {"codecommit:References": [reference]} if reference else {})]
    if (repository := _named(memory, session.account, region, name)) is not None:
        needs += needed_on_content(repository, changes=changes)
    endpoint = endpoint_named(("git-codecommit",), region, session.network_account, session.origin.subnets, memory)
    return all(
        decide(
            Request(
                principal=principal,
                action=need.action,
                resource=resource_of(need.arn, need.action, session.account, memory),
                region=region,
                endpoint=None if need.via else endpoint,
                extra={**need.context, **({"aws:ViaAWSService": ("true",)} if need.via else session.context)},
            )
        ).allowed
        for need in needs
    )


def needed_on_keys(call: Call, memory: Memory) -> list[Needed]:
    """Returns the permissions that a call of CodeCommit needs on the keys of the repositories that it names."""
    if call.service != "codecommit" or not uses_key(call):
        return []
    if call.name == "CreateRepository":
        return list(needed_to_create(call))
    return [
        needed
        for repository in _repositories_of(call, memory)
        for needed in needed_on_content(repository, changes=not call.only_reads)
    ]


def _repositories_of(call: Call, memory: Memory) -> list[Record]:
    """Returns the known repositories that a call names, by a pull request, by name or as its targets."""
    parameters = call.parameters
    if "pullRequestId" in parameters:
        place = Place(call.account, call.region, call.service)
        return [find_pull_request(memory, place, str(parameters["pullRequestId"]))[0]]
    targets = [repository["repositoryName"] for repository in parameters.get("targets", [])]
    names = [parameters["repositoryName"]] if parameters.get("repositoryName") else targets
    found = [_named(memory, call.account, call.region, str(name)) for name in names]
    return [record for record in found if record is not None]


def _named(memory: Memory, account: str, region: str, name: str) -> Record | None:
    return memory.store.find(Place(account, region, "codecommit"), NOUN, {"repositoryName": name})


def needed_on_pull_request(call: Call, memory: Memory) -> list[Needed]:
    """Returns the permission that a call about a pull request needs, or none if the call concerns no pull request.

    The repository is that of the pull request, and a merge also names the branch that it changes. Raises: AwsError when
    the pull request does not exist.
    """
    if call.service != "codecommit" or "pullRequestId" not in call.parameters:
        return []
    place = Place(call.account, call.region, call.service)
    record, found = find_pull_request(memory, place, str(call.parameters["pullRequestId"]))
    merges = call.name.startswith("Merge")
    context = {"codecommit:References": [target(found)["destinationReference"]]} if merges else {}
    return [Needed(f"codecommit:{call.name}", record.arn, context)]
