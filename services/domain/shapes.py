"""Shapes that are told apart without a colour, for whatever draws: the same for the same group everywhere."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """One of them."""

    # As Plotly calls it.
    name: str
    # In percent of the box around it, from its upper left corner; none of a disc.
    corners: tuple[tuple[int, int], ...] = ()
    # How wide the box is where a disc's is 1, so that all of them look as large.
    size: float = 1.0


# Pixels of a disc where there are so many points at most.
_PIXELS = ((200, 10), (1_000, 8), (5_000, 6), (12_000, 4))
_FEWEST = 3


def pixels(points: int) -> int:
    """How wide a disc is where so many points are drawn."""
    return next((size for most, size in _PIXELS if points <= most), _FEWEST)


# In the order of the groups; the last is of those that share a colour.
SHAPES = (
    Shape("circle"),
    Shape("square", ((0, 0), (100, 0), (100, 100), (0, 100))),
    Shape("diamond", ((50, 0), (100, 50), (50, 100), (0, 50)), 1.3),
    Shape("triangle-up", ((50, 0), (100, 80), (0, 80)), 1.2),
    Shape(
        "cross",
        (
            *((33, 0), (67, 0), (67, 33), (100, 33), (100, 67), (67, 67)),
            *((67, 100), (33, 100), (33, 67), (0, 67), (0, 33), (33, 33)),
        ),
        1.2,
    ),
    Shape("triangle-down", ((0, 20), (100, 20), (50, 100)), 1.2),
    Shape(
        "x",
        (
            *((25, 0), (50, 25), (75, 0), (100, 25), (75, 50), (100, 75)),
            *((75, 100), (50, 75), (25, 100), (0, 75), (25, 50), (0, 25)),
        ),
        1.1,
    ),
    Shape("hexagon", ((50, 0), (93, 25), (93, 75), (50, 100), (7, 75), (7, 25)), 1.1),
)
