"""The judgement as the outermost layer: a call of a judged session passes if the provisioned policies allow it.

Calls of the services themselves open sessions: their trust policies are judged too. Calls of all other clients pass,
and so do calls of administrators whose permissions the sandbox does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from iam_evaluator.context_keys import context_key
from iam_evaluator.errors import UnsupportedError
from iam_evaluator.request import Principal, Request
from plinth_sandbox.emulator.authorization.accounts import account_of
from plinth_sandbox.emulator.authorization.code import needed_on_keys, needed_on_pull_request
from plinth_sandbox.emulator.authorization.networks import endpoint_of
from plinth_sandbox.emulator.authorization.permissions.actions import needed_by, prefix_of
from plinth_sandbox.emulator.authorization.permissions.needed import Needed, UnknownPermissionsError
from plinth_sandbox.emulator.authorization.principals import role_of, role_principal
from plinth_sandbox.emulator.authorization.refusals import denial
from plinth_sandbox.emulator.authorization.resources import resource_of
from plinth_sandbox.emulator.authorization.sessions import JUDGED_SESSIONS, JudgedSession, Origin, is_service, opened
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.credentials import service_of
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.executors.session import VIA_HEADER

_UNJUDGED_ROLES = ":role/aws-service-role/"
"""Service-linked roles. AWS manages their policies, and the sandbox does not have them."""
_WITHOUT_SOURCE = ("lambda.amazonaws.com",)
"""Services that open sessions of roles of their own account only, and do not say for which resource."""


class AuthorizationLayer:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._sessions: dict[str, JudgedSession] = memory.notes(JUDGED_SESSIONS)
        """Judged sessions by access key."""

    def answer(self, call: Call, below: Handler) -> Answer:
        session = self._sessions.get(call.access_key)
        opens = call.service == "sts" and call.name == "AssumeRole"
        if session is None and not (opens and is_service(call)):
            return _noticed(call, below)
        if opens and _UNJUDGED_ROLES in str(call.parameters["RoleArn"]):
            return below(call)
        try:
            self._judge(call, session)
        except AwsError as refusal:
            answer = call.reply(refusal)
            return Answer(answer.status, answer.headers) if call.request.method == "HEAD" else answer
        answer = _noticed(call, below)
        if opens and answer.succeeded:
            key = str(call.result(answer)["Credentials"]["AccessKeyId"])
            self._sessions[key] = opened(call, session)
        return answer

    def _judge(self, call: Call, session: JudgedSession | None) -> None:
        """Raises AwsError unless every permission that the call needs is granted."""
        try:
            if session is None:
                self._require_all(call, *_service(call), None)
                return
            principal = _principal(session)
            try:
                self._require_all(call, principal, {}, session)
            except AwsError:
                reader = session.reader_of(call)
                if reader is None:
                    raise
                self._judge_vended(call, principal, reader, session)
        except UnknownPermissionsError as error:
            if session is not None and _is_administrator(_principal(session)):
                return
            message = f"The sandbox cannot judge the call of a role: {error}."
            raise AwsError("NotImplementedBySandbox", message) from error
        except UnsupportedError as error:
            raise AwsError("NotImplementedBySandbox", f"The sandbox cannot judge a policy: {error}") from error

    def _judge_vended(self, call: Call, principal: Principal, reader: str, session: JudgedSession) -> None:
        """Judges a read with credentials that Lake Formation vends: those of the role that reads the location."""
        self._require(call, principal, Needed("lakeformation:GetDataAccess", "*"), {}, session)
        role = role_of(reader)
        if role is not None:
            self._require_all(call, role_principal(role, "AWSLF-00-GL"), {}, None)

    def _require_all(
        self,
        call: Call,
        principal: Principal,
        given: Mapping[str, tuple[str, ...]],
        session: JudgedSession | None,
    ) -> None:
        needs = [*(needed_on_pull_request(call, self._memory) or needed_by(call)), *needed_on_keys(call, self._memory)]
        if session is not None and session.source_identity:
            needs += _identity_kept(call, session.source_identity)
        for needed in needs:
            self._require(call, principal, needed, given, session)

    def _require(
        self,
        call: Call,
        principal: Principal,
        needed: Needed,
        given: Mapping[str, tuple[str, ...]],
        session: JudgedSession | None,
    ) -> None:
        resource = resource_of(needed.arn, needed.action, call.account, self._memory)
        extra = {**given, **needed.context}
        endpoint = None
        if needed.via:
            extra |= {"aws:ViaAWSService": ("true",)}
        elif session is not None:
            extra |= session.context
            endpoint = endpoint_of(call, session.network_account, session.origin.subnets, self._memory)
            if endpoint is not None and not needed.action.startswith(f"{prefix_of(call)}:"):
                # The policy of an endpoint decides about the call, not about permissions of other services.
                endpoint = replace(endpoint, policy=None)
        if caller := call.request.header(VIA_HEADER):
            extra |= {"aws:CalledVia": (caller,), "aws:ViaAWSService": ("true",)}
        request = Request(
            principal=principal,
            action=needed.action,
            resource=resource,
            region=call.region,
            endpoint=endpoint,
            extra={key: values for key, values in extra.items() if context_key(key) is not None},
        )
        decision = decide(request)
        if not decision.allowed and needed.unnamed:
            raise UnknownPermissionsError(needed.unnamed)
        if not decision.allowed:
            raise denial(call, request, decision, needed.code)


def _is_administrator(principal: Principal) -> bool:
    """Whether the policies of a session allow everything and deny nothing. It then has every permission that the
    sandbox does not know, unless a control policy or an endpoint denies it."""
    statements = [statement for policy in principal.identity for statement in policy.statements]
    everything = any(
        statement.actions == ("*",) and statement.resources == ("*",) and not statement.conditions
        for statement in statements
        if statement.effect == "Allow"
    )
    limits = (principal.boundary, principal.session_policies)
    return everything and limits == (None, None) and all(statement.effect == "Allow" for statement in statements)


def _identity_kept(call: Call, identity: str) -> list[Needed]:
    """Returns the permission to open a session with the source identity of the caller, which AWS STS passes on.

    Raises: AwsError when the call sets another one (IAM User Guide, "Things to know about source identity").
    """
    if (call.service, call.name) != ("sts", "AssumeRole"):
        return []
    if call.parameters.get("SourceIdentity", identity) != identity:
        raise AwsError("AccessDenied", "The source identity of a session cannot be changed.", 403)
    return [Needed("sts:SetSourceIdentity", str(call.parameters["RoleArn"]))]


def _noticed(call: Call, below: Handler) -> Answer:
    """Answers a call that passes. Accounts are looked up again after a change of the organization."""
    answer = below(call)
    if call.service == "organizations" and not call.only_reads:
        account_of.cache_clear()
    return answer


def _principal(session: JudgedSession) -> Principal:
    principal = session.principal()
    if principal is None:
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    return principal


def _service(call: Call) -> tuple[Principal, Mapping[str, tuple[str, ...]]]:
    """Returns a service that opens a session, and for what it does."""
    service = service_of(call.access_key)
    assert service is not None
    if service in _WITHOUT_SOURCE:
        return Principal(name=service, service=service), {}
    origin, account = Origin.of(call), str(call.parameters["RoleArn"]).split(":")[4]
    context = {"aws:SourceAccount": (account,)}
    owner = account_of(account)
    if owner.organization_id and owner.path:
        context |= {"aws:SourceOrgID": (owner.organization_id,), "aws:SourceOrgPaths": (owner.path,)}
    if origin.source_arn:
        context["aws:SourceArn"] = (origin.source_arn,)
    return Principal(name=service, service=service), context
