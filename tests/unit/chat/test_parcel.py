from dataclasses import replace

import pytest

from bot.chat.cards import card
from bot.chat.parcel import DEFAULT_LIMIT, MIB, REQUEST_LIMIT, Packer, lower
from bot.chat.texts.loader import Texts
from bot.errors import UnusableFile
from bot.jobs.records import PredictionState
from bot.storage.links import FileLinks
from tests.manual_clock import ManualClock
from tests.unit.chat.samples import NOW_MS, artefact, delivered, run

SAY = Texts.load().speech("en-US")
JPEG = b"\xff\xd8\xff" + b"0" * 100


class Shop:
    """A packer with a store under a temporary folder and a way of shrinking that the test chooses."""

    def __init__(self, folder, fit=None, links=None):
        self.folder = folder
        self.asked = []
        self.fit = fit or self.small_jpeg
        self.packer = Packer(lambda path: folder / path, self.fit, links)

    def small_jpeg(self, path, limit, into):
        self.asked.append((path.name, limit))
        into.write_bytes(JPEG)
        return into

    async def pack(self, of, limit, *, kept=True):
        for one in of.artefacts if kept else ():
            (self.folder / one.path).parent.mkdir(exist_ok=True)
            (self.folder / one.path).write_bytes(b"the original")
        return await self.packer.pack(card(of, SAY, now_ms=NOW_MS), of, SAY, limit=limit, folder=self.folder)


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


async def test_what_fits_is_sent_as_it_is(shop):
    parcel = await shop.pack(delivered(), DEFAULT_LIMIT)
    (sheet,) = parcel.sheets
    assert sheet.path == shop.folder / "ab/picture-0.png"
    assert (sheet.name, sheet.alt) == ("easel-K7QF-2M-1.png", "AI-generated: a lighthouse in fog")
    assert shop.asked == []


async def test_what_does_not_fit_is_a_smaller_copy_and_says_so(shop):
    parcel = await shop.pack(delivered(artefacts=[artefact(size=31_000_000)]), DEFAULT_LIMIT)
    (sheet,) = parcel.sheets
    assert sheet.path.read_bytes() == JPEG
    assert sheet.name == "easel-K7QF-2M-1.jpg"  # by what it is, not by what it was
    assert "The original (31.0 MB) is too large for this place" in parcel.card.embed.description
    assert parcel.complete


async def test_several_files_share_what_one_request_may_carry(shop):
    files = [artefact(n, size=9 * MIB) for n in range(4)]
    parcel = await shop.pack(delivered(artefacts=files), 100 * MIB)
    assert len(parcel.sheets) == 4
    assert {limit for _, limit in shop.asked} == {REQUEST_LIMIT // 4}


def too_large(**changes):
    finished = run(0, PredictionState.SUCCEEDED, outputs=("https://provider.example/out.mp4",))
    return delivered(**({"artefacts": [artefact(size=31_000_000)], "runs": [finished]} | changes))


async def test_what_cannot_be_made_smaller_is_a_link(tmp_path):
    parcel = await Shop(tmp_path, fit=lambda *_: None).pack(too_large(), DEFAULT_LIMIT)
    assert parcel.sheets == ()
    assert "[Fetch it here](https://provider.example/out.mp4)" in parcel.card.embed.description
    assert parcel.complete


@pytest.mark.parametrize(
    "outputs", [(), ("data:image/png;base64,AAAA",), ("https://p.example/a)b",), ("https://a/1", "https://a/2")]
)
async def test_where_there_is_no_link_the_parcel_is_incomplete(tmp_path, outputs):
    of = too_large(runs=[run(0, PredictionState.SUCCEEDED, outputs=outputs)])
    parcel = await Shop(tmp_path, fit=lambda *_: None).pack(of, DEFAULT_LIMIT)
    assert not parcel.complete
    assert "too large for this place, and no smaller copy could be made" in parcel.card.embed.description


async def test_a_file_that_cannot_be_read_is_a_link_too(tmp_path):
    def broken(*_):
        raise UnusableFile(name="x", problem="is broken")

    parcel = await Shop(tmp_path, fit=broken).pack(too_large(), DEFAULT_LIMIT)
    assert parcel.sheets == ()


@pytest.mark.parametrize(
    ("limit", "shrinks", "expected"),
    [(50 * MIB, 0, 50 * MIB), (50 * MIB, 1, DEFAULT_LIMIT), (DEFAULT_LIMIT, 1, DEFAULT_LIMIT // 2), (50 * MIB, 2, 0)],
)
def test_each_time_it_was_too_large_the_limit_is_lower(limit, shrinks, expected):
    assert lower(limit, shrinks) == expected


async def test_a_card_without_results_is_a_parcel_without_files(shop):
    of = delivered()
    parcel = await shop.pack(replace(of, artefacts=()), DEFAULT_LIMIT)
    assert parcel.files() == []


async def test_where_the_world_can_reach_us_the_link_is_our_own_and_says_how_long_it_works(tmp_path):
    links = FileLinks("https://easel.example", b"k" * 32, ManualClock(NOW_MS))
    parcel = await Shop(tmp_path, fit=lambda *_: None, links=links).pack(too_large(), DEFAULT_LIMIT)
    text = parcel.card.embed.description
    assert "[Fetch the original here](https://easel.example/files/ab/picture-0.png?ex=" in text
    assert text.endswith("within 7 days.")
    assert "provider.example" not in text
    assert parcel.complete


async def test_a_file_that_was_purged_is_told_and_nothing_waits_for_it(shop, caplog):
    parcel = await shop.pack(delivered(), DEFAULT_LIMIT, kept=False)
    assert parcel.sheets == ()
    assert parcel.complete
    assert "is no longer kept, so I cannot show it" in parcel.card.embed.description
    assert "picture-0.png" in caplog.text
