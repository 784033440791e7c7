from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.errors import UnusableFile
from bot.media.decoding.inspect import inspect
from bot.media.media_info import Caps, MediaInfo
from tests.unit.media.making import bomb, cut, cut_out, noise, save, sound, video


@pytest.mark.parametrize(
    ("name", "media"),
    [("a.png", "image/png"), ("a.jpg", "image/jpeg"), ("a.webp", "image/webp"), ("a.gif", "image/gif")],
)
def test_type_and_size_of_pictures_are_read(name: str, media: str, tmp_path: Path) -> None:
    path = save(noise((40, 40)).crop((0, 0, 40, 30)), tmp_path / name)
    assert inspect(path) == MediaInfo(media, 40, 30, None, has_alpha=False)


def test_media_type_comes_from_the_content_not_the_name(tmp_path: Path) -> None:
    path = save(noise((8, 8)), tmp_path / "claims-to-be.mp4", format="PNG")
    assert inspect(path).media == "image/png"


def test_transparency_is_detected(tmp_path: Path) -> None:
    assert inspect(save(cut_out(), tmp_path / "a.png")).has_alpha
    assert inspect(save(cut_out(), tmp_path / "a.webp")).has_alpha
    palette = Image.new("P", (4, 4))
    assert inspect(save(palette, tmp_path / "b.png", transparency=0)).has_alpha


def test_length_of_an_animation_is_read(tmp_path: Path) -> None:
    frames = [noise((32, 32)) for _ in range(5)]
    for name in ("a.gif", "a.webp"):
        path = save(frames[0], tmp_path / name, save_all=True, append_images=frames[1:], duration=80)
        assert inspect(path).duration_ms == 400


@pytest.mark.parametrize(
    ("name", "media"), [("a.mp4", "video/mp4"), ("a.mov", "video/quicktime"), ("a.webm", "video/webm")]
)
def test_length_and_size_of_videos_are_read(name: str, media: str, tmp_path: Path) -> None:
    info = inspect(video(tmp_path / name, seconds=1.5, size=(160, 90)))
    assert (info.media, info.width, info.height) == (media, 160, 90)
    assert info.duration_ms == pytest.approx(1_500, abs=50)


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("a.wav", "audio/wav"),
        ("a.mp3", "audio/mpeg"),
        ("a.ogg", "audio/ogg"),
        ("a.m4a", "audio/mp4"),
        ("a.flac", "audio/flac"),
    ],
)
def test_length_of_audio_is_read(name: str, media: str, tmp_path: Path) -> None:
    info = inspect(sound(tmp_path / name, seconds=2))
    assert (info.media, info.width) == (media, None)
    assert info.duration_ms == pytest.approx(2_000, abs=100)


def test_mp4_container_without_video_is_audio(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.m4a")
    path.write_bytes(path.read_bytes().replace(b"ftypM4A ", b"ftypmp42", 1))
    info = inspect(path)
    assert (info.media, info.width) == ("audio/mp4", None)


@pytest.mark.parametrize(
    ("head", "sides"),
    [
        ('<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80.4px">', (120, 80)),
        ("<?xml version='1.0'?><svg viewBox='0 0 300 200'>", (300, 200)),
        ('<svg width="100%" height="100%" viewBox="0,0,64,64">', (64, 64)),
        ("<svg>", (None, None)),
        ('<svg stroke-width="3">', (None, None)),
    ],
)
def test_size_of_drawings_is_read(head: str, sides: tuple[int | None, int | None], tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(head + "</svg>")
    info = inspect(tmp_path / "a.svg")
    assert (info.media, (info.width, info.height), info.has_alpha) == ("image/svg+xml", sides, True)


@pytest.mark.parametrize("side", [9_000, 12_000, 50_000])
def test_decompression_bomb_is_refused_by_its_size(side: int, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"million pixels|can't|not a readable picture"):
        inspect(bomb(tmp_path / "a.png", side))


def test_animation_with_too_many_pixels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.decoding.inspect.FRAME_PIXELS_MAX", 4_000)
    frames = [noise((32, 32)) for _ in range(5)]
    path = save(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(UnusableFile, match="frames"):
        inspect(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.gif"])
def test_truncated_picture_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile):
        inspect(cut(save(noise((200, 200)), tmp_path / name)))


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_truncated_video_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="incomplete or damaged"):
        inspect(cut(video(tmp_path / name)))


def test_video_whose_frames_are_garbage_is_refused(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mp4")
    data = path.read_bytes()
    begin = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    path.write_bytes(data[:begin] + bytes(range(256)) * ((end - begin) // 256) + data[end - (end - begin) % 256 :])
    with pytest.raises(UnusableFile, match="damaged"):
        inspect(path)


def test_truncated_audio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile):
        inspect(cut(sound(tmp_path / "a.m4a")))


def test_empty_files_and_unsupported_types_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content, problem in (
        (b"", "empty"),
        (b"<html></html>", "supported file type"),
        (b"#EXTM3U\nfile:///etc/passwd", "supported file type"),
    ):
        path.write_bytes(content)
        with pytest.raises(UnusableFile, match=problem):
            inspect(path)


def test_each_limit_is_enforced(tmp_path: Path) -> None:
    clip = video(tmp_path / "a.mp4", seconds=2)
    for caps, problem in (
        (Caps(size=1_000), "larger"),
        (Caps(pixels=10_000), "pixels"),
        (Caps(seconds=1), "longer"),
    ):
        with pytest.raises(UnusableFile, match=problem):
            inspect(clip, caps=caps)


def test_error_mentions_the_file_as_the_member_knows_it(tmp_path: Path) -> None:
    (tmp_path / "tmp123").write_bytes(b"?")
    with pytest.raises(UnusableFile, match=r"^holiday\.png: "):
        inspect(tmp_path / "tmp123", name="holiday.png")


HEADS = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF89a",
    b"RIFF\x24\0\0\0WEBP",
    b"\0\0\0\x20ftypisom",
    b"OggS",
    b"ID3",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(head=st.sampled_from(HEADS), tail=st.binary(max_size=200))
def test_garbage_after_a_valid_signature_is_refused(head: bytes, tail: bytes, tmp_path: Path) -> None:
    (tmp_path / "garbage").write_bytes(head + tail)
    with pytest.raises(UnusableFile):
        inspect(tmp_path / "garbage")
