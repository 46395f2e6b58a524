"""Verifies JSON Web Tokens with the keys of their issuer (RFC 7515, 7517 and 7519).

The emulator cannot ask an issuer for its keys. The keys of a cluster reach it when the API server is ready, and those
of other issuers by ``plinth sandbox issuer``. Both are in the journal, so that a replay verifies the same.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.eks.patches.clusters import CLUSTER

CLUSTER_KEYS = "tokenKeys"
"""Value of a cluster with the keys of its tokens, which no answer contains."""
_NOTES = "token-issuers"
_COORDINATE_BYTES = 32


class MalformedTokenError(Exception):
    """A text is no JSON Web Token."""


@dataclass(frozen=True, slots=True)
class WebToken:
    """A token, of which nothing is verified yet."""

    head: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @classmethod
    def parse(cls, text: str) -> WebToken:
        """Raises: MalformedTokenError."""
        try:
            head, claims, signature = text.split(".")
            parts = [json.loads(_decoded(part)) for part in (head, claims)]
            found = _decoded(signature)
        except (ValueError, binascii.Error) as error:
            raise MalformedTokenError(text[:20]) from error
        if not all(isinstance(part, dict) for part in parts):
            raise MalformedTokenError(text[:20])
        return cls(parts[0], parts[1], f"{head}.{claims}".encode(), found)

    @property
    def issuer(self) -> str:
        return str(self.claims.get("iss", ""))

    @property
    def audiences(self) -> Sequence[str]:
        found = self.claims.get("aud", ())
        return (found,) if isinstance(found, str) else tuple(map(str, found))

    def is_signed_by(self, keys: Sequence[Mapping[str, Any]]) -> bool:
        """Returns whether the holder of one of the keys signed the token. A token may say which one."""
        wanted = self.head.get("kid")
        fitting = [key for key in keys if wanted is None or key.get("kid") == wanted]
        return any(self._fits(key) for key in fitting)

    def _fits(self, key: Mapping[str, Any]) -> bool:
        algorithm = self.head.get("alg")
        try:
            if (algorithm, key.get("kty")) == ("RS256", "RSA"):
                numbers = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"]))
                numbers.public_key().verify(self.signature, self.signed, padding.PKCS1v15(), SHA256())
                return True
            if (algorithm, key.get("kty"), key.get("crv")) == ("ES256", "EC", "P-256"):
                if len(self.signature) != 2 * _COORDINATE_BYTES:
                    return False
                point = ec.EllipticCurvePublicNumbers(_number(key["x"]), _number(key["y"]), ec.SECP256R1())
                halves = (self.signature[:_COORDINATE_BYTES], self.signature[_COORDINATE_BYTES:])
                encoded = encode_dss_signature(*(int.from_bytes(half, "big") for half in halves))
                point.public_key().verify(encoded, self.signed, ec.ECDSA(SHA256()))
                return True
        except (InvalidSignature, KeyError, ValueError):
            pass
        return False


def keys_of(issuer: str, memory: Memory) -> Sequence[Mapping[str, Any]] | None:
    """Returns the keys of an issuer, or None if the sandbox has none."""
    for record in memory.store.everywhere():
        if record.noun == CLUSTER and record.values.get("identity", {}).get("oidc", {}).get("issuer") == issuer:
            found: Sequence[Mapping[str, Any]] | None = record.values.get(CLUSTER_KEYS)
            return found
    registered: Sequence[Mapping[str, Any]] | None = memory.notes(_NOTES).get(issuer)
    return registered


def register(issuer: str, keys: Sequence[Mapping[str, Any]], memory: Memory) -> None:
    """Replaces the keys of an issuer that is no cluster."""
    memory.notes(_NOTES)[issuer] = list(keys)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(text: str) -> int:
    return int.from_bytes(_decoded(text), "big")
