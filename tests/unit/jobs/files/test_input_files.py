"""Tests that input files are copied and inspected while the job waits, then linked for the provider."""

import base64
import io
import random
from dataclasses import replace

import pytest
from PIL import Image

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.catalogue.refusals import unusable
from bot.errors import ProviderDown, UnusableFile
from bot.jobs.records import State
from bot.jobs.store import file_rows
from bot.storage.operation import Statement
from tests.unit.jobs.fakes import picture
from tests.unit.jobs.world import START_MCR

URL = "https://cdn/cat.png"
PHOTO = InputFile("image", FileRole.IMAGE, "cat.png", URL, 1_000, "image/png")
REMOVEBG = Order(Task.REMOVEBG, "lucataco/remove-bg", files=(PHOTO,))


def noisy(side=600):
    """Return a picture that compression cannot make small."""
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3)).save(out, "PNG")
    return out.getvalue()


async def sent(world, order=REMOVEBG):
    """Return the input that the provider received for an order."""
    job = await world.order(order)
    (run,) = await world.running(job)
    return job, world.provider.runs[run].input


async def test_small_picture_is_sent_inside_the_request(world):
    world.provider.files[URL] = picture()
    _, sent_input = await sent(world)
    assert sent_input["image"].startswith("data:image/png;base64,")


async def test_big_picture_is_sent_as_a_link_to_discord(world):
    world.provider.files[URL] = noisy()
    photo = replace(PHOTO, size=len(noisy()))
    _, sent_input = await sent(world, replace(REMOVEBG, files=(photo,)))
    assert sent_input["image"] == URL


async def test_copied_file_is_recorded_with_its_facts(world):
    world.provider.files[URL] = picture(33)
    job, _ = await sent(world)
    (stored,) = await world.database.read(lambda: file_rows.inputs_of(job))
    assert (stored.media, stored.width, stored.height) == ("image/png", 33, 33)
    assert world.store.path(stored.path).read_bytes() == picture(33)
    assert len(stored.sha256) == 64


async def test_mislabelled_file_fails_the_job_before_it_is_sent(world):
    world.provider.files[URL] = b"<html>no picture</html>"
    failed = await world.finish(await world.order(REMOVEBG))
    assert (failed.job.state, failed.job.failure.key) == (State.FAILED, "unusable-file")
    assert world.provider.runs == {}
    assert await world.balance() == (START_MCR, 0, 0)


async def test_file_gone_from_discord_fails_the_job(world):
    failed = await world.finish(await world.order(REMOVEBG))
    assert failed.job.failure.facts == unusable("cat.png", "file-gone").facts


async def test_failed_file_download_is_retried(world):
    world.provider.auto = True
    world.provider.files[URL] = picture()
    world.provider.on_download = [ProviderDown(detail="reset")] * 3
    done = await world.finish(await world.order(REMOVEBG))
    assert done.job.state is State.DONE


async def test_earlier_result_is_not_downloaded_again(world):
    world.provider.auto = True
    first = await world.finish(await world.order())
    again = replace(PHOTO, url="", artefact=f"{first.job.id}/1")
    done = await world.finish(await world.order(replace(REMOVEBG, files=(again,))))
    assert done.job.state is State.DONE
    assert sum(url == URL for url in world.provider.downloads_made) == 0
    assert world.provider.runs["run2"].input["image"].startswith("data:image/png;base64,")


@pytest.mark.parametrize("name", ["nothing/1", "nothing:image"])
async def test_unknown_earlier_file_is_refused_before_the_hold(world, name):
    again = replace(PHOTO, artefact=name)
    with pytest.raises(UnusableFile) as caught:
        await world.order(replace(REMOVEBG, files=(again,)))
    assert caught.value.facts == unusable("cat.png", "file-gone").facts
    assert await world.balance() == (START_MCR, 0, 0)


HOLE = InputFile("mask", FileRole.MASK, "cat.png", "", 1_000, "image/png", alpha_of="image")
FILL = Order(Task.ERASE, "black-forest-labs/flux-fill-dev", prompt="a door", files=(PHOTO, HOLE))


def with_a_hole(mode="RGBA"):
    out = io.BytesIO()
    photo = Image.new("RGBA", (64, 64), "red")
    photo.paste((0, 0, 0, 0), (0, 0, 32, 64))
    photo.convert(mode).save(out, "PNG")
    return out.getvalue()


def pixels(data_url):
    with Image.open(io.BytesIO(base64.b64decode(data_url.partition(",")[2]))) as mask:
        return mask.convert("L").getpixel((8, 8)), mask.convert("L").getpixel((56, 8))


async def test_transparent_part_of_a_picture_becomes_its_mask(world):
    world.provider.files[URL] = with_a_hole()
    job, sent_input = await sent(world, FILL)
    assert pixels(sent_input["mask"]) == (255, 0)
    stored = await world.database.read(lambda: file_rows.inputs_of(job))
    assert {file.slot for file in stored} == {"image", "mask"}
    assert world.provider.downloads_made.count(URL) == 1


