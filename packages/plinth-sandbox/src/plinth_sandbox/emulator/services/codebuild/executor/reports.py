"""Report groups, and the reports that builds leave in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.authorization.principals import role_of
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.store.projection import tags_from
from plinth_sandbox.emulator.store.record import Place, Record, now

GROUP = "ReportGroup"
_KEPT = timedelta(days=30)
"""Time after which a report expires (CodeBuild User Guide, "Reports")."""
_DETAILS = "details"
_PAGE = 100


def _reports(runtime: Runtime, place: Place) -> dict[str, dict[str, Any]]:
    """Returns the reports of a region by ARN, in the order of their creation."""
    return runtime.memory.notes("codebuild-reports", place.account, place.region)


def _group(runtime: Runtime, place: Place, arn: str) -> Record | None:
    return next((record for record in runtime.memory.store.records(place, GROUP) if record.arn == arn), None)


def _make_group(
    runtime: Runtime, place: Place, name: str, kind: str, export: Mapping[str, Any], tags: dict[str, str]
) -> Record:
    arn = f"arn:aws:codebuild:{place.region}:{place.account}:report-group/{name}"
    values = {"name": name, "type": kind, "exportConfig": dict(export), "status": "ACTIVE"}
    record = Record(place, GROUP, values, arn, tags)
    runtime.memory.store.add(record)
    return record


def add_reports(
    build: Mapping[str, Any], found: Iterable[Mapping[str, Any]], place: Place, runtime: Runtime
) -> list[str]:
    """Stores the reports of a build and returns their ARNs. A group that the buildspec names without an ARN is created
    with the name of the project in front.

    CodeBuild creates both with the role of the build (CodeBuild User Guide, "Test report permissions"), so a build
    whose role was deleted meanwhile leaves none.
    """
    arns: list[str] = []
    if role_of(str(build["serviceRole"])) is None:
        return arns
    for report in found:
        given = str(report["group"])
        name = given.rpartition("/")[2] if given.startswith("arn:") else f"{build['projectName']}-{given}"
        arn = f"arn:aws:codebuild:{place.region}:{place.account}:report-group/{name}"
        group = _group(runtime, place, arn)
        if group is None:
            group = _make_group(runtime, place, name, report["type"], {"exportConfigType": "NO_EXPORT"}, {})
        stored = _report(build, report, group)
        _reports(runtime, place)[stored["arn"]] = stored
        arns.append(str(stored["arn"]))
    return arns


def _report(build: Mapping[str, Any], report: Mapping[str, Any], group: Record) -> dict[str, Any]:
    arn = f"{group.arn.replace(':report-group/', ':report/')}:{mock_random.uuid4()}"
    summary = "testSummary" if report["type"] == "TEST" else "codeCoverageSummary"
    return {
        "arn": arn,
        "type": report["type"],
        "name": group.values["name"],
        "reportGroupArn": group.arn,
        "executionId": build["arn"],
        "status": report["status"],
        "created": now(),
        "expired": now() + _KEPT,
        "exportConfig": group.values["exportConfig"],
        "truncated": report["truncated"],
        summary: report["summary"],
        _DETAILS: report["details"],
    }


def _create_group(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters, place = exchange.call.parameters, exchange.place
    name = str(parameters["name"])
    if any(record.values["name"] == name for record in runtime.memory.store.records(place, GROUP)):
        raise AwsError("ResourceAlreadyExistsException", f"Report group already exists: {name}")
    tags, export = tags_from(parameters.get("tags")), parameters["exportConfig"]
    record = _make_group(runtime, place, name, str(parameters["type"]), export, tags)
    return exchange.call.reply({"reportGroup": _described(record)})


def _described(record: Record) -> dict[str, Any]:
    tags = [{"key": key, "value": value} for key, value in record.tags.items()]
    return {**record.values, "arn": record.arn, "created": record.created, "lastModified": record.changed, "tags": tags}


def _update_group(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    record = _existing_group(exchange, str(parameters["arn"]), runtime)
    if "exportConfig" in parameters:
        record.values["exportConfig"] = parameters["exportConfig"]
    if "tags" in parameters:
        record.tags = tags_from(parameters["tags"])
    record.changed = now()
    return exchange.call.reply({"reportGroup": _described(record)})


def _existing_group(exchange: Exchange, arn: str, runtime: Runtime) -> Record:
    record = _group(runtime, exchange.place, arn)
    if record is None:
        raise AwsError("ResourceNotFoundException", f"Report group {arn} does not exist")
    return record


def _delete_group(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters, place = exchange.call.parameters, exchange.place
    record = _group(runtime, place, str(parameters["arn"]))
    if record is None:
        return exchange.call.reply({})
    known = _reports(runtime, place)
    held = [arn for arn, report in known.items() if report["reportGroupArn"] == record.arn]
    if held and not parameters.get("deleteReports"):
        raise AwsError("InvalidInputException", f"Cannot delete report group {record.arn}: it has reports")
    for arn in held:
        del known[arn]
    runtime.memory.store.remove(record)
    return exchange.call.reply({})


def _get_groups(exchange: Exchange, runtime: Runtime) -> Answer:
    arns = exchange.call.parameters["reportGroupArns"]
    found = {arn: _group(runtime, exchange.place, arn) for arn in arns}
    groups = [_described(record) for record in found.values() if record]
    missing = [arn for arn, record in found.items() if record is None]
    return exchange.call.reply({"reportGroups": groups, "reportGroupsNotFound": missing})


def _list_groups(exchange: Exchange, runtime: Runtime) -> Answer:
    return exchange.call.reply({"reportGroups": [it.arn for it in runtime.memory.store.records(exchange.place, GROUP)]})


def _get_reports(exchange: Exchange, runtime: Runtime) -> Answer:
    known, arns = _reports(runtime, exchange.place), exchange.call.parameters["reportArns"]
    found = [{key: value for key, value in known[arn].items() if key != _DETAILS} for arn in arns if arn in known]
    return exchange.call.reply({"reports": found, "reportsNotFound": [arn for arn in arns if arn not in known]})


def _list_reports(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    group, status = parameters.get("reportGroupArn"), (parameters.get("filter") or {}).get("status")
    if group:
        _existing_group(exchange, str(group), runtime)
    arns = [
        arn
        for arn, report in _reports(runtime, exchange.place).items()
        if group in (None, report["reportGroupArn"]) and status in (None, report["status"])
    ]
    return exchange.call.reply({"reports": arns if parameters.get("sortOrder") == "ASCENDING" else arns[::-1]})


def _details(exchange: Exchange, runtime: Runtime, member: str) -> Answer:
    """Returns a page of test cases or of covered files."""
    parameters = exchange.call.parameters
    arn = str(parameters["reportArn"])
    report = _reports(runtime, exchange.place).get(arn)
    if report is None:
        code = "ResourceNotFoundException" if member == "testCases" else "InvalidInputException"
        raise AwsError(code, f"Report {arn} does not exist")
    wanted = (parameters.get("filter") or {}).get("status")
    name = "reportArn" if member == "testCases" else "reportARN"
    own = {name: arn, "expired": report["expired"]}
    found = [{**own, **detail} for detail in report[_DETAILS] if wanted in (None, detail.get("status"))]
    items, further = page(found, parameters, _PAGE, token="nextToken", limit="maxResults")
    return exchange.call.reply({member: items, **further})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "BatchGetReportGroups": _get_groups,
    "BatchGetReports": _get_reports,
    "CreateReportGroup": _create_group,
    "DeleteReportGroup": _delete_group,
    "DescribeCodeCoverages": lambda exchange, runtime: _details(exchange, runtime, "codeCoverages"),
    "DescribeTestCases": lambda exchange, runtime: _details(exchange, runtime, "testCases"),
    "ListReportGroups": _list_groups,
    "ListReports": _list_reports,
    "ListReportsForReportGroup": _list_reports,
    "UpdateReportGroup": _update_group,
}
