"""Tests that files that browsers and phones accept are accepted, and measured as they play."""

import io
import struct
import subprocess
import sys
import zlib
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageCms, UnidentifiedImageError

from bot.catalogue.refusals import unusable
from bot.errors import UnusableFile
from bot.filetype import sniff, sniff_file
from bot.media.decoding.compose import on_colour
from bot.media.decoding.inspect import inspect
from bot.media.decoding.mask import alpha_mask, marks_something, upright
from bot.media.decoding.picture import read_picture
from bot.media.decoding.poster import poster
from bot.media.decoding.preview import preview
from bot.media.decoding.repair import repair
from bot.media.decoding.shrink import to_fit
from bot.media.decoding.transcode import fit_video
from bot.media.provenance.label import label
from bot.media.provenance.mark import Mark
from tests.pixels import pixel
from tests.unit.media.making import chunk, cut, cut_out, noise, png, save, sound, video

SVG = "http://www.w3.org/2000/svg"
MARK = Mark("a/model", "j", "K7QF-2M")


# --- pictures


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
    data[-16:-12] = zlib.crc32(data[at - 4 : -16]).to_bytes(4)  # a fault of its writer, not of its transport
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


def test_webp_that_lacks_more_is_refused(tmp_path):
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


# --- drawings


@pytest.mark.parametrize(
    "head",
    [
        f"<!--{'x' * 30_000}-->",
        "<!-- a <svg> in a comment -->",
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
        '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg"> <!-- ]> --> <!ENTITY q "]>">]>',
        "<?xml version='1.0'?><?xml-stylesheet href='a.css'?>\n<!doctype svg>",
        "\ufeff<?xml version='1.0' encoding='utf-8'?>",
    ],
)
def test_every_legal_prolog_of_a_drawing_is_accepted(head, tmp_path):
    path = tmp_path / "a.svg"
    path.write_text(
        head + '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="9" height="9"/></svg>'
    )
    info = inspect(path)
    assert (info.media, info.width, info.height) == ("image/svg+xml", 40, 20)
    assert preview(path, tmp_path / "still") is not None
    assert label(path, MARK)
    assert preview(path, tmp_path / "again") is not None


@pytest.mark.parametrize(
    "head", ["<html><svg>", "<!--" + "x" * 100, "<!DOCTYPE html><svg>", "a<svg>", "<!DOCTYPE svg ["]
)
def test_other_documents_are_not_drawings(head):
    assert (sniff(head.encode()) or "").replace("image/svg+xml", "") == "" or head.startswith("<!DOCTYPE html")


