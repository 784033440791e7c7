"""Tests of encrypted connections to a PostgreSQL server, and of what is reported at startup if they cannot be made."""

import pytest

from bot.errors import StorageError
from bot.storage.operation import Statement
from bot.storage.postgres.driver import PostgresDatabase, open_readonly
from tests.tcp_server import PASSWORD, Authority, TcpServer


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "authority")


@pytest.fixture
async def serve(postgresql_url):
    """Return a function that opens a route to the server, encrypted with a context or without TLS."""
    started = []

    async def start(context=None):
        server = TcpServer(postgresql_url, context)
        await server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        await server.stop()


def write():
    return (yield Statement("INSERT INTO chat_memory (name, value) VALUES ('n', 'x') RETURNING value"))


async def used(url):
    """Use a database as a bot does, over every kind of connection that it opens."""
    database = await PostgresDatabase.open(url)
    try:
        assert await database.run(write) == [("x",)]
        await database.scrub()
        return await database.read(lambda: (yield Statement("SELECT value FROM chat_memory")))
    finally:
        await database.close()


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_all_connections_are_encrypted(serve, authority, mode):
    server = await serve(authority.server_context("127.0.0.1"))
    root = "" if mode == "require" else f"&sslrootcert={authority.file}"
    assert await used(server.url(f"?sslmode={mode}{root}")) == [("x",)]
    assert server.encrypted >= 4
    assert server.plain == 0


async def test_certificate_for_the_name_of_the_host_is_accepted(serve, authority):
    server = await serve(authority.server_context("localhost"))
    url = server.url(f"?sslmode=verify-full&sslrootcert={authority.file}", host="localhost")
    assert await used(url) == [("x",)]
    assert server.plain == 0


async def test_without_sslmode_a_connection_is_encrypted_if_the_server_can(serve, authority):
    server = await serve(authority.server_context("another.example"))
    assert await used(server.url()) == [("x",)]
    assert (server.encrypted >= 4, server.plain) == (True, 0)


@pytest.mark.parametrize("options", ["", "?sslmode=prefer", "?sslmode=disable"])
async def test_server_without_tls_is_used_unless_the_address_requires_tls(serve, options):
    server = await serve()
    assert await used(server.url(options)) == [("x",)]
    assert server.plain >= 4


async def refused(url):
    """Return the error raised on opening this address; it has to be short, say what to do, and contain no password."""
    for opening in (PostgresDatabase.open, open_readonly):
        with pytest.raises(StorageError) as raised:
            await opening(url)
    text = str(raised.value)
    assert text.startswith("DATABASE_URL ")
    assert PASSWORD not in text
    assert str(raised.value.facts["fix"]) in text
    assert len(text) < 320
    return text


@pytest.mark.parametrize("mode", ["require", "verify-full"])
async def test_server_without_tls_is_refused_if_the_address_requires_tls(serve, authority, mode):
    server = await serve()
    text = await refused(server.url(f"?sslmode={mode}&sslrootcert={authority.file}"))
    assert f"sslmode={mode}" in text
    assert "the server offers none" in text
    assert server.plain == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_certificate_for_another_name_is_refused(serve, authority, host):
    server = await serve(authority.server_context("db.example", "10.9.8.7"))
    text = await refused(server.url(f"?sslmode=verify-full&sslrootcert={authority.file}", host=host))
    assert "certificate is for another name" in text
    assert host in text


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_certificate_of_an_unknown_authority_is_refused(serve, authority, tmp_path, mode):
    other = Authority(tmp_path, "other")
    server = await serve(authority.server_context("127.0.0.1"))
    text = await refused(server.url(f"?sslmode={mode}&sslrootcert={other.file}"))
    assert "its certificate is not accepted" in text
    assert "sslrootcert" in text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("?sslmode=verify-full", "does not say by which authority"),
        ("?sslmode=verify-full&sslrootcert={folder}/none.crt", "none.crt, a file that cannot be read"),
        ("?sslmode=verify-full&sslrootcert={folder}/empty.crt", "empty.crt, a file without a certificate"),
        ("?sslmode=strict", "unknown sslmode"),
    ],
)
async def test_options_that_cannot_be_used_are_explained(serve, tmp_path, monkeypatch, options, says):
    monkeypatch.setenv("HOME", str(tmp_path))  # where asyncpg looks for certificates
    (tmp_path / "empty.crt").write_text("")
    server = await serve()
    assert says in await refused(server.url(options.format(folder=tmp_path)))