async def test_mask_is_inverted_for_a_model_that_repaints_black(world):
    world.provider.files[URL] = with_a_hole()
    _, sent_input = await sent(world, replace(FILL, model="ideogram-ai/ideogram-v2-turbo"))
    assert pixels(sent_input["mask"]) == (0, 255)


async def test_picture_without_transparency_cannot_be_a_mask(world):
    world.provider.files[URL] = with_a_hole("RGB")
    failed = await world.finish(await world.order(FILL))
    assert (failed.job.state, failed.job.failure.facts["reason"]) == (State.FAILED, "file-opaque")
    assert await world.balance() == (START_MCR, 0, 0)


MASK_URL = "https://cdn/mask.png"
MASK = InputFile("mask", FileRole.MASK, "mask.png", MASK_URL, 1_000, "image/png")
PAINTED = replace(FILL, files=(PHOTO, MASK))


def saved(image, **more):
    out = io.BytesIO()
    image.save(out, "PNG", **more)
    return out.getvalue()


async def test_mask_of_another_size_is_refused_before_the_hold(world):
    sized = replace(MASK, width=100, height=80)
    with pytest.raises(UnusableFile) as caught:
        await world.order(replace(FILL, files=(replace(PHOTO, width=64, height=64), sized)))
    assert caught.value.facts["reason"] == "file-mask-size"
    assert await world.balance() == (START_MCR, 0, 0)


@pytest.mark.parametrize(
    ("mask", "reason"),
    [(Image.new("L", (64, 32), 255), "file-mask-size"), (Image.new("L", (64, 64)), "file-mask-empty")],
    ids=["other size", "empty"],
)
async def test_unfit_mask_fails_the_job_before_it_is_sent(mask, reason, world):
    world.provider.files = {URL: saved(Image.new("RGB", (64, 64))), MASK_URL: saved(mask)}
    world.provider.on_download = [ProviderDown(detail="502")]  # the mask cannot be read when the order is offered
    failed = await world.finish(await world.order(PAINTED))
    assert (failed.job.state, failed.job.failure.facts["reason"]) == (State.FAILED, reason)
    assert world.provider.runs == {}
    assert await world.balance() == (START_MCR, 0, 0)


async def test_empty_mask_is_refused_before_anything_is_held(world):
    world.provider.files = {URL: saved(Image.new("RGB", (64, 64))), MASK_URL: saved(Image.new("L", (64, 64)))}
    with pytest.raises(UnusableFile) as refused:
        await world.order(PAINTED)
    assert refused.value.facts["reason"] == "file-mask-empty"
    assert await world.balance() == (START_MCR, 0, 0)


def sides(data_url):
    with Image.open(io.BytesIO(base64.b64decode(data_url.partition(",")[2]))) as image:
        return image.size, image.getexif().get(0x0112, 1)


async def test_rotated_picture_and_its_transparency_mask_have_the_same_orientation(world):
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = Image.new("RGBA", (40, 30), "red")
    photo.paste((0, 0, 0, 0), (0, 0, 20, 30))
    world.provider.files[URL] = saved(photo, exif=exif)
    _, sent_input = await sent(world, FILL)
    assert sides(sent_input["image"]) == sides(sent_input["mask"]) == ((30, 40), 1)


@pytest.mark.parametrize("killed_at", ["inspect", "upright", "alpha_mask"])
async def test_input_that_kills_the_process_twice_fails_the_job(killed_at, world):
    world.provider.files[URL] = with_a_hole()
    accepted = await world.accept(FILL, world.origin())
    subject = f"{accepted.job.id}/{'mask' if killed_at == 'alpha_mask' else 'image'}:{killed_at}"
    await world.database.run(lambda: killed_twice(subject))
    await world.jobs.card_accepted(accepted.job.id, 900)
    failed = await world.finish(accepted.job.id)
    assert (failed.job.state, failed.job.failure.facts["reason"]) == (State.FAILED, "file-unreadable")
    assert await world.balance() == (START_MCR, 0, 0)


async def test_result_that_kills_the_process_twice_is_the_operators_loss(world):
    accepted = await world.accept(Order(Task.IMAGINE, "black-forest-labs/flux-schnell", prompt="x"), world.origin())
    await world.database.run(lambda: killed_twice(f"{accepted.job.id}/1:inspect"))
    world.provider.auto = True
    await world.jobs.card_accepted(accepted.job.id, 900)
    failed = await world.finish(accepted.job.id)
    assert (failed.job.state, failed.job.failure.key) == (State.FAILED, "result-unusable")
    assert await world.balance() == (START_MCR, 0, 0)
    assert [(loss.reason, loss.runs) for loss in await world.jobs.losses()] == [("withheld", 1)]


def killed_twice(subject):
    yield Statement("INSERT INTO decode_start VALUES ($1, 2)", subject)
