from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.cards.card import Verb
from bot.chat.cards.job_card import card
from bot.chat.delivery.packing import DEFAULT_LIMIT, LABEL_BYTES, REQUEST_LIMIT, MessagePacker, lower_limit
from bot.chat.texts.texts import Texts
from bot.errors import FilesRemoved, UnusableFile
from bot.jobs.records import PredictionState
from bot.sizes import MEBIBYTE
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.signed_links import SignedLinks
from tests.manual_clock import ManualClock
from tests.unit.chat.embeds import description_of, embed_of
from tests.unit.chat.samples import NOW_MS, artefact, delivered, failed, run

SAY = Texts.load().speech("en-US")
JPEG = b"\xff\xd8\xff" + b"0" * 100


class PackerWithStore:
    """A packer with files in a temporary folder and a shrink function that the test chooses."""

    def __init__(self, folder, fit=None, still=None, label=None, **more):
        self.folder = folder
        self.asked = []
        self.subjects = []
        self.fit = fit or self.small_jpeg
        self.still = still
        self.labels = label
        self.packer = MessagePacker(ArtefactFolder(folder), self, **more)

    def counting(self, subject):
        self.subjects.append(subject)
        return self

    async def to_fit(self, path, max_bytes, into):
        return self.fit(path, max_bytes, into)

    async def preview(self, path, into):
        return self.still(path, into) if self.still else None

    async def label(self, path, mark):
        return bool(self.labels) and self.labels(path, mark)

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
def store(tmp_path):
    return PackerWithStore(tmp_path)


async def test_file_that_fits_is_attached_unchanged(store):
    packed = await store.pack(delivered(), DEFAULT_LIMIT)
    (file,) = packed.attachments
    assert file.path == store.folder / "ab/picture-0.png"
    assert (file.name, file.alt) == ("easel-K7QF-2M-1.png", "AI-generated: a lighthouse in fog (flux-schnell)")
    assert store.asked == []


async def test_file_that_does_not_fit_is_replaced_by_a_labelled_smaller_copy(store):
    packed = await store.pack(delivered(artefacts=[artefact(size=31_000_000)]), DEFAULT_LIMIT)
    (file,) = packed.attachments
    assert file.path.read_bytes() == JPEG
    assert file.name == "easel-K7QF-2M-1.jpg"  # the extension matches the new format
    assert "This is a smaller copy; the original is 31.0 MB." in description_of(packed.card)


