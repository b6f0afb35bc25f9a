"""Plants label errors into exact labels and lists every one."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sample_scenes.error_kinds import (
    ERROR_KINDS,
    ErrorKind,
    is_vehicle,
    moved,
    rotation_wxyz,
    turned,
    well_seen,
)
from sample_scenes.labelling import BoxRow, FrameTruth, LabelRow
from sample_scenes.stage import Stage

Floats = npt.NDArray[np.float64]

QUIET_FRAMES = 3
"""Frames between two errors on one track, so that each shows by itself."""
DUPLICATES, SPURIOUS, INSIDE_EGO, SHARED_IDS, SWAPS, BOX_MISMATCHES = 3, 3, 1, 1, 1, 4


@dataclass
class PlantedLabels:
    """Labels with errors, and the list of them."""

    frames: list[FrameTruth]
    entries: list[dict[str, Any]] = field(default_factory=list)
    """One a spoilt label: error_id, kind, frame, label_id, track_id, amount, unit, original."""


def plant_errors(
    frames: Sequence[FrameTruth], keys: Sequence[str], stage: Stage, rng: np.random.Generator
) -> PlantedLabels:
    """Spoil labels in every way of `ERROR_KINDS`, and add, double, mix up and shift some."""
    return _Planter(frames, keys, stage, rng).run()


class _Planter:
    """Keeps which labels are spoilt, so that no label has two errors."""

    def __init__(
        self,
        frames: Sequence[FrameTruth],
        keys: Sequence[str],
        stage: Stage,
        rng: np.random.Generator,
    ) -> None:
        self._truth = frames
        self._keys = keys
        self._stage = stage
        self._rng = rng
        self._result = PlantedLabels([FrameTruth(list(f.cuboids), list(f.boxes)) for f in frames])
        self._used: dict[str, set[int]] = {}
        self._error_count = 0
        self._rows: dict[str, dict[int, LabelRow]] = {}
        for index, frame in enumerate(frames):
            for row in frame.cuboids:
                self._rows.setdefault(str(row.track_id), {})[index] = row

    def run(self) -> PlantedLabels:
        """Plant errors that last longest first, as they need the most room."""
        self._plant_swaps()
        self._plant_shared_ids()
        order = sorted(ERROR_KINDS, key=lambda kind: (kind.frames > 0, -kind.frames))
        for kind in order:
            for _ in range(kind.count):
                self._plant(kind)
        self._plant_duplicates()
        self._plant_spurious()
        self._plant_inside_ego()
        self._plant_box_mismatches()
        self._result.entries.sort(key=lambda entry: (entry["error_id"], entry["frame"]))
        return self._result

    def _plant(self, kind: ErrorKind) -> None:
        track, span = self._room_for(kind)
        rows = self._rows[track]
        change, amount = kind.start(rows[span[0]], self._rng)
        error_id = self._next_id()
        for step, index in enumerate(span):
            spoilt = change(rows[index], step)
            if spoilt is not None and _plain(spoilt) == _plain(rows[index]):
                continue
            self._put(index, rows[index], spoilt)
            self._note(error_id, kind.name, index, rows[index], amount, kind.unit)
        self._take(track, span)

    def _room_for(self, kind: ErrorKind) -> tuple[str, list[int]]:
        """Choose a track and frames on which this error is possible and no other is near."""
        chances = []
        for track, rows in self._rows.items():
            indices = sorted(rows)
            starts = [indices[0]] if kind.frames == -1 else indices[2:-2]
            for start in starts:
                if kind.frames > 0:
                    span = list(range(start, start + kind.frames))
                else:
                    span = [index for index in indices if index >= start]
                if self._fits(kind, track, span, indices):
                    chances.append((track, span))
        if not chances:
            raise ValueError(f"no track has room for an error of kind {kind.name!r}")
        tracks = sorted({track for track, _ in chances})
        chosen = tracks[int(self._rng.integers(len(tracks)))]
        spans = [span for track, span in chances if track == chosen]
        return chosen, spans[int(self._rng.integers(len(spans)))]

    def _fits(self, kind: ErrorKind, track: str, span: list[int], indices: list[int]) -> bool:
        rows = self._rows[track]
        if any(index not in rows for index in span) or not self._is_quiet(track, span):
            return False
        if kind.frames == 0 and not (8 <= len(span) <= len(indices) - 8):
            return False
        if kind.frames == -1 and not 6 <= len(span) <= 32:
            return False
        wanted = [kind.wants(rows[index]) for index in span]
        return all(wanted) if kind.frames > 0 else sum(wanted) >= len(span) / 2

    def _is_quiet(self, track: str, span: list[int]) -> bool:
        used = self._used.get(track, set())
        near = range(span[0] - QUIET_FRAMES, span[-1] + QUIET_FRAMES + 1)
        return used.isdisjoint(near)

    def _plant_swaps(self) -> None:
        """From some frame on two neighbours carry each other's track id."""
        for _ in range(SWAPS):
            first, second, span = self._neighbours()
            error_id = self._next_id()
            for index in span:
                for mine, other in ((first, second), (second, first)):
                    row = self._rows[mine].get(index)
                    if row is not None:
                        self._put(index, row, replace(row, track_id=other))
                        self._note(error_id, "id_swap", index, row, 2.0, "tracks")
            self._take(first, span)
            self._take(second, span)

    def _neighbours(self) -> tuple[str, str, list[int]]:
        chances = self._near_pairs(24, (12,)) or self._near_pairs(14, range(5, 35))
        if not chances:
            raise ValueError("no two neighbours are there for long enough")
        return chances[int(self._rng.integers(len(chances)))]

    def _near_pairs(self, least: int, places: Iterable[int]) -> list[tuple[str, str, list[int]]]:
        """Well-seen tracks of one class that are near each other, and all frames from there on.

        `places` are where that may begin among the frames that both are in.
        """
        chances = []
        names = sorted(self._rows)
        for first, second in itertools.combinations(names, 2):
            a, b = self._rows[first], self._rows[second]
            shared = sorted(set(a) & set(b))
            if len(shared) < least:
                continue
            for start in (shared[place] for place in places if place < len(shared) - 5):
                gap = np.linalg.norm(np.subtract(a[start].center, b[start].center))
                seen = well_seen(a[start]) and well_seen(b[start])
                if seen and a[start].class_name == b[start].class_name and gap < 9:
                    last = max(max(a), max(b))
                    chances.append((first, second, list(range(start, last + 1))))
                    break
        return chances

    def _plant_duplicates(self) -> None:
        """A second box on the same object, with a name of its own."""
        for number in range(1, DUPLICATES + 1):
            track, span = self._room_for(ErrorKind("duplicate", "m", 2, is_vehicle, _no_start))
            by = float(self._rng.uniform(0.1, 0.25))
            error_id = self._next_id()
            for index in span:
                row = self._rows[track][index]
                copy = replace(
                    turned(moved(row, (by, by / 2, 0.0)), 0.02),
                    label_id=f"extra-{number:02d}.{index:03d}",
                    track_id=f"extra-{number:02d}",
                )
                self._result.frames[index].cuboids.append(copy)
                self._note(error_id, "duplicate", index, copy, by, "m", added_to=row.label_id)
            self._take(track, span)

    def _plant_shared_ids(self) -> None:
        """Two labels of one frame carry the same track id."""
        for _ in range(SHARED_IDS):
            kind = ErrorKind("duplicate_id", "labels", 2, is_vehicle, _no_start)
            track, span = self._room_for(kind)
            others = [
                row.track_id
                for row in self._truth[span[0]].cuboids
                if row.class_name == self._rows[track][span[0]].class_name
                and row.track_id != track
                and all(index in self._rows[str(row.track_id)] for index in span)
                and self._is_quiet(str(row.track_id), span)
            ]
            if not others:
                raise ValueError("nobody is there to share an id with")
            other = others[int(self._rng.integers(len(others)))]
            error_id = self._next_id()
            for index in span:
                row = self._rows[track][index]
                self._put(index, row, replace(row, track_id=other))
                self._note(error_id, kind.name, index, row, 1.0, kind.unit)
            self._take(track, span)
            self._take(str(other), span)

    def _plant_spurious(self) -> None:
        """A box where nothing is."""
        for number in range(1, SPURIOUS + 1):
            first = int(self._rng.integers(4, 32))
            span = list(range(first, first + 4))
            center, rotation = self._free_spot(span)
            error_id = self._next_id()
            for index in span:
                row = self._new_row(f"spurious-{number:02d}", index, center, rotation)
                self._result.frames[index].cuboids.append(row)
                self._note(error_id, "spurious_label", index, row, 1.0, "labels", added=True)

    def _free_spot(self, span: list[int]) -> tuple[Floats, Floats]:
        for _ in range(1000):
            spot = self._stage.spot(self._rng)
            gaps = [
                np.linalg.norm(np.subtract(row.center, spot.position)[:2])
                for index in span
                for row in self._truth[index].cuboids
            ]
            if min(gaps) > 5.5:
                lift = np.array([0, 0, self._stage.added_size_m[2] / 2])
                return spot.position + lift, spot.rotation
        raise ValueError("the road is too full for a spurious label")

    def _plant_inside_ego(self) -> None:
        """A label on the recording car itself."""
        for _ in range(INSIDE_EGO):
            first = int(self._rng.integers(4, 34))
            error_id = self._next_id()
            for index in (first, first + 1):
                row = self._new_row("inside-ego", index, *self._ego_spot(index))
                self._result.frames[index].cuboids.append(row)
                self._note(error_id, "inside_ego", index, row, 1.0, "labels", added=True)

    def _ego_spot(self, index: int) -> tuple[Floats, Floats]:
        spot = self._stage.ego(index)
        return spot.position + spot.rotation[:, 2] * 0.75, spot.rotation

    def _new_row(self, track: str, index: int, center: Floats, rotation: Floats) -> LabelRow:
        return LabelRow(
            label_id=f"{track}.{index:03d}",
            track_id=track,
            class_name=self._stage.added_class,
            center=tuple(np.round(center, 4).tolist()),
            size=self._stage.added_size_m,
            orientation_wxyz=rotation_wxyz(rotation),
            velocity_mps=(0.0, 0.0, 0.0),
            attributes={"state": "parked", "occlusion": "none", "num_points": 0},
        )

    def _plant_box_mismatches(self) -> None:
        """A 2D box that lies beside its object."""
        for _ in range(BOX_MISMATCHES):
            index, row = self._box_with_room()
            left, top, right, bottom = row.box_px
            by = 0.6 * (right - left)
            if right + by > self._stage.image_width_px - 1:
                by = -by
            shifted = replace(row, box_px=(round(left + by, 2), top, round(right + by, 2), bottom))
            boxes = self._result.frames[index].boxes
            boxes[boxes.index(row)] = shifted
            self._take(row.track_id, [index])
            self._result.entries.append(
                {
                    "error_id": self._next_id(), "kind": "box_2d_mismatch",
                    "frame": self._keys[index], "label_id": row.label_id,
                    "track_id": row.track_id, "amount": round(abs(by), 2), "unit": "px",
                    "original": _plain(row),
                }
            )  # fmt: skip

    def _box_with_room(self) -> tuple[int, BoxRow]:
        low, high = np.array([40, 200]) * self._stage.image_width_px / 640
        chances = [
            (index, row)
            for index, frame in enumerate(self._truth)
            for row in frame.boxes
            if not row.attributes["truncated"]
            and low < row.box_px[2] - row.box_px[0] < high
            and index in self._rows.get(row.track_id, {})
            and well_seen(self._rows[row.track_id][index])
            and self._is_quiet(row.track_id, [index])
        ]
        if not chances:
            raise ValueError("no 2D box has room for an error")
        return chances[int(self._rng.integers(len(chances)))]

    def _put(self, index: int, row: LabelRow, spoilt: LabelRow | None) -> None:
        rows = self._result.frames[index].cuboids
        position = next(i for i, old in enumerate(rows) if old.label_id == row.label_id)
        if spoilt is None:
            del rows[position]
        else:
            rows[position] = spoilt

    def _take(self, track: str, span: Sequence[int]) -> None:
        self._used.setdefault(track, set()).update(span)

    def _next_id(self) -> str:
        self._error_count += 1
        return f"e{self._error_count:03d}"

    def _note(
        self,
        error_id: str,
        kind: str,
        index: int,
        row: LabelRow,
        amount: float,
        unit: str,
        *,
        added: bool = False,
        added_to: str | None = None,
    ) -> None:
        entry: dict[str, Any] = {
            "error_id": error_id,
            "kind": kind,
            "frame": self._keys[index],
            "label_id": row.label_id,
            "track_id": row.track_id,
            "amount": round(float(amount), 3),
            "unit": unit,
            "original": None if added or added_to else _plain(row),
        }
        if added_to:
            entry["twin_label_id"] = added_to
        self._result.entries.append(entry)


def _no_start(row: LabelRow, rng: np.random.Generator) -> Any:  # noqa: ANN401
    raise ValueError("this kind adds labels and changes none")


def _plain(row: LabelRow | BoxRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "score"}
