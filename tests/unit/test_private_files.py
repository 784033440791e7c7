import errno
import os
import stat

import pytest

from bot.app.paths import make_data_dir
from bot.errors import SettingsError
from bot.private_files import make_folder, write_once
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.backup import backup
from bot.storage.secret_key import SecretKey
from bot.storage.sqlite.driver import SqliteDatabase


@pytest.fixture(autouse=True)
def _open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder):
    """Return the files and folders below this one that others may use in any way."""
    return [str(path) for path in (folder, *folder.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077]


async def everything_in(data):
    make_data_dir(data)
    SecretKey.from_file(data / "secret.key")
    database = await SqliteDatabase.open(data / "deep" / "easel.db")
    store = ArtefactFolder(data / "artefacts", reserve_bytes=0)
    with store.temporary() as path:
        path.write_bytes(b"a picture")
        await store.keep(path, name="job-1.png")
    backup(data / "deep" / "easel.db", data / "copy.db")
    return database


async def test_everything_is_for_the_owner_only(tmp_path):
    database = await everything_in(tmp_path / "data")
    try:
        assert (tmp_path / "data" / "deep" / "easel.db-wal").exists()
        assert open_to_others(tmp_path / "data") == []
    finally:
        await database.close()


async def test_files_of_an_earlier_release_are_closed_to_others_at_the_next_start(tmp_path):
    data = tmp_path / "data"
    await (await everything_in(data)).close()
    (data / "deep" / "easel.db.before-0003").touch()
    for path in (data, data / "deep" / "easel.db", data / "deep" / "easel.db.before-0003", data / "secret.key"):
        path.chmod(0o755)
    await (await everything_again(data)).close()
    assert open_to_others(data) == []


async def everything_again(data):
    make_data_dir(data)
    SecretKey.from_file(data / "secret.key")
    return await SqliteDatabase.open(data / "deep" / "easel.db")


def test_shared_folder_stays_shared(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    make_folder(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


@pytest.mark.parametrize("left", [b"", b"\0" * 44, b"\n"])
def test_key_file_left_by_a_killed_startup_is_replaced(tmp_path, left):
    path = tmp_path / "secret.key"
    path.write_bytes(left)
    encrypted = SecretKey.from_file(path).encrypt("a token")
    assert SecretKey.from_file(path).decrypt(encrypted) == "a token"


def test_key_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    def killed(_descriptor):
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            write_once(tmp_path / "secret.key", b"a key")
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS])
def test_key_file_is_written_even_if_there_are_no_links(tmp_path, monkeypatch, number):
    def no_links(*_args, **_options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", no_links)
    encrypted = SecretKey.from_file(tmp_path / "secret.key").encrypt("a token")
    assert SecretKey.from_file(tmp_path / "secret.key").decrypt(encrypted) == "a token"
    write_once(tmp_path / "secret.key", b"second")
    assert SecretKey.from_file(tmp_path / "secret.key").decrypt(encrypted) == "a token"
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_folder_that_cannot_be_synchronized_is_usable(tmp_path, monkeypatch):
    real = os.fsync

    def files_only(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    write_once(tmp_path / "secret.key", b"first")
    assert (tmp_path / "secret.key").read_bytes() == b"first"


def test_existing_file_is_never_replaced(tmp_path):
    write_once(tmp_path / "secret.key", b"first")
    write_once(tmp_path / "secret.key", b"second")
    assert (tmp_path / "secret.key").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_damaged_key_file_is_reported(tmp_path):
    path = tmp_path / "secret.key"
    path.write_bytes(b"half-a-k")
    with pytest.raises(SettingsError, match=r"secret\.key is damaged"):
        SecretKey.from_file(path)
    assert path.read_bytes() == b"half-a-k"
