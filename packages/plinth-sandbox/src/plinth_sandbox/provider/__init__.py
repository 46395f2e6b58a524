"""The plugin pulumi-resource-aws for the sandbox: a generic core over botocore, and the provider catalog of resource
types. Nothing here knows the emulator."""
