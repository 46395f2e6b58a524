"""The Glue table of the organization's trail (Athena User Guide, "Query CloudTrail logs", with partition
projection)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

_ISSUER = "struct<type:string,principalid:string,arn:string,accountid:string,username:string>"
_SESSION = (
    "struct<attributes:struct<mfaauthenticated:string,creationdate:string>,"
    f"sessionissuer:{_ISSUER},sourceidentity:string,ec2roledelivery:string,"
    "webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>>"
)
_IDENTITY = (
    "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,"
    f"username:string,onbehalfof:struct<userid:string,identitystorearn:string>,sessioncontext:{_SESSION}>"
)

COLUMNS: Mapping[str, str] = {
    "eventversion": "string",
    "useridentity": _IDENTITY,
    "eventtime": "string",
    "eventsource": "string",
    "eventname": "string",
    "awsregion": "string",
    "sourceipaddress": "string",
    "useragent": "string",
    "errorcode": "string",
    "errormessage": "string",
    "requestparameters": "string",
    "responseelements": "string",
    "additionaleventdata": "string",
    "requestid": "string",
    "eventid": "string",
    "readonly": "string",
    "resources": "array<struct<arn:string,accountid:string,type:string>>",
    "eventtype": "string",
    "apiversion": "string",
    "managementevent": "string",
    "recipientaccountid": "string",
    "serviceeventdetails": "string",
    "sharedeventid": "string",
    "vpcendpointid": "string",
    "vpcendpointaccountid": "string",
    "eventcategory": "string",
    "sessioncredentialfromconsole": "string",
    "tlsdetails": "struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>",
}
"""Hive types of the columns of CloudTrail's record format 1.11."""

PARTITIONS = ("account", "region", "day")
"""Partition keys. Queries name the account, because a list of all accounts would change with every team (decision
12)."""


def trail_table(
    name: str,
    *,
    database_name: pulumi.Input[str],
    location: pulumi.Output[str],
    regions: Sequence[str],
    days: int,
    parent: pulumi.Resource,
) -> aws.glue.CatalogTable:
    """Creates the table over ``location``, the organization's folder in the archive, for the days that logs are
    kept."""
    columns = [
        aws.glue.CatalogTableStorageDescriptorColumnArgs(name=column, type=type_) for column, type_ in COLUMNS.items()
    ]
    return aws.glue.CatalogTable(
        f"{name}-table",
        name="trail",
        database_name=database_name,
        description="Every call of every account; say which account in each query",
        table_type="EXTERNAL_TABLE",
        partition_keys=[aws.glue.CatalogTablePartitionKeyArgs(name=key, type="string") for key in PARTITIONS],
        parameters=_projection(location, regions, days),
        storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
            location=location,
            input_format="com.amazon.emr.cloudtrail.CloudTrailInputFormat",
            output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            columns=columns,
            ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                serialization_library="org.apache.hive.hcatalog.data.JsonSerDe"
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _projection(location: pulumi.Output[str], regions: Sequence[str], days: int) -> dict[str, pulumi.Input[str]]:
    """Returns the properties for partition projection, with which Athena computes partitions instead of listing
    them."""
    return {
        "EXTERNAL": "TRUE",
        "classification": "cloudtrail",
        "projection.enabled": "true",
        "projection.account.type": "injected",
        "projection.region.type": "enum",
        "projection.region.values": ",".join(regions),
        "projection.day.type": "date",
        "projection.day.format": "yyyy/MM/dd",
        "projection.day.range": f"NOW-{days}DAYS,NOW",
        "projection.day.interval": "1",
        "projection.day.interval.unit": "DAYS",
        "storage.location.template": pulumi.Output.concat(location, "${account}/CloudTrail/${region}/${day}"),
    }
