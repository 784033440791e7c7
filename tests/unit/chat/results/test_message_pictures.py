import pytest

from bot.catalogue.order import FileRole, InputFile
from bot.chat.results.message_pictures import KEPT_MS, KeptPictures, MessagePictures
from bot.errors import RecordGone
from tests.manual_clock import ManualClock
from tests.new_database import open_new

GUILD, MEMBER = 10, 30
FILES = (InputFile("image", FileRole.IMAGE, "cat.png", "https://cdn.example/cat.png?ex=1", 900, "image/png", 320, 200),)

KEPT = KeptPictures(FILES, private=False)


@pytest.fixture
async def database(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    yield database
    await database.close()


@pytest.mark.parametrize("kept", [KEPT, KeptPictures(FILES, private=True)])
async def test_stored_pictures_are_found_by_a_short_id(database, kept):
    pictures = MessagePictures(database, ManualClock())
    name = await pictures.keep(GUILD, MEMBER, kept)
    assert len(name) <= 25
    assert await MessagePictures(database, ManualClock()).find(name, GUILD, MEMBER) == kept


@pytest.mark.parametrize(("guild", "member"), [(GUILD, 31), (11, MEMBER)])
async def test_pictures_are_hidden_from_other_members_and_guilds(database, guild, member):
    pictures = MessagePictures(database, ManualClock())
    name = await pictures.keep(GUILD, MEMBER, KEPT)
    with pytest.raises(RecordGone):
        await pictures.find(name, guild, member)


async def test_pictures_are_gone_once_their_links_expire(database):
    clock = ManualClock()
    pictures = MessagePictures(database, clock)
    name = await pictures.keep(GUILD, MEMBER, KEPT)
    await clock.advance(KEPT_MS / 1_000 + 1)
    with pytest.raises(RecordGone):
        await pictures.find(name, GUILD, MEMBER)
