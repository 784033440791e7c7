"""Draws one SVG as a PNG: a program of its own, run by `bot.media.preview`, since the renderer may crash or never end.

Takes the SVG on standard input and writes the PNG to standard output; its one argument is the longer side in pixels,
as `WIDTHxHEIGHT`. Nothing outside of the drawing is opened: links to anything but its own parts and data are emptied,
and a drawing that declares entities of its own is refused, since they could hide links (and grow without end).
"""

import re
import resource
import sys

import resvg_py

CPU_S = 15
MEMORY_BYTES = 2 << 30

_LINK = re.compile(r"""([\w:.-]*href\s*=\s*)("(?!\s*(?:#|data:))[^"]*"|'(?!\s*(?:#|data:))[^']*')""", re.IGNORECASE)


def alone(drawing: str) -> str:
    """The drawing without links to anything outside of it. Raises ValueError where that cannot be told."""
    if "<!ENTITY" in drawing.upper():
        raise ValueError("it declares entities")
    return _LINK.sub(r'\1""', drawing)


def main() -> None:
    """Draw."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    width, _, height = sys.argv[1].partition("x")
    drawing = alone(sys.stdin.buffer.read().decode("utf-8", "replace"))
    sys.stdout.buffer.write(bytes(resvg_py.svg_to_bytes(svg_string=drawing, width=int(width), height=int(height))))


if __name__ == "__main__":
    main()
