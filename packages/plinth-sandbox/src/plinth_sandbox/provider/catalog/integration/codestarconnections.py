"""The former name of AWS CodeConnections, under which the vendor has the data source."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, DataSource

THE_CONNECTION = DataSource(
    type="aws:codestarconnections/getConnection:getConnection",
    service="codeconnections",
    read=[Call("get_connection", {"ConnectionArn": "{arn}"}, within="Connection")],
    renames={"name": "ConnectionName", "arn": "ConnectionArn"},
    identifier="{arn}",
)

DATA_SOURCES = [THE_CONNECTION]
