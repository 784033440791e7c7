"""The shapes of a scene. Lengths are fractions of the picture's height: y from 0 (top) to 1, x from 0 to the aspect."""

from dataclasses import dataclass

Colour = tuple[int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled outline; `soft` is the radius of its blur as a fraction of the height."""

    points: tuple[Point, ...]
    fill: Colour
    alpha: float = 1.0
    soft: float = 0.0


@dataclass(frozen=True, slots=True)
class Oval:
    """A filled ellipse around a centre."""

    centre: Point
    radii: Point
    fill: Colour
    alpha: float = 1.0
    soft: float = 0.0


Shape = Polygon | Oval


@dataclass(frozen=True, slots=True)
class Scene:
    """A sky of colours from top to bottom, and shapes from the farthest to the nearest."""

    aspect: float
    sky: tuple[tuple[float, Colour], ...]
    shapes: tuple[Shape, ...]


def disc(centre: Point, radius: float, fill: Colour, alpha: float = 1.0, soft: float = 0.0) -> Oval:
    """Return a circle."""
    return Oval(centre, (radius, radius), fill, alpha, soft)


def box(left: float, top: float, right: float, bottom: float, fill: Colour, alpha: float = 1.0) -> Polygon:
    """Return an axis-aligned rectangle."""
    return Polygon(((left, top), (right, top), (right, bottom), (left, bottom)), fill, alpha)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Mix two colours; a share of 1 gives the other."""
    share = min(1.0, max(0.0, share))
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )
