"""Paints a scene as a picture."""

import random
from itertools import pairwise
from statistics import NormalDist

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from sandbox.provider.drawing.shapes import Oval, Polygon, Scene, Shape

FINE_PIXELS = 1_300_000
"""Pictures with up to this many pixels are painted at twice their size and shrunk, which smooths their edges."""
GRAIN = [round(NormalDist(128, 9).inv_cdf((value + 0.5) / 256)) for value in range(256)]
"""Turns evenly distributed bytes into film grain. A picture that is drawn again must have the same grain."""

Size = tuple[int, int]
Ink = int | tuple[int, int, int, int]


def paint(scene: Scene, size: Size, *, fine: bool | None = None) -> Image.Image:
    """Paint a scene in RGB."""
    is_fine = size[0] * size[1] <= FINE_PIXELS if fine is None else fine
    scale = 2 if is_fine else 1
    canvas = _sky(scene, (size[0] * scale, size[1] * scale))
    for batch in _batches(scene.shapes):
        if batch[0].soft:
            _paint_soft(canvas, batch)
        else:
            pen = ImageDraw.Draw(canvas, "RGBA")
            for shape in batch:
                _draw(pen, shape, canvas.height, _rgba(shape))
    return canvas.reduce(scale) if scale > 1 else canvas


def finish(picture: Image.Image) -> Image.Image:
    """Add a vignette and a little grain."""
    shade = (
        Image.radial_gradient("L")
        .resize(picture.size, Image.Resampling.BILINEAR)
        .point([v * v // 1900 for v in range(256)])
    )
    dark = ImageChops.subtract(picture, Image.merge("RGB", (shade, shade, shade)))
    noise = random.Random(0).randbytes(picture.width * picture.height)
    grain = Image.frombytes("L", picture.size, noise).point(GRAIN).convert("RGB")
    return Image.blend(dark, ImageChops.overlay(dark, grain), 0.35)


def _sky(scene: Scene, size: Size) -> Image.Image:
    column = Image.new("RGB", (1, 256))
    stops = scene.sky
    for row in range(256):
        at = row / 255
        for (low, one), (high, other) in pairwise(stops):
            if low <= at <= high:
                share = (at - low) / (high - low) if high > low else 0.0
                mixed = tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
                column.putpixel((0, row), mixed)
                break
    return column.resize(size, Image.Resampling.BICUBIC)


def _batches(shapes: tuple[Shape, ...]) -> list[list[Shape]]:
    """Group consecutive shapes that can be drawn together: hard ones, or soft ones with the same colour and blur."""
    batches: list[list[Shape]] = []
    for shape in shapes:
        last = batches[-1][-1] if batches else None
        if last is not None and not (shape.soft or last.soft):
            batches[-1].append(shape)
        else:
            batches.append([shape])
    return batches


def _rgba(shape: Shape) -> tuple[int, int, int, int]:
    return (*shape.fill, round(255 * min(1.0, max(0.0, shape.alpha))))


def _draw(pen: ImageDraw.ImageDraw, shape: Shape, scale: float, fill: Ink) -> None:
    if isinstance(shape, Polygon):
        pen.polygon([(x * scale, y * scale) for x, y in shape.points], fill=fill)
        return
    (x, y), (across, down) = shape.centre, shape.radii
    edges = [(x - across) * scale, (y - down) * scale, (x + across) * scale, (y + down) * scale]
    pen.ellipse(edges, fill=fill)


def _bounds(shape: Shape) -> tuple[float, float, float, float]:
    if isinstance(shape, Oval):
        (x, y), (across, down) = shape.centre, shape.radii
        edges = (x - across, y - down, x + across, y + down)
    else:
        xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
        edges = (min(xs), min(ys), max(xs), max(ys))
    room = shape.soft * 3
    return (edges[0] - room, edges[1] - room, edges[2] + room, edges[3] + room)


def _paint_soft(canvas: Image.Image, batch: list[Shape]) -> None:
    """Paint a batch of soft shapes at low resolution (a blur has no detail) and only in their bounding box."""
    shape, height = batch[0], canvas.height
    left, top, right, bottom = _bounds(shape)
    area = (
        max(0, int(left * height)),
        max(0, int(top * height)),
        min(canvas.width, int(right * height) + 1),
        min(height, int(bottom * height) + 1),
    )
    if area[0] >= area[2] or area[1] >= area[3] or shape.alpha <= 0:
        return
    shrink = max(1.0, shape.soft * height / 4)
    small = (max(1, round((area[2] - area[0]) / shrink)), max(1, round((area[3] - area[1]) / shrink)))
    mask = Image.new("L", small, 0)
    _draw(ImageDraw.Draw(mask), _moved(shape, -area[0] / height, -area[1] / height), height / shrink, _rgba(shape)[3])
    mask = mask.filter(ImageFilter.GaussianBlur(shape.soft * height / shrink))
    mask = mask.resize((area[2] - area[0], area[3] - area[1]), Image.Resampling.BILINEAR)
    canvas.paste(shape.fill, area, mask)


def _moved(shape: Shape, dx: float, dy: float) -> Shape:
    if isinstance(shape, Oval):
        return Oval((shape.centre[0] + dx, shape.centre[1] + dy), shape.radii, shape.fill, shape.alpha, shape.soft)
    points = tuple((x + dx, y + dy) for x, y in shape.points)
    return Polygon(points, shape.fill, shape.alpha, shape.soft)
