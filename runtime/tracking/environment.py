"""Configuration that the cluster passes to the programs of the tracking server in environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Database:
    """The database of the server. It has no password: its users sign in with tokens."""

    host: str
    port: int
    name: str
    user: str
    region: str

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Self:
        """Raises KeyError if a variable is missing."""
        return cls(
            host=variables["TRACKING_DATABASE_HOST"],
            port=int(variables["TRACKING_DATABASE_PORT"]),
            name=variables["TRACKING_DATABASE_NAME"],
            user=variables["TRACKING_DATABASE_USER"],
            region=variables["AWS_REGION"],
        )

    @property
    def url(self) -> str:
        """Address for SQLAlchemy. The variable ``PGSSLROOTCERT`` names the authorities whose certificates count."""
        return f"postgresql+psycopg://{quote(self.user)}@{self.host}:{self.port}/{self.name}?sslmode=verify-full"
