"""Resources that a call does not name as the templates of the Service Authorization Reference do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plinth_sandbox.emulator.authorization.permissions import management
from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.services.ec2 import permissions as ec2
from plinth_sandbox.emulator.services.kms.permissions import key_arn

Resolve = Callable[[Call, str], Sequence[str] | None]
"""Returns the ARNs of a call, or None if the templates apply. Its second parameter is the action."""


def _arn(call: Call, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{call.region}:{call.account}:{resource}"


def _work_group(call: Call, action: str) -> Sequence[str] | None:
    given = call.parameters
    if action == "BatchGetNamedQuery":
        # Ids do not name the workgroup. Access to all of them suffices.
        return [_arn(call, "athena", "workgroup/*")]
    if "QueryExecutionId" in given:
        from moto.athena.models import athena_backends

        execution = athena_backends[call.account][call.region].executions.get(str(given["QueryExecutionId"]))
        group = execution.workgroup.name if execution and execution.workgroup else "primary"
        return [_arn(call, "athena", f"workgroup/{group}")]
    if action == "StartQueryExecution" or "WorkGroup" in given:
        return [_arn(call, "athena", f"workgroup/{given.get('WorkGroup', 'primary')}")]
    return None


def _load_balancing(call: Call, action: str) -> Sequence[str] | None:
    """Returns the parts of load balancers that a call names, or all that it may create."""
    own = f"arn:aws:elasticloadbalancing:{call.region}:{call.account}:"
    named = [str(value) for value in call.parameters.values() if isinstance(value, str) and value.startswith(own)]
    created = {"CreateLoadBalancer": "loadbalancer", "CreateTargetGroup": "targetgroup"}.get(action)
    return named or ([f"{own}{created}/*"] if created else None)


def _packages(call: Call, _action: str) -> Sequence[str] | None:
    """Returns the domain, or the repository in it, of an account that a call may name."""
    given = call.parameters
    if "domain" not in given:
        return None
    names = [str(given["domain"]), *([str(given["repository"])] if "repository" in given else [])]
    kind = "repository" if "repository" in given else "domain"
    owner = given.get("domainOwner") or call.account
    if "package" in given:
        kind, names = "package", [*names, given["format"], given.get("namespace", ""), given["package"]]
    return [f"arn:aws:codeartifact:{call.region}:{owner}:{kind}/{'/'.join(names)}"]


def _projects(call: Call, _action: str) -> Sequence[str] | None:
    """Returns the projects of builds, whose ids begin with the name of the project."""
    given = call.parameters
    builds = [*given.get("ids", []), *([given["id"]] if "id" in given else [])]
    names = [*given.get("names", []), *(build.rpartition("/")[2].partition(":")[0] for build in builds)]
    return [_arn(call, "codebuild", f"project/{name}") for name in dict.fromkeys(names)] or None


def _repositories(call: Call, _action: str) -> Sequence[str] | None:
    given = call.parameters
    names = given.get("repositoryNames") or [target["repositoryName"] for target in given.get("targets", [])]
    return None if not names else [_arn(call, "codecommit", name) for name in names]


def _pipelines(call: Call, _action: str) -> Sequence[str] | None:
    """Returns the pipeline that a request calls ``name``. Other requests name it as the templates do."""
    name = call.parameters.get("name") or call.parameters.get("pipeline", {}).get("name")
    return [_arn(call, "codepipeline", str(name))] if name else None


def _rules(call: Call, _action: str) -> Sequence[str] | None:
    """Returns the rule of a call. The ARN of a rule on another bus than the default one contains the bus."""
    given = call.parameters
    name = given.get("Rule", given.get("Name"))
    if name is None:
        return None
    bus = str(given.get("EventBusName", "default")).rpartition("/")[2]
    return [_arn(call, "events", f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}")]


def _buses(call: Call, _action: str) -> Sequence[str]:
    names = {str(entry.get("EventBusName", "default")) for entry in call.parameters["Entries"]}
    return [name if name.startswith("arn:") else _arn(call, "events", f"event-bus/{name}") for name in sorted(names)]


def _catalog(call: Call, action: str) -> Sequence[str] | None:
    """Returns the catalog, the database and the table, on each of which Glue authorizes a call about a table (AWS Glue
    Developer Guide, "Data Catalog ARNs")."""
    given = call.parameters
    tabular = ("Table", "Partition", "Column")
    is_tabular = any(word in action for word in tabular)
    if not is_tabular and "Database" not in action:
        return None
    account = str(given.get("CatalogId") or call.account)
    where = f"arn:aws:glue:{call.region}:{account}"
    arns = [f"{where}:catalog"]
    database = given.get("DatabaseName") or given.get("DatabaseInput", {}).get("Name")
    if database is None and not is_tabular:
        database = given.get("Name")
    arns.append(f"{where}:database/{database or '*'}")
    if is_tabular:
        table = given.get("TableName") or given.get("Name") or given.get("TableInput", {}).get("Name")
        arns.append(f"{where}:table/{database or '*'}/{table or '*'}")
    return arns


def _glue_job(call: Call, action: str) -> Sequence[str] | None:
    name = call.parameters.get("JobName") or call.parameters.get("Name")
    is_of_job = "Job" in action and isinstance(name, str)
    return [_arn(call, "glue", f"job/{name}")] if is_of_job else _catalog(call, action)


def _keys(call: Call, _action: str) -> Sequence[str] | None:
    given = call.parameters
    names = [given[member] for member in ("KeyId", "SourceKeyId", "DestinationKeyId", "TargetKeyId") if member in given]
    return [key_arn(str(name), call.account, call.region) for name in names] or None


def _decrypted(call: Call, action: str) -> Sequence[str] | None:
    """Returns the key of a ciphertext, which names it."""
    if "KeyId" in call.parameters:
        return _keys(call, action)
    from moto.kms.utils import _deserialize_ciphertext_blob

    from plinth_sandbox.emulator.services.kms.patches import account_of_ciphertext

    ciphertext = call.parameters["CiphertextBlob"]
    owner = account_of_ciphertext(ciphertext, call.region, call.account)
    return [key_arn(_deserialize_ciphertext_blob(ciphertext).key_id, owner, call.region)]


def _log_group(call: Call, action: str) -> Sequence[str] | None:
    """Returns the ARN of a log group, which ends in an empty log stream for all operations but those about tags (Amazon
    CloudWatch Logs User Guide, "Overview of managing access permissions")."""
    given = call.parameters
    if "resourceArn" in given:
        return [str(given["resourceArn"])]
    names = [given[member] for member in ("logGroupName", "logGroupIdentifier") if member in given]
    names += [*given.get("logGroupNames", []), *given.get("logGroupIdentifiers", [])]
    if not names and action == "DescribeLogGroups":
        names = [str(given.get("logGroupNamePrefix", ""))]
    stream = str(given.get("logStreamName", ""))
    groups = [str(name).rpartition("log-group:")[2] for name in names]
    return [_arn(call, "logs", f"log-group:{group}:log-stream:{stream}") for group in groups] or None


def _parameters(call: Call, _action: str) -> Sequence[str] | None:
    given = call.parameters
    names = [*given.get("Names", []), *(given[member] for member in ("Name", "Path") if member in given)]
    if given.get("ResourceType") == "Parameter":
        names.append(given["ResourceId"])
    texts = [str(name) for name in names]
    return [
        name if name.startswith("arn:") else _arn(call, "ssm", f"parameter/{name.lstrip('/')}") for name in texts
    ] or None


def _secret(call: Call, _action: str) -> Sequence[str] | None:
    from moto.secretsmanager.models import secretsmanager_backends

    name = str(call.parameters.get("SecretId", call.parameters.get("Name", "")))
    if not name:
        return None
    if name.startswith("arn:"):
        return [name]
    known = secretsmanager_backends[call.account][call.region].secrets.get(name)
    return [known.arn if known else _arn(call, "secretsmanager", f"secret:{name}")]


def _queue(call: Call, _action: str) -> Sequence[str] | None:
    url = call.parameters.get("QueueUrl")
    if url is None:
        return None
    account, name = str(url).rstrip("/").split("/")[-2:]
    return [f"arn:aws:sqs:{call.region}:{account}:{name}"]


def _tables(call: Call, _action: str) -> Sequence[str] | None:
    given: Mapping[str, Any] = call.parameters
    names = [given["TableName"]] if "TableName" in given else list(given.get("RequestItems", {}))
    for item in given.get("TransactItems", []):
        names += [table["TableName"] for table in item.values()]
    arns = [
        name if name.startswith("arn:") else _arn(call, "dynamodb", f"table/{name}") for name in dict.fromkeys(names)
    ]
    return [f"{arn}/index/{given['IndexName']}" for arn in arns] if "IndexName" in given else arns or None


def _role(call: Call, _action: str) -> Sequence[str] | None:
    """Returns a role with its path, which requests do not name."""
    from moto.iam.models import iam_backends

    name = call.parameters.get("RoleName")
    if name is None:
        return None
    roles = iam_backends[call.account]["aws"].roles.values()
    found = next((str(role.arn) for role in roles if role.name == name), None)
    return [found or f"arn:aws:iam::{call.account}:role/{name}"]


def _model_packages(call: Call, action: str) -> Sequence[str] | None:
    """Returns the version or the group. A version is created in a group, and its number is not known before."""
    given = call.parameters
    name = str(given.get("ModelPackageName") or given.get("ModelPackageArn", ""))
    if name:
        return [name if name.startswith("arn:") else _arn(call, "sagemaker", f"model-package/{name}")]
    group = str(given.get("ModelPackageGroupName", ""))
    if not group:
        return None
    arn = group if group.startswith("arn:") else _arn(call, "sagemaker", f"model-package-group/{group}")
    if action in ("CreateModelPackage", "ListModelPackages"):
        return [f"{arn.replace(':model-package-group/', ':model-package/')}/1"]
    return [arn]


def _alarms(call: Call, _action: str) -> Sequence[str]:
    """Returns the alarms of a call. Composite alarms need a permission for all alarms (CloudWatch API,
    DescribeAlarms)."""
    given = call.parameters
    names = [] if "CompositeAlarm" in given.get("AlarmTypes", []) else given.get("AlarmNames", [])
    return [_arn(call, "cloudwatch", f"alarm:{name}") for name in names or ["*"]]


def _dashboards(call: Call, _action: str) -> Sequence[str]:
    """Returns the dashboards of a call. Their ARNs have no region."""
    names = call.parameters["DashboardNames"]
    return [f"arn:aws:cloudwatch::{call.account}:dashboard/{name}" for name in names]


def _scalable_target(call: Call, _action: str) -> Sequence[str] | None:
    """Returns all scalable targets: requests name the resource that scales, and ARNs contain an assigned id."""
    return [_arn(call, "application-autoscaling", "scalable-target/*")] if "ResourceId" in call.parameters else None


RULE_ACTIONS = (
    "DeleteRule",
    "DescribeRule",
    "DisableRule",
    "EnableRule",
    "ListTargetsByRule",
    "PutRule",
    "PutTargets",
    "RemoveTargets",
)
NAMED: Mapping[tuple[str, str], Resolve] = {
    ("application-autoscaling", "*"): _scalable_target,
    ("athena", "*"): _work_group,
    ("budgets", "*"): management.budget,
    ("cloudwatch", "DeleteAlarms"): _alarms,
    ("cloudwatch", "DeleteDashboards"): _dashboards,
    ("cloudwatch", "DescribeAlarms"): _alarms,
    ("codeartifact", "*"): _packages,
    ("codebuild", "*"): _projects,
    ("codecommit", "*"): _repositories,
    ("codepipeline", "*"): _pipelines,
    ("dynamodb", "*"): _tables,
    ("events", "PutEvents"): _buses,
    ("elasticloadbalancing", "*"): _load_balancing,
    **{("events", action): _rules for action in RULE_ACTIONS},
    ("glue", "*"): _glue_job,
    ("iam", "*"): _role,
    ("identitystore", "*"): management.parts_of_the_directory,
    ("kms", "Decrypt"): _decrypted,
    ("kms", "ReEncrypt"): _decrypted,
    ("kms", "*"): _keys,
    ("logs", "*"): _log_group,
    ("organizations", "*"): management.parts_of_the_organization,
    ("sagemaker", "CreateModelPackage"): _model_packages,
    ("sagemaker", "DescribeModelPackage"): _model_packages,
    ("sagemaker", "ListModelPackages"): _model_packages,
    ("sagemaker", "UpdateModelPackage"): _model_packages,
    ("sagemaker", "DeleteModelPackage"): _model_packages,
    ("secretsmanager", "*"): _secret,
    ("sqs", "*"): _queue,
    ("sso", "*"): management.assignment,
    ("ssm", "*"): _parameters,
    ("ec2", "*"): ec2.resources,
}
"""Resolvers by IAM prefix and action, or ``*`` for all other actions of the service."""
