"""The fixtures of the provider's conformance tests: an emulated AWS, a provider and its samples."""

from conformance.conftest import aws, center, make, offered, plugin, server, stub

__all__ = ["aws", "center", "make", "offered", "plugin", "server", "stub"]
