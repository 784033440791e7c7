"""Tests that a file reaches the provider in the request or by a link, or is refused before credits are held."""

from dataclasses import replace

import pytest

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.catalogue.refusals import unusable
from bot.errors import FilesUnreachable, UnusableFile
from bot.jobs.files.provider_links import expiry_ms
from bot.jobs.records import Rung, State, Visibility
from bot.jobs.store import file_rows
from bot.storage.signed_links import SignedLinks
from tests.unit.jobs.fakes import picture
from tests.unit.jobs.files.test_input_files import PHOTO, REMOVEBG, noisy
from tests.unit.jobs.world import GUILD, MEMBER, START_MCR, World
from tests.unit.media.making import video

DAY_S = 86_400
INLINE = "data:image/png;base64,"
FRESH = "https://cdn/attachments/1/2/cat.png"
LIPSYNC = Order(Task.LIPSYNC, "kwaivgi/kling-lip-sync", text="hello")


def signed(clock, life_s, url="https://cdn/cat.png"):
    return f"{url}?ex={clock.now_ms() // 1_000 + life_s:x}&is=1&hm=ab&"


async def given(world, order):
    """Return what the provider received for the picture of an order."""
    job = await world.order(order)
    *_, run = await world.running(job)
    return world.provider.runs[run].input["image"]


async def big_result(world, *, data=None, **origin):
    """Return a result of more than 256 kB as an input file, and its job."""
    job = await world.order(**origin)
    (run,) = await world.running(job)
    world.provider.succeed(run, data=data or noisy())
    done = await world.finish(job)
    (artefact,) = done.artefacts
    assert artefact.size > 256_000
    return replace(PHOTO, url="", size=artefact.size, artefact=f"{job}/1"), job


def cut_out(file):
    return replace(REMOVEBG, files=(file,))


async def test_file_whose_data_url_just_fits_is_sent_unchanged(world):
    padded = picture() + bytes(191_900 - len(picture()))
    world.provider.files[PHOTO.url] = padded
    link = await given(world, REMOVEBG)
    assert link.startswith(INLINE)
    assert 250_000 < len(link) <= 256_000


async def test_bigger_file_is_never_re_encoded_while_its_link_works(world):
    url = signed(world.clock, DAY_S)
    world.provider.files[url] = noisy()
    assert await given(world, cut_out(replace(PHOTO, url=url, size=len(noisy())))) == url


async def test_link_about_to_expire_by_discords_clock_is_not_used(world):
    url = signed(world.clock, DAY_S)
    world.provider.files[url] = noisy()
    world.discord_clock._offset_ms = (DAY_S - 30) * 1_000.0
    order = cut_out(replace(PHOTO, url=url, size=len(noisy())))
    job = await world.order(order, created_ms=world.discord_clock.now_ms())
    (run,) = await world.running(job)
    assert world.provider.runs[run].input["image"].startswith("data:image/jpeg;base64,")


async def test_files_of_a_waiting_job_are_copied_at_once(world):
    world.provider.files[PHOTO.url] = picture()
    for _ in range(world.limits.running_per_member):
        await world.running(await world.order())
    job = await world.order(REMOVEBG)

    async def copied():
        return await world.database.read(lambda: file_rows.inputs_of(job))

    await world.until(copied)
    assert await world.state(job) is State.WAITING
    world.provider.files.clear()
    for run in list(world.provider.runs):
        world.provider.succeed(run)
    await world.reach(job, State.RUNNING)


async def test_earlier_result_is_linked_by_a_fresh_link_from_its_message(world):
    file, job = await big_result(world)
    world.messenger.links = [FRESH]
    assert await given(world, cut_out(file)) == FRESH
    ((asked, shown, number),) = world.messenger.asked_links
    assert (asked, shown.rung, shown.message, number) == (job, Rung.TOKEN_EDIT, 900, 1)


async def test_picture_whose_message_is_gone_is_re_encoded(world):
    file, _ = await big_result(world)
    assert (await given(world, cut_out(file))).startswith("data:image/jpeg;base64,")


async def test_job_waits_unsent_while_discord_cannot_be_reached(world):
    file, _ = await big_result(world)
    world.messenger.links = [ConnectionError("503"), ConnectionError("503"), FRESH]
    job = await world.order(cut_out(file))
    await world.until(lambda: len(world.messenger.asked_links) == 1)
    assert len(world.provider.runs) == 1
    await world.reach(job, State.RUNNING)
    await world.until(lambda: len(world.provider.runs) == 2, step_s=1)
    assert world.provider.runs["run2"].input["image"] == FRESH


async def test_job_waits_unsent_while_the_file_store_cannot_be_reached(world, monkeypatch):
    fetch, failures = world.store.fetch, iter(range(2))

    async def unreachable(kept, into):
        if next(failures, None) is not None:
            raise FilesUnreachable(problem="the bucket does not answer", fix="Wait")
        return await fetch(kept, into)

    monkeypatch.setattr(world.store, "fetch", unreachable)
    world.provider.files[PHOTO.url] = picture()
    job = await world.order(REMOVEBG)
    await world.until(lambda: (world.troubles.current() or "").startswith("files: the bucket"), step_s=0.1)
    assert not world.provider.runs
    await world.reach(job, State.WAITING)  # its slot is free for others in the meantime
    await world.until(lambda: len(world.provider.runs) == 1, step_s=1)
    (run,) = await world.running(job)
    assert world.provider.runs[run].input["image"].startswith(INLINE)


