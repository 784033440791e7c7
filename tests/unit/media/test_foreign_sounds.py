"""Tests that Easel accepts and measures the sounds that players accept."""

import io
import struct
from pathlib import Path

import av
import pytest
from av.audio.frame import AudioFrame

from bot.filetype import sniff_file
from bot.media.decoding.inspect import inspect
from bot.media.decoding.preview import preview
from bot.media.decoding.shrink import to_fit
from tests.unit.media.making import noise, sound


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


def test_sniffing_a_file_reads_past_its_tag(tmp_path):
    (tmp_path / "a").write_bytes(b"ID3\x04\0\0" + bytes([0, 0, 0, 10]) + bytes(10) + b"fLaC")
    assert sniff_file(tmp_path / "a") == "audio/flac"
    (tmp_path / "a").write_bytes(b"ID3\x04\0\0" + bytes([0x7F] * 4) + bytes(10))
    assert sniff_file(tmp_path / "a") == "audio/mpeg"
