"""Decompresses HTTP bodies within bounds.

aiohttp decompresses each block as a whole: a gzip answer of 1 MB that unpacks to 1 GB would block the event loop and
fill the memory before its size is known. Therefore its decompression is switched off and done here.
"""

import zlib
from collections.abc import Iterator

ACCEPTED = "gzip, deflate"
"""The compression methods that are requested and understood, as the value of `Accept-Encoding`."""

PIECE_BYTES = 1 << 20
"""The most that is unpacked at once."""

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class Inflater:
    """Unpacks one body, block by block, in pieces of at most PIECE_BYTES. `encoding` is its Content-Encoding."""

    def __init__(self, encoding: str | None) -> None:
        name = (encoding or "identity").strip().lower()
        self.supported = name in {"", "identity", "gzip", "x-gzip", "deflate"}
        self._packed = name in {"gzip", "x-gzip", "deflate"}
        self._unpack = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    @property
    def complete(self) -> bool:
        """Whether the compressed data has reached its end."""
        return not self._packed or self._unpack.eof

    def feed(self, block: bytes) -> Iterator[bytes]:
        """Yield the decompressed content of a block. Raises zlib.error if it is damaged."""
        if not self._packed:
            yield block
            return
        rest = block
        while rest and not self._unpack.eof:
            piece = self._decompress(rest)
            rest = self._unpack.unconsumed_tail
            if piece:
                yield piece

    def _decompress(self, data: bytes) -> bytes:
        try:
            piece = self._unpack.decompress(data, PIECE_BYTES)
        except zlib.error:
            if self._begun:
                raise
            # Some servers send `deflate` without the zlib header (RFC 9110, 8.4.1.2).
            self._unpack = zlib.decompressobj(-zlib.MAX_WBITS)
            piece = self._unpack.decompress(data, PIECE_BYTES)
        self._begun = True
        return piece
