"""Writes scenes and pictures as SVG."""

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import cast

from PIL import Image

from sandbox.provider.drawing.shapes import Colour, Oval, Scene, Shape

COLOURS = 12
CELLS = 128


def svg_of_scene(scene: Scene, size: tuple[int, int], title: str) -> bytes:
    """Write a scene as SVG."""
    scale = size[1]
    stops = "".join(f'<stop offset="{at:.3f}" stop-color="{_hex(colour)}"/>' for at, colour in scene.sky)
    softs = sorted({shape.soft for shape in scene.shapes if shape.soft})
    blurs = "".join(
        f'<filter id="b{index}" x="-50%" y="-50%" width="200%" height="200%">'
        f'<feGaussianBlur stdDeviation="{soft * scale:.1f}"/></filter>'
        for index, soft in enumerate(softs)
    )
    defs = f'<defs><linearGradient id="sky" x2="0" y2="1">{stops}</linearGradient>{blurs}</defs>'
    body = "".join(_element(shape, scale, softs) for shape in scene.shapes)
    return _document(size, title, f'{defs}<rect width="100%" height="100%" fill="url(#sky)"/>{body}')


def _document(size: tuple[int, int], title: str, body: str) -> bytes:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
    return f'{head}viewBox="0 0 {size[0]} {size[1]}"><title>{escape(title)}</title>{body}</svg>\n'.encode()


def _element(shape: Shape, scale: float, softs: list[float]) -> str:
    look = f'fill="{_hex(shape.fill)}"'
    if shape.alpha < 1:
        look += f' fill-opacity="{max(0.0, shape.alpha):.2f}"'
    if shape.soft:
        look += f' filter="url(#b{softs.index(shape.soft)})"'
    if isinstance(shape, Oval):
        (x, y), (across, down) = shape.centre, shape.radii
        place = f'cx="{x * scale:.1f}" cy="{y * scale:.1f}" rx="{across * scale:.1f}" ry="{down * scale:.1f}"'
        return f"<ellipse {place} {look}/>"
    points = " ".join(f"{x * scale:.1f},{y * scale:.1f}" for x, y in shape.points)
    return f'<polygon points="{points}" {look}/>'


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def vectorize(picture: Image.Image) -> bytes:
    """Trace a picture with few colours and one rectangle per run of a colour; transparency is kept."""
    wide = min(CELLS, picture.width)
    high = max(1, round(picture.height * wide / picture.width))
    small = picture.convert("RGBA").resize((wide, high), Image.Resampling.LANCZOS)
    flat = small.convert("RGB").quantize(COLOURS).convert("RGB")
    body = "".join(_runs(flat, small.getchannel("A"), picture.width / wide, picture.height / high))
    return _document(picture.size, "traced", f'<g shape-rendering="crispEdges">{body}</g>')


def _runs(flat: Image.Image, alpha: Image.Image, across: float, down: float) -> Iterator[str]:
    for y in range(flat.height):
        row = [(flat.getpixel((x, y)), cast("int", alpha.getpixel((x, y))) >= 128) for x in range(flat.width)]  # noqa: PLR2004
        x = 0
        for (colour, is_seen), cells in groupby(row):
            count = len(list(cells))
            if is_seen:
                place = f'x="{x * across:.1f}" y="{y * down:.1f}" width="{count * across:.1f}" height="{down:.1f}"'
                yield f'<rect {place} fill="{_hex(cast("Colour", colour))}"/>'
            x += count
