"""A certificate authority of a test's own, and a server's certificate from it."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def write_certificates(folder: Path, name: str = "loopback") -> tuple[Path, Path]:
    """Write who vouches (a certificate) and a server on 127.0.0.1 (its certificate and key), as PEM; return both."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(f"authority of {name}", authority, f"authority of {name}", authority)
    leaf = _certificate(name, server, f"authority of {name}", authority)
    vouching, serving = folder / f"{name}-ca.pem", folder / f"{name}.pem"
    key = server.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    vouching.write_bytes(root.public_bytes(Encoding.PEM))
    serving.write_bytes(key + leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM))
    return vouching, serving


def _certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, signed_by: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now = datetime.now(UTC)
    hosts = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key()), critical=False)
    )
    if subject != issuer:
        certificate = certificate.add_extension(hosts, critical=False)
    return certificate.sign(signed_by, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
