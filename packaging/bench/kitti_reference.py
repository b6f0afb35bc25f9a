"""KITTI's object evaluation as it is usually written in Python with numba, for timing beside.

A clean rewriting of the published procedure in the shape of the common numba versions: objects are
sorted out frame by frame in Python, overlaps are whole matrices a frame, and each threshold goes
through all labels and predictions of a frame in compiled loops. Those versions clip rectangles on
a GPU; here a compiled CPU loop does, which skips pairs that are too far apart. No package index has
them under a name of their own.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types.
import numba
import numpy as np

CLASSES = ("car", "pedestrian", "cyclist")
NEIGHBOURS = {"car": "van", "pedestrian": "person_sitting"}
MIN_HEIGHTS, MAX_OCCLUSIONS, MAX_TRUNCATIONS = (40, 25, 25), (0, 1, 2), (0.15, 0.3, 0.5)
MIN_OVERLAPS = (0.7, 0.5, 0.5)
STEPS = 41


@numba.njit
def image_overlaps(a, b, of_a_alone):
    table = np.zeros((len(a), len(b)))
    for j in range(len(b)):
        area_b = (b[j, 2] - b[j, 0]) * (b[j, 3] - b[j, 1])
        for i in range(len(a)):
            width = min(a[i, 2], b[j, 2]) - max(a[i, 0], b[j, 0])
            height = min(a[i, 3], b[j, 3]) - max(a[i, 1], b[j, 1])
            if width > 0 and height > 0:
                area_a = (a[i, 2] - a[i, 0]) * (a[i, 3] - a[i, 1])
                whole = area_a if of_a_alone else area_a + area_b - width * height
                table[i, j] = width * height / whole
    return table


@numba.njit
def corners_of(box):
    found = np.empty((4, 2))
    cos, sin = np.cos(box[5]), np.sin(box[5])
    for k in range(4):
        x = box[3] / 2 if k < 2 else -box[3] / 2
        z = box[4] / 2 if k in (0, 3) else -box[4] / 2
        found[k, 0] = box[0] + cos * x + sin * z
        found[k, 1] = box[2] - sin * x + cos * z
    return found


@numba.njit
def shared_ground(a, b):
    """Area of one rectangle cut by the four edges of the other."""
    polygon = np.empty((12, 2))
    spare = np.empty((12, 2))
    polygon[:4] = corners_of(a)
    edges = corners_of(b)
    count = 4
    for k in range(4):
        at, to = edges[k], edges[(k + 1) % 4]
        kept = 0
        for i in range(count):
            p, q = polygon[i], polygon[(i + 1) % count]
            side_p = (to[0] - at[0]) * (p[1] - at[1]) - (to[1] - at[1]) * (p[0] - at[0])
            side_q = (to[0] - at[0]) * (q[1] - at[1]) - (to[1] - at[1]) * (q[0] - at[0])
            if side_p <= 0:
                spare[kept] = p
                kept += 1
            if side_p * side_q < 0:
                share = side_p / (side_p - side_q)
                spare[kept, 0] = p[0] + share * (q[0] - p[0])
                spare[kept, 1] = p[1] + share * (q[1] - p[1])
                kept += 1
        count = kept
        polygon[:count] = spare[:count]
        if count == 0:
            return 0.0
    area = 0.0
    for i in range(count):
        p, q = polygon[i], polygon[(i + 1) % count]
        area += p[0] * q[1] - q[0] * p[1]
    return abs(area) / 2


@numba.njit
def ground_overlaps(a, b, in_space):
    """Boxes of x, bottom, z, length, width, turn, height in the camera's frame."""
    table = np.zeros((len(a), len(b)))
    for i in range(len(a)):
        for j in range(len(b)):
            reach = (np.hypot(a[i, 3], a[i, 4]) + np.hypot(b[j, 3], b[j, 4])) / 2
            if np.hypot(a[i, 0] - b[j, 0], a[i, 2] - b[j, 2]) >= reach:
                continue
            shared = shared_ground(a[i], b[j])
            size_a, size_b = a[i, 3] * a[i, 4], b[j, 3] * b[j, 4]
            if in_space:
                top = max(a[i, 1] - a[i, 6], b[j, 1] - b[j, 6])
                shared *= max(min(a[i, 1], b[j, 1]) - top, 0.0)
                size_a, size_b = size_a * a[i, 6], size_b * b[j, 6]
            table[i, j] = shared / (size_a + size_b - shared)
    return table


def sorted_out(labels, found, name, level):
    """States of a frame's labels and predictions: 0 counts, 1 is ignored, -1 is another class."""
    states, found_states, regions, counted = [], [], [], 0
    for i in range(len(labels["names"])):
        kind = labels["names"][i].lower()
        box = labels["boxes"][i]
        hard = (
            labels["occlusions"][i] > MAX_OCCLUSIONS[level]
            or labels["truncations"][i] > MAX_TRUNCATIONS[level]
            or box[3] - box[1] <= MIN_HEIGHTS[level]
        )
        if kind == name and not hard:
            states.append(0)
            counted += 1
        elif kind == name or kind == NEIGHBOURS.get(name):
            states.append(1)
        else:
            states.append(-1)
        if kind == "dontcare":
            regions.append(box)
    for i in range(len(found["names"])):
        box = found["boxes"][i]
        if abs(box[3] - box[1]) < MIN_HEIGHTS[level]:
            found_states.append(1)
        else:
            found_states.append(0 if found["names"][i].lower() == name else -1)
    boxes = np.array(regions, dtype=float).reshape(-1, 4)
    return np.array(states, int), np.array(found_states, int), boxes, counted


