"""Certificates and signed files for the tests of content credentials."""

import datetime as dt
import io
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bot.media.provenance.credential_records import SigningKey

USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
          "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


@dataclass(frozen=True, slots=True)
class TestSigner:
    """A certificate chain and its key, as PEM."""

    chain: bytes
    key: bytes

    def files(self, folder: Path) -> SigningKey:
        (folder / "chain.pem").write_bytes(self.chain)
        (folder / "key.pem").write_bytes(self.key)
        return SigningKey(folder / "chain.pem", folder / "key.pem")


def signer(organisation: str) -> TestSigner:
    """Create a signer with that name and its own certificate authority, as the C2PA specification requires."""
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _name(f"{organisation} CA")
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
    leaf = (
        _certificate(_name(organisation), authority, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(root, hashes.SHA256())
    )
    top = (
        _certificate(authority, authority, root)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root.public_key()), critical=False)
        .sign(root, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return TestSigner(leaf.public_bytes(pem) + top.public_bytes(pem), secret)


def sign_file(path: Path, media: str, by: TestSigner) -> Path:
    """Sign a file in place, as a provider signs a file that a model made."""
    import c2pa  # noqa: PLC0415 - the extra may be missing; tests that need it are skipped then

    made = {
        "action": "c2pa.created",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    }
    manifest = {"title": "made", "assertions": [{"label": "c2pa.actions", "data": {"actions": [made]}}]}
    info = c2pa.C2paSignerInfo(b"es256", by.chain, by.key, None)
    target = io.BytesIO()
    with c2pa.Signer.from_info(info) as each, c2pa.Builder(json.dumps(manifest)) as builder:
        builder.sign(each, media, io.BytesIO(path.read_bytes()), target)
    path.write_bytes(target.getvalue())
    return path


def _name(organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, organisation),
        ]
    )


def _usage(*wanted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in wanted for usage in USAGES})


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
    )
