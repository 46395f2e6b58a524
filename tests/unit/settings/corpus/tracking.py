"""Bad input in settings of the way to the tracking server."""

from __future__ import annotations

from typing import Any

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ENVIRONMENT, ORGANIZATION, Case, Change, organization

_MLFLOW = ORGANIZATION + "tooling_cluster.mlflow"
_LINK = f"{_MLFLOW}.private_link"
_SERVER = {
    "image": f"sha256:{'b' * 64}",
    "certificate": "arn:aws:acm:eu-west-1:111111111111:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
    "host": "mlflow.acme.example",
    "clients": {"fraud": ["arn:aws:iam::222222222222:role/plinth/fraud-development-job"]},
}


def _server(*without: str, **others: Any) -> dict[str, Any]:
    server = {key: value for key, value in _SERVER.items() if key not in without}
    cluster = {"mlflow": {**server, **others}}
    return {"phase": "scalable", "placement": "large", "tooling_cluster": cluster}


def _reached(**settings: Any) -> Change:
    return lambda project: (
        project.organization(**settings).team().environment("fraud-development", tracking_server=True)
    )


TRACKING = [
    Case(
        230,
        "name of a tracking server without a load balancer",
        organization(**_server("certificate")),
        Code.TRACKING_SERVER,
        f"{_MLFLOW}.host",
        ("has none without a certificate", "add mlflow.certificate"),
    ),
    Case(
        230,
        "tracking server for networks of teams without clients",
        organization(**_server("clients", private_link={})),
        Code.TRACKING_SERVER,
        _LINK,
        ("to the accounts of its clients, and it has none", "add a role to mlflow.clients"),
    ),
    Case(
        230,
        "tracking server for networks of teams without a name",
        organization(**_server("host", private_link={})),
        Code.TRACKING_SERVER,
        _LINK,
        ("under its name, and it has none", "add mlflow.host"),
    ),
    Case(
        230,
        "tracking server with an address instead of a host name",
        organization(**_server(host="https://mlflow.acme.example")),
        Code.FORMAT,
        f"{_MLFLOW}.host",
        ("is not a host name", "without scheme, port and path"),
    ),
    Case(
        231,
        "database of the tracking server from a snapshot that is named by its ARN",
        organization(
            phase="scalable",
            placement="large",
            tooling_cluster={
                "mlflow": {**_SERVER, "restore_from": "arn:aws:rds:eu-west-1:111111111111:snapshot:before-upgrade"}
            },
        ),
        Code.FORMAT,
        ORGANIZATION + "tooling_cluster.mlflow.restore_from",
        ("is not the name of a DB snapshot", "describe-db-snapshots"),
    ),
    Case(
        230,
        "network with a way to a tracking server that does not exist",
        _reached(phase="scalable"),
        Code.TRACKING_SERVER,
        f"{ENVIRONMENT}tracking_server",
        ("has no private_link", "remove the line"),
    ),
    Case(
        230,
        "network with a way to a tracking server that is not offered",
        _reached(**_server()),
        Code.TRACKING_SERVER,
        f"{ENVIRONMENT}tracking_server",
        ("has no private_link", "remove the line"),
    ),
    Case(
        230,
        "network with a way to a host name whose owner is not verified",
        _reached(**_server(private_link={"verified": False})),
        Code.TRACKING_SERVER,
        f"{ENVIRONMENT}tracking_server",
        ("is not verified as the owner of mlflow.acme.example", "with verified: true"),
    ),
]
