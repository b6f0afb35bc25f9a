"""Columns of objects: rows chosen, frames renumbered, parts chained."""

import numpy as np
import pytest
from evaluated_objects import frames, objects

from viewer.metrics.row_views import Chained, Selected


def some():
    return objects(
        [0.0, 1, 2, 3], on=frames(3), frame=[0, 1, 1, 2], classes=["a", "b", "a", "b"],
        scores=[0.1, 0.2, 0.3, 0.4],
        point_counts=np.array([5, 6, 7, 8]),
        attributes=Chained([[{"n": 0}], [], ({"n": 1}, {"n": 2}, {"n": 3})]),
        extras={"column": ["w", "x", "y", "z"], "table": np.arange(8).reshape(4, 2),
                "title": "four", "few": [1, 2]},
    )  # fmt: skip


def test_chosen_rows_are_cut_from_every_column():
    whole = some()
    for rows in (np.array([1, 3]), np.array([False, True, False, True])):
        part = whole.select(rows)
        assert len(part) == 2
        assert part.frame_rows.tolist() == [1, 2]
        assert list(part.label_ids) == ["id1", "id3"]
        assert [part.class_names[row] for row in part.class_rows] == ["b", "b"]
        assert part.centers_m[:, 0].tolist() == [1, 3]
        assert part.point_counts.tolist() == [6, 8]
        assert [each["n"] for each in part.attributes] == [1, 3]
        assert part.extras["column"] == ["x", "z"]
        assert part.extras["table"].tolist() == [[2, 3], [6, 7]]
        # What has no row for each object stays as it is.
        assert (part.extras["title"], part.extras["few"]) == ("four", [1, 2])
        assert part.velocities_mps is None
    again = whole.select(np.array([1, 2, 3])).select(np.array([0, 2]))
    assert [each["n"] for each in again.attributes] == [1, 3]


def test_objects_on_other_frames():
    whole = some()
    other = frames(5)
    moved = whole.on_frames(other, np.array([4, 0, -1]))
    assert moved.frames is other
    assert moved.frame_rows.tolist() == [0, 0, 4]
    # Within a frame the order of the file stays.
    assert list(moved.label_ids) == ["id1", "id2", "id0"]
    assert moved.frame_offsets().tolist() == [0, 2, 2, 2, 2, 3]
    assert list(whole.on_frames(whole.frames, np.arange(3)).label_ids) == list(whole.label_ids)


def test_sequences_one_after_the_other():
    chained = Chained([[1, 2], [], (3,), [4]])
    assert list(chained) == [1, 2, 3, 4]
    assert [chained[row] for row in range(-4, 4)] == [1, 2, 3, 4, 1, 2, 3, 4]
    assert list(chained[1:3]) == [2, 3]
    assert list(chained[::-1][:2]) == [4, 3]
    for row in (4, -5):
        with pytest.raises(IndexError):
            chained[row]
    assert list(Selected(chained, np.array([3, 0])).of(np.array([1]))) == [1]
    assert len(Chained([])) == 0
