"""The document that a data API is made from, and by which it is known to who asks: OpenAPI with API Gateway's words.

What callers send gets into a query at few places, and only as letters and digits between quotes: a model refuses all
else, and the template drops what a model might have let by ("API Gateway mapping template and access logging variable
reference" of its Developer Guide).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.identity.iam.statements import VERSION, Statement
from settings.data.data_api import MAX_ROWS
from settings.data.dataset import Column
from settings.data.lake import Part

JSON = "application/json"
SIGNATURE = "signature"
ROWS_UNASKED = 100
"""Of who names no limit."""

_TEXT = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,128}$"}
_DAY = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_NUMBER = {"type": "integer"}
_KINDS: Mapping[str, tuple[dict[str, str], str]] = {
    "string": (_TEXT, "'{}'"),
    "varchar": (_TEXT, "'{}'"),
    "char": (_TEXT, "'{}'"),
    "date": (_DAY, "DATE '{}'"),
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), (_NUMBER, "CAST('{}' AS bigint)")),
}
"""Of columns that rows can be chosen by: what may be asked for, and how a query has it."""

_ERROR = {"type": "object", "properties": {"message": {"type": "string"}}}
_STARTED = {"type": "object", "properties": {"id": {"type": "string", "description": "By which it is asked about."}}}
_STATE = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "state": {"type": "string", "description": "QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."},
        "reason": {"type": "string", "description": "Why it failed."},
    },
}
_ROWS = {
    "type": "object",
    "properties": {
        "rows": {
            "type": "array",
            "items": {"type": "object"},
            "description": "As Athena has them: `Data` with a `VarCharValue` for each column; the first row of the "
            "first page has the columns' names.",
        },
        "next": {"type": "string", "description": "Where the next page begins; empty on the last."},
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A part of a dataset that is served."""

    dataset: str
    """Its name: `card-payments`."""

    table: str
    """The same in SQL."""

    part: Part
    """Which part."""

    database: str
    """What the environment calls the part's database."""

    columns: Sequence[Column]
    """The columns that the environment reads."""

    description: str = ""
    """What is in it."""

    @property
    def path(self) -> str:
        return f"/datasets/{self.dataset}/{self.part}/queries"

    @property
    def model(self) -> str:
        """API Gateway names models with letters and digits."""
        return "".join(word.capitalize() for word in re.split(r"[-_]", f"{self.dataset}-{self.part}"))

    @property
    def choosing(self) -> Mapping[str, tuple[dict[str, str], str]]:
        """The columns that rows are chosen by: those that Athena finds folders by, so that a choice costs less."""
        return {c.name: _KINDS[kind] for c in self.columns if c.partition and (kind := _word(c.type)) in _KINDS}


