"""pulumi-resource-aws for the sandbox: a generic core over botocore and a declarative catalogue of resource types."""
