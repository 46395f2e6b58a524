"""The plugin pulumi-resource-kubernetes for the sandbox: server-side apply of any kind of object. It has no catalog and
no schema, because the API server validates. The control plane of the sandbox belongs in ``kubernetes``."""
