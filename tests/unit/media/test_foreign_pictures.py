"""Tests that Easel accepts and measures the pictures that browsers and phones accept, and keeps their appearance."""

import io
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, UnidentifiedImageError

from bot.catalogue.refusals import unusable
from bot.errors import UnusableFile
from bot.media.decoding.compose import on_colour
from bot.media.decoding.inspect import inspect
from bot.media.decoding.mask import alpha_mask, marks_something, upright
from bot.media.decoding.picture import read_picture
from bot.media.decoding.repair import repair
from bot.media.decoding.shrink import to_fit
from tests.pixels import pixel
from tests.unit.media.making import chunk, cut_out, noise, png, save


@pytest.mark.parametrize(
    "extra",
    [
        (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000))),
        (b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(bytes(3_000_000))),
        (b"iCCP", b"profile\0\0" + zlib.compress(bytes(3_000_000))),
        (b"iCCP", b""),
        (b"tEXt", b"no keyword"),
        (b"pHYs", b"\0"),
        (b"eXIf", b"broken"),
        (b"xyZz", bytes(10)),
    ],
    ids=["zTXt", "iTXt", "large iCCP", "empty iCCP", "tEXt", "pHYs", "eXIf", "unknown"],
)
def test_png_with_an_odd_ancillary_chunk_is_read(extra, tmp_path):
    path = png(tmp_path / "a.png", 30, 20, extra)
    assert (inspect(path).width, read_picture(path).size) == (30, (30, 20))


@pytest.mark.parametrize("kind", [b"tEXt", b"iCCP", b"gAMA", b"tIME", b"tRNS", b"acTL"])
def test_png_with_a_wrong_checksum_in_an_ancillary_chunk_is_read(kind, tmp_path):
    path = png(tmp_path / "a.png", 30, 20, (kind, b"12345678"))
    data = path.read_bytes()
    good = chunk(kind, b"12345678")
    path.write_bytes(data.replace(good, good[:-4] + b"\0\0\0\0"))
    assert inspect(path).width == 30


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize(("claimed_ms", "length_ms"), [(0, 300), (10, 300), (40, 120)])
def test_frame_that_claims_no_length_counts_as_browsers_show_it(kind, claimed_ms, length_ms, tmp_path):
    frames = [noise((20, 20)) for _ in range(3)]
    more = {"save_all": True, "append_images": frames[1:], "duration": claimed_ms}
    path = save(frames[0], tmp_path / "a", format=kind, **more)
    assert inspect(path).duration_ms == length_ms


def test_copy_of_an_animation_without_lengths_plays_as_browsers_show_it(tmp_path):
    frames = [noise((200, 200), "L") for _ in range(3)]
    path = save(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=0)
    small = to_fit(path, path.stat().st_size // 2, tmp_path / "small")
    assert small
    chunks = small.read_bytes().split(b"ANMF")[1:]
    assert [int.from_bytes(data[16:19], "little") for data in chunks] == [100, 100, 100]


@pytest.mark.parametrize("kind", [b"tEXt", b"gAMA", b"tRNS"])
def test_repaired_png_passes_a_strict_decoder_and_shows_the_same(kind, tmp_path):
    path = save(noise((30, 20)), tmp_path / "a.png")
    good, data = chunk(kind, b"12345678"), path.read_bytes()
    path.write_bytes(data[:33] + good[:-4] + b"\0\0\0\0" + data[33:])
    with pytest.raises(UnidentifiedImageError):
        Image.open(path)
    assert repair(path, tmp_path / "b.png")
    with Image.open(tmp_path / "b.png") as repaired:
        assert repaired.tobytes() == read_picture(path).tobytes()


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("exif", [False, True])
def test_png_whose_pixels_are_damaged_is_refused(exif, place, tmp_path):
    more = {"exif": Image.Exif()} if exif else {}
    path = save(noise((100, 100)), tmp_path / "a.png", **more)
    data = bytearray(path.read_bytes())
    at = data.index(b"IDAT") + 4
    middle = at + int(place * (len(data) - 16 - at))
    data[middle : middle + 40] = bytes(40)
    data[-16:-12] = zlib.crc32(data[at - 4 : -16]).to_bytes(4)  # damaged by the program that wrote it, not in transfer
    path.write_bytes(data)
    with pytest.raises(UnusableFile):
        inspect(path)
    with pytest.raises(UnusableFile):
        read_picture(path)


@pytest.mark.parametrize("missing", [1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_repaired_jpeg_passes_a_strict_decoder(missing, progressive, tmp_path):
    path = save(noise((100, 75)), tmp_path / "a.jpg", progressive=progressive)
    whole = path.read_bytes()
    path.write_bytes(whole[:-missing])
    assert repair(path, path)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}, {"quality": 80, "exif": b"Exif\0\0odd"}])
