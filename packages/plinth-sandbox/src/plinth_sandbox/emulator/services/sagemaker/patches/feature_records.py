"""SageMaker Feature Store records: the latest of each in the online store, and all in files of the offline store.

moto does not have this service. There are two differences to AWS: an offline file appears at once and contains one
record (AWS collects records for up to fifteen minutes), and Iceberg metadata is not written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.moto_api._internal import mock_random
from moto.ram.models import ram_backends
from moto.s3.models import s3_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.parquet import Column, Kind, written
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.sagemaker.patches.feature_groups import columns_of, group_of, is_iceberg
from plinth_sandbox.emulator.store.record import Record, now
from plinth_sandbox.s3_location import split

_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_HEXADECIMAL = "0123456789abcdef"
_KINDS: Mapping[str, Kind] = {
    "bigint": "integer",
    "double": "fraction",
    "string": "string",
    "boolean": "flag",
    "timestamp": "moment",
}
_WRITING_PERMISSIONS = ("ReadWrite", "Admin")
Values = dict[str, Any]


@dataclass(slots=True)
class _Kept:
    """Online record of one identifier."""

    moment: datetime
    record: Sequence[Values]
    expires: datetime | None = None
    deleted: bool = False

    @property
    def is_there(self) -> bool:
        return not self.deleted and (self.expires is None or self.expires > now())


def _group(exchange: Exchange, name: str, *, writes: bool) -> Record:
    """Returns the feature group with this name or ARN. It may be in another account that shares it with the caller."""
    account = name.split(":")[4] if name.startswith("arn:") else exchange.call.account
    group = group_of(exchange, account, name)
    if account != exchange.call.account and not (group and _is_shared(exchange, group, writes=writes)):
        raise AwsError("AccessForbidden", f"{exchange.call.account} is not allowed to use {name}.")
    if group is None:
        raise AwsError("ResourceNotFound", f"Feature Group {name} does not exist.", 404)
    return group


def _is_shared(exchange: Exchange, group: Record, *, writes: bool) -> bool:
    """Returns whether RAM shares the group with the caller's account or the organization. All accounts of a sandbox are
    in one."""
    for share in ram_backends[group.place.account][group.place.region].resource_shares:
        if share.status != "ACTIVE" or group.arn not in share.resource_arns:
            continue
        permissions = exchange.memory.notes("ram", "permissions", share.arn)
        may = not writes or any(word in arn for arn in permissions for word in _WRITING_PERMISSIONS)
        if may and any(p == exchange.call.account or ":organization/" in p for p in share.principals):
            return True
    return False


def _online(exchange: Exchange, group: Record) -> dict[str, _Kept]:
    kept: dict[str, _Kept] = exchange.memory.notes("featurestore", group.arn)
    return kept


def _is_online(group: Record) -> bool:
    return bool((group.values.get("OnlineStoreConfig") or {}).get("EnableOnlineStore"))


def _stores(group: Record, asked: Sequence[str] | None) -> set[str]:
    there = {"OnlineStore"} if _is_online(group) else set()
    there |= {"OfflineStore"} if group.values.get("OfflineStoreConfig") else set()
    if missing := set(asked or ()) - there:
        raise _invalid(f"{group.values['FeatureGroupName']} has no {', '.join(sorted(missing))}.")
    return set(asked or there)


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", f"Validation Error: {message}", 400)


def _put(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    group = _group(exchange, given["FeatureGroupName"], writes=True)
    _write(exchange, group, given["Record"], given)
    return exchange.call.reply({})


def _write(exchange: Exchange, group: Record, record: Sequence[Values], asked: Mapping[str, Any]) -> None:
    stores = _stores(group, asked.get("TargetStores"))
    values = _checked(group, record)
    identifier, moment = values[group.values["RecordIdentifierFeatureName"]], _moment(group, values)
    if "OnlineStore" in stores:
        lasts = asked.get("TtlDuration") or group.values["OnlineStoreConfig"].get("TtlDuration")
        kept, before = _online(exchange, group), _online(exchange, group).get(str(identifier))
        if before is None or before.moment <= moment:
            expires = moment + _duration(lasts) if lasts else None
            kept[str(identifier)] = _Kept(moment, list(record), expires)
    if "OfflineStore" in stores:
        _append(group, values, moment, deleted=False)


def _checked(group: Record, record: Sequence[Values]) -> Values:
    """Returns the values by feature, converted to the feature's type."""
    types = {feature["FeatureName"]: feature["FeatureType"] for feature in group.values["FeatureDefinitions"]}
    values: Values = {}
    for feature in record:
        name, text = feature["FeatureName"], feature.get("ValueAsString")
        if name not in types:
            raise _invalid(f"Feature {name} is not defined.")
        if name in values:
            raise _invalid(f"Feature {name} stands twice in the record.")
        values[name] = _typed(name, types[name], text)
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if values.get(group.values[member]) in (None, ""):
            raise _invalid(f"The record lacks {group.values[member]}.")
    return values


def _typed(name: str, type_: str, text: str | None) -> Any:
    if text is None or type_ == "String":
        return text
    try:
        return int(text) if type_ == "Integral" else float(text)
    except ValueError:
        raise _invalid(f"Feature {name} is {type_}, and its value is not.") from None


def _moment(group: Record, values: Mapping[str, Any]) -> datetime:
    return _event_time(values[group.values["EventTimeFeatureName"]])


