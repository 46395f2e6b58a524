"""Rules about APIs: private, asked by callers who are known, of the organization; logged, traced and throttled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.security.inputs.policy_documents import ORGANIZATION_KEYS, statements
from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, first, for_each, refuse

REST_API = ("aws:apigateway/restApi:RestApi",)
POLICY = ("aws:apigateway/restApiPolicy:RestApiPolicy",)
METHOD = ("aws:apigateway/method:Method",)
ROUTE = ("aws:apigatewayv2/route:Route",)
STAGE = ("aws:apigateway/stage:Stage",)
ROUTES_STAGE = ("aws:apigatewayv2/stage:Stage",)
SETTINGS = ("aws:apigateway/methodSettings:MethodSettings",)
DOMAIN = ("aws:apigateway/domainName:DomainName",)

_OPERATIONS = frozenset(
    {"get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"}
)  # fmt: skip
_VALIDATOR = "x-amazon-apigateway-request-validator"
_POLICY = "x-amazon-apigateway-policy"
_AUTHORIZER = "x-amazon-apigateway-authtype"
"""What tells a scheme that asks who calls from a mere API key."""
_LIMITS = ("throttlingRateLimit", "throttlingBurstLimit")
_ANYBODY = refuse("answers callers whom nobody knows", fix="authorize every operation, by AWS_IAM or an authorizer")
_STRANGERS = refuse("admits callers from outside", fix="add a condition on aws:PrincipalOrgID to what it allows")


def is_private_and_knows_its_callers(subject: Subject) -> Verdict:
    properties = subject.properties
    types = properties.items("endpointConfiguration", "types")
    if not isinstance(types, Unknown) and any(type_ not in ("PRIVATE", UNKNOWN) for type_ in types or ["EDGE"]):
        return refuse("can be reached from the internet", fix="set endpointConfiguration.types to PRIVATE")
    body = _body(properties)
    if not all(_knows_callers(operation, body) for operation in _operations(body)):
        return _ANYBODY
    return first((_admits(properties, "policy"), _admits(body, _POLICY)))


def _body(properties: Properties) -> Properties:
    """The OpenAPI that the API is made from; empty where there is none, or where only the deployment knows it."""
    body = properties.json("body")
    return Properties(body if isinstance(body, Mapping) else {})


def _operations(body: Properties) -> Iterator[Properties]:
    for path in _blocks(body.value("paths")):
        yield from (Properties(path.tree[name]) for name in _OPERATIONS & path.tree.keys())  # type: ignore[arg-type]


def _blocks(of: object) -> list[Properties]:
    return [Properties(block) for block in of.values()] if isinstance(of, Mapping) else []


def _knows_callers(operation: Properties, body: Properties) -> bool:
    """API Gateway heeds what an operation says of security, not what stands at the root; any alternative lets in."""
    alternatives = [block.tree for block in operation.blocks("security")]
    return bool(alternatives) and all(any(_asks_who(name, body) for name in names) for names in alternatives)


def _asks_who(scheme: str, body: Properties) -> bool:
    newer, older = ("components", "securitySchemes", scheme), ("securityDefinitions", scheme)
    return not (lacks(body.value(*newer, _AUTHORIZER)) and lacks(body.value(*older, _AUTHORIZER)))


def is_bound_to_the_organization(subject: Subject) -> Verdict:
    return _admits(subject.properties, "policy", needed=True)


def _admits(properties: Properties, name: str, *, needed: bool = False) -> Verdict:
    """Whom a policy lets in; an API may have it in its document, or apart from it."""
    if not needed and lacks(properties.value(name)):
        return None
    found = statements(properties, name)
    if isinstance(found, Unknown):
        return None
    if all(s.is_confined_by(ORGANIZATION_KEYS) for s in found or () if s.allows) and found:
        return None
    return _STRANGERS


def method_knows_its_callers(subject: Subject) -> Verdict:
    return _ANYBODY if subject.properties.text("authorization") in (None, "NONE") else None


def route_knows_its_callers(subject: Subject) -> Verdict:
    return _ANYBODY if subject.properties.text("authorizationType") in (None, "NONE") else None


def validates_what_is_asked(subject: Subject) -> Verdict:
    body = _body(subject.properties)
    unchecked = lacks(body.value(_VALIDATOR)) and any(lacks(o.value(_VALIDATOR)) for o in _operations(body))
    return refuse("passes on whatever it is sent", fix=f"set {_VALIDATOR} in the body") if unchecked else None


def method_validates_what_is_asked(subject: Subject) -> Verdict:
    if lacks(subject.properties.value("requestValidatorId")):
        return refuse("passes on whatever it is sent", fix="set requestValidatorId")
    return None


def logs_every_call(subject: Subject) -> Verdict:
    if lacks(subject.properties.value("accessLogSettings", "destinationArn")):
        return refuse("does not log who called", fix="set accessLogSettings.destinationArn")
    return None


def logs_and_traces(subject: Subject) -> Verdict:
    if subject.properties.flag("xrayTracingEnabled") in (None, False):
        return refuse("is not traced", fix="set xrayTracingEnabled to true")
    return logs_every_call(subject)


def logs_and_throttles(subject: Subject) -> Verdict:
    return first((logs_every_call(subject), _bounds(subject.properties, "defaultRouteSettings")))


def throttles_and_keeps_data_out_of_logs(subject: Subject) -> Verdict:
    return _bounds(subject.properties, "settings")


def _bounds(properties: Properties, block: str) -> Verdict:
    if properties.flag(block, "dataTraceEnabled") is True:
        return refuse("writes what is asked and answered to its log", fix=f"set {block}.dataTraceEnabled to false")
    limits = [properties.number(block, limit) for limit in _LIMITS]
    if any(limit is None or (limit is not UNKNOWN and limit < 0) for limit in limits):
        return refuse("is not throttled", fix=f"set {' and '.join(_LIMITS)} in {block}")
    return None


def speaks_tls_of_today(subject: Subject) -> Verdict:
    if subject.properties.text("securityPolicy") in (None, "TLS_1_0"):
        return refuse("speaks TLS that is no longer safe", fix="set securityPolicy to TLS_1_2 or a later one")
    return None


RULES = (
    Rule(
        id="AG-01",
        title="APIs are private, and answer callers of the organization whom they know",
        severity="high",
        sources=("FSBP APIGateway.8", "CKV_AWS_59", "CKV_AWS_309", "CKV2_AWS_70", "cdk-nag APIG4", "MLSEC06-BP01"),
        remedy="Make APIs of the type PRIVATE, authorize every operation, and bind what the policy allows to the "
        "organization.",
        judges=for_each(REST_API, is_private_and_knows_its_callers)
        | for_each(POLICY, is_bound_to_the_organization)
        | for_each(METHOD, method_knows_its_callers)
        | for_each(ROUTE, route_knows_its_callers),
    ),
    Rule(
        id="AG-02",
        title="APIs log, trace and throttle calls, and check what they are sent",
        severity="medium",
        sources=("FSBP APIGateway.1", "FSBP APIGateway.9", "CKV_AWS_76", "CKV_AWS_206", "CKV_AWS_276", "CKV2_AWS_53"),
        remedy="Give each stage access logs and tracing, limit rate and burst, keep data out of logs, validate "
        "requests, and accept TLS 1.2 or later.",
        judges=for_each(REST_API, validates_what_is_asked)
        | for_each(METHOD, method_validates_what_is_asked)
        | for_each(STAGE, logs_and_traces)
        | for_each(ROUTES_STAGE, logs_and_throttles)
        | for_each(SETTINGS, throttles_and_keeps_data_out_of_logs)
        | for_each(DOMAIN, speaks_tls_of_today),
    ),
)
