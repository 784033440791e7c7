"""Labels SVG drawings with a metadata element of RDF, the first child of the root (SVG 1.1, section 21)."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from bot.filetype import svg_prolog
from bot.media.provenance.label_content import Malformed, Mark, rdf
from bot.media.provenance.piece import Piece, Stretch, length, read

HEAD_MOST = 1 << 20
"""The root's opening tag must end within this many bytes."""

MANIFEST = b"<c2pa:manifest"

_ROOT = re.compile(rb"""<(?:[\w.-]+:)?svg\b(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_OURS = re.compile(rb'<metadata id="easel-provenance">.*?</metadata>', re.DOTALL)


def has_manifest(source: BinaryIO) -> bool:
    """Return whether a C2PA manifest is in the drawing's metadata, which comes first in the root element."""
    return MANIFEST in read(source, 0, min(HEAD_MOST, length(source)))


def pieces(source: BinaryIO, mark: Mark) -> Iterator[Piece]:
    """Yield the drawing with the mark in it, and without any earlier mark."""
    head = read(source, 0, min(HEAD_MOST, length(source)))
    prolog = svg_prolog(head)
    root = _ROOT.match(head, prolog.root) if prolog else None
    if root is None or root[0].endswith(b"/>"):
        raise Malformed("it has no root element with content")
    earlier = _OURS.match(head, root.end())
    rest = earlier.end() if earlier else root.end()
    yield head[: root.end()]
    yield f'<metadata id="easel-provenance">{rdf(mark)}</metadata>'.encode()
    yield Stretch(rest, length(source) - rest)
