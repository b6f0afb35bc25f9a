"""HOTA, CLEAR and IDF1 of KITTI tracking text, beside TrackEval on the same files.

TrackEval runs when SIGHTLINE_REFERENCE_VENV names the folder that `references.sh` filled.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from timed_rows import peak_gib, reference_row, reference_way

SEQUENCES, FRAMES, TRACKS = 21, 400, 30
TARGET = 10.0
MOST_GIB = 2.0
SEVERAL = 3
TRACKEVAL = "TrackEval 1.3.0"


def run(sequences: int = SEQUENCES, frames: int = FRAMES) -> list[dict[str, object]]:
    """Time reading with evaluating, and evaluating alone; the figures are compared as well."""
    from viewer.metrics import warm_up

    warm_up()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_folders(folder, sequences, frames)
        figures, read_s, evaluate_s = our_way(folder)
        most = peak_gib()
        reference = reference_way("tracking.py", str(folder), environment="tracking")
    if reference is not None:
        for class_name, expected in reference["figures"].items():
            for metric, figure in expected.items():
                ours = figures[class_name.capitalize()][metric]
                assert abs(ours - figure) < 1e-9, (class_name, metric, ours, figure)
    title = f"HOTA, CLEAR and IDF1 of {sequences * frames:,} frames"
    return [
        reference_row(f"{title}, evaluated", evaluate_s, reference, ("evaluate_s",), TRACKEVAL,
                      TARGET),
        reference_row(f"{title}, read and evaluated", read_s + evaluate_s, reference,
                      ("read_s", "evaluate_s"), TRACKEVAL),
        {"name": f"{title}, most memory", "ours": most, "unit": "GiB", "target": MOST_GIB},
    ]  # fmt: skip


def our_way(folder: Path) -> tuple[dict, float, float]:
    """Figures of both protocols, and the least of several times."""
    from viewer.metrics.gathering import gather_paths
    from viewer.metrics.protocols.clear import Clear
    from viewer.metrics.protocols.hota import Hota
    from viewer.progress import JobContext

    read_s, evaluate_s, figures = [], [], {}
    for _ in range(SEVERAL):
        started = time.perf_counter()
        sides = gather_paths(folder / "label_02", folder / "tracks" / "data", JobContext())
        usable = sides.predictions[0].objects(despite_problems=False)
        read = time.perf_counter()
        hota = Hota().evaluate(sides.labels, usable, {}, JobContext()).results
        clear = Clear().evaluate(sides.labels, usable, {}, JobContext()).results
        evaluate_s.append(time.perf_counter() - read)
        read_s.append(read - started)
        figures = {name: {**hota[name], **clear[name]} for name in hota}
    return figures, min(read_s), min(evaluate_s)


def write_folders(folder: Path, sequences: int, frames: int) -> None:
    """Write label_02 and tracks: boxes that drift over the image, some unseen, some false."""
    rng = np.random.default_rng(0)
    for name in ("label_02", "tracks/data"):
        (folder / name).mkdir(parents=True)
    listing = ""
    for sequence in range(sequences):
        labels, found = [], []
        for track in range(TRACKS):
            kind = ("Car", "Pedestrian", "Van")[rng.choice(3, p=[0.6, 0.3, 0.1])]
            first = int(rng.integers(0, frames // 2))
            length = int(rng.integers(40, frames // 2))
            place, step = rng.uniform([0, 100], [1100, 250]), rng.normal(0, 1.5, 2)
            size = rng.uniform([30, 40], [120, 110])
            guess = 1000 + track
            for frame in range(first, first + length):
                place = place + step
                corners = np.r_[place, place + size]
                labels.append(line(frame, track, kind, corners, rng.integers(0, 4)))
                if rng.random() < 0.02:
                    guess = 10_000 + track * frames + frame
                if rng.random() < 0.85:
                    seen = corners + rng.normal(0, 5, 4)
                    shown = "Car" if kind == "Van" else kind
                    found.append(line(frame, guess, shown, seen, 0) + f" {rng.random():.3f}")
        name = f"{sequence:04d}"
        (folder / "label_02" / f"{name}.txt").write_text("\n".join(labels) + "\n")
        (folder / "tracks" / "data" / f"{name}.txt").write_text("\n".join(found) + "\n")
        listing += f"{name} empty 000000 {frames:06d}\n"
    (folder / "evaluate_tracking.seqmap.training").write_text(listing)


def line(frame: int, track: int, kind: str, corners: np.ndarray, occluded: int) -> str:
    box = " ".join(f"{part:.2f}" for part in corners)
    return f"{frame} {track} {kind} 0 {occluded} -10 {box} 1.5 1.6 4 0 1.5 20 0"
