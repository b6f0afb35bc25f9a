"""KITTI tracking text with everything that its rules ask for; standard library only."""

from random import Random

NAMES = ("Car", "Car", "Car", "Van", "Pedestrian", "Pedestrian", "Person", "Cyclist", "Truck")
FRAMES = 20
SEEDS = range(6)


def row(frame, track, name, box, *, truncated=0, occluded=0, score=None):
    left, top, right, bottom = (round(part, 2) for part in box)
    text = (
        f"{frame} {track} {name} {truncated} {occluded} -10 {left} {top} {right} {bottom}"
        f" 1.5 1.6 4 {round(left / 40, 2)} 1.5 20 0"
    )
    return text if score is None else f"{text} {score}"


def sequence(seed, *, jitter_px=6.0, missing=0.2, switching=0.1):
    """(labels, tracks): lines of one sequence, whose objects move right and hide now and then."""
    rng = Random(seed)
    labels, tracks = [], []
    for track in range(rng.randrange(6, 14)):
        name = rng.choice(NAMES)
        first = rng.randrange(FRAMES)
        last = rng.randrange(first, FRAMES)
        left, top = rng.uniform(0, 900), rng.uniform(100, 200)
        wide, high = rng.uniform(20, 120), rng.choice((22.0, 25.0, 40.0, 90.0))
        guess, shown = 100 + track, rng.choice((name, name, name, "Car"))
        for frame in range(first, last + 1):
            left += rng.uniform(0, 8)
            box = (left, top, left + wide, top + high)
            truncated, occluded = rng.choice((0, 0, 0, 0, 1)), rng.choice((0, 0, 1, 2, 3))
            labels.append((frame, row(frame, track, name, box, truncated=truncated,
                                      occluded=occluded)))  # fmt: skip
            if rng.random() < switching:
                guess = 200 + track * FRAMES + frame
            if rng.random() > missing:
                seen = [part + rng.gauss(0, jitter_px) for part in box]
                if rng.random() < 0.1:
                    seen = list(box)
                score = round(rng.random(), 2)
                tracks.append((frame, row(frame, guess, shown, seen, score=score)))
    for frame in range(FRAMES):
        if rng.random() < 0.4:
            left = rng.uniform(0, 800)
            region = (left, 120, left + 150, 260)
            labels.append((frame, row(frame, -1, "DontCare", region, truncated=-1, occluded=-1)))
            inside = (left + 20, 140, left + 80, 230)
            tracks.append((frame, row(frame, 900 + frame, "Car", inside, score=0.4)))
    rng.shuffle(labels)
    rng.shuffle(tracks)
    order = [sorted(lines, key=lambda line: line[0]) for lines in (labels, tracks)]
    return tuple([text for _, text in lines] for lines in order)


def write_sequences(root):
    """Write label_02, tracks and the list of sequences; return their names."""
    (root / "label_02").mkdir(parents=True)
    (root / "tracks" / "data").mkdir(parents=True)
    names = []
    for seed in SEEDS:
        name = f"{seed:04d}"
        labels, tracks = sequence(seed)
        if seed == 4:
            tracks = [line for line in tracks if " Pedestrian " not in line]
        if seed == 5:
            tracks = tracks[:1]
        (root / "label_02" / f"{name}.txt").write_text("\n".join(labels) + "\n")
        (root / "tracks" / "data" / f"{name}.txt").write_text("\n".join(tracks) + "\n")
        names.append(name)
    listing = "".join(f"{name} empty 000000 {FRAMES:06d}\n" for name in names)
    (root / "evaluate_tracking.seqmap.training").write_text(listing)
    return names