def test_root_with_a_namespace_prefix_is_a_drawing(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text(
        '<s:svg xmlns:s="http://www.w3.org/2000/svg" width="4cm" height="2cm"><s:rect width="9" height="9"/></s:svg>'
    )
    assert (inspect(path).width, inspect(path).height) == (151, 76)
    assert preview(path, tmp_path / "still") is not None


# --- clips and audio


def clip(
    path: Path,
    times: list[float],
    *,
    sound_s: float = 0,
    last_s: float = 0.04,
    rotation: int = 0,
    size: tuple[int, int] = (64, 48),
    codec: str | None = None,
    sar: Fraction | None = None,
    live: bool = False,
) -> Path:
    """Create a clip with frames at these times and audio of that length; its upper left corner is red."""
    picture = Image.new("RGB", size, "navy")
    picture.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    with av.open(str(path), "w", options={"live": "1"} if live else {}) as target:
        stream = target.add_stream(codec or ("libvpx" if path.suffix == ".webm" else "libx264"), rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1_000)
        stream.options = {"bf": "0", "g": "250"}
        if rotation:
            stream.set_display_rotation(rotation)
        if sar:
            stream.codec_context.sample_aspect_ratio = sar
        voice = target.add_stream("libopus" if path.suffix == ".webm" else "aac", rate=48_000) if sound_s else None
        for number, time in enumerate(times):
            frame = VideoFrame.from_image(picture)
            frame.pts, frame.time_base = round(time * 1_000), Fraction(1, 1_000)
            following = times[number + 1] if number + 1 < len(times) else time + last_s
            for packet in stream.encode(frame):
                packet.duration = round((following - time) / packet.time_base)
                target.mux(packet)
        target.mux(stream.encode(None))
        if voice is not None:
            for begin in range(0, round(sound_s * 48_000), 960):
                frame = AudioFrame(format="s16", layout="mono", samples=960)
                frame.sample_rate, frame.pts = 48_000, begin
                frame.planes[0].update(bytes(frame.planes[0].buffer_size))
                target.mux(voice.encode(frame))
            target.mux(voice.encode(None))
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.mov"])
def test_clip_with_longer_audio_than_video_has_the_length_of_its_audio(name, tmp_path):
    path = clip(tmp_path / name, [n / 25 for n in range(25)], sound_s=3)
    assert inspect(path).duration_ms == pytest.approx(3_000, abs=80)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_drawing_in_utf_16_is_measured_and_shown(encoding, tmp_path):
    text = '<?xml version="1.0" encoding="UTF-16"?><svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">'
    text = f'{text}<!-- 图 --><rect width="40" height="30" fill="#ff0000"/></svg>'
    mark = "" if encoding == "utf-16" else "\ufeff"
    path = tmp_path / "a.svg"
    path.write_bytes((mark + text).encode(encoding))
    info = inspect(path)
    assert (info.media, info.width, info.height) == ("image/svg+xml", 40, 30)
    still = preview(path, tmp_path / "still")
    assert still is not None
    with Image.open(still) as image:
        assert image.convert("RGB").getpixel((image.width // 2, image.height // 2)) == (255, 0, 0)


@pytest.mark.parametrize("kind", [b"free", b"skip", b"wide"])
def test_quicktime_movie_that_does_not_say_its_kind_is_accepted(kind, tmp_path):
    path = clip(tmp_path / "a.mov", [n / 25 for n in range(25)])
    data = path.read_bytes()
    assert data[4:8] == b"ftyp"
    path.write_bytes(data[:4] + kind + data[8:])
    found = inspect(path)
    assert (found.media, found.duration_ms) == ("video/quicktime", pytest.approx(1_000, abs=80))
    assert label(path, MARK)
    assert inspect(path).duration_ms == found.duration_ms


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_clip_with_a_still_picture_is_accepted(name, tmp_path):
    assert inspect(clip(tmp_path / name, [0.0], sound_s=4)).duration_ms == pytest.approx(4_000, abs=80)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_clip_with_a_variable_frame_rate_is_accepted(name, tmp_path):
    path = clip(tmp_path / name, [0, 0.04, 0.08, 1.5, 1.54, 4.0], sound_s=5)
    assert inspect(path).duration_ms == pytest.approx(5_000, abs=80)


def test_browser_recording_has_a_length_and_a_copy(tmp_path):
    """MediaRecorder writes neither lengths nor sizes, because it does not know them yet."""
    path = clip(tmp_path / "a.webm", [n / 25 for n in range(75)], live=True)
    with av.open(str(path)) as container:
        assert container.duration is None
    assert inspect(path).duration_ms == pytest.approx(3_000, abs=80)
    assert fit_video(path, "video/webm", 60_000, tmp_path / "small")
    assert inspect(tmp_path / "small").duration_ms == pytest.approx(3_000, abs=80)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_truncated_clip_is_refused_at_any_frame_rate(name, share, tmp_path):
    path = clip(tmp_path / name, [n / 25 for n in range(50)], sound_s=3)
    if name == "a.mp4":
        faststart(path)
    with pytest.raises(UnusableFile):
        inspect(cut(path, share))


def faststart(path: Path) -> None:
    """Move the index to the front, as in files for the web."""
    with av.open(str(path)) as source, av.open(str(path) + ".mp4", "w", options={"movflags": "+faststart"}) as target:
        streams = {each.index: target.add_stream_from_template(each) for each in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    Path(f"{path}.mp4").replace(path)


def test_clip_truncated_inside_its_first_frame_is_refused(tmp_path):
    """PyAV issue 2344: such a stream has no decoder, and decoding it crashes the process."""
    path = video(tmp_path / "a.mp4")
    faststart(path)
    data = path.read_bytes()
    begin = data.index(b"mdat")
    for size in (begin + 4, begin + 10, begin + 40):
        path.write_bytes(data[:size])
        with pytest.raises(UnusableFile):
            inspect(path)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotated_clip_is_measured_and_shown_upright(rotation, tmp_path):
    path = clip(tmp_path / "a.mp4", [n / 25 for n in range(25)], rotation=rotation, size=(96, 64))
    sides = (96, 64) if rotation == 180 else (64, 96)
    info = inspect(path)
    assert (info.width, info.height) == sides
    poster(path, tmp_path / "still.png")
    with Image.open(tmp_path / "still.png") as still:
        assert still.size == sides
        corner = red_corner(still)
    small = tmp_path / "small"
    assert fit_video(path, "video/mp4", 60_000, small)
    copy = inspect(small)
    assert (copy.width, copy.height) == sides
    poster(small, tmp_path / "copy.png")
    with Image.open(tmp_path / "copy.png") as still:
        assert red_corner(still) == corner == EXPECTED[rotation]


EXPECTED = {90: "lower left", 180: "lower right", 270: "upper right"}
"""The red corner's place after turning it counterclockwise by so many degrees."""


def red_corner(image: Image.Image) -> str:
    places = {
        f"{row} {column}": pixel(image.convert("RGB"), (x, y))
        for row, y in (("upper", image.height // 4), ("lower", 3 * image.height // 4))
        for column, x in (("left", image.width // 4), ("right", 3 * image.width // 4))
    }
    return max(places, key=lambda place: places[place][0] - places[place][2])


def test_size_of_a_clip_with_oblong_pixels_is_the_size_shown(tmp_path):
    path = clip(tmp_path / "a.mp4", [0, 0.04, 0.08], size=(64, 64), sar=Fraction(16, 9))
    assert (inspect(path).width, inspect(path).height) == (114, 64)
    poster(path, tmp_path / "still.png")
    assert inspect(tmp_path / "still.png").width == 114


def test_absurd_pixel_aspect_ratio_is_ignored(tmp_path):
    path = clip(tmp_path / "a.mp4", [0, 0.04, 0.08], size=(64, 64), sar=Fraction(30_000, 1))
    assert inspect(path).width == 64
    poster(path, tmp_path / "still.jpg")


def test_edit_list_decides_the_length(tmp_path):
    path = clip(tmp_path / "a.mp4", [n / 25 for n in range(100)])
    assert inspect(path).duration_ms == pytest.approx(4_000, abs=50)
    trimmed(path, begin_s=1.0, length_s=2.0)
    assert inspect(path).duration_ms == pytest.approx(2_000, abs=80)


def trimmed(path: Path, *, begin_s: float, length_s: float) -> None:
    """Change the edit list of the only track, as trimming by stream copy does."""
    data = bytearray(path.read_bytes())
    place = data.index(b"elst") + 4
    movie = int.from_bytes(data[data.index(b"mvhd") + 16 :][:4])
    media = int.from_bytes(data[data.index(b"mdhd") + 16 :][:4])
    assert data[place] == 0
    data[place + 8 : place + 16] = struct.pack(">II", round(length_s * movie), round(begin_s * media))
    for box, offset in ((b"mvhd", 20), (b"tkhd", 24)):
        at = data.index(box) + offset
        data[at : at + 4] = struct.pack(">I", round(length_s * movie))
    path.write_bytes(data)


def with_cover(path: Path, *, brand: bytes = b"isom") -> Path:
    """Create a song with cover art, as music shops sell it."""
    cover = io.BytesIO()
    noise((50, 50)).save(cover, "JPEG")
    data = cover.getvalue()
    sound(path, seconds=2)
    song = path.read_bytes().replace(b"ftypM4A ", b"ftyp" + brand, 1)
    atom = box(b"covr", box(b"data", b"\0\0\0\x0d" + bytes(4) + data))
    handler = box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    tags = box(b"udta", box(b"meta", bytes(4) + handler + box(b"ilst", atom)))
    at = song.index(b"moov") - 4
    size = int.from_bytes(song[at : at + 4])
    moov = song[at + 8 : at + size]
    moov = moov[: moov.index(b"udta") - 4] if b"udta" in moov else moov
    path.write_bytes(song[:at] + box(b"moov", moov + tags) + song[at + size :])
    return path


def box(kind: bytes, data: bytes) -> bytes:
    return (len(data) + 8).to_bytes(4) + kind + data


@pytest.mark.parametrize("brand", [b"isom", b"mp42", b"M4A "])
def test_song_with_cover_art_is_audio(brand, tmp_path):
    info = inspect(with_cover(tmp_path / "a.m4a", brand=brand))
    assert (info.media, info.width) == ("audio/mp4", None)
    assert info.duration_ms == pytest.approx(2_000, abs=80)


def test_webm_without_video_is_audio(tmp_path):
    with av.open(str(tmp_path / "a.webm"), "w") as target:
        voice = target.add_stream("libopus", rate=48_000)
        for begin in range(0, 96_000, 960):
            frame = AudioFrame(format="s16", layout="mono", samples=960)
            frame.sample_rate, frame.pts = 48_000, begin
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            target.mux(voice.encode(frame))
        target.mux(voice.encode(None))
    info = inspect(tmp_path / "a.webm")
    assert (info.media, info.width, info.duration_ms) == ("audio/webm", None, pytest.approx(2_000, abs=80))


def adts(path: Path) -> Path:
    with av.open(str(path), "w", format="adts") as target:
        voice = target.add_stream("aac", rate=48_000)
        for begin in range(0, 96_000, 1_024):
            frame = AudioFrame(format="s16", layout="mono", samples=1_024)
            frame.sample_rate, frame.pts = 48_000, begin
            frame.planes[0].update(noise((64, 64), "L").tobytes()[: frame.planes[0].buffer_size])
            target.mux(voice.encode(frame))
        target.mux(voice.encode(None))
    return path


@pytest.mark.parametrize("tags", [0, 1, 2, 3])
def test_aac_is_audio(tags, tmp_path):
    path = adts(tmp_path / "a.aac")
    path.write_bytes((b"ID3\x04\0\0" + bytes([0, 0, 1, 0]) + bytes(128)) * tags + path.read_bytes())
    info = inspect(path)
    assert (info.media, info.width) == ("audio/aac", None)
    assert info.duration_ms == pytest.approx(2_000, abs=100)


def test_clip_with_an_unknown_audio_codec_plays_without_audio(tmp_path):
    path = clip(tmp_path / "a.mp4", [n / 25 for n in range(25)], sound_s=1)
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"zzzz"))
    assert inspect(path).width == 64
    assert fit_video(path, "video/mp4", 60_000, tmp_path / "small")


@pytest.mark.parametrize("name", ["a.webm", "a.mp4"])
def test_copy_keeps_the_sound_before_the_first_picture(name, tmp_path):
    path = clip(tmp_path / name, [3 + n / 25 for n in range(50)], sound_s=5)
    assert inspect(path).duration_ms == pytest.approx(5_000, abs=80)
    assert fit_video(path, "video/webm" if name == "a.webm" else "video/mp4", 60_000, tmp_path / "small")
    assert inspect(tmp_path / "small").duration_ms == pytest.approx(5_000, abs=80)


def test_sound_in_a_container_for_video_has_a_copy_and_no_still(tmp_path):
    path = sound(tmp_path / "a.m4a", seconds=3)
    path.write_bytes(path.read_bytes().replace(b"ftypM4A ", b"ftypisom", 1))
    assert sniff_file(path) == "video/mp4"
    small = to_fit(path, 24_000, tmp_path / "small")
    assert small
    assert inspect(small).media == "audio/ogg"
    assert preview(path, tmp_path / "still") is None


def test_wav_with_64_bit_sizes_is_a_sound(tmp_path):
    data = sound(tmp_path / "a.wav", seconds=1).read_bytes()
    samples = data[data.index(b"data") + 8 :]
    sizes = struct.pack("<QQQI", len(samples) + 72, len(samples), len(samples) // 2, 0)
    form = data[data.index(b"fmt ") + 8 :][:16]
    chunks = ((b"ds64", sizes), (b"fmt ", form))
    head = b"".join(name + struct.pack("<I", len(content)) + content for name, content in chunks)
    (tmp_path / "b.wav").write_bytes(b"RF64\xff\xff\xff\xffWAVE" + head + b"data\xff\xff\xff\xff" + samples)
    info = inspect(tmp_path / "b.wav")
    assert (info.media, info.duration_ms) == ("audio/wav", pytest.approx(1_000, abs=30))


def test_wav_of_unknown_length_is_read(tmp_path):
    """A file written to a pipe does not state its length (0 or 0xFFFFFFFF)."""
    for size in (b"\xff\xff\xff\xff", bytes(4)):
        path = sound(tmp_path / "a.wav", seconds=2)
        data = bytearray(path.read_bytes())
        at = data.index(b"data")
        data[4:8], data[at + 4 : at + 8] = size, size
        path.write_bytes(data)
        assert inspect(path).duration_ms == pytest.approx(2_000, abs=50)


def test_refusal_reasons_of_media_files_have_a_text():
    for reason in ("file-sides", "file-heavy", "file-unreadable", "file-mask-size", "file-mask-empty"):
        assert unusable("a.png", reason).facts["problem"]


def test_tools_are_built_without_importing_a_decoder():
    code = (
        "import sys, bot.app.services, bot.media.media_tools, bot.media.workers.pool\n"
        "sys.exit(', '.join({'PIL', 'av', 'resvg_py'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_sniffing_a_file_reads_past_its_tag(tmp_path):
    (tmp_path / "a").write_bytes(b"ID3\x04\0\0" + bytes([0, 0, 0, 10]) + bytes(10) + b"fLaC")
    assert sniff_file(tmp_path / "a") == "audio/flac"
    (tmp_path / "a").write_bytes(b"ID3\x04\0\0" + bytes([0x7F] * 4) + bytes(10))
    assert sniff_file(tmp_path / "a") == "audio/mpeg"