@numba.njit
def statistics(overlaps, label_rows, found_rows, states, found_states, regions, in_image,
               min_overlap, threshold, counting):  # fmt: skip
    """Matches, false alarms, similarity and the scores of matches of a frame."""
    found_count, label_count = len(found_rows), len(label_rows)
    taken = np.zeros(found_count, np.bool_)
    low = np.zeros(found_count, np.bool_)
    if counting:
        for j in range(found_count):
            low[j] = found_rows[j, 5] < threshold
    scores = np.zeros(label_count)
    hits, alarms, similarity = 0, 0, 0.0
    for i in range(label_count):
        if states[i] == -1:
            continue
        best, best_score, most, best_is_ignored = -1, -1e7, 0.0, False
        for j in range(found_count):
            if found_states[j] == -1 or taken[j] or low[j] or overlaps[j, i] <= min_overlap:
                continue
            if not counting:
                if found_rows[j, 5] > best_score:
                    best, best_score = j, found_rows[j, 5]
            elif found_states[j] == 0 and (overlaps[j, i] > most or best_is_ignored):
                best, most, best_is_ignored = j, overlaps[j, i], False
            elif found_states[j] == 1 and best == -1:
                best, best_is_ignored = j, True
        if best == -1:
            continue
        taken[best] = True
        if states[i] == 0 and found_states[best] == 0:
            scores[hits] = found_rows[best, 5]
            similarity += (1 + np.cos(label_rows[i, 4] - found_rows[best, 4])) / 2
            hits += 1
    if counting:
        for j in range(found_count):
            alarms += not (taken[j] or low[j] or found_states[j] != 0)
        if in_image:
            covered = image_overlaps(found_rows[:, :4], regions, True)
            for k in range(len(regions)):
                for j in range(found_count):
                    if taken[j] or low[j] or found_states[j] != 0:
                        continue
                    if covered[j, k] > min_overlap:
                        taken[j] = True
                        alarms -= 1
    return hits, alarms, similarity, scores[:hits]


@numba.njit
def thresholds_of(scores, label_count):
    found, recall = [], 0.0
    for i in range(len(scores)):
        left = (i + 1) / label_count
        right = (i + 2) / label_count if i < len(scores) - 1 else left
        if right - recall < recall - left and i < len(scores) - 1:
            continue
        found.append(scores[i])
        recall += 1 / (STEPS - 1.0)
    return found


@numba.njit
def add_counts(sums, overlaps, label_rows, found_rows, states, found_states, regions, in_image,
               min_overlap, thresholds):  # fmt: skip
    for t in range(len(thresholds)):
        hits, alarms, similarity, _ = statistics(
            overlaps, label_rows, found_rows, states, found_states, regions, in_image, min_overlap,
            thresholds[t], True,
        )  # fmt: skip
        sums[t, 0] += hits
        sums[t, 1] += alarms
        sums[t, 2] += similarity


def evaluate(labels, found):
    """AP40 by class, measure and difficulty, and AOS; a dict of columns a frame on both sides."""
    results = {}
    for measure in ("2d", "bev", "3d"):
        overlaps = []
        for ours, theirs in zip(labels, found, strict=True):
            if measure == "2d":
                overlaps.append(image_overlaps(theirs["boxes"], ours["boxes"], False))
            else:
                overlaps.append(
                    ground_overlaps(theirs["cuboids"], ours["cuboids"], measure == "3d")
                )
        for row, name in enumerate(CLASSES):
            figures = [
                _curves(labels, found, overlaps, name, level, MIN_OVERLAPS[row], measure == "2d")
                for level in range(3)
            ]
            results.setdefault(name, {})[measure] = [each[0] for each in figures]
            if measure == "2d":
                results[name]["aos"] = [each[1] for each in figures]
    return results


def _curves(labels, found, overlaps, name, level, min_overlap, in_image):
    frames, scores, label_count = [], [], 0
    for ours, theirs, table in zip(labels, found, overlaps, strict=True):
        states, found_states, regions, counted = sorted_out(ours, theirs, name, level)
        label_rows = np.c_[ours["boxes"], ours["alphas"]]
        found_rows = np.c_[theirs["boxes"], theirs["alphas"], theirs["scores"]]
        frames.append((table, label_rows, found_rows, states, found_states, regions))
        label_count += counted
        scores += statistics(*frames[-1], in_image, min_overlap, 0.0, False)[3].tolist()
    thresholds = np.array(
        thresholds_of(np.sort(np.array(scores))[::-1], max(label_count, 1)) if scores else []
    )
    sums = np.zeros((len(thresholds), 3))
    for frame in frames:
        add_counts(sums, *frame, in_image, min_overlap, thresholds)
    curves = np.zeros((2, STEPS))
    for t in range(len(thresholds)):
        curves[:, t] = sums[t, [0, 2]] / (sums[t, 0] + sums[t, 1])
    for t in range(len(thresholds)):
        curves[:, t] = curves[:, t:].max(axis=1)
    return curves[:, 1:].sum(axis=1) / (STEPS - 1) * 100
