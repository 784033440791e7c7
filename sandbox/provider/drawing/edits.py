"""Edits input pictures: cut-outs, inpainting, restyling, upscaling, outpainting."""

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from sandbox.provider.drawing.painter import Size
from sandbox.provider.drawing.videos import cover

SMALL = 160
"""The longer side, in pixels, of the copy from which masks are computed: large enough for soft edges, and fast."""
LEAST, MOST = 0.04, 0.92
"""The smallest and largest plausible share of a foreground in its picture."""


def cut_out(picture: Image.Image) -> Image.Image:
    """Make the background transparent."""
    small = picture.convert("RGB")
    small.thumbnail((SMALL, SMALL))
    mask = next((found for found in (_flooded(small, reach) for reach in (46, 30, 18)) if _is_sensible(found)), None)
    mask = mask or _centre(small.size)
    soft = mask.filter(ImageFilter.GaussianBlur(0.8)).resize(picture.size, Image.Resampling.BICUBIC)
    made = picture.convert("RGBA")
    made.putalpha(ImageChops.multiply(made.getchannel("A"), soft))
    return made


def _flooded(small: Image.Image, reach: int) -> Image.Image:
    """Flood-fill from the whole border through similar colours; the rest is the foreground."""
    marker = (255, 0, 254)
    work = small.filter(ImageFilter.MedianFilter(3))
    wide, high = work.size
    edge = [(x, y) for x in range(0, wide, 5) for y in (0, high - 1)] + [
        (x, y) for y in range(0, high, 5) for x in (0, wide - 1)
    ]
    for point in edge:
        if work.getpixel(point) != marker:
            ImageDraw.floodfill(work, point, marker, thresh=reach)
    difference = ImageChops.difference(work, Image.new("RGB", work.size, marker)).convert("L")
    return difference.point([0] + [255] * 255).filter(ImageFilter.MedianFilter(3))


def _is_sensible(mask: Image.Image) -> bool:
    share = mask.histogram()[255] / (mask.width * mask.height)
    return LEAST <= share <= MOST


def _centre(size: Size) -> Image.Image:
    """Return a mask of the centre, for pictures without a recognizable foreground."""
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).ellipse((size[0] * 0.15, size[1] * 0.1, size[0] * 0.85, size[1] * 0.98), fill=255)
    return mask


def repaint(picture: Image.Image, mask: Image.Image, new: Image.Image) -> Image.Image:
    """Replace the white areas of the mask with the new picture."""
    white = mask.convert("L").resize(picture.size).point([0] * 128 + [255] * 128)
    soft = white.filter(ImageFilter.GaussianBlur(max(1, picture.width // 200)))
    return Image.composite(cover(new.convert("RGB"), picture.size), picture.convert("RGB"), soft)


def remove(picture: Image.Image) -> Image.Image:
    """Paint over the foreground with its surroundings."""
    foreground = cut_out(picture).getchannel("A").filter(ImageFilter.MaxFilter(9))
    holed = picture.convert("RGBA")
    holed.putalpha(ImageOps.invert(foreground))
    return Image.composite(_surroundings(holed), picture.convert("RGB"), foreground)


def _surroundings(holed: Image.Image) -> Image.Image:
    """Fill a transparent area from its edges, using finer copies closer to them."""
    seen = holed.convert("RGBa")
    filled = seen.resize((1, 1), Image.Resampling.BOX).convert("RGBA")
    for side in (4, 8, 16, 32, 64):
        finer = seen.resize((side, side), Image.Resampling.BOX).convert("RGBA")
        filled = Image.alpha_composite(filled.resize((side, side), Image.Resampling.BICUBIC), finer)
    return filled.resize(holed.size, Image.Resampling.BICUBIC).convert("RGB")


def restyle(picture: Image.Image, scene: Image.Image, strength: float) -> Image.Image:
    """Blend a picture with a scene; a strength of 1 keeps only the picture's outlines."""
    base = picture.convert("RGB")
    light = cover(scene.convert("RGB"), base.size)
    lit = ImageChops.soft_light(base, light)
    mixed = Image.blend(base, Image.blend(lit, light, 0.25 + 0.25 * strength), min(1.0, 0.35 + 0.6 * strength))
    return ImageEnhance.Color(ImageOps.autocontrast(mixed, cutoff=1)).enhance(1.15)


def join(pictures: list[Image.Image], size: Size) -> Image.Image:
    """Put pictures next to each other with soft transitions."""
    share = size[0] / len(pictures)
    made = cover(pictures[0].convert("RGB"), size)
    for index, each in enumerate(pictures[1:], start=1):
        left, melt = round(share * index), max(1, round(share * 0.25))
        part = cover(each.convert("RGB"), (size[0] - left + melt, size[1]))
        ramp = Image.linear_gradient("L").rotate(90).resize((melt * 2, size[1]))
        mask = Image.new("L", part.size, 255)
        mask.paste(ramp, (0, 0))
        made.paste(part, (left - melt, 0), mask)
    return made


def enlarge(picture: Image.Image, *, most: int = 4_096, with_detail: bool = False) -> Image.Image:
    """Double a picture's size, up to a maximum side."""
    bigger = picture.resize(enlarged_size(picture.size, most=most), Image.Resampling.LANCZOS)
    sharp = bigger.filter(ImageFilter.UnsharpMask(radius=2, percent=140 if with_detail else 80, threshold=2))
    return ImageEnhance.Contrast(sharp).enhance(1.05) if with_detail else sharp


def enlarged_size(size: Size, *, most: int = 4_096) -> Size:
    """Return the size of an enlarged picture."""
    scale = min(2.0, most / max(size))
    return (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))


def extended_size(size: Size, how: str) -> tuple[Size, Size]:
    """Return the size of a picture with space around it for outpainting, and where the picture is in it."""
    wide, high = size
    zoom = {"Zoom out 1.5x": 1.5, "Zoom out 2x": 2.0}.get(how)
    if zoom:
        canvas, place = (
            (round(wide * zoom), round(high * zoom)),
            (round(wide * (zoom - 1) / 2), round(high * (zoom - 1) / 2)),
        )
    elif how == "Make square":
        side = max(wide, high)
        canvas, place = (side, side), ((side - wide) // 2, (side - high) // 2)
    else:
        across, down = ("Left" in how or "Right" in how), ("Top" in how or "Bottom" in how)
        canvas = (wide + (wide // 2 if across else 0), high + (high // 2 if down else 0))
        place = (wide // 2 if "Left" in how else 0, high // 2 if "Top" in how else 0)
    return canvas, place


def extend(picture: Image.Image, how: str) -> tuple[Image.Image, Image.Image]:
    """Add space around a picture for outpainting; return the canvas and a mask that is white where it is empty."""
    canvas, place = extended_size(picture.size, how)
    mask = Image.new("L", canvas, 255)
    mask.paste(0, (*place, place[0] + picture.width, place[1] + picture.height))
    made = Image.new("RGB", canvas)
    made.paste(picture.convert("RGB"), place)
    return made, mask
