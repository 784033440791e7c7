"""An export has everything about a member and nothing about others, and fits into messages."""

import json
import re
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.disk_space import RESERVE_BYTES
from bot.errors import ExportTooSoon, FilesUnreachable, StorageError
from bot.privacy.erasing import without_mentions
from bot.privacy.exports import MOST_PARTS, PAUSE_MS, Exports, _archive, _distributed, _Entry
from bot.privacy.personal_data import TABLES
from bot.privacy.treatments import NOTHING
from bot.sizes import MEGABYTE
from tests.unit.jobs.world import OTHER
from tests.unit.privacy.conftest import CASE, SECRET, WHO

ROOM = 10 * MEGABYTE


def exports(house):
    return Exports(house.world.database, house.world.store, house.world.clock)


async def exported(house, member=WHO, made=None):
    with TemporaryDirectory() as folder:
        found = await (made or exports(house)).of(member, "read me", part_bytes=ROOM, into=Path(folder))
        (part,) = found.parts
        with zipfile.ZipFile(part) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


async def test_export_has_a_file_for_every_table_that_is_about_the_member(house):
    await house.credit()
    await house.fill(await house.result())
    files = await exported(house)
    about = {f"data/{name}.json" for name, table in TABLES.items() if table.about != NOTHING}
    absent = ("erasure", "input_file", "lineage", "policy_limit", "step_pause", "time_move")
    assert about - set(files) == {f"data/{name}.json" for name in absent}
    (job,) = json.loads(files["data/job.json"])
    assert (job["ordered"]["prompt"], job["member"]) == (SECRET, WHO)
    assert [name for name in files if name.startswith("files/")]
    assert b"flux-schnell" in files["ledger.csv"]


async def test_export_has_no_ids_of_others_and_no_notes_and_no_tokens(house):
    await house.credit()
    await house.fill(await house.result())
    await house.write(
        (f"{CASE} (1001, 9, 'note', 'a secret of moderators', 7, $1, 5, '', 'none')", WHO),
        ("INSERT INTO gift VALUES (68, 1001, $1, $2, 5, 'hi', 'asked', 5)", OTHER, WHO),
    )
    files = await exported(house)
    for name, content in files.items():
        if name.endswith(".json"):
            rows = json.loads(content)
            assert not {"token", "path"} & {column for row in rows for column in row}, name
    assert [case["number"] for case in json.loads(files["data/moderation_case.json"])] == [1]
    assert [(row["giver"], row["receiver"]) for row in json.loads(files["data/gift.json"])] == [(WHO, OTHER)]
    theirs = await exported(house, OTHER)
    assert SECRET.encode() not in b"".join(theirs.values())
    del theirs["data/gift.json"]  # the member to whom they wanted to give something
    assert str(WHO).encode() not in b"".join(theirs.values())


@pytest.mark.parametrize(("remover", "exported_files"), [(0, 1), (WHO, 1), (7, 0)])
async def test_result_that_a_moderator_removed_is_not_exported_as_a_file(house, remover, exported_files):
    await house.credit()
    job = await house.result()
    await house.write(("UPDATE job SET removed_by = $2 WHERE id = $1", job, remover))
    assert len([name for name in await exported(house) if name.startswith("files/")]) == exported_files


async def test_same_export_is_the_same_file(house, tmp_path):
    await house.credit()
    await house.result()
    made = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        (part,) = (await exports(house).of(WHO, "read me", part_bytes=ROOM, into=folder)).parts
        made.append(part.read_bytes())
    assert made[0] == made[1]


async def test_export_is_refused_if_the_disk_is_full(house, tmp_path, monkeypatch):
    await house.credit()
    await house.result()
    made = exports(house)
    with monkeypatch.context() as full:
        full.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=RESERVE_BYTES))
        with pytest.raises(StorageError):
            await made.of(WHO, "read me", part_bytes=ROOM, into=tmp_path)
    await made.of(WHO, "read me", part_bytes=ROOM, into=tmp_path)


async def test_next_export_has_to_wait_ten_minutes_but_not_after_a_failure(house, monkeypatch):
    await house.credit()
    await house.result()
    made = exports(house)
    await exported(house, made=made)
    with pytest.raises(ExportTooSoon) as refused:
        await exported(house, made=made)
    assert refused.value.facts == {"wait_ms": PAUSE_MS}
    await exported(house, OTHER, made)
    await house.world.clock.advance(PAUSE_MS / 1_000)
    await exported(house, made=made)
    await house.world.clock.advance(PAUSE_MS / 1_000)

    async def unreachable(*_):
        raise FilesUnreachable(problem="the bucket does not answer", fix="Wait")

    with monkeypatch.context() as broken:
        broken.setattr(house.world.store, "fetch", unreachable)
        with pytest.raises(FilesUnreachable):
            await exported(house, made=made)
    await exported(house, made=made)


async def test_export_for_a_stranger_is_small_and_works(house):
    assert set(await exported(house, 5)) == {"README.txt", "ledger.csv"}


@given(st.lists(st.integers(0, 300_000), max_size=12), st.integers(100_000, 400_000))
def test_no_part_exceeds_the_limit_and_nothing_is_lost_silently(tmp_path_factory, sizes, limit):
    folder = tmp_path_factory.mktemp("files")
    entries = [_Entry("README.txt", b"x" * 1_000)]
    for number, size in enumerate(sizes):
        (folder / f"{number}.bin").write_bytes(b"\x01" * size)
        entries.append(_Entry(f"files/{number}.bin", path=f"{number}.bin", size=size))
    paths = {entry.path: folder / entry.path for entry in entries if entry.path}
    parts, left_out = _distributed(entries, limit)
    archives = [folder / f"{number}.zip" for number in range(len(parts))]
    for part, archive in zip(parts, archives, strict=True):
        _archive(part, paths, archive)
    assert len(parts) <= MOST_PARTS
    assert all(archive.stat().st_size <= limit for archive in archives)
    names = [name for archive in archives for name in zipfile.ZipFile(archive).namelist()]
    listed = "NOT-INCLUDED.txt" in names
    assert listed == (left_out > 0)
    assert len(names) - listed + left_out == len(entries)


IDS = st.integers(10**6, 10**18)


@given(IDS, st.lists(st.one_of(st.text(alphabet='0123456789 ,"x', max_size=30), IDS.map(str)), max_size=6))
def test_id_is_replaced_only_if_it_stands_alone(member, words):
    text = " ".join([*words, str(member), f"1{member}", f"{member}2"])
    (changed,) = without_mentions([text], member)
    assert isinstance(changed, str)
    assert re.search(rf"(?<!\d){member}(?!\d)", changed) is None
    assert f"1{member}" in changed
    assert f"{member}2" in changed
