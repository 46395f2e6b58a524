"""Certificates with which the server answers HTTPS requests to APIs: ``curl --proxy URL --cacert FILE``.

Each sandbox has its own certificate authority. Its key is in a file that only the owner of the sandbox reads.
"""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from plinth_sandbox.environment import AUTHORITIES, AUTHORITY
from plinth_sandbox.private import private_file

_KEY, _SERVER = "authority-key.pem", "server.pem"
_VALID = datetime.timedelta(days=3650)


class Certificates:
    """The certificate authority of a sandbox. It is created with its first use."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def write_bundle(self) -> Path:
        """Writes the file of all trusted authorities, and returns its path."""
        _, certificate = self._authority()
        found = Path(certifi.where()).read_bytes()
        path = self._directory / AUTHORITIES
        path.write_bytes(found.rstrip() + b"\n" + certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def context(self, host: str) -> ssl.SSLContext:
        """Returns the settings of a server with this name."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._new_context(host)
            return self._contexts[host]

    def _new_context(self, host: str) -> ssl.SSLContext:
        issuer_key, issuer = self._authority()
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _begun(host, issuer.subject, key.public_key())
            .add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
            .sign(issuer_key, hashes.SHA256())
        )
        path = self._directory / _SERVER
        with private_file(path, "wb") as file:
            file.write(_private(key) + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        path.unlink()
        return context

    def _authority(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key_file, file = self._directory / _KEY, self._directory / AUTHORITY
        if key_file.is_file() and file.is_file():
            key = serialization.load_pem_private_key(key_file.read_bytes(), None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            return key, x509.load_pem_x509_certificate(file.read_bytes())
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Plinth sandbox")
        certificate = (
            _begun("Plinth sandbox", name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        with private_file(key_file, "wb") as written:
            written.write(_private(key))
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return key, certificate


def _begun(name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name[:64]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _VALID)
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
