from pathlib import Path

import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.decoding.inspect import inspect
from bot.media.decoding.picture import read_picture
from bot.media.decoding.shrink import to_fit
from bot.media.decoding.transcode import fit_sound, fit_video
from tests.pixels import pixel
from tests.unit.media.making import cut, cut_out, noise, save, sound, video


def test_file_that_fits_is_returned_unchanged(tmp_path: Path) -> None:
    path = save(noise((50, 50)), tmp_path / "a.png")
    assert to_fit(path, 1_000_000, tmp_path / "small") == path
    assert not (tmp_path / "small").exists()


@pytest.mark.parametrize("max_bytes", [200_000, 80_000, 30_000])
def test_picture_is_reduced_until_it_fits(max_bytes: int, tmp_path: Path) -> None:
    path = save(noise((600, 600)), tmp_path / "a.png")
    small = to_fit(path, max_bytes, tmp_path / "small")
    assert small is not None
    assert small.stat().st_size <= max_bytes < path.stat().st_size
    info = inspect(small)
    assert info.media == "image/jpeg"
    assert info.width == info.height


def test_copy_keeps_transparency(tmp_path: Path) -> None:
    path = save(cut_out(), tmp_path / "a.png")
    small = to_fit(path, 60_000, tmp_path / "small")
    assert small is not None
    assert small.stat().st_size <= 60_000
    copy = read_picture(small)
    assert copy.mode == "RGBA"
    assert pixel(copy, (0, 0))[3] == 0
    assert pixel(copy, (copy.width // 2, copy.height // 2))[3] == 255


def test_copy_of_a_rotated_picture_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(noise((300, 300)).crop((0, 0, 300, 200)), tmp_path / "a.jpg", exif=exif, quality=100)
    small = to_fit(path, 40_000, tmp_path / "small")
    assert small is not None
    info = inspect(small)
    assert info.width is not None
    assert info.height is not None
    assert info.width < info.height


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "1", "I;16", "LA"])
def test_pictures_of_every_mode_can_be_shrunk(mode: str, tmp_path: Path) -> None:
    picture = noise((400, 400))
    picture = Image.new(mode, (400, 400)) if mode == "I;16" else picture.convert(mode)
    path = save(picture, tmp_path / ("a.jpg" if mode == "CMYK" else "a.png"))
    small = to_fit(path, path.stat().st_size - 1, tmp_path / "small")
    assert small is not None
    assert small.stat().st_size < path.stat().st_size
    assert inspect(small).media.startswith("image/")


def test_16_bit_grey_is_scaled_to_8_bits(tmp_path: Path) -> None:
    path = save(Image.new("I;16", (10, 10), 32_896), tmp_path / "a.png")
    assert read_picture(path).getpixel((5, 5)) == (128, 128, 128)


def test_copy_of_an_animation_is_animated(tmp_path: Path) -> None:
    frames = [noise((200, 200)) for _ in range(6)]
    path = save(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    small = to_fit(path, 60_000, tmp_path / "small")
    assert small is not None
    assert small.stat().st_size <= 60_000
    assert inspect(small).duration_ms == 600


@pytest.mark.parametrize("frames", [1, 2])
def test_copy_of_a_very_long_picture_stays_within_webps_maximum_size(frames: int, tmp_path: Path) -> None:
    long = [noise((64, 64)).resize((20_000, 8)).convert("RGBA") for _ in range(frames)]
    for image in long:
        image.putalpha(128)
    path = save(long[0], tmp_path / "a.png", save_all=True, append_images=long[1:])
    small = to_fit(path, path.stat().st_size - 1, tmp_path / "small")
    assert small is not None
    assert (inspect(small).width or 0) <= 16_383


def test_animation_with_a_frame_beyond_its_canvas_has_a_copy(tmp_path: Path) -> None:
    frames = [noise((100, 100)) for _ in range(3)]
    path = save(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    data = bytearray(path.read_bytes())
    last = data.rindex(b"\x2c\0\0\0\0\x64\0\x64\0")
    data[last + 1] = 50
    path.write_bytes(data)
    small = to_fit(path, len(data) - 1, tmp_path / "small")
    assert small is not None
    assert (inspect(small).width, inspect(small).height) == (100, 100)


def test_animation_with_too_many_frames_has_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.decoding.shrink.FRAMES_MAX", 3)
    frames = [noise((64, 64)) for _ in range(4)]
    path = save(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert to_fit(path, 5_000, tmp_path / "small") is None


@pytest.mark.parametrize("sung", [False, True])
def test_copy_of_a_video_fits_and_has_its_length(sung: bool, tmp_path: Path) -> None:
    path = video(tmp_path / "a.mp4", seconds=2, sound=sung)
    room = path.stat().st_size // 3
    small = to_fit(path, room, tmp_path / "small")
    assert small is not None
    assert small.stat().st_size <= room
    info = inspect(small)
    assert info.media == "video/mp4"
    assert info.duration_ms == pytest.approx(2_000, abs=60)


def test_copy_of_a_webm_video_is_an_mp4(tmp_path: Path) -> None:
    path = video(tmp_path / "a.webm", size=(160, 90))
    small = to_fit(path, path.stat().st_size // 2, tmp_path / "small")
    assert small is not None
    assert inspect(small).media == "video/mp4"


def test_low_limit_reduces_the_height_of_a_video(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mp4", size=(640, 360))
    small = to_fit(path, 30_000, tmp_path / "small")
    assert small is not None
    height = inspect(small).height
    assert height is not None
    assert 0 < height < 360


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_copy_of_audio_fits_and_has_its_length(suffix: str, tmp_path: Path) -> None:
    path = sound(tmp_path / f"a{suffix}", seconds=3)
    small = to_fit(path, 40_000, tmp_path / "small")
    assert small is not None
    assert small.stat().st_size <= 40_000
    info = inspect(small)
    assert info.media == "audio/ogg"
    assert info.duration_ms == pytest.approx(3_000, abs=100)


def test_failed_attempts_leave_no_copy(tmp_path: Path) -> None:
    paths = [
        save(noise((600, 600)), tmp_path / "a.png"),
        video(tmp_path / "a.mp4"),
        sound(tmp_path / "a.wav"),
    ]
    drawing = tmp_path / "a.svg"
    drawing.write_text("<svg>" + "<g/>" * 1_000)
    for path in (*paths, drawing):
        assert to_fit(path, 400, tmp_path / "small") is None
        assert not (tmp_path / "small").exists()


def test_encoding_stops_at_its_time_limit(tmp_path: Path) -> None:
    clip, song = video(tmp_path / "a.mp4"), sound(tmp_path / "a.wav")
    assert not fit_video(clip, "video/mp4", 50_000, tmp_path / "b", limit_s=0)
    assert not fit_sound(song, "audio/wav", 50_000, tmp_path / "c", limit_s=0)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    for path in (cut(save(noise((200, 200)), tmp_path / "a.png")), cut(video(tmp_path / "a.mp4"))):
        with pytest.raises(UnusableFile):
            to_fit(path, 5_000, tmp_path / "small")
