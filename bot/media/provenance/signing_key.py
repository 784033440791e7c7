"""Reads the operator's certificate and private key.

Separate from `credential_records.py`, because the library that reads keys is slow to load and few workers sign a file.
"""

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from bot.media.provenance.credential_records import SigningKey


def check_key(key: SigningKey) -> None:
    """Raise ValueError or OSError if the certificate chain or the key cannot be used for signing."""
    chain = key.certificate.read_bytes()
    algorithm_of(chain)
    try:
        private = serialization.load_pem_private_key(key.key.read_bytes(), password=None)
    except TypeError as error:
        raise ValueError("the key must not be encrypted with a password") from error
    if private.public_key() != x509.load_pem_x509_certificates(chain)[0].public_key():
        raise ValueError("the key does not belong to the first certificate of the chain")


def algorithm_of(chain: bytes) -> bytes:
    """Return the signature algorithm for a certificate chain's key (C2PA specification, "Digital signatures")."""
    public = x509.load_pem_x509_certificates(chain)[0].public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        return {256: b"es256", 384: b"es384"}.get(public.key_size, b"es512")
    if isinstance(public, rsa.RSAPublicKey):
        return b"ps256"
    if isinstance(public, ed25519.Ed25519PublicKey):
        return b"ed25519"
    raise ValueError("the certificate's key must be an EC, RSA or Ed25519 key")
