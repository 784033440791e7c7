"""Validates uploads: size limits, and the file names that Discord stores.

Source: Discord's documentation, "Uploading files" (10 MiB, more by boost tier; checked per file since 2025-04) and
"Create Message" (25 MiB for the whole request). Nobody here has Nitro, which would raise the limit of an interaction.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from sandbox.discord.rules.error_codes import Code

MIB = 1024 * 1024
DEFAULT_LIMIT = 10 * MIB
BY_GUILD_TIER = {0: DEFAULT_LIMIT, 1: DEFAULT_LIMIT, 2: 50 * MIB, 3: 100 * MIB}
REQUEST_LIMIT = 25 * MIB
"""The maximum size of a whole body; in a boosted guild, the larger of this and the guild's file limit applies."""

SPOILER = "SPOILER_"
"""The file name prefix of a spoiler, which is shown only when it is clicked."""
IS_SPOILER = 1 << 3
"""The flag of a file that is a spoiler."""

EMBEDDABLE = frozenset({"jpg", "jpeg", "png", "webp", "gif"})
_NOT_KEPT = re.compile(r"[^A-Za-z0-9_.\-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request as `files[index]`; size in bytes."""

    index: int
    filename: str
    size: int


def guild_limit(tier: int) -> int:
    """Return the maximum size of a file in a guild of this boost tier, in bytes."""
    return BY_GUILD_TIER[tier]


def request_limit(file_limit: int) -> int:
    """Return the maximum size in bytes of a whole request whose files may be up to `file_limit` bytes each."""
    return max(REQUEST_LIMIT, file_limit)


def check_sizes(files: Iterable[Upload], *, upload_limit: int) -> None:
    """Raise if a file or the whole request is too large.

    Raises:
        DiscordError: 50045 for one file, 40005 for the whole request.

    """
    total = 0
    for file in files:
        if file.size > upload_limit:
            raise Code.FILE_TOO_LARGE.error()
        total += file.size
    if total > request_limit(upload_limit):
        raise Code.REQUEST_TOO_LARGE.error()


def stored_name(filename: str) -> str:
    """Return Discord's name for an uploaded file: spaces become underscores, other special characters are removed."""
    name = _NOT_KEPT.sub("", PurePosixPath(filename.replace("\\", "/")).name.replace(" ", "_")).lstrip(".")
    return name or "unknown"


def embeddable(filename: str) -> bool:
    """Return whether an embed can show this file as a picture (AVIF, HEIC and videos are not supported)."""
    return PurePosixPath(filename).suffix.removeprefix(".").lower() in EMBEDDABLE