def _event_time(value: Any) -> datetime:
    """Parses an event time: seconds since 1970, or ISO 8601 with or without milliseconds."""
    if isinstance(value, float):
        return datetime.fromtimestamp(value, UTC).replace(tzinfo=None)
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"):
        try:
            return datetime.strptime(str(value), form).astimezone(UTC).replace(tzinfo=None)
        except ValueError:
            continue
    raise _invalid("The event time is not of the form 2026-01-31T12:00:00Z.")


def _duration(lasts: Mapping[str, Any]) -> timedelta:
    return timedelta(**{str(lasts["Unit"]).lower(): int(lasts["Value"])})


def _append(group: Record, values: Values, moment: datetime, *, deleted: bool) -> None:
    stored = group.values["OfflineStoreConfig"]["S3StorageConfig"]
    bucket, prefix = split(stored["ResolvedOutputS3Uri"])
    row = {name.lower(): value for name, value in values.items()}
    row |= {"write_time": now(), "api_invocation_time": now(), "is_deleted": deleted}
    columns = [Column(name, _KINDS[type_]) for name, type_ in columns_of(group)]
    account, partition = s3_backends.bucket_accounts[bucket][1], s3_backends.bucket_accounts[bucket][0]
    s3_backends[account][partition].put_object(
        bucket,
        f"{prefix}/{_folder(group, moment)}/{moment:%Y%m%dT%H%M%SZ}_{_drawn(_ALPHANUMERIC, 16)}.parquet",
        written(columns, [row]),
        encryption="aws:kms",
        kms_key_id=stored.get("KmsKeyId"),
    )


def _folder(group: Record, moment: datetime) -> str:
    if is_iceberg(group):
        return f"{_drawn(_HEXADECIMAL, 8)}/{group.values['EventTimeFeatureName']}_trunc={moment:%Y-%m-%d}"
    return f"{moment:year=%Y/month=%m/day=%d/hour=%H}"


def _drawn(letters: str, count: int) -> str:
    return "".join(mock_random.choice(letters) for _ in range(count))


def _delete(exchange: Exchange) -> Answer:
    """Deletes an online record. If the event time is not later than the record's, nothing is deleted online: a soft
    deletion still writes a marker offline, and a hard deletion is refused (SageMaker Developer Guide, "Delete
    records")."""
    given = exchange.call.parameters
    group = _group(exchange, given["FeatureGroupName"], writes=True)
    stores, hard = _stores(group, given.get("TargetStores")), given.get("DeletionMode") == "HardDelete"
    identifier, time = given["RecordIdentifierValueAsString"], given["EventTime"]
    names = group.values["RecordIdentifierFeatureName"], group.values["EventTimeFeatureName"]
    row = [{"FeatureName": name, "ValueAsString": text} for name, text in zip(names, (identifier, time), strict=True)]
    values = _checked(group, row)
    moment = _moment(group, values)
    if "OnlineStore" in stores:
        kept, before = _online(exchange, group), _online(exchange, group).get(identifier)
        is_later = before is None or before.moment < moment
        if hard and not is_later:
            raise _invalid("EventTime must be later than that of the record.")
        if hard:
            kept.pop(identifier, None)
        elif is_later:
            kept[identifier] = _Kept(moment, row, deleted=True)
    if "OfflineStore" in stores:
        _append(group, values, moment, deleted=True)
    return exchange.call.reply({})


def _get(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    group = _group(exchange, given["FeatureGroupName"], writes=False)
    _stores(group, ["OnlineStore"])
    found = _read(exchange, group, given["RecordIdentifierValueAsString"], given.get("FeatureNames"))
    return exchange.call.reply(_answer_for(found, given.get("ExpirationTimeResponse")) if found else {})


def _read(exchange: Exchange, group: Record, identifier: str, names: Sequence[str] | None) -> _Kept | None:
    known = {feature["FeatureName"] for feature in group.values["FeatureDefinitions"]}
    if unknown := set(names or ()) - known:
        raise _invalid(f"Features {', '.join(sorted(unknown))} are not defined.")
    kept = _online(exchange, group).get(identifier)
    if kept is None or not kept.is_there:
        return None
    return _Kept(kept.moment, [f for f in kept.record if not names or f["FeatureName"] in names], kept.expires)


def _answer_for(found: _Kept, asked: str | None) -> Values:
    expires = {"ExpiresAt": f"{found.expires:%Y-%m-%dT%H:%M:%SZ}"} if asked == "Enabled" and found.expires else {}
    return {"Record": list(found.record), **expires}


def _batch_get(exchange: Exchange) -> Answer:
    """Reads records of several groups. Records that cannot be read become errors in the answer."""
    given, answer = exchange.call.parameters, Values(Records=[], Errors=[], UnprocessedIdentifiers=[])
    for wanted, identifier in _wanted(given["Identifiers"]):
        about = {"FeatureGroupName": wanted["FeatureGroupName"], "RecordIdentifierValueAsString": identifier}
        try:
            group = _group(exchange, wanted["FeatureGroupName"], writes=False)
            _stores(group, ["OnlineStore"])
            found = _read(exchange, group, identifier, wanted.get("FeatureNames"))
        except AwsError as error:
            answer["Errors"].append({**about, "ErrorCode": error.code, "ErrorMessage": error.message})
            continue
        if found:
            answer["Records"].append({**about, **_answer_for(found, given.get("ExpirationTimeResponse"))})
    return exchange.call.reply(answer)


def _wanted(identifiers: Sequence[Values]) -> Iterator[tuple[Values, str]]:
    for wanted in identifiers:
        for identifier in wanted["RecordIdentifiersValueAsString"]:
            yield wanted, identifier


PATCHES: Patches = {
    "BatchGetRecord": _batch_get,
    "DeleteRecord": _delete,
    "GetRecord": _get,
    "PutRecord": _put,
}
