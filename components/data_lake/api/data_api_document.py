"""The OpenAPI document of a data API, with API Gateway's extensions.

Values from callers are inserted into a query in few places, and only as letters and digits in quotes: a model rejects
everything else, and the template removes what a model might accept by mistake (API Gateway Developer Guide, "API
Gateway mapping template and access logging variable reference").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.identity.iam.private_api import admit_roles
from components.identity.iam.statements import VERSION, Statement
from settings.data.data_api import MAX_ROWS
from settings.data.dataset import Column
from settings.data.lake import Part

JSON = "application/json"
SIGNATURE = "signature"
DEFAULT_ROWS = 100
"""Row limit of requests that do not set one."""

_TEXT = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,128}$"}
_DAY = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_NUMBER = {"type": "integer"}
_FILTER_TYPES: Mapping[str, tuple[dict[str, str], str]] = {
    "string": (_TEXT, "'{}'"),
    "varchar": (_TEXT, "'{}'"),
    "char": (_TEXT, "'{}'"),
    "date": (_DAY, "DATE '{}'"),
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), (_NUMBER, "CAST('{}' AS bigint)")),
}
"""Column types that can be filtered by: the JSON schema of a value and its SQL literal."""

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
    """A dataset part that the API serves."""

    dataset: str
    """Name of the dataset: ``card-payments``."""

    table: str
    """Name of the dataset's table in SQL."""

    part: Part
    """Dataset part."""

    database: str
    """Name of the part's database in the environment's Glue Data Catalog."""

    columns: Sequence[Column]
    """Columns that the environment may read."""

    description: str = ""
    """Description of the dataset."""

    @property
    def path(self) -> str:
        return f"/datasets/{self.dataset}/{self.part}/queries"

    @property
    def model(self) -> str:
        """Returns the name of the part's model, which API Gateway restricts to letters and digits."""
        return "".join(word.capitalize() for word in re.split(r"[-_]", f"{self.dataset}-{self.part}"))

    @property
    def filters(self) -> Mapping[str, tuple[dict[str, str], str]]:
        """Returns the columns by which rows can be filtered: the partition columns, which reduce the data scanned."""
        return {
            c.name: _FILTER_TYPES[kind]
            for c in self.columns
            if c.partition and (kind := _base_type(c.type)) in _FILTER_TYPES
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class DataApiDocument:
    """Values from which the OpenAPI document is built."""

    title: str
    """Name of the API."""

    served: Sequence[Served]
    """Dataset parts in the order in which they are listed."""

    workgroup: str
    """Name of the workgroup for queries."""

    role_arn: pulumi.Input[str]
    """ARN of the role that queries."""

    region: str
    """Region of the queries."""

    callers: Sequence[pulumi.Input[str]]
    """ARNs of the roles that may call the API."""

    organization_id: pulumi.Input[str]
    """Id of the organization to which callers must belong."""

    endpoint_id: pulumi.Input[str]
    """Id of the VPC endpoint through which callers must connect."""

    def body(self) -> dict[str, Any]:
        """Returns the document, in which some values are outputs of resources."""
        models = {served.model: _request_schema(served) for served in self.served}
        return {
            "openapi": "3.0.1",
            "info": {
                "title": self.title,
                "version": "1",
                "description": "Datasets of the lake. Every request is signed (AWS Signature Version 4, service "
                "execute-api) by a role of the environment.",
            },
            "paths": {
                **{served.path: {"post": self._start_operation(served)} for served in self.served},
                "/queries/{id}": {"get": self._state_operation()},
                "/queries/{id}/rows": {"get": self._rows_operation()},
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
                "Statement": [statement.as_json() for statement in self._resource_policy()],
            },
        }

    def _resource_policy(self) -> Iterator[Statement]:
        """Builds the resource policy: allows roles of the environment through its network, and denies everybody
        else."""
        return admit_roles(
            "RolesOfTheEnvironment", self.callers, organization_id=self.organization_id, endpoints=self.endpoint_id
        )

    def _start_operation(self, served: Served) -> dict[str, Any]:
        return {
            "operationId": f"ask{served.model}",
            "summary": f"Ask for rows of {served.dataset}, {served.part}",
            "description": served.description,
            "requestBody": {"required": True, "content": {JSON: {"schema": _schema_reference(served.model)}}},
            **self._common_operation(
                "StartQueryExecution",
                query_template(served, self.workgroup),
                "Started",
                "{\"id\": $input.json('$.QueryExecutionId')}",
            ),
        }

    def _state_operation(self) -> dict[str, Any]:
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
            **self._common_operation("GetQueryExecution", f"{{{_ID}}}", "State", f"{{{answer}}}"),
        }

    def _rows_operation(self) -> dict[str, Any]:
        page = "#if($input.params('next') != ''), \"NextToken\": \"$util.escapeJavaScript($input.params('next'))\"#end"
        answer = "{\"rows\": $input.json('$.ResultSet.Rows'), \"next\": $input.json('$.NextToken')}"
        return {
            "operationId": "readRows",
            "summary": f"The rows that a query found, {MAX_ROWS} at a time",
            "parameters": [_parameter("id", "path", required=True), _parameter("next", "query", required=False)],
            **self._common_operation("GetQueryResults", f'{{{_ID}, "MaxResults": {MAX_ROWS}{page}}}', "Rows", answer),
        }

    def _common_operation(self, action: str, request: str, model: str, answer: str) -> dict[str, Any]:
        """Returns the common part of all operations: authorization, the request to Athena, and the responses."""
        return {
            "security": [{SIGNATURE: []}],
            "responses": {
                "200": {"description": "Athena's answer", "content": {JSON: {"schema": _schema_reference(model)}}},
                "400": {"description": "Athena refuses it", "content": {JSON: {"schema": _schema_reference("Error")}}},
                "502": {
                    "description": "Athena does not answer",
                    "content": {JSON: {"schema": _schema_reference("Error")}},
                },
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
                "requestTemplates": {JSON: request},
                # Requests of other content types are not validated by a model.
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


def query_template(served: Served, workgroup: str) -> str:
    """Returns the request to Athena, in the language of API Gateway's mapping templates."""
    given = [
        f"#set(${_variable(name)} = $input.json('$.where.{name}').replaceAll('[^A-Za-z0-9_.:-]', ''))"
        for name in served.filters
    ]
    given.append("#set($limit = $input.json('$.limit').replaceAll('[^0-9]', ''))")
    chosen = "".join(
        f"#if(${_variable(name)} != '') AND {_quoted(name)} = {literal.format(f'${{{_variable(name)}}}')}#end"
        for name, (_, literal) in served.filters.items()
    )
    columns = ", ".join(_quoted(column.name) for column in served.columns)
    query = f"SELECT {columns} FROM {_quoted(served.database)}.{_quoted(served.table)} WHERE 1 = 1{chosen}"
    limit = f"#if($limit != '')${{limit}}#{{else}}{DEFAULT_ROWS}#end"
    return "".join([*given, f'{{"WorkGroup": "{workgroup}", "QueryString": "{query} LIMIT {limit}"}}'])


def _variable(column: str) -> str:
    """Returns the name of a template variable, which must begin with a letter; column names need not."""
    return f"by_{column}"


def _quoted(name: str) -> str:
    """Returns the name in quotes that are escaped for JSON."""
    return f'\\"{name}\\"'


def _request_schema(served: Served) -> dict[str, Any]:
    """Returns the schema of a request for a dataset part."""
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_ROWS, "description": f"Default: {DEFAULT_ROWS}."}
    where = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: schema for name, (schema, _) in served.filters.items()},
    }
    return {"type": "object", "additionalProperties": False, "properties": {"limit": limit, "where": where}}


def _schema_reference(model: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model}"}


def _parameter(name: str, place: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": {"type": "string"}}


def _base_type(type_: str) -> str:
    """Returns the type without its parameters: `varchar` for `varchar(10)`."""
    return type_.partition("(")[0]