@pytest.mark.parametrize("width", range(60, 66))
def test_webp_without_its_last_byte_is_shown_and_repaired(options, width, tmp_path):
    path = save(noise((width, 47)), tmp_path / "a.webp", **options)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert (inspect(path).width, inspect(path).height) == (width, 47)
    assert repair(path, tmp_path / "b.webp")
    with Image.open(tmp_path / "b.webp") as repaired:
        repaired.load()
    assert len((tmp_path / "b.webp").read_bytes()) == len(whole)


def test_webp_without_its_last_two_bytes_is_refused(tmp_path):
    path = save(noise((60, 47)), tmp_path / "a.webp")
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(UnusableFile):
        inspect(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.gif"])
def test_sound_picture_is_not_repaired(name, tmp_path):
    path = save(noise((30, 20)), tmp_path / name)
    path.write_bytes(path.read_bytes() + b"data of a camera")
    assert not repair(path, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_png_with_a_wrong_checksum_in_its_header_is_refused(tmp_path):
    path = png(tmp_path / "a.png", 30, 20)
    data = path.read_bytes()
    path.write_bytes(data[:29] + bytes(4) + data[33:])
    with pytest.raises(UnusableFile):
        inspect(path)


def test_animated_png_keeps_its_length_and_transparency(tmp_path):
    frames = [cut_out((60, 40)) for _ in range(3)]
    path = save(frames[0], tmp_path / "a.png", save_all=True, append_images=frames[1:], duration=100)
    info = inspect(path)
    assert (info.duration_ms, info.has_alpha) == (300, True)


def mpo(path: Path) -> Path:
    """Create a camera's file: the photo, then a small preview of it."""
    big, small = noise((800, 600)), noise((160, 120))
    big.save(path, "MPO", save_all=True, append_images=[small])
    return path


def test_mpo_file_is_read_as_its_first_picture(tmp_path):
    info = inspect(mpo(tmp_path / "a.jpg"))
    assert (info.media, info.width, info.height, info.duration_ms) == ("image/jpeg", 800, 600, None)
    assert read_picture(tmp_path / "a.jpg").size == (800, 600)
    assert to_fit(tmp_path / "a.jpg", 60_000, tmp_path / "small") is not None


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 30}, {"subsampling": 0}])
@pytest.mark.parametrize("missing", [1, 2])
def test_jpeg_without_its_end_marker_is_read(options, missing, tmp_path):
    path = save(noise((333, 200)), tmp_path / "a.jpg", **options)
    whole = read_picture(path).tobytes()
    path.write_bytes(path.read_bytes()[:-missing])
    assert inspect(path).width == 333
    assert read_picture(path).tobytes() == whole


@pytest.mark.parametrize("missing", [12, 100, 5_000])
def test_jpeg_that_lacks_more_than_its_end_marker_is_refused(missing, tmp_path):
    path = save(noise((333, 200)), tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes()[:-missing])
    with pytest.raises(UnusableFile, match="incomplete or damaged"):
        inspect(path)


def test_jpeg_with_data_after_its_end_is_read(tmp_path):
    path = save(noise((30, 20)), tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes() + b"a motion photo's video" * 100)
    assert inspect(path).width == 30


