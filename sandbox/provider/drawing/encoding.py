"""Encodes pictures, and pads files to a minimum size while keeping them valid."""

import io
import os
import struct
import zlib

from PIL import Image

QUALITY = 85


def encode(picture: Image.Image, media: str, *, quality: int = QUALITY, fast: bool = False) -> bytes:
    """Encode a picture in this media type; `fast` makes larger files. Some formats drop transparency."""
    made = io.BytesIO()
    if media == "image/jpeg":
        picture.convert("RGB").save(made, "JPEG", quality=max(1, quality))
    elif media == "image/webp":
        picture.save(made, "WEBP", quality=quality, method=0 if fast else 2)
    else:
        picture.save(made, "PNG", compress_level=1 if fast else 3)
    return made.getvalue()


def grow(data: bytes, media: str, size: int) -> bytes:
    """Pad a file to at least this size with a part that every decoder skips."""
    missing = size - len(data)
    if missing <= 0:
        return data
    noise = os.urandom(missing)
    if media == "image/png":
        chunk = b"eAsl" + noise
        packed = struct.pack(">I", missing) + chunk + struct.pack(">I", zlib.crc32(chunk))
        return data[:33] + packed + data[33:]
    if media in ("image/webp", "audio/wav"):
        noise += b"\0" * (len(noise) % 2)
        grown = data + b"JUNK" + struct.pack("<I", len(noise)) + noise
        return grown[:4] + struct.pack("<I", len(grown) - 8) + grown[8:]
    if media == "video/mp4":
        return data + struct.pack(">I", missing + 8) + b"free" + noise
    if media == "image/svg+xml":
        return data + b"<!--" + noise.hex().encode() + b"-->"
    return data + noise
