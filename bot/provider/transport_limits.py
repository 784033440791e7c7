"""How long calls and downloads of the provider may take, and how large answers may be."""

from dataclasses import dataclass

import aiohttp

from bot.disk_space import RESERVE_BYTES


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """Timeouts in seconds and the size limit for answers in bytes.

    `create_s` is generous: a gateway that waits for its upstream may be slow, and giving up early leaves behind a
    paid run whose id is unknown. `silence_s` is the longest pause within a download. `answer_bytes` counts after
    decompression. `reserve_bytes` stay free on the disk of a download, however long its file turns out to be.
    """

    connect_s: float = 10
    create_s: float = 60
    read_s: float = 15
    download_s: float = 600
    silence_s: float = 30
    answer_bytes: int = 4 << 20
    reserve_bytes: int = RESERVE_BYTES

    def of_call(self, wait_s: float) -> aiohttp.ClientTimeout:
        """Return the timeouts for a call that must be answered within `wait_s`.

        The total includes the time to connect, so that it cannot end a connection attempt: that would be reported like
        a timeout after sending, and a create that was never sent would count as possibly running.
        """
        return aiohttp.ClientTimeout(
            total=self.connect_s + wait_s, connect=self.connect_s, sock_connect=self.connect_s, sock_read=wait_s
        )

    def of_download(self) -> aiohttp.ClientTimeout:
        """Return the timeouts for a download: a limit for the whole file and one for each pause."""
        return aiohttp.ClientTimeout(
            total=self.download_s, connect=self.connect_s, sock_connect=self.connect_s, sock_read=self.silence_s
        )