@dataclass(frozen=True, kw_only=True, slots=True)
class DataApiDocument:
    """What the document says."""

    title: str
    """Name of the API."""

    served: Sequence[Served]
    """In the order in which they are listed."""

    workgroup: str
    """In which it asks."""

    role_arn: pulumi.Input[str]
    """Role in whose name it asks."""

    region: str
    """Where it asks."""

    callers: Sequence[pulumi.Input[str]]
    """ARNs of the roles that may call it."""

    organization_id: pulumi.Input[str]
    """Callers are of it."""

    endpoint_id: pulumi.Input[str]
    """Endpoint by which they come."""

    def body(self) -> dict[str, Any]:
        """The whole, in which some leaves are known only when things are there."""
        models = {one.model: _asked(one) for one in self.served}
        return {
            "openapi": "3.0.1",
            "info": {
                "title": self.title,
                "version": "1",
                "description": "Datasets of the lake. Every request is signed (AWS Signature Version 4, service "
                "execute-api) by a role of the environment.",
            },
            "paths": {
                **{one.path: {"post": self._start(one)} for one in self.served},
                "/queries/{id}": {"get": self._look()},
                "/queries/{id}/rows": {"get": self._rows()},
            },
            "components": {
                "schemas": {**models, "Started": _STARTED, "State": _STATE, "Rows": _ROWS, "Error": _ERROR},
                "securitySchemes": {
                    SIGNATURE: {
                        "type": "apiKey",
                        "name": "Authorization",
                        "in": "header",
                        "x-amazon-apigateway-authtype": "awsSigv4",
                    }
                },
            },
            "x-amazon-apigateway-request-validators": {
                "everything": {"validateRequestBody": True, "validateRequestParameters": True}
            },
            "x-amazon-apigateway-request-validator": "everything",
            "x-amazon-apigateway-policy": {
                "Version": VERSION,
                "Statement": [statement.as_json() for statement in self._admitted()],
            },
        }

    def _admitted(self) -> Iterator[Statement]:
        """The environment's own roles, through its network; and whatever another policy says, nobody else."""
        everything = ["execute-api:/*"]
        yield Statement(
            sid="RolesOfTheEnvironment",
            principals="*",
            actions=["execute-api:Invoke"],
            resources=everything,
            conditions={
                "StringEquals": {"aws:PrincipalOrgID": self.organization_id, "aws:SourceVpce": self.endpoint_id},
                "ArnEquals": {"aws:PrincipalArn": list(self.callers)},
            },
        )
        refused: Mapping[str, Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]]] = {
            "NobodyFromElsewhere": {"StringNotEquals": {"aws:SourceVpce": self.endpoint_id}},
            "NobodyElse": {"ArnNotEquals": {"aws:PrincipalArn": list(self.callers)}},
        }
        for sid, conditions in refused.items():
            yield Statement(
                sid=sid,
                effect="Deny",
                principals="*",
                actions=["execute-api:Invoke"],
                resources=everything,
                conditions=conditions,
            )

    def _start(self, one: Served) -> dict[str, Any]:
        return {
            "operationId": f"ask{one.model}",
            "summary": f"Ask for rows of {one.dataset}, {one.part}",
            "description": one.description,
            "requestBody": {"required": True, "content": {JSON: {"schema": _of(one.model)}}},
            **self._answered(
                "StartQueryExecution",
                query_template(one, self.workgroup),
                "Started",
                "{\"id\": $input.json('$.QueryExecutionId')}",
            ),
        }

    def _look(self) -> dict[str, Any]:
        answer = ", ".join(
            f'"{name}": $input.json(\'$.QueryExecution.{member}\')'
            for name, member in (
                ("id", "QueryExecutionId"), ("state", "Status.State"), ("reason", "Status.StateChangeReason"),
            )
        )  # fmt: skip
        return {
            "operationId": "seeQuery",
            "summary": "How far a query is",
            "parameters": [_parameter("id", "path", required=True)],
            **self._answered("GetQueryExecution", f"{{{_ID}}}", "State", f"{{{answer}}}"),
        }

    def _rows(self) -> dict[str, Any]:
        page = "#if($input.params('next') != ''), \"NextToken\": \"$util.escapeJavaScript($input.params('next'))\"#end"
        answer = "{\"rows\": $input.json('$.ResultSet.Rows'), \"next\": $input.json('$.NextToken')}"
        return {
            "operationId": "readRows",
            "summary": f"The rows that a query found, {MAX_ROWS} at a time",
            "parameters": [_parameter("id", "path", required=True), _parameter("next", "query", required=False)],
            **self._answered("GetQueryResults", f'{{{_ID}, "MaxResults": {MAX_ROWS}{page}}}', "Rows", answer),
        }

    def _answered(self, action: str, asked: str, model: str, answer: str) -> dict[str, Any]:
        """What all operations have: who may call, what Athena is asked, and what is answered."""
        return {
            "security": [{SIGNATURE: []}],
            "responses": {
                "200": {"description": "Athena's answer", "content": {JSON: {"schema": _of(model)}}},
                "400": {"description": "Athena refuses it", "content": {JSON: {"schema": _of("Error")}}},
                "502": {"description": "Athena does not answer", "content": {JSON: {"schema": _of("Error")}}},
            },
            "x-amazon-apigateway-integration": {
                "type": "aws",
                "httpMethod": "POST",
                "uri": f"arn:aws:apigateway:{self.region}:athena:action/{action}",
                "credentials": self.role_arn,
                "requestParameters": {
                    "integration.request.header.Content-Type": "'application/x-amz-json-1.1'",
                    "integration.request.header.X-Amz-Target": f"'AmazonAthena.{action}'",
                },
                "requestTemplates": {JSON: asked},
                # What is of another type would be validated by no model.
                "passthroughBehavior": "never",
                "responses": {
                    "default": {"statusCode": "200", "responseTemplates": {JSON: answer}},
                    r"4\d{2}": {"statusCode": "400", "responseTemplates": {JSON: _REFUSED}},
                    r"5\d{2}": {"statusCode": "502", "responseTemplates": {JSON: _REFUSED}},
                },
            },
        }


_ID = "\"QueryExecutionId\": \"$input.params('id').replaceAll('[^0-9a-f-]', '')\""
_REFUSED = "{\"message\": $input.json('$.Message')}"


def query_template(one: Served, workgroup: str) -> str:
    """The request to Athena, in the words of API Gateway's mapping templates."""
    given = [
        f"#set(${_variable(name)} = $input.json('$.where.{name}').replaceAll('[^A-Za-z0-9_.:-]', ''))"
        for name in one.choosing
    ]
    given.append("#set($limit = $input.json('$.limit').replaceAll('[^0-9]', ''))")
    chosen = "".join(
        f"#if(${_variable(name)} != '') AND {_quoted(name)} = {literal.format(f'${{{_variable(name)}}}')}#end"
        for name, (_, literal) in one.choosing.items()
    )
    columns = ", ".join(_quoted(column.name) for column in one.columns)
    query = f"SELECT {columns} FROM {_quoted(one.database)}.{_quoted(one.table)} WHERE 1 = 1{chosen}"
    limit = f"#if($limit != '')${{limit}}#{{else}}{ROWS_UNASKED}#end"
    return "".join([*given, f'{{"WorkGroup": "{workgroup}", "QueryString": "{query} LIMIT {limit}"}}'])


def _variable(column: str) -> str:
    """A variable begins with a letter, which a column's name need not."""
    return f"by_{column}"


def _quoted(name: str) -> str:
    """Inside JSON's own quotes."""
    return f'\\"{name}\\"'


def _asked(one: Served) -> dict[str, Any]:
    """What may be asked of a part."""
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_ROWS, "description": f"Default: {ROWS_UNASKED}."}
    where = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: schema for name, (schema, _) in one.choosing.items()},
    }
    return {"type": "object", "additionalProperties": False, "properties": {"limit": limit, "where": where}}


def _of(model: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model}"}


def _parameter(name: str, place: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": {"type": "string"}}


def _word(type_: str) -> str:
    """`varchar` of `varchar(10)`."""
    return type_.partition("(")[0]
