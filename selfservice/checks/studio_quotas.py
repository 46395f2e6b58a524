"""Refuses instance types with accelerators on which the account of a Studio may run no app.

The quota of most of these types is zero until AWS has granted an increase (AWS General Reference, "Amazon SageMaker AI
endpoints and quotas", read on 2026-11-25). A person would notice it only when an app does not start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from selfservice.engine.access.service_quotas import quotas_of
from selfservice.engine.account_access import Account
from selfservice.engine.backend import outputs_in
from selfservice.errors import BadInputError
from selfservice.projects.project import Project
from selfservice.projects.states import deployments_by_stack
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.rules.partial_config import stack_file

SERVICE = "sagemaker"
_ACCELERATED = re.compile(r"ml\.(g|p|trn|dl|inf)[0-9]")
"""Beginnings of types with GPUs or other accelerators (EC2 User Guide, "Instance type naming conventions")."""
_APPS = {"jupyterlab": "JupyterLab", "code-editor": "CodeEditor"}
"""How quotas name the apps of Studio."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedType:
    """An instance type that settings allow to people in a Studio."""

    environment: str
    place: str
    """Field of the settings of the environment."""
    instance_type: str
    app: str
    """App that these people may run, as the settings name it."""

    @property
    def quota(self) -> str:
        return f"Studio {_APPS[self.app]} Apps running on {self.instance_type} instances"


def refuse_types_without_quota(project: Project, stacks: Sequence[str]) -> None:
    """Raises BadInputError with every accelerated type in the limits of these Studios whose quota is zero.

    Only limits that the settings contain are compared, not the defaults, and only in accounts that exist: AWS alone can
    tell the quotas of a new account. Without the permission to read quotas, AWS alone can tell, too.
    """
    from settings.files.validation_cache import load_cached

    named = list(_named(load_cached(project.directory), stacks))
    environments = sorted({name.environment for name in named})
    deployed = deployments_by_stack(project, environments) if environments else {}
    faults: list[str] = []
    for environment in environments:
        id_ = outputs_in(deployed[environment]).get("account_id")
        if id_ is None:  # the environment is not deployed
            continue
        account = project.account(id_)
        wanted = [name for name in named if name.environment == environment]
        quotas = quotas_of(account, SERVICE, {name.quota for name in wanted})
        faults += [
            _fault(name, account, str(quota["QuotaCode"]))
            for name in wanted
            if (quota := quotas.get(name.quota)) is not None and not quota["Value"]
        ]
    if faults:
        listed = "\n  ".join(faults)
        raise BadInputError(f"nothing was touched, because AWS would start no app of these types:\n  {listed}")


def _named(foundation: Foundation, stacks: Sequence[str]) -> Iterator[NamedType]:
    parsed = (StackIdentity.parse(stack) for stack in stacks)
    for environment in dict.fromkeys(
        identity.environment_stack.name for identity in parsed if identity.kind == "studio"
    ):
        studio = foundation.environments[environment].studio
        for persona, limits in studio.limits.items():
            apps = sorted({app for user in studio.users.values() if user.persona == persona for app in user.apps})
            for index, instance_type in enumerate(limits.instance_types):
                if _ACCELERATED.match(instance_type):
                    place = f"studio.limits.{persona}.instance_types[{index}]"
                    for app in apps:
                        yield NamedType(environment=environment, place=place, instance_type=instance_type, app=app)


def _fault(named: NamedType, account: Account, code: str) -> str:
    return (
        f"{stack_file(named.environment)}: plinth:environment.{named.place}: the account {account.id} may run 0 apps "
        f"of {named.app} on {named.instance_type}; request an increase in the account with `aws service-quotas "
        f"request-service-quota-increase --region {account.region} --service-code {SERVICE} --quota-code {code} "
        "--desired-value 1`, or remove the type"
    )
