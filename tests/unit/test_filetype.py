import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filetype import EXTENSIONS, extension, sniff

KNOWN = [
    (b"\x89PNG\r\n\x1a\n....", "image/png"),
    (b"\xff\xd8\xff\xe0..JFIF", "image/jpeg"),
    (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
    (b"GIF89a....", "image/gif"),
    (b"GIF87a....", "image/gif"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'>", "image/svg+xml"),
    (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a\n comment -->\n<svg>", "image/svg+xml"),
    (b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n<svg width="1">', "image/svg+xml"),
    (b"\0\0\0\x20ftypisom....", "video/mp4"),
    (b"\0\0\0\x20ftypmp42....", "video/mp4"),
    (b"\0\0\0\x14ftypqt  ....", "video/quicktime"),
    (b"\0\0\0\x08wide\0\0\x40\0mdat", "video/quicktime"),
    (b"\0\0\0\x09free.\0\0\0\x08wide", "video/quicktime"),
    (b"\0\0\x20\0moov\0\0\0\x6cmvhd", "video/quicktime"),
    (b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x20", "video/quicktime"),
    (b"\0\0\0\x20ftypM4A ....", "audio/mp4"),
    (b"\x1aE\xdf\xa3....B\x82\x84webm", "video/webm"),
    (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
    (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav"),
    (b"ID3\x04\0\0", "audio/mpeg"),
    (b"\xff\xfb\x90\x64....", "audio/mpeg"),
    (b"OggS\0\x02", "audio/ogg"),
    (b"fLaC\0\0\0\x22", "audio/flac"),
]

UNKNOWN = [
    b"",
    b"\x89PNG",
    b"<!DOCTYPE html><html><svg></svg></html>",
    b"<html>",
    b"<svgx>",
    b"RIFF\x24\0\0\0AVI ",
    b"\0\0\0\x20ftypavif....",
    b"\0\0\0\x20ftypheic....",
    b"\0\0\0\x20ftyphevc....",
    b"\0\0\0\x20ftypcrx ....",
    b"\x1aE\xdf\xa3....B\x82\x88matroska",
    b"\0\0\0\x09free and easy",
    b"\0\0\0\0moov",
    b"\0\0\0\x02mdat",
    b"\xff\xff\xff\xff",
    b"\xff\xfb\xf0\x64",
    b"{}",
    b"plain text",
    b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://169.254.169.254/",
]


@pytest.mark.parametrize(("head", "media"), KNOWN)
def test_media_type_is_detected_from_the_first_bytes(head: bytes, media: str) -> None:
    assert sniff(head) == media


@pytest.mark.parametrize("head", UNKNOWN)
def test_unsupported_content_is_unknown(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.parametrize("media", EXTENSIONS)
def test_every_media_type_has_an_extension(media: str) -> None:
    assert extension(media).isalnum()


def test_unknown_media_type_has_the_extension_bin() -> None:
    assert extension("application/x-unknown") == "bin"


@given(st.binary(max_size=64))
def test_any_bytes_can_be_sniffed(head: bytes) -> None:
    assert sniff(head) in {None, *EXTENSIONS}
