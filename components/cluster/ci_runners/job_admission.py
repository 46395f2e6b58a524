"""Admission policy for the runner of a team: pods of jobs without privileges, and their registry credentials.

Pod Security and the quota of the namespace hold for these pods too. This policy adds what they do not decide: service
account, images, volumes and tokens, and that the runner enters containers of jobs only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.admissionregistration.v1 import ValidationArgs

from components.cluster.admission import enforce, of_account, operations, requests_in

_BUILD, _HELPER, _INIT = "build", "helper", "init-permissions"
"""Containers of a job (GitLab Runner documentation, "Kubernetes executor")."""
_WAYS = ("attach", "exec")
"""Ways into a container: the runner starts scripts by the first one, and stores them and reads output by the second."""
_PART = "request.?subResource.orValue('')"
"""Subresource of a request, such as ``attach``. A request for none has no such field."""
_REGISTRY_SECRET = "kubernetes.io/dockercfg"
"""Type of the secret with the credentials that GitLab sends for its own registry."""
_POD_IDENTITY = "pods.eks.amazonaws.com"
"""Audience of the token that EKS Pod Identity adds to pods."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobAdmissionArgs:
    """Arguments of :func:`limit_runner`."""

    policy_name: str
    """Name of the admission policy."""

    runner_namespace: str
    """Namespace of the runner."""

    runner_account: str
    """Service account of the runner."""

    namespace: pulumi.Input[str]
    """Namespace of the jobs."""

    job_account: str
    """Service account of the jobs."""

    images: pulumi.Input[Sequence[str]]
    """Images in which jobs run."""

    helper_image: pulumi.Input[str]
    """Image of the helper of a job."""


def limit_runner(name: str, args: JobAdmissionArgs, parent: pulumi.Resource) -> pulumi.CustomResource:
    """Creates the admission policy about the requests of a runner. Returns its binding."""
    images = pulumi.Output.all(args.images, args.helper_image)
    return enforce(
        name,
        args.policy_name,
        conditions=[of_account(args.runner_namespace, args.runner_account)],
        constraints=requests_in(
            args.namespace,
            operations("", "pods", "CREATE"),
            *(operations("", f"pods/{way}", "CONNECT") for way in _WAYS),
            operations("", "secrets", "CREATE", "UPDATE"),
        ),
        validations=[
            ValidationArgs(
                expression=images.apply(lambda known: _is_a_job([*known[0]], str(known[1]), args.job_account)),
                message="runners create pods of jobs only: the service account, the images and the volumes of jobs",
            ),
            ValidationArgs(
                expression=f"!({_PART} in {json.dumps(_WAYS)}) || object.container in {json.dumps([_BUILD, _HELPER])}",
                message="runners enter the containers of jobs only",
            ),
            ValidationArgs(
                expression=f"request.resource.resource != 'secrets' || object.type == '{_REGISTRY_SECRET}'",
                message="runners create secrets with credentials of a registry only",
            ),
        ],
        parent=parent,
    )


def _is_a_job(images: Sequence[str], helper: str, account: str) -> str:
    """Returns the expression (CEL) that is true for the pod of a job, and for every request that is about no pod."""
    first = "object.spec.?initContainers.orValue([])"
    every = f"(object.spec.containers + {first})"
    conditions = (
        f"object.spec.serviceAccountName == {json.dumps(account)}",
        "object.spec.?automountServiceAccountToken.orValue(true) == false",
        f"object.spec.containers.all(one, one.name in {json.dumps([_BUILD, _HELPER])})",
        f"{first}.all(one, one.name == {json.dumps(_INIT)})",
        f"{every}.all(one, one.image in (one.name == {json.dumps(_BUILD)} ? {json.dumps(list(images))} : "
        f"{json.dumps([helper])}))",
        f"{every}.all(one, one.?securityContext.?readOnlyRootFilesystem.orValue(false))",
        f"{every}.all(one, size(one.?envFrom.orValue([])) == 0 && "
        "one.?env.orValue([]).all(each, !has(each.valueFrom) || has(each.valueFrom.fieldRef)))",
        "object.spec.?volumes.orValue([]).all(one, has(one.emptyDir) || (has(one.projected) && "
        "one.projected.?sources.orValue([]).all(each, has(each.serviceAccountToken) && "
        f"each.serviceAccountToken.?audience.orValue('') == '{_POD_IDENTITY}')))",
    )
    return f"request.resource.resource != 'pods' || {_PART} != '' || ({' && '.join(conditions)})"
