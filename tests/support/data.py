"""Which kinds of resource hold data, so that no step of an organization may replace one."""

HOLDS_DATA = {
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:dynamodb/table:Table",
    "aws:ebs/volume:Volume",
    "aws:ecr/repository:Repository",
    "aws:efs/fileSystem:FileSystem",
    "aws:glue/catalogDatabase:CatalogDatabase",
    "aws:identitystore/group:Group",
    "aws:kms/key:Key",
    "aws:organizations/account:Account",
    "aws:organizations/organization:Organization",
    "aws:organizations/organizationalUnit:OrganizationalUnit",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "aws:sagemaker/domain:Domain",
    "aws:sagemaker/featureGroup:FeatureGroup",
    "aws:sagemaker/space:Space",
    "aws:sagemaker/userProfile:UserProfile",
    "aws:secretsmanager/secret:Secret",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/subnet:Subnet",
}
"""Kinds whose replacement loses something: what is in them, or what stands on them and holds data itself."""
