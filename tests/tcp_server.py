"""A relay to a PostgreSQL server over TCP, encrypted or not: the server from the wheel has neither TLS nor TCP.

It speaks the part of PostgreSQL's protocol that comes before TLS, and passes everything else on.
https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
"""

import asyncio
import ctypes
import datetime as dt
import ipaddress
import socket
import ssl
import struct
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_SO_ATTACH_FILTER, _RETURN = 26, 6
"""A Linux option that Python has no name for, and the filter instruction that lets this many bytes through."""

PASSWORD = "s3cret"


class Authority:
    """An authority that signs server certificates. `file` contains its own certificate."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = folder / f"{name}.crt"
        own = self._certificate(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self._write(self.file, own)

    def server_context(self, *hosts: str) -> ssl.SSLContext:
        """Return the TLS context of a server with a certificate for these names and addresses."""
        key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
        certificate = self._certificate(name, key).add_extension(
            x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=True
        )
        chain, secret = self._folder / "server.crt", self._folder / "server.key"
        self._write(chain, certificate)
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(chain, secret)
        return context

    def _certificate(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        day = dt.timedelta(days=1)
        return (
            x509.CertificateBuilder(subject_name=subject, issuer_name=self._name, public_key=key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
        )

    def _write(self, file: Path, certificate: x509.CertificateBuilder) -> None:
        signed = certificate.sign(self._key, hashes.SHA256())
        file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


class TcpServer:
    """Listens on a port of this machine on behalf of a server. Without a context it has no TLS, like that server."""

    def __init__(self, url: str, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._server = Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432"
        self._database = parts.path.lstrip("/")
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: list[socket.socket] = []
        self.encrypted = self.plain = 0

    async def start(self) -> None:
        """Start listening."""
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._port = self._listener.sockets[0].getsockname()[1]

    def url(self, options: str = "", *, host: str = "127.0.0.1") -> str:
        """Return the address of the database through this relay."""
        return f"postgresql://postgres:{PASSWORD}@{host}:{self._port}/{self._database}{options}"

    async def stop(self) -> None:
        """End all connections."""
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def vanish(self) -> None:
        """Let the kernel drop everything that arrives on the present connections, as if this machine had lost power.

        The kernel does not even acknowledge the data, as it would if the relay only stopped reading. New connections
        work.
        """
        nothing = ctypes.create_string_buffer(struct.pack("HBBI", _RETURN, 0, 0, 0))
        program = struct.pack("HP", 1, ctypes.addressof(nothing))
        for end in [end for end in self._ends if end.fileno() >= 0]:
            end.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._ends.append(writer.get_extra_info("socket"))
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(len(_SSL_REQUEST))
        if first == _SSL_REQUEST and self._context is not None:
            writer.write(b"S")
            await writer.start_tls(self._context)
            self.encrypted += 1
            first = b""
        elif first == _SSL_REQUEST:
            writer.write(b"N")
            first = b""
        if writer.get_extra_info("ssl_object") is None:
            first = first or await reader.readexactly(len(_SSL_REQUEST))
            self.plain += 1
        from_server, to_server = await asyncio.open_unix_connection(self._server)
        to_server.write(first)
        both = [asyncio.create_task(_pipe(reader, to_server)), asyncio.create_task(_pipe(from_server, writer))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            to_server.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
