"""Certificates of a control plane. They are created once, because clients keep the certificate of the authority.

Two authorities, so that no client of the API server is a client of etcd.
"""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from plinth_sandbox.private import private_directory, private_file

CERTIFICATES = "certificates"
"""Folder of the certificates in the directory of a control plane."""
_VALID = datetime.timedelta(days=3650)
_LOOPBACK = "127.0.0.1"
_SERVER_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, as PEM files."""

    certificate: Path
    key: Path


class Certificates:
    """The files with certificates and keys in one directory, which only their owner can read."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        private_directory(directory)

    @property
    def authority(self) -> Path:
        """Certificate of the authority that clients of the API server trust."""
        return self._authority("authority").certificate

    @property
    def etcd_authority(self) -> Path:
        return self._authority("etcd-authority").certificate

    @property
    def service_accounts(self) -> Path:
        """Private key with which the tokens of service accounts are signed."""
        path = self._directory / "service-accounts-key.pem"
        if not path.exists():
            _write_private(path, rsa.generate_private_key(65537, 2048))
        return path

    def server(self, service_address: str) -> Pair:
        """Returns the certificate of the API server. ``service_address`` is its address inside the cluster."""
        addresses = (_LOOPBACK, service_address)
        return self._issued("apiserver", "authority", "kube-apiserver", addresses=addresses, names=_SERVER_NAMES)

    def etcd(self) -> Pair:
        """Returns the certificate of etcd, as server, member and client."""
        return self._issued("etcd", "etcd-authority", "etcd", addresses=(_LOOPBACK,), names=_SERVER_NAMES)

    def kubelet(self, node: str, address: str) -> Pair:
        """Returns the certificate with which kubelet serves logs and commands at the address of its node."""
        return self._issued(f"kubelet-{node}-{address}", "authority", f"system:node:{node}", addresses=(address,))

    def client(self, user: str, group: str = "") -> Pair:
        """Returns the certificate of a user of the API server. Kubernetes reads the user from its common name, and the
        group from its organization."""
        return self._issued(user.replace(":", "-"), "authority", user, group)

    def _authority(self, name: str) -> Pair:
        pair = self._pair(name)
        if not _exists(pair):
            key = ec.generate_private_key(ec.SECP256R1())
            subject = _name(f"Plinth sandbox Kubernetes {name}")
            builder = (
                _begun(subject, subject, key.public_key())
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(_usage(signs_certificates=True), critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            )
            _write(pair, key, builder.sign(key, hashes.SHA256()))
        return pair

    def _issued(
        self,
        name: str,
        authority: str,
        user: str,
        group: str = "",
        *,
        addresses: tuple[str, ...] = (),
        names: tuple[str, ...] = (),
    ) -> Pair:
        pair = self._pair(name)
        if _exists(pair):
            return pair
        issuing = self._authority(authority)
        issuer_key = serialization.load_pem_private_key(issuing.key.read_bytes(), None)
        assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
        issuer = x509.load_pem_x509_certificate(issuing.certificate.read_bytes())
        key = ec.generate_private_key(ec.SECP256R1())
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if addresses else [])]
        builder = (
            _begun(_name(user, group), issuer.subject, key.public_key())
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )
        if addresses:
            alternatives = [
                *(x509.DNSName(name) for name in names),
                *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses),
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        _write(pair, key, builder.sign(issuer_key, hashes.SHA256()))
        return pair

    def _pair(self, name: str) -> Pair:
        return Pair(self._directory / f"{name}.pem", self._directory / f"{name}-key.pem")


def _exists(pair: Pair) -> bool:
    return pair.certificate.exists() and pair.key.exists()


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _VALID)
    )


def _name(common: str, organization: str = "") -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(attributes)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip


def _write(pair: Pair, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    """Writes the certificate last, so that a pair of which both files exist is complete."""
    _write_private(pair.key, key)
    draft = pair.certificate.with_suffix(".draft")
    draft.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    draft.replace(pair.certificate)


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    draft = path.with_suffix(".draft")
    with private_file(draft, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
            )
        )
    draft.replace(path)
