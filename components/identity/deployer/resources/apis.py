"""Calls for data APIs of an environment.

All of them are the management account's: an API asks the lake in the name of a role, which a deployer may not (IA-06),
and IAM knows calls of API Gateway by their verbs alone.
"""

from __future__ import annotations

from components.identity.deployer.calls import Part, calls
from components.identity.deployer.resources.audit import JOURNAL

_EVERYTHING = calls("apigateway", reserved="DELETE GET PATCH POST PUT UpdateRestApiPolicy")

DATA_APIS: Part = {
    **JOURNAL,
    **{
        f"aws:apigateway/{kind}": _EVERYTHING
        for kind in (
            "account:Account",
            "deployment:Deployment",
            "methodSettings:MethodSettings",
            "restApi:RestApi",
            "stage:Stage",
        )
    },
}
