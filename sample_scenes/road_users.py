"""Shapes of what moves on a street; each touches all six faces of the box it is labelled with."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sample_scenes.meshes import Material, Mesh, Rgb, box, join, loft, ring, sphere, tube, wheel

Size = tuple[float, float, float]
GLASS_RGB: Rgb = (0.03, 0.035, 0.04)
DARK: Rgb = (0.025, 0.025, 0.028)
HEADLIGHT: Rgb = (0.9, 0.9, 0.82)
TAIL_LIGHT: Rgb = (0.5, 0.015, 0.01)
SKIN_TONES: tuple[Rgb, ...] = ((0.62, 0.38, 0.27), (0.36, 0.2, 0.13), (0.75, 0.5, 0.38))


@dataclass(frozen=True)
class BodyProfile:
    """Side view of a car body: shares of length (front is +0.5) and height."""

    outline: tuple[tuple[float, float, str], ...]
    """x, top, and what the skin between this station and the next (towards the front) is on top."""
    belt: float
    side_glass: tuple[tuple[float, float], ...]
    """Spans of x that have windows."""
    wheels: tuple[float, ...] = (-0.31, 0.31)
    clearance: float = 0.14


HATCHBACK = BodyProfile(
    outline=(
        (-0.5, 0.46, "paint"), (-0.49, 0.6, "paint"), (-0.47, 0.66, "glass"),
        (-0.39, 0.94, "paint"), (-0.3, 0.975, "paint"), (-0.08, 1.0, "paint"),
        (0.06, 0.985, "paint"), (0.12, 0.955, "glass"), (0.285, 0.655, "paint"),
        (0.42, 0.575, "paint"), (0.48, 0.49, "paint"), (0.5, 0.36, "paint"),
    ),
    belt=0.62,
    side_glass=((-0.39, -0.17), (-0.15, 0.04), (0.06, 0.24)),
)  # fmt: skip
SEDAN = BodyProfile(
    outline=(
        (-0.5, 0.44, "paint"), (-0.49, 0.62, "paint"), (-0.37, 0.68, "glass"),
        (-0.25, 0.93, "paint"), (-0.19, 0.975, "paint"), (-0.05, 1.0, "paint"),
        (0.06, 0.98, "paint"), (0.11, 0.95, "glass"), (0.26, 0.66, "paint"),
        (0.42, 0.58, "paint"), (0.48, 0.5, "paint"), (0.5, 0.36, "paint"),
    ),
    belt=0.63,
    side_glass=((-0.28, -0.12), (-0.1, 0.06), (0.08, 0.22)),
)  # fmt: skip
ESTATE = BodyProfile(
    outline=(
        (-0.5, 0.45, "paint"), (-0.495, 0.6, "paint"), (-0.48, 0.66, "glass"),
        (-0.44, 0.92, "paint"), (-0.4, 0.96, "paint"), (-0.1, 1.0, "paint"),
        (0.06, 0.985, "paint"), (0.1, 0.96, "glass"), (0.26, 0.66, "paint"),
        (0.42, 0.58, "paint"), (0.48, 0.5, "paint"), (0.5, 0.36, "paint"),
    ),
    belt=0.62,
    side_glass=((-0.42, -0.26), (-0.24, -0.1), (-0.08, 0.06), (0.08, 0.22)),
)  # fmt: skip
VAN = BodyProfile(
    outline=(
        (-0.5, 0.9, "paint"), (-0.495, 0.97, "paint"), (-0.2, 1.0, "paint"),
        (0.2, 0.99, "paint"), (0.26, 0.965, "glass"), (0.38, 0.6, "paint"),
        (0.47, 0.5, "paint"), (0.49, 0.42, "paint"), (0.5, 0.28, "paint"),
    ),
    belt=0.55,
    side_glass=((0.1, 0.32),),
    clearance=0.1,
)  # fmt: skip


def car(profile: BodyProfile, size: Size, paint: Rgb) -> Mesh:
    """Car or van with windows, wheels and lights."""
    length, width, height = size
    radius = min(0.34, 0.21 * height)
    parts = [_body(profile, size, paint)]
    for x in profile.wheels:
        for side in (-1, 1):
            center = (x * length, side * (width / 2 - 0.11), radius - height / 2)
            parts.append(wheel(center, radius, 0.22, side, (0.42, 0.43, 0.45)))
            arch = (center[0], side * (width / 2 - 0.09), center[2])
            parts.append(_disc(arch, radius * 1.16, 0.16))
    parts += _lights(size)
    return join(parts).smoothed().fitted(size)


def truck(size: Size, paint: Rgb, cargo: Rgb) -> Mesh:
    """Lorry with a box body."""
    length, width, height = size
    half = (length / 2, width / 2, height / 2)
    cab_back = half[0] - 2.1
    floor = -half[2] + 0.55
    parts = [
        box((-half[0], -half[1], floor + 0.35), (cab_back - 0.25, half[1], half[2]), cargo),
        box((-half[0], -half[1] + 0.2, floor), (half[0] - 0.3, half[1] - 0.2, floor + 0.35), DARK),
        _cab(cab_back, half[0], half[1] - 0.05, floor, half[2] - 0.55, paint),
        box(
            (half[0] - 0.1, -half[1] + 0.08, floor - 0.1),
            (half[0] + 0.012, half[1] - 0.08, floor + 0.3),
            DARK,
        ),
        box(
            (-half[0] - 0.0, -half[1] + 0.05, floor - 0.05),
            (-half[0] + 0.1, half[1] - 0.05, floor + 0.1),
            TAIL_LIGHT,
        ),
    ]
    for stripe in (-0.45, 0.45):
        parts.append(
            box(
                (-half[0] + 0.4, stripe * 2 * half[1] * 1.11 - 0.003, floor + 0.4),
                (cab_back - 0.6, stripe * 2 * half[1] * 1.11 + 0.003, floor + 0.52),
                (0.75, 0.72, 0.1),
                Material.REFLECTOR,
            )
        )
    for x in (-half[0] + 1.3, -half[0] + 2.3, half[0] - 1.25):
        for side in (-1, 1):
            center = (x, side * (half[1] - 0.16), 0.48 - half[2])
            parts.append(wheel(center, 0.48, 0.32, side, (0.3, 0.3, 0.31)))
    for offset in (-0.8, 0.8):
        y = offset * (half[1] - 0.05)
        parts.append(
            box(
                (half[0] - 0.12, y - 0.18, floor + 0.12),
                (half[0] + 0.03, y + 0.18, floor + 0.28),
                HEADLIGHT,
                Material.LIGHT,
            )
        )
    return join(parts).fitted(size)


def pedestrian(size: Size, jacket: Rgb, trousers: Rgb, skin: Rgb, hair: Rgb) -> Mesh:
    """Walking person in mid-stride."""
    hip, shoulder = 0.5, 0.81
    legs = []
    for side, swing in ((-1, 0.17), (1, -0.17)):
        y = side * 0.055
        knee = (swing * 0.55 + 0.02, y, 0.27)
        foot = (swing, y, 0.04)
        legs += [
            tube((0, y, hip), knee, (0.05, 0.038), trousers),
            tube(knee, foot, (0.038, 0.027), trousers),
            sphere((foot[0] + 0.03, y, 0.022), (0.075, 0.03, 0.024), DARK, detail=6),
        ]
        elbow = (-swing * 0.45, side * 0.135, 0.64)
        hand = (-swing * 0.75 + 0.06, side * 0.135, 0.52)
        legs += [
            tube((0, side * 0.11, shoulder - 0.01), elbow, (0.034, 0.028), jacket),
            tube(elbow, hand, (0.028, 0.022), jacket),
            sphere(hand, (0.024, 0.02, 0.03), skin, detail=6),
        ]
    parts = [
        *legs,
        _tapered_torso((0, 0, hip - 0.03), (0.005, 0, shoulder + 0.01), jacket),
        tube((0, 0, shoulder), (0.01, 0, 0.88), (0.035, 0.03), skin),
        sphere((0.012, 0, 0.935), (0.055, 0.046, 0.062), skin, detail=8),
        sphere((-0.008, 0, 0.947), (0.055, 0.05, 0.056), hair, detail=8),
    ]
    return join(parts).smoothed().fitted(size)


def cyclist(size: Size, jacket: Rgb, frame: Rgb, skin: Rgb) -> Mesh:
    """Person riding a bicycle."""
    rear, front = (-0.52, 0.0, 0.34), (0.52, 0.0, 0.34)
    crank, seat, head = (-0.08, 0.0, 0.3), (-0.22, 0.0, 0.92), (0.36, 0.0, 0.92)
    parts = [ring(rear, 0.33, 0.022, DARK), ring(front, 0.33, 0.022, DARK)]
    for start, end in ((rear, crank), (crank, seat), (seat, head), (crank, head), (head, front),
                       (rear, seat)):  # fmt: skip
        parts.append(tube(start, end, (0.022, 0.022), frame, Material.PAINT, sides=8))
    grip = 1.02
    parts.append(tube((0.38, -0.27, grip), (0.38, 0.27, grip), (0.017, 0.017), DARK, sides=8))
    parts.append(tube(head, (0.38, 0.0, grip), (0.02, 0.02), DARK, sides=8))
    hip, shoulder = (-0.2, 0.0, 1.0), (0.1, 0.0, 1.42)
    for side, lift in ((-1, 0.2), (1, -0.02)):
        y = side * 0.1
        knee, foot = (0.12, y, 0.72 + lift * 0.6), (-0.06 + lift * 0.4, y, 0.26 + lift)
        parts += [
            tube((hip[0], y, hip[2]), knee, (0.085, 0.062), (0.03, 0.035, 0.06)),
            tube(knee, foot, (0.06, 0.042), (0.03, 0.035, 0.06)),
            sphere((foot[0] + 0.05, y, foot[2] - 0.02), (0.12, 0.045, 0.045), DARK, detail=6),
            tube((0.08, side * 0.17, 1.38), (0.26, side * 0.25, 1.15), (0.05, 0.04), jacket),
            tube((0.26, side * 0.25, 1.15), (0.4, side * 0.25, 1.04), (0.04, 0.032), skin),
        ]
    parts += [
        _tapered_torso(hip, shoulder, jacket, (0.13, 0.2)),
        tube(shoulder, (0.16, 0, 1.54), (0.06, 0.05), skin),
        sphere((0.2, 0, 1.6), (0.1, 0.08, 0.11), skin),
        sphere((0.185, 0, 1.645), (0.125, 0.095, 0.09), frame, Material.PAINT),
    ]
    return join(parts).smoothed().fitted(size)


def _body(profile: BodyProfile, size: Size, paint: Rgb) -> Mesh:
    length, width, height = size
    stations = _stations(profile)
    marks = [row[0] for row in profile.outline]
    tops = np.interp(stations, marks, [row[1] for row in profile.outline])
    sections = np.array(
        [_section(x, top, profile, width - 0.04) for x, top in zip(stations, tops, strict=True)]
    )
    sections[..., 0] *= length
    sections[..., 2] = (sections[..., 2] - 0.5) * height
    patches = [
        [_patch(row, (rear + front) / 2, profile, paint) for row in range(len(sections[0]))]
        for rear, front in itertools.pairwise(stations)
    ]
    colours = np.array([[rgb for rgb, _ in row] for row in patches], dtype=np.float32)
    materials = np.array([[material for _, material in row] for row in patches], dtype=np.uint8)
    return loft(sections, colours, materials)


def _stations(profile: BodyProfile) -> list[float]:
    marks = {row[0] for row in profile.outline}
    marks |= {edge for span in profile.side_glass for edge in span}
    marks |= {-0.42, -0.2, 0.0, 0.2, 0.36, 0.45}
    return sorted(marks)


def _section(x: float, top: float, profile: BodyProfile, width: float) -> list[list[float]]:
    """Outline of a cross section: up the left side, over the crown, down the right."""
    end = abs(x) / 0.5
    half = width / 2 * (1 - 0.13 * end**7 - 0.03 * end**2)
    low = profile.clearance + 0.05 * max(0.0, (abs(x) - 0.4) / 0.1)
    belt = min(profile.belt, top - 0.03)
    shoulder = belt * 0.75
    lean = 0.22 * max(0.0, top - profile.belt) / (1 - profile.belt)
    left = [
        (half * 0.9, low),
        (half * 0.99, low + 0.08),
        (half, max(low + 0.09, shoulder)),
        (half * 0.96, max(low + 0.1, belt)),
        (half * (0.93 - lean), top - 0.015),
    ]
    outline = [*left, (0.0, top), *((-y, z) for y, z in reversed(left))]
    return [[x, y, z] for y, z in outline]


def _patch(row: int, x: float, profile: BodyProfile, paint: Rgb) -> tuple[Rgb, Material]:
    """Colour of a patch of the outline of `_section`: its number counts from the left sill."""
    if row in (0, 9, 10):
        return DARK, Material.MATTE
    on_top = next(kind for mark, _, kind in reversed(profile.outline) if mark <= x)
    windowed = any(low <= x <= high for low, high in profile.side_glass)
    if (row in (4, 5) and on_top == "glass") or (row in (3, 6) and windowed):
        return GLASS_RGB, Material.GLASS
    return paint, Material.PAINT


def _disc(center: Sequence[float], radius: float, width: float) -> Mesh:
    x, y, z = center
    return tube((x, y - width / 2, z), (x, y + width / 2, z), (radius, radius), DARK, sides=24)


def _lights(size: Size) -> list[Mesh]:
    length, width, height = size
    parts = []
    for side in (-1, 1):
        y = side * width * 0.3
        parts += [
            box(
                (0.45 * length, y - 0.15, -0.05 * height),
                (0.488 * length, y + 0.15, 0.01 * height),
                HEADLIGHT,
                Material.LIGHT,
            ),
            box(
                (-0.498 * length, y - 0.15, 0.02 * height),
                (-0.47 * length, y + 0.15, 0.1 * height),
                TAIL_LIGHT,
                Material.LIGHT,
            ),
        ]
    for end in (-1, 1):
        x = end * 0.497 * length
        plate = (0.75, 0.75, 0.7)
        parts.append(
            box(
                (x - 0.012, -0.26, -0.2 * height),
                (x + 0.012, 0.26, -0.2 * height + 0.11),
                plate,
                Material.REFLECTOR,
            )
        )
    parts.append(
        box(
            (0.45 * length, -width * 0.22, -0.3 * height),
            (0.4975 * length, width * 0.22, -0.22 * height),
            DARK,
        )
    )
    return parts


def _cab(back: float, front: float, half: float, floor: float, top: float, paint: Rgb) -> Mesh:
    """Cab of a lorry: a box whose upper front leans back, with windows."""
    middle = floor + (top - floor) * 0.48
    rake = 0.28
    parts = [
        box((back, -half, floor), (front, half, middle), paint, Material.PAINT),
        _wedge((back, front, front - rake), half, (middle, top), paint),
    ]
    pane = middle + 0.1, top - 0.22
    lean = [front - rake * (z - middle) / (top - middle) + 0.012 for z in pane]
    screen = [
        (lean[0], -half + 0.14, pane[0]),
        (lean[0], half - 0.14, pane[0]),
        (lean[1], half - 0.14, pane[1]),
        (lean[1], -half + 0.14, pane[1]),
    ]
    parts.append(Mesh.of(screen, [(0, 1, 2), (0, 2, 3)], GLASS_RGB, Material.GLASS))
    for side in (-1, 1):
        y = side * (half + 0.01)
        low, high = sorted((y - 0.008, y + 0.008))
        parts.append(
            box(
                (back + 0.75, low, pane[0]),
                (front - rake - 0.15, high, pane[1]),
                GLASS_RGB,
                Material.GLASS,
            )
        )
    return join(parts)


def _wedge(
    ends: tuple[float, float, float], half: float, heights: tuple[float, float], paint: Rgb
) -> Mesh:
    back, front, top_front = ends
    low, high = heights
    corners = [
        (x, y, z)
        for x, z in ((back, low), (back, high), (top_front, high), (front, low))
        for y in (-half, half)
    ]
    quads = [(0, 1, 3, 2), (2, 3, 5, 4), (4, 5, 7, 6), (0, 6, 7, 1), (0, 2, 4, 6), (1, 7, 5, 3)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return Mesh.of(corners, triangles, paint, Material.PAINT)


def _tapered_torso(
    hip: Sequence[float],
    shoulder: Sequence[float],
    colour: Rgb,
    halves: tuple[float, float] = (0.055, 0.1),
) -> Mesh:
    """Trunk of a person: an oval column, widest at the shoulders."""
    start, end = np.asarray(hip, dtype=np.float64), np.asarray(shoulder, dtype=np.float64)
    depth, width = halves
    angles = np.arange(12) * 2 * np.pi / 12
    oval = np.stack([np.cos(angles), np.sin(angles), np.zeros(12)], axis=1)
    sections = []
    for share, spread in (
        (-0.03, 0.8),
        (0.1, 0.95),
        (0.35, 0.9),
        (0.75, 1.12),
        (0.93, 1.1),
        (1.05, 0.5),
    ):
        sections.append(start + (end - start) * share + oval * (depth, width * spread, 0))
    colours = np.tile(np.asarray(colour, dtype=np.float32), (5, 12, 1))
    return loft(np.array(sections), colours, np.zeros((5, 12), dtype=np.uint8))
