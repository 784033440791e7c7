"""Builds the small EXIF block that plain file viewers show."""

from PIL import Image

from bot.media.provenance.label_content import OPENING, SOFTWARE, Mark

EXIF = b"Exif\0\0"
"""The first bytes of an EXIF block in a JPEG."""

DESCRIPTION, PROGRAM = 0x010E, 0x0131


def exif(mark: Mark) -> bytes:
    """Return the mark as EXIF, with its signature."""
    block = Image.Exif()
    block[DESCRIPTION] = mark.statement
    block[PROGRAM] = SOFTWARE
    data = block.tobytes()
    return data if data.startswith(EXIF) else EXIF + data


def is_ours(data: bytes) -> bool:
    """Return whether an earlier mark wrote this EXIF block."""
    return OPENING.encode() in data and SOFTWARE.encode() in data
