"""Rules about APIs: private, authenticated, limited to the organization, logged, traced and throttled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.evaluation.policy_documents import ORGANIZATION_KEYS, statements
from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation

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
"""Extension that distinguishes a security scheme that authenticates the caller from a plain API key."""
_KEY_HEADER = "x-api-key"
_LIMITS = ("throttlingRateLimit", "throttlingBurstLimit")
_UNAUTHENTICATED = violation(
    "serves unauthenticated callers", fix="authorize every operation, by AWS_IAM or an authorizer"
)
_OPEN_POLICY = violation(
    "allows callers from other organizations", fix="add a condition on aws:PrincipalOrgID to every Allow statement"
)


def is_private_and_authenticates(resource: Resource) -> Violation | None:
    properties = resource.properties
    types = properties.items("endpointConfiguration", "types")
    if not isinstance(types, Unknown) and any(type_ not in ("PRIVATE", UNKNOWN) for type_ in types or ["EDGE"]):
        return violation("can be reached from the internet", fix="set endpointConfiguration.types to PRIVATE")
    body = _body(properties)
    written = properties.json("body")
    if written is not None and not isinstance(written, Mapping | Unknown):
        return violation("has a body that no rule can read", fix="write the OpenAPI document as JSON")
    if not all(_authenticates(operation, body) for operation in _operations(body)):
        return _UNAUTHENTICATED
    return first((_check_policy(properties, "policy"), _check_policy(body, _POLICY)))


def _body(properties: Properties) -> Properties:
    """Returns the API's OpenAPI document, or nothing if there is none or it is not known before deployment."""
    body = properties.json("body")
    return Properties(body if isinstance(body, Mapping) else {})


def _operations(body: Properties) -> Iterator[Properties]:
    for path in _blocks(body.value("paths")):
        yield from (Properties(path.tree[name]) for name in _OPERATIONS & path.tree.keys())  # type: ignore[arg-type]


def _blocks(of: object) -> list[Properties]:
    return [Properties(block) for block in of.values()] if isinstance(of, Mapping) else []


def _authenticates(operation: Properties, body: Properties) -> bool:
    """Whether every alternative of an operation's security authenticates the caller. API Gateway ignores security at
    the root of the document, and requires an API key in addition to the others.
    """
    listed = [block.tree for block in operation.blocks("security")]
    alternatives = [names for names in listed if not names or not all(_is_key(name, body) for name in names)]
    return bool(alternatives) and all(
        any(_scheme_authenticates(name, body) for name in names) for names in alternatives
    )


def _is_key(scheme: str, body: Properties) -> bool:
    places = ("components", "securitySchemes", scheme), ("securityDefinitions", scheme)
    return not _scheme_authenticates(scheme, body) and any(body.text(*place, "name") == _KEY_HEADER for place in places)


def _scheme_authenticates(scheme: str, body: Properties) -> bool:
    newer, older = ("components", "securitySchemes", scheme), ("securityDefinitions", scheme)
    return not (is_missing(body.value(*newer, _AUTHORIZER)) and is_missing(body.value(*older, _AUTHORIZER)))


def policy_is_limited_to_the_organization(resource: Resource) -> Violation | None:
    return _check_policy(resource.properties, "policy", needed=True)


def _check_policy(properties: Properties, name: str, *, needed: bool = False) -> Violation | None:
    """Checks that a resource policy allows only the organization. An API has it as a property or in its document."""
    if not needed and is_missing(properties.value(name)):
        return None
    found = statements(properties, name)
    if isinstance(found, Unknown):
        return None
    if all(s.is_confined_by(ORGANIZATION_KEYS) for s in found or () if s.allows) and found:
        return None
    return _OPEN_POLICY


def method_authenticates(resource: Resource) -> Violation | None:
    return _UNAUTHENTICATED if resource.properties.text("authorization") in (None, "NONE") else None


def route_authenticates(resource: Resource) -> Violation | None:
    return _UNAUTHENTICATED if resource.properties.text("authorizationType") in (None, "NONE") else None


def validates_requests(resource: Resource) -> Violation | None:
    body = _body(resource.properties)
    unchecked = is_missing(body.value(_VALIDATOR)) and any(is_missing(o.value(_VALIDATOR)) for o in _operations(body))
    return violation("does not validate requests", fix=f"set {_VALIDATOR} in the body") if unchecked else None


def method_validates_requests(resource: Resource) -> Violation | None:
    if is_missing(resource.properties.value("requestValidatorId")):
        return violation("does not validate requests", fix="set requestValidatorId")
    return None


def logs_access(resource: Resource) -> Violation | None:
    if is_missing(resource.properties.value("accessLogSettings", "destinationArn")):
        return violation("has no access log", fix="set accessLogSettings.destinationArn")
    return None


def logs_and_traces(resource: Resource) -> Violation | None:
    if resource.properties.flag("xrayTracingEnabled") in (None, False):
        return violation("is not traced", fix="set xrayTracingEnabled to true")
    return logs_access(resource)


def logs_and_throttles(resource: Resource) -> Violation | None:
    return first((logs_access(resource), _check_limits(resource.properties, "defaultRouteSettings")))


def throttles_and_logs_no_data(resource: Resource) -> Violation | None:
    return _check_limits(resource.properties, "settings")


def _check_limits(properties: Properties, block: str) -> Violation | None:
    if properties.flag(block, "dataTraceEnabled") is True:
        return violation("logs request and response bodies", fix=f"set {block}.dataTraceEnabled to false")
    limits = [properties.number(block, limit) for limit in _LIMITS]
    if any(limit is None or (limit is not UNKNOWN and limit < 0) for limit in limits):
        return violation("is not throttled", fix=f"set {' and '.join(_LIMITS)} in {block}")
    return None


def requires_current_tls(resource: Resource) -> Violation | None:
    if resource.properties.text("securityPolicy") in (None, "TLS_1_0"):
        return violation("accepts TLS below 1.2", fix="set securityPolicy to TLS_1_2 or later")
    return None


RULES = (
    Rule(
        id="AG-01",
        title="APIs are private and serve authenticated callers of the organization",
        severity="high",
        sources=("FSBP APIGateway.8", "CKV_AWS_59", "CKV_AWS_309", "CKV2_AWS_70", "cdk-nag APIG4", "MLSEC06-BP01"),
        remedy="Set the endpoint type to PRIVATE, authorize every operation, and restrict the resource policy to the "
        "organization.",
        checks=for_each(REST_API, is_private_and_authenticates)
        | for_each(POLICY, policy_is_limited_to_the_organization)
        | for_each(METHOD, method_authenticates)
        | for_each(ROUTE, route_authenticates),
    ),
    Rule(
        id="AG-02",
        title="APIs log, trace, throttle and validate requests",
        severity="medium",
        sources=("FSBP APIGateway.1", "FSBP APIGateway.9", "CKV_AWS_76", "CKV_AWS_206", "CKV_AWS_276", "CKV2_AWS_53"),
        remedy="Enable access logs and tracing on each stage, limit rate and burst, disable data tracing, validate "
        "requests, and require TLS 1.2 or later.",
        checks=for_each(REST_API, validates_requests)
        | for_each(METHOD, method_validates_requests)
        | for_each(STAGE, logs_and_traces)
        | for_each(ROUTES_STAGE, logs_and_throttles)
        | for_each(SETTINGS, throttles_and_logs_no_data)
        | for_each(DOMAIN, requires_current_tls),
    ),
)
