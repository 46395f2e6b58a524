"""Actions on the data API of an environment.

All are reserved for the management account: an API queries the lake with a role, which a deployer must not be able to
use (IA-06), and IAM distinguishes API Gateway calls by HTTP method only.
"""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls
from components.identity.deployer.resources.audit import LOG_GROUPS

_EVERYTHING = calls("apigateway", reserved="DELETE GET PATCH POST PUT UpdateRestApiPolicy")

DATA_APIS: ResourceCalls = {
    **LOG_GROUPS,
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
