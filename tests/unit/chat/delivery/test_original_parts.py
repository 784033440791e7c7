import hashlib
from types import SimpleNamespace

import pytest

from bot.chat.delivery.original_parts import cut_files, messages, pieces
from bot.chat.delivery.packing import MessagePacker
from bot.disk_space import RESERVE_BYTES
from bot.errors import StorageError
from bot.storage.artefact_folder import ArtefactFolder
from tests.present import present
from tests.unit.chat.samples import artefact

CLIP = artefact(name="clip.mp4", size=2_500)


def test_file_that_fits_is_sent_whole_under_its_name():
    (piece,) = pieces(CLIP, 2_500)
    assert (piece.name, piece.is_whole) == ("clip.mp4", True)


@pytest.mark.parametrize(("size", "most"), [(1_010, 1), (2_500, 7), (2_500, 999), (2_500, 1_000), (2_500, 2_499)])
async def test_parts_join_to_the_file_in_the_order_of_their_names(size, most, tmp_path):
    store, clip = ArtefactFolder(tmp_path, reserve_bytes=0), artefact(name="clip.mp4", size=size)
    content = hashlib.shake_256(b"clip").digest(size)
    (tmp_path / clip.path).parent.mkdir()
    (tmp_path / clip.path).write_bytes(content)
    packer, parts = MessagePacker(store, None), pieces(clip, most)
    folder = tmp_path / "parts"
    folder.mkdir()
    contents = {part.name: present(await packer.part(part, folder)).read_bytes() for part in parts}
    assert max(map(len, contents.values())) <= most
    by_name = sorted(contents) if len(parts) < 1_000 else list(contents)
    assert b"".join(contents[name] for name in by_name) == content
    assert parts[0].name == "clip.mp4.001"


async def test_whole_file_is_sent_without_being_copied(tmp_path):
    (tmp_path / CLIP.path).parent.mkdir()
    (tmp_path / CLIP.path).write_bytes(b"clip")
    (piece,) = pieces(CLIP, 2_500)
    assert await MessagePacker(ArtefactFolder(tmp_path), None).part(piece, tmp_path / "nowhere") == tmp_path / CLIP.path


async def test_removed_file_has_no_parts(tmp_path):
    packer = MessagePacker(ArtefactFolder(tmp_path), None)
    assert [await packer.part(piece, tmp_path) for piece in pieces(CLIP, 2_000)] == [None, None]


async def test_part_is_refused_if_the_disk_is_full(tmp_path, monkeypatch):
    (tmp_path / CLIP.path).parent.mkdir()
    (tmp_path / CLIP.path).write_bytes(b"\0" * CLIP.size)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=RESERVE_BYTES))
    with pytest.raises(StorageError):
        await MessagePacker(ArtefactFolder(tmp_path), None).part(pieces(CLIP, 1_000)[0], tmp_path)


def test_messages_keep_the_order_and_the_limits_of_files_and_bytes():
    files = [piece for number in range(12) for piece in pieces(artefact(number, size=100), 100)]
    assert [len(one) for one in messages(files, 100_000)] == [10, 2]
    assert [len(one) for one in messages(files, 250)] == [2] * 6
    assert [piece for one in messages(files, 250) for piece in one] == files


def test_file_sent_in_parts_is_listed_once():
    files = [*pieces(CLIP, 1_000), *pieces(artefact(1, size=10), 1_000)]
    assert cut_files(files) == (CLIP,)