async def test_private_result_is_read_again_only_while_its_token_works(world):
    file, _ = await big_result(world, visibility=Visibility.PRIVATE)
    world.messenger.links = [FRESH, FRESH]
    assert await given(world, cut_out(file)) == FRESH
    await world.clock.advance(15 * 60)
    assert (await given(world, cut_out(file))).startswith("data:image/jpeg;base64,")
    assert len(world.messenger.asked_links) == 1


async def test_picture_too_big_for_any_acceptable_copy_fails_unsent_and_costs_nothing(world):
    file, _ = await big_result(world, data=noisy(1_400))
    before = await world.balance()
    failed = await world.finish(await world.order(cut_out(file)))
    assert (failed.job.state, failed.job.failure.facts["reason"]) == (State.FAILED, "file-no-link")
    assert await world.balance() == before
    assert list(world.provider.runs) == ["run1"]


async def test_removed_result_fails_the_job_and_costs_nothing(world):
    file, job = await big_result(world)
    (artefact,) = (await world.jobs.get(job)).artefacts
    await world.store.remove(artefact.path)
    before = await world.balance()
    failed = await world.finish(await world.order(cut_out(file)))
    assert failed.job.failure.facts == unusable("cat.png", "file-not-kept").facts
    assert await world.balance() == before


@pytest.fixture
async def public(tmp_path):
    """Return a world whose store can be reached from the internet."""
    world = await World.open(tmp_path)
    world.links = SignedLinks("https://easel.example", b"k" * 32, world.clock)
    world.build()
    await world.start()
    yield world
    await world.close()


async def test_signed_link_is_used_if_the_store_is_public(public):
    url = signed(public.clock, DAY_S)
    public.provider.files[url] = noisy()
    job = await public.order(cut_out(replace(PHOTO, url=url, size=len(noisy()))))
    (run,) = await public.running(job)
    (stored,) = await public.database.read(lambda: file_rows.inputs_of(job))
    link = public.provider.runs[run].input["image"]
    assert link.startswith(f"https://easel.example/files/{stored.path}?ex=")


VIDEO_FILE = InputFile(
    "video", FileRole.VIDEO, "me.mp4", "", 3_000_000, "video/mp4", width=1280, height=720, duration_ms=5_000
)


async def test_file_that_cannot_be_linked_is_refused_before_the_hold(world):
    await world.policy.allow(GUILD, LIPSYNC.model, by=1)
    dead = replace(VIDEO_FILE, url=signed(world.clock, -1, "https://cdn/me.mp4"))
    with pytest.raises(UnusableFile) as caught:
        await world.accept(replace(LIPSYNC, files=(dead,)), world.origin())
    assert caught.value.facts == unusable("me.mp4", "file-link").facts
    assert await world.balance() == (START_MCR, 0, 0)
    assert await world.jobs.of_member(GUILD, MEMBER) == ()


async def test_input_clip_of_an_earlier_job_has_no_link(world):
    await world.policy.allow(GUILD, LIPSYNC.model, by=1)
    with pytest.raises(UnusableFile) as caught:
        await world.accept(replace(LIPSYNC, files=(replace(VIDEO_FILE, artefact="before:video"),)), world.origin())
    assert caught.value.facts == unusable("me.mp4", "file-link").facts


async def test_input_clip_of_an_earlier_job_is_linked_if_the_store_is_public(public, tmp_path):
    await public.policy.allow(GUILD, LIPSYNC.model, by=1)
    url = signed(public.clock, DAY_S)
    public.provider.files[url] = video(tmp_path / "me.mp4", size=(1280, 720), seconds=2).read_bytes()
    first = await public.order(replace(LIPSYNC, files=(replace(VIDEO_FILE, url=url),)))
    await public.running(first)
    again = replace(VIDEO_FILE, artefact=f"{first}:video")
    (run,) = await public.running(await public.order(replace(LIPSYNC, files=(again,))))
    (stored,) = await public.database.read(lambda: file_rows.inputs_of(first))
    assert public.provider.runs[run].input["video_url"].startswith(f"https://easel.example/files/{stored.path}?ex=")


async def test_result_that_was_never_shown_is_refused_before_the_hold(world):
    await world.policy.allow(GUILD, LIPSYNC.model, by=1)
    unshown = replace(VIDEO_FILE, artefact="nothing/1")
    with pytest.raises(UnusableFile) as caught:
        await world.accept(replace(LIPSYNC, files=(unshown,)), world.origin())
    assert "attached" in str(caught.value)
    assert await world.balance() == (START_MCR, 0, 0)


async def test_shown_result_is_linked_from_its_message_and_priced_by_its_length(world):
    await world.policy.allow(GUILD, LIPSYNC.model, by=1)
    _, job = await big_result(world)
    result = replace(VIDEO_FILE, artefact=f"{job}/1")
    accepted = await world.accept(replace(LIPSYNC, files=(result,)), world.origin())
    quote = accepted.job.plan.quote
    assert (quote.milli_credits, quote.upper_bound) == (5 * 350_000, False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://cdn/a.png?ex=66f8c1a0&is=1&hm=2", 0x66F8C1A0 * 1_000),
        ("https://cdn/a.png", None),
        ("https://cdn/a.png?ex=soon", None),
        ("", None),
    ],
)
def test_expiry_of_a_signed_link_is_read(url, expected):
    assert expiry_ms(url) == expected