async def test_several_files_share_the_limit_of_one_request(store):
    files = [artefact(n, size=9 * MEBIBYTE) for n in range(4)]
    packed = await store.pack(delivered(artefacts=files), 100 * MEBIBYTE)
    assert len(packed.attachments) == 4
    assert {limit for _, limit in store.asked} == {REQUEST_LIMIT // 4 - LABEL_BYTES}
    assert len(set(store.subjects)) == 4


def too_large(**changes):
    finished = run(0, PredictionState.SUCCEEDED, outputs=("https://provider.example/out.mp4",))
    return delivered(**({"artefacts": [artefact(size=31_000_000)], "runs": [finished]} | changes))


async def test_file_that_cannot_be_made_smaller_is_linked(tmp_path):
    packed = await PackerWithStore(tmp_path, fit=lambda *_: None).pack(too_large(), DEFAULT_LIMIT)
    assert packed.attachments == ()
    assert "[Get original](https://provider.example/out.mp4) (available for an hour)." in description_of(packed.card)


ASK = "Press “Send me the original” to get it (available for 30 days)."


@pytest.mark.parametrize(
    "outputs", [(), ("data:image/png;base64,AAAA",), ("https://p.example/a)b",), ("https://a/1", "https://a/2")]
)
async def test_original_without_a_link_is_offered_by_a_button(tmp_path, outputs):
    of = too_large(runs=[run(0, PredictionState.SUCCEEDED, outputs=outputs)])
    packed = await PackerWithStore(tmp_path, fit=lambda *_: None).pack(of, DEFAULT_LIMIT)
    assert f"is too large to post here. {ASK}" in description_of(packed.card)
    assert "[Get original]" not in description_of(packed.card)
    assert [(one.verb, one.job) for one in packed.card.buttons] == [(Verb.ORIGINAL, of.job.id)]


async def test_originals_of_several_smaller_copies_are_offered_by_one_button(store):
    files = [artefact(n, size=31_000_000) for n in range(3)]
    packed = await store.pack(delivered(artefacts=files), DEFAULT_LIMIT)
    assert [one.verb for one in packed.card.buttons] == [Verb.ORIGINAL]


async def test_unreadable_file_is_linked(tmp_path):
    def broken(*_):
        raise UnusableFile(name="x", problem="is broken")

    packed = await PackerWithStore(tmp_path, fit=broken).pack(too_large(), DEFAULT_LIMIT)
    assert packed.attachments == ()


@pytest.mark.parametrize(
    ("limit", "shrinks", "expected"),
    [
        (50 * MEBIBYTE, 0, 50 * MEBIBYTE),
        (50 * MEBIBYTE, 1, DEFAULT_LIMIT),
        (DEFAULT_LIMIT, 1, DEFAULT_LIMIT // 2),
        (50 * MEBIBYTE, 2, 0),
    ],
)
def test_limit_is_lowered_each_time_a_message_is_too_large(limit, shrinks, expected):
    assert lower_limit(limit, shrinks) == expected


async def test_card_without_results_has_no_attachments(store):
    of = failed()
    packed = await store.pack(replace(of, artefacts=()), DEFAULT_LIMIT)
    assert packed.open_files() == []


async def test_link_is_signed_and_shows_its_lifetime_if_easel_has_a_public_address(tmp_path):
    links = SignedLinks("https://easel.example", b"k" * 32, ManualClock(NOW_MS))
    store = PackerWithStore(tmp_path, fit=lambda *_: None, links=links)
    packed = await store.pack(too_large(), DEFAULT_LIMIT)
    text = description_of(packed.card)
    assert "[Get original](https://easel.example/files/ab/picture-0.png?ex=" in text
    assert text.endswith("(available for 30 days).")
    assert "provider.example" not in text
    assert packed.card.buttons == ()


async def test_missing_file_is_mentioned_and_logged(store, caplog):
    packed = await store.pack(delivered(), DEFAULT_LIMIT, kept=False)
    assert packed.attachments == ()
    assert "is no longer stored, so I can't show it" in description_of(packed.card)
    assert "picture-0.png" in caplog.text


async def test_removed_files_raise_an_error(store):
    with pytest.raises(FilesRemoved) as raised:
        await store.pack(replace(delivered(), artefacts=()), DEFAULT_LIMIT)
    assert raised.value.facts == {"days": 30}


@pytest.mark.parametrize("wrong_by_h", [-8, 0, 8, None], ids=str)
@pytest.mark.parametrize(("age_min", "works"), [(0, True), (49, True), (51, False), (60, False)])
async def test_link_of_the_provider_is_offered_while_it_works_whatever_its_clock_says(
    age_min, works, wrong_by_h, tmp_path
):
    completed_ms = None if wrong_by_h is None else NOW_MS + wrong_by_h * 3_600_000
    links = ("https://p.example/out.mp4",)
    finished = run(0, PredictionState.SUCCEEDED, outputs=links, completed_ms=completed_ms, polled_ms=NOW_MS)
    later = PackerWithStore(tmp_path, fit=lambda *_: None, now_ms=lambda: NOW_MS + age_min * 60_000)
    packed = await later.pack(too_large(runs=[finished]), DEFAULT_LIMIT)
    assert ("[Get original](https://p.example/out.mp4)" in description_of(packed.card)) is works
    assert ASK in description_of(packed.card)


async def test_signed_link_is_preferred_to_the_providers(tmp_path):
    class Links:
        def to(self, path, *, life_s):
            return f"https://easel.example/{path}?life={life_s}"

    packed = await PackerWithStore(tmp_path, links=Links()).pack(too_large(), DEFAULT_LIMIT)
    link = "https://easel.example/ab/picture-0.png?life=2592000"
    assert f"[Get original]({link})" in description_of(packed.card)
    assert "available for an hour" not in description_of(packed.card)


def still_of(kind):
    def make(_path, into):
        made = into.with_suffix(kind)
        made.write_bytes(JPEG)
        return made

    return make


CLIP = artefact(media="video/mp4", name="easel-K7QF-2M-1.mp4", path=Path("clip.mp4"))
DRAWN = artefact(media="image/svg+xml", name="easel-K7QF-2M-1.svg", path=Path("drawing.svg"))


async def test_drawing_is_sent_with_a_preview_and_both_have_alt_texts(tmp_path):
    packed = await PackerWithStore(tmp_path, still=still_of(".png")).pack(delivered(artefacts=[DRAWN]), DEFAULT_LIMIT)
    assert [file.name for file in packed.attachments] == ["easel-K7QF-2M-1-preview.jpg", "easel-K7QF-2M-1.svg"]
    assert {file.alt for file in packed.attachments} == {"AI-generated: a lighthouse in fog (flux-schnell)"}
    assert embed_of(packed.card).thumbnail.url is None


async def test_video_is_attached_and_its_still_is_in_the_embed(tmp_path):
    packed = await PackerWithStore(tmp_path, still=still_of(".jpg")).pack(delivered(artefacts=[CLIP]), DEFAULT_LIMIT)
    assert embed_of(packed.card).thumbnail.url == "attachment://easel-K7QF-2M-1-preview.jpg"
    assert embed_of(packed.card).image.url is None
    assert packed.attachments[-1].path == tmp_path / "clip.mp4"


async def test_video_is_attached_unchanged_if_it_fits_together_with_its_small_still(tmp_path):
    film = replace(CLIP, size=13 * MEBIBYTE)
    store = PackerWithStore(tmp_path, still=still_of(".jpg"))
    packed = await store.pack(delivered(artefacts=[film]), 50 * MEBIBYTE)
    assert packed.attachments[-1].path == tmp_path / "clip.mp4"
    assert store.asked == []


async def test_large_still_is_made_smaller_and_leaves_space_for_the_video(tmp_path):
    def large(_path, into):
        into.write_bytes(JPEG + bytes(5 * MEBIBYTE))
        return into

    film = replace(CLIP, size=20 * MEBIBYTE)
    store = PackerWithStore(tmp_path, still=large)
    packed = await store.pack(delivered(artefacts=[film]), 50 * MEBIBYTE)
    assert [name for name, _ in store.asked] == ["still-0"]
    assert packed.attachments[-1].path == tmp_path / "clip.mp4"


@pytest.mark.parametrize("sizes", [[1, 2, 20], [20, 1, 2], [11, 12], [23]])
async def test_files_that_fit_together_are_attached_unchanged(store, sizes):
    files = [artefact(n, size=size * MEBIBYTE) for n, size in enumerate(sizes)]
    packed = await store.pack(delivered(artefacts=files), 50 * MEBIBYTE)
    assert store.asked == []
    assert len(packed.attachments) == len(sizes)


async def test_only_the_largest_files_are_made_smaller_if_all_together_are_too_large(store):
    files = [artefact(n, size=size * MEBIBYTE) for n, size in enumerate([2, 4, 30, 40])]
    await store.pack(delivered(artefacts=files), 50 * MEBIBYTE)
    assert store.asked == [("picture-2.png", 9 * MEBIBYTE - LABEL_BYTES), ("picture-3.png", 9 * MEBIBYTE - LABEL_BYTES)]


async def test_still_is_shown_large_if_the_video_is_not_attached(tmp_path):
    big = replace(CLIP, size=90_000_000)
    store = PackerWithStore(tmp_path, fit=lambda *_: None, still=still_of(".jpg"))
    packed = await store.pack(delivered(artefacts=[big]), DEFAULT_LIMIT)
    assert [file.name for file in packed.attachments] == ["easel-K7QF-2M-1-preview.jpg"]
    assert embed_of(packed.card).image.url == "attachment://easel-K7QF-2M-1-preview.jpg"


async def test_drawing_that_cannot_be_rendered_is_still_delivered(tmp_path):
    def broken(*_):
        raise UnusableFile(name="x", problem="can't be rendered")

    packed = await PackerWithStore(tmp_path, still=broken).pack(delivered(artefacts=[DRAWN]), DEFAULT_LIMIT)
    assert [file.name for file in packed.attachments] == ["easel-K7QF-2M-1.svg"]


async def test_only_files_made_for_a_message_are_labelled(tmp_path):
    labelled = []
    store = PackerWithStore(
        tmp_path, still=still_of(".jpg"), label=lambda path, mark: labelled.append((path.name, mark.short_id))
    )
    await store.pack(delivered(artefacts=[CLIP, replace(artefact(1), size=90_000_000)]), DEFAULT_LIMIT)
    assert labelled == [("still-0.jpg", "K7QF-2M"), ("1", "K7QF-2M")]


async def test_original_is_found_while_it_is_stored(store):
    assert await store.packer.original(artefact(), store.folder) is None
    path = store.folder / artefact().path
    path.parent.mkdir()
    path.write_bytes(JPEG)
    assert await store.packer.original(artefact(), store.folder) == path


async def test_still_of_a_hidden_video_is_not_in_the_embed_which_would_show_it(tmp_path):
    store = PackerWithStore(tmp_path, still=lambda _path, into: (into.write_bytes(JPEG), into)[1])
    video = artefact(name="clip.mp4", path=Path("j/clip.mp4"), media="video/mp4", size=100)
    shown = delivered(artefacts=(video,))
    openly = await store.pack(shown, DEFAULT_LIMIT)
    assert embed_of(openly.card).thumbnail.url == "attachment://clip-preview.jpg"
    packed = await store.pack(replace(shown, job=replace(shown.job, spoiler=True)), DEFAULT_LIMIT)
    assert embed_of(packed.card).thumbnail.url is None
    assert [(one.name, one.spoiler) for one in packed.attachments] == [("clip.mp4", True)]
    (file,) = packed.open_files()
    assert file.filename == "SPOILER_clip.mp4"
    file.close()
