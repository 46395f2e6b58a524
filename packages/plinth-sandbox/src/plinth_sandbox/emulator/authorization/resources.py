"""Resources as the evaluator sees them: their account, resource policy and tags.

moto's services are imported with the first call that concerns them, because some take a second to import.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Resource
from plinth_sandbox.emulator.authorization.accounts import account_of
from plinth_sandbox.emulator.authorization.documents import policy_of
from plinth_sandbox.emulator.authorization.principals import role_of, tags_of, trust_of
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.s3.patches.bucket_policies import listed
from plinth_sandbox.emulator.store.record import Place

_GROUP, _VERSION = "model-package-group", "model-package"


_AWS = "aws"
"""The account in ARNs of managed policies of AWS, which every account reads like its own."""


def resource_of(arn: str, action: str, caller: str, memory: Memory) -> Resource:
    """Returns the resource of a request. ``caller`` is the account to which an ARN without an account belongs."""
    if arn == "*":
        return Resource(arn=arn, account=account_of(caller))
    _, _, service, region, account, name = arn.split(":", 5)
    if account == _AWS:
        account = ""
    owner = _bucket_owner(name) or caller if service == "s3" and not account else account or caller
    if action.startswith("sts:"):
        role = role_of(arn)
        return Resource(
            arn=arn,
            account=account_of(owner),
            policy=None if role is None else trust_of(role),
            needs_policy=True,
            tags={} if role is None else tags_of(role),
        )
    tagged = _tagged(service, name)
    record = memory.store.by_arn(owner, f"{arn.removesuffix(name)}{tagged}")
    return Resource(
        arn=arn,
        account=account_of(owner),
        policy=_policy(service, owner, region, name, arn, memory),
        needs_policy=service == "kms",
        tags=record.tags if record else _tags(service, owner, region, tagged),
        aliases=_aliases(owner, region, name) if service == "kms" else (),
    )


def _tagged(service: str, name: str) -> str:
    """Returns the last part of the ARN whose tags a resource has, which is its own unless the resource is a part.

    Versions have the tags of their group (SageMaker API Reference, "CreateModelPackage"), and actions those of their
    pipeline (CodePipeline User Guide, "Using tags to control access to CodePipeline resources").
    """
    kind, _, rest = name.partition("/")
    if service == "codepipeline":
        return kind
    is_version = service == "sagemaker" and kind == _VERSION and "/" in rest
    return f"{_GROUP}/{rest.partition('/')[0]}" if is_version else name


def _policy(service: str, account: str, region: str, name: str, arn: str, memory: Memory) -> Policy | None:
    if service == "sagemaker":
        return _group_policy(account, region, name, memory)
    if service == "codeartifact":
        return _package_policy(account, arn, memory)
    if service == "oam":
        sink = memory.store.by_arn(account, arn)
        return policy_of(f"policy of {arn}", sink.values.get("Policy")) if sink else None
    look = _POLICIES.get(service)
    return policy_of(f"policy of {arn}", look(account, region, name)) if look else None


def _group_policy(account: str, region: str, name: str, memory: Memory) -> Policy | None:
    """Returns the policy of a model package group, which also decides about the versions in it."""
    kind, _, rest = name.partition("/")
    if kind not in (_GROUP, _VERSION):
        return None
    group = rest.partition("/")[0]
    place = Place(account, region, "sagemaker")
    record = memory.store.find(place, "ModelPackageGroupPolicy", {"ModelPackageGroupName": group})
    return None if record is None else policy_of(f"policy of {group}", record.values["ResourcePolicy"])


def _package_policy(account: str, arn: str, memory: Memory) -> Policy | None:
    """Returns the policy of a CodeArtifact domain, which also decides about the repositories in it, with that of the
    repository, which also decides about its packages (CodeArtifact User Guide, "Domain policies" and "Repository
    policies")."""
    place, _, path = arn.rpartition(":")
    _, domain, *names = path.split("/")
    arns = [f"{place}:domain/{domain}", *(f"{place}:repository/{domain}/{name}" for name in names[:1])]
    records = filter(None, (memory.store.by_arn(account, resource_arn) for resource_arn in arns))
    documents = [json.loads(record.values["policyDocument"]) for record in records if "policyDocument" in record.values]
    found = [statement for document in documents for statement in listed(document["Statement"])]
    return policy_of(f"policy of {arn}", {"Statement": found}) if found else None


def _bucket_owner(name: str) -> str | None:
    from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket

    bucket = find_bucket(name.partition("/")[0])
    return None if bucket is None else str(bucket.account_id)


def _bucket_policy(account: str, _region: str, name: str) -> Any:
    if name.startswith("accesspoint/"):
        return _access_point_policy(account, name)
    from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket

    bucket = find_bucket(name.partition("/")[0])
    return None if bucket is None else bucket.policy


def _access_point_policy(account: str, name: str) -> Any:
    from moto.s3control.models import s3control_backends

    point = s3control_backends[account]["aws"].access_points[account].get(name.split("/")[1])
    return None if point is None else point.policy


def _key(account: str, region: str, name: str) -> Any:
    from moto.kms.models import kms_backends

    return kms_backends[account][region].keys.get(name.removeprefix("key/"))


def _key_policy(account: str, region: str, name: str) -> Any:
    key = _key(account, region, name)
    return None if key is None else key.policy


def _aliases(account: str, region: str, name: str) -> tuple[str, ...]:
    from moto.kms.models import kms_backends

    key = kms_backends[account][region].keys.get(name.removeprefix("key/"))
    return () if key is None else tuple(key.aliases)


def _queue_policy(account: str, region: str, name: str) -> Any:
    from moto.sqs.models import sqs_backends

    queue = sqs_backends[account][region].queues.get(name)
    return None if queue is None else queue.policy


def _topic_policy(account: str, region: str, name: str) -> Any:
    from moto.sns.models import sns_backends

    topic = sns_backends[account][region].topics.get(f"arn:aws:sns:{region}:{account}:{name}")
    return None if topic is None else topic.policy


def _secret_policy(account: str, region: str, name: str) -> Any:
    from moto.secretsmanager.models import secretsmanager_backends

    secret = _secret(secretsmanager_backends[account][region], f"arn:aws:secretsmanager:{region}:{account}:{name}")
    return None if secret is None else secret.policy


def _secret(backend: Any, arn: str) -> Any:
    return next((secret for secret in backend.secrets.values() if secret.arn == arn), None)


def _repository(account: str, region: str, name: str) -> Any:
    from moto.ecr.models import ecr_backends

    return ecr_backends[account][region].repositories.get(name.removeprefix("repository/"))


def _repository_policy(account: str, region: str, name: str) -> Any:
    repository = _repository(account, region, name)
    return None if repository is None else repository.policy


def _catalog_policy(account: str, region: str, _name: str) -> Any:
    """Returns the one policy of a Data Catalog, which decides about its databases and tables."""
    from moto.glue.models import glue_backends

    policies = glue_backends[account][region].resource_policies
    return next((policy.get("PolicyInJson") for policy in policies.values()), None)


def _bus_policy(account: str, region: str, name: str) -> Any:
    from moto.events.models import events_backends

    bus = events_backends[account][region].event_buses.get(name.removeprefix("event-bus/"))
    return None if bus is None else bus.policy


def _function_policy(account: str, region: str, name: str) -> Any:
    from moto.awslambda.models import lambda_backends

    # The statements about versions and aliases are kept with the function.
    functions = lambda_backends[account][region].list_functions()
    wanted = name.split(":")[1] if ":" in name else name
    function = next((candidate for candidate in functions if candidate.function_name == wanted), None)
    statements = function.policy.statements if function else []
    return {"Statement": statements} if statements else None


_POLICIES: Mapping[str, Callable[[str, str, str], Any]] = {
    "ecr": _repository_policy,
    "events": _bus_policy,
    "glue": _catalog_policy,
    "kms": _key_policy,
    "lambda": _function_policy,
    "s3": _bucket_policy,
    "secretsmanager": _secret_policy,
    "sns": _topic_policy,
    "sqs": _queue_policy,
}
"""Look-ups of resource policies in moto, by service: of an account, a region, and the last part of the ARN."""


def _api_tags(account: str, region: str, name: str) -> Mapping[str, str]:
    """Returns the tags of an API, an API key or a usage plan, which those of its parts are too (API Gateway Developer
    Guide, "API Gateway resources that can be tagged")."""
    from moto.apigateway.models import apigateway_backends

    _, kind, *rest = name.split("/")
    backend = apigateway_backends[account][region]
    members = {"apikeys": backend.keys, "restapis": backend.apis, "usageplans": backend.usage_plans}.get(kind, {})
    found = members.get(rest[0]) if rest else None
    return dict(getattr(found, "tags", None) or {})


def _tags(service: str, account: str, region: str, name: str) -> Mapping[str, str]:
    """Returns the tags of a resource in moto, for the services whose policies decide by tags."""
    if service == "kms":
        from moto.kms.models import kms_backends

        return dict(kms_backends[account][region].tagger.get_tag_dict_for_resource(name.removeprefix("key/")))
    if service == "apigateway":
        return _api_tags(account, region, name)
    if service == "ec2":
        from moto.ec2.models import ec2_backends

        return dict(ec2_backends[account][region].tags.get(name.rpartition("/")[2]) or {})
    if service == "elasticloadbalancing":
        from moto.elbv2.models import elbv2_backends

        arn = f"arn:aws:elasticloadbalancing:{region}:{account}:{name}"
        return dict(elbv2_backends[account][region].tagging_service.get_tag_dict_for_resource(arn))
    if service == "sagemaker" and name.startswith(f"{_GROUP}/"):
        from moto.sagemaker.models import sagemaker_backends

        group = sagemaker_backends[account][region].model_package_groups.get(name.partition("/")[2])
        return {} if group is None else {tag["Key"]: tag["Value"] for tag in group.tags or ()}
    if service == "iam" and name.startswith("role/"):
        role = role_of(f"arn:aws:iam::{account}:{name}")
        return {} if role is None else tags_of(role)
    return {}
