"""Completes a WebP file that lacks its last byte: usually padding after a chunk of odd size, which no pixel needs.

Browsers show such files; Pillow rejects them. Source: RFC 9649, section 2.3 (the size of a RIFF file and its chunks).
"""

import io
from pathlib import Path

HEAD_BYTES = 8


def readable_webp(path: Path) -> Path | io.BytesIO:
    """Return the file itself, or a copy in memory with a zero in place of the missing last byte."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    stated = HEAD_BYTES + int.from_bytes(head[4:], "little")
    if stated + stated % 2 != path.stat().st_size + 1:
        return path
    return io.BytesIO(path.read_bytes() + b"\0")
