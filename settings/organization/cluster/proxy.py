"""Settings of a proxy through which tools in the cluster leave the tooling network, which has no route out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.types.model import Settings
from settings.types.values import Cidr, matching

ProxyAddress = Annotated[
    str,
    matching(
        r"http://[a-z0-9.-]+:[1-9][0-9]{0,4}",
        "is not the address of a proxy: http://<host>:<port>",
        "write host and port: http://proxy.acme.example:3128",
    ),
]


class ProxySettings(Settings):
    """An HTTPS proxy. Both fields have no default."""

    address: ProxyAddress = Field(description="Address of the proxy.", examples=["http://proxy.acme.example:3128"])
    cidr: Cidr = Field(
        description="Network of the proxy, which the pods may reach at the port of the address. The tooling network "
        "needs a way to it.",
        examples=["10.0.64.0/22"],
    )