def test_damaged_exif_is_ignored(tmp_path):
    path = save(noise((30, 20)), tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert (inspect(path).width, read_picture(path).size) == (30, (30, 20))


ORIENTED = [(1, (40, 30)), (2, (40, 30)), (3, (40, 30)), (4, (40, 30)), (5, (30, 40)), (6, (30, 40)), (8, (30, 40))]


def oriented(path: Path, orientation: int, image: Image.Image | None = None, **more: object) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return save(image or noise((40, 40)).crop((0, 0, 40, 30)), path, exif=exif, **more)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
@pytest.mark.parametrize(("orientation", "sides"), ORIENTED)
def test_size_is_that_of_the_upright_picture(orientation, sides, name, tmp_path):
    path = oriented(tmp_path / name, orientation)
    info = inspect(path)
    assert (info.width, info.height) == read_picture(path).size == sides


@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_rotated_picture_and_its_transparency_mask_have_the_same_orientation(name, tmp_path):
    path = oriented(tmp_path / name, 6, cut_out((400, 300)))
    assert upright(path, path)
    assert alpha_mask(path, tmp_path / "mask")
    picture, mask = inspect(path), inspect(tmp_path / "mask")
    assert (picture.width, picture.height) == (mask.width, mask.height) == (300, 400)
    with Image.open(path) as image:
        assert image.size == (300, 400)
        assert not image.getexif().get(0x0112)


def test_upright_picture_is_left_unchanged(tmp_path):
    path = oriented(tmp_path / "a.jpg", 1)
    assert not upright(path, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def swapped_profile() -> bytes:
    """Create a profile that swaps red and green."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132])
    tags = {bytes(data[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data)


def seen(image: Image.Image) -> tuple[int, ...]:
    """Return the colour of the middle as a screen shows it."""
    middle = image.convert("RGB").crop((10, 10, 11, 11))
    found = image.info.get("icc_profile")
    if found:
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(middle, io.BytesIO(found), srgb, outputMode="RGB")
        assert converted is not None
        middle = converted
    return pixel(middle, (0, 0))


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_survive_re_encoding(mode, tmp_path):
    image = noise((700, 700)).convert(mode)
    image.paste((54, 196, 54) if mode == "RGB" else (54, 196, 54, 255), (0, 0, 60, 60))
    path = save(image, tmp_path / "a.png", icc_profile=swapped_profile())
    with Image.open(path) as original:
        expected = seen(original)
    small = to_fit(path, 200_000, tmp_path / "small")
    assert small is not None
    with Image.open(small) as copy:
        assert seen(copy) == pytest.approx(expected, abs=14)
    on_colour(path, "#000000", tmp_path / "plain")
    with Image.open(tmp_path / "plain") as copy:
        assert seen(copy) == pytest.approx(expected, abs=3)


def test_cmyk_with_an_invalid_profile_is_still_read(tmp_path):
    path = save(noise((40, 40)).convert("CMYK"), tmp_path / "a.jpg", icc_profile=b"not a profile")
    assert read_picture(path).mode == "RGB"


def test_empty_mask_is_recognised(tmp_path):
    assert not marks_something(save(Image.new("L", (9, 9)), tmp_path / "black.png"))
    assert not marks_something(save(Image.new("RGBA", (9, 9), (255, 255, 255, 0)), tmp_path / "clear.png"))
    assert marks_something(save(Image.new("L", (9, 9), 255), tmp_path / "white.png"))


def test_gif_frames_without_a_duration_are_timed_as_in_browsers(tmp_path):
    frames = [noise((32, 32)) for _ in range(5)]
    path = save(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert inspect(path).duration_ms == 500


def test_refusal_reasons_of_media_files_have_a_text():
    for reason in ("file-sides", "file-heavy", "file-unreadable", "file-mask-size", "file-mask-empty"):
        assert unusable("a.png", reason).facts["problem"]
