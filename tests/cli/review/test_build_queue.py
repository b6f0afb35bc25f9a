"""`sightline review build-queue` and `assign`; the label files are the oracle."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.review.calling import call, call_json
from cli.review.dataset_hash import hash_of
from review.issues_examples import DATASET

from viewer.review import Reviewer, Subject, Workspace, new_id
from viewer.review.commands.slices import CreateSlice
from viewer.review.queues.reading import batch_items, batches, queues
from viewer.review.slices.members import Members

FRAMES = [Subject.frame(DATASET, "street_0007", f"{number:06}") for number in range(5)]
GT = ("--label-set", "ground_truth")


@pytest.fixture(autouse=True)
def untouched(request) -> Iterator[None]:
    """The dataset is byte-identical afterwards."""
    scene = request.getfixturevalue("street")[1] if "street" in request.fixturenames else None
    before = scene and hash_of(scene)
    yield
    assert scene is None or hash_of(scene) == before


@pytest.fixture
def night(path: Path) -> Path:
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.run(CreateSlice(new_id(), "night", Members.of(FRAMES)))
    return path


def rows(scene: Path) -> Iterator[dict]:
    for line in (scene / "labels" / "ground_truth.jsonl").read_text().splitlines():
        frame = json.loads(line)
        for columns in (frame["cuboids"], frame["boxes_2d"]):
            for each in zip(*(columns[name] for name in NAMES), strict=True):
                yield {"frame": frame["frame"], **dict(zip(NAMES, each, strict=True))}


NAMES = ("label_id", "class_name", "track_id")


def items(path: Path, name: str) -> list[Subject]:
    with Workspace.open(path, Reviewer("eve"), read_only=True) as workspace:
        reading = workspace.reading
        [queue] = [each for each in queues(reading) if each.name == name]
        found = [
            reading.subject(item.subject_key)
            for batch in batches(reading, queue.queue_id)
            for item in batch_items(reading, batch.batch_key)
        ]
    return [each for each in found if each is not None]


def test_labels_of_a_class_become_items(street):
    path, scene = street
    made = call_json("build-queue", path, "cyclists", *GT, "--class", "cyclist", "--batch-size", 50)
    wanted = {(r["frame"], r["label_id"]) for r in rows(scene) if r["class_name"] == "cyclist"}
    assert {(each.frame_key, each.label_id) for each in items(path, "cyclists")} == wanted
    assert (made["total"], made["origin"]) == (len(wanted), "cyclist")
    assert made["batches"][0]["size"] == 50


def test_labels_of_a_score_become_items(street):
    path, scene = street
    call("build-queue", path, "doubtful", "--label-set", "detector", "--score", 0.2, 0.5)
    wanted = set()
    for line in (scene / "labels" / "detector.jsonl").read_text().splitlines():
        cuboids = json.loads(line)["cuboids"]
        scored = zip(cuboids["label_id"], cuboids["score"], strict=True)
        wanted |= {label_id for label_id, score in scored if 0.2 <= score <= 0.5}
    assert {each.label_id for each in items(path, "doubtful")} == wanted != set()


def test_a_sample_by_class_keeps_the_shares_and_its_seed_draws_the_same(street):
    path, scene = street
    options = (*GT, "--sample", 100, "--seed", 7)
    call("build-queue", path, "one", *options, "--by-class")
    call("build-queue", path, "two", *options, "--by-class")
    call("build-queue", path, "other", *GT, "--sample", 100, "--seed", 8, "--by-class")
    assert items(path, "one") == items(path, "two") != items(path, "other")
    class_of = {(r["frame"], r["label_id"]): r["class_name"] for r in rows(scene)}
    all_classes = Counter(class_of.values())
    drawn = Counter(class_of.get((i.frame_key, i.label_id)) for i in items(path, "one"))
    for name, count in all_classes.items():
        assert abs(drawn[name] - 100 * count / sum(all_classes.values())) <= 1.5
    call("build-queue", path, "plain", *options)
    assert len(items(path, "plain")) == 100


def test_tracks_stand_for_their_labels(street):
    path, scene = street
    call("build-queue", path, "trucks", *GT, "--class", "truck", "--tracks")
    found = items(path, "trucks")
    wanted = {r["track_id"] for r in rows(scene) if r["class_name"] == "truck"}
    assert sorted(each.track_id for each in found) == sorted(wanted)
    [first, *_] = found
    on_track = ("--scene", "street", *GT, "--track", first.track_id)
    call("verdict", path, "accepted", *on_track, reviewer="ann")
    left = call_json("build-queue", path, "left", *GT, "--class", "truck", "--not-reviewed")
    labels = [r for r in rows(scene) if r["class_name"] == "truck"]
    assert left["total"] == sum(r["track_id"] != first.track_id for r in labels)


def test_findings_come_most_suspicious_first(night: Path, tmp_path: Path):
    there = {"scene": "street_0007", "frame": "000001", "label_set": "gt"}
    findings = [
        {"check": "loose_box", "score": 0.2, "subject": there | {"label": "1"}},
        {"check": "id_switch", "evidence": "jumps 9 m", "score": 0.9,
         "subject": {"scene": "street_0007", "label_set": "gt", "track": "7"}},
        {"subject": {"scene": "street_0007", "frame": "000002"}},
    ]  # fmt: skip
    file = tmp_path / "found.json"
    file.write_text(json.dumps({"findings": findings}))
    made = call_json("build-queue", night, "found", "--findings", file)
    assert [str(each.kind) for each in items(night, "found")] == ["track", "label", "frame"]
    assert made["origin"] == "findings: found.json"
    with Workspace.open(night, Reviewer("eve"), read_only=True) as workspace:
        [queue] = queues(workspace.reading)
        [batch] = batches(workspace.reading, queue.queue_id)
        first = batch_items(workspace.reading, batch.batch_key)[0]
    assert (first.detail.score, first.detail.why) == (0.9, "id switch: jumps 9 m")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("[{}]", "[0].subject"),
        ('[{"subject": {"label": "1", "scene": "s"}}]', "[0].subject"),
        ('[{"subject": {"scene": "s"}, "score": "high"}]', "[0].score"),
        ('[{"subject": {"scene": "s", "dataset_id": "other"}}]', "dataset_id"),
        ('{"issues": []}', "findings"),
        ("nonsense", "no valid JSON"),
    ],
)
def test_a_damaged_file_of_findings_is_told_with_its_place(path, tmp_path, content, place):
    file = tmp_path / "found.json"
    file.write_text(content)
    told = call("build-queue", path, "found", "--findings", file, code=3)
    assert "found.json" in told
    assert place.replace("no valid", "not valid") in told
    assert call_json("queue", path) == []


def test_what_others_judged_goes_to_a_second_reviewer(night: Path):
    for number in (0, 1):
        there = ("--scene", "street_0007", "--frame", f"{number:06}")
        call("verdict", night, "accepted", *there, reviewer="ann" if number else "bob")
    call("build-queue", night, "second", "--second-reviewer", "bob")
    assert [each.frame_key for each in items(night, "second")] == ["000001"]
    made = call_json("build-queue", night, "left", "--slice", "night", "--not-reviewed")
    assert made["total"] == 3
    assert "nothing fits" in call("build-queue", night, "x", "--second-reviewer", "bob",
                                  "--slice", "night", "--not-reviewed", code=1)  # fmt: skip


def test_batches_are_shared_and_assigned(night: Path):
    options = ("--slice", "night", "--batch-size", 1)
    made = call_json("build-queue", night, "all", *options, "--share", "ann=60", "--share",
                     "bob=40")  # fmt: skip
    assert [each["assignee"] for each in made["batches"]] == ["ann"] * 3 + ["bob"] * 2
    assert "nothing for cleo" in call("queue", night, "all", reviewer="cleo")
    assert call_json("queue", night, "all", reviewer="bob")["next"]["frame"] == "000003"
    made = call_json("assign", night, "all", "cleo", "--batch", 2)
    assert made["batches"][1] == {
        "number": 2, "state": "assigned", "assignee": "cleo", "size": 1, "done": 0,
    }  # fmt: skip
    made = call_json("assign", night, "all", "anyone", "--batch", 2)
    assert made["batches"][1]["assignee"] is None
    made = call_json("assign", night, "all", "--share", "dan", "--share", "eve")
    assert [each["assignee"] for each in made["batches"]] == ["dan"] * 3 + ["eve"] * 2
    assert "no batch 9" in call("assign", night, "all", "ann", "--batch", 9, code=1)
    assert "give --batch" in call("assign", night, "all", code=2)
    assert "not 100" in call("assign", night, "all", "--share", "ann=50", code=2)


def test_the_same_items_go_to_several(night: Path):
    made = call_json("build-queue", night, "both", "--slice", "night", "--same-for", "ann",
                     "--same-for", "bob")  # fmt: skip
    assert [each["name"] for each in made] == ["both (ann)", "both (bob)"]
    assert items(night, "both (ann)") == items(night, "both (bob)")
    assert "two reviewers" in call("build-queue", night, "x", "--slice", "night", "--same-for",
                                   "ann", code=2)  # fmt: skip


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "what goes in"),
        (["--class", "car"], "--label-set"),
        (["--slice", "night", "--by-class"], "belong to --sample"),
        (["--slice", "night", "--findings", "f.json"], "one of --slice"),
        (["--slice", "day"], "no slice day"),
        (["--slice", "night", "--share", "ann=lots"], "NAME=PERCENT"),
    ],
)
def test_what_makes_no_sense_is_told(night: Path, options, reason):
    assert reason in call("build-queue", night, "x", *options, code=2)
    assert call_json("queue", night) == []


def test_a_slice_is_narrowed_by_class(street):
    path, _ = street
    for label_id in ("car-01.000", "van-01.000"):
        call("slice", path, "two", "--scene", "street", "--frame", "000000", *GT, "--label",
             label_id)  # fmt: skip
    made = call_json("build-queue", path, "car", "--slice", "two", *GT, "--class", "car")
    assert [each.label_id for each in items(path, "car")] == ["car-01.000"]
    assert made["origin"] == "slice two, car"
    assert call_json("build-queue", path, "gt", "--slice", "two", *GT)["total"] == 2
    of_other = ("--slice", "two", "--label-set", "detector")
    assert "nothing fits" in call("build-queue", path, "none", *of_other, code=1)
    assert call_json("build-queue", path, "all", *GT)["origin"] == "labels of ground_truth"
    there = (*GT, "--scene", "street", "--class", "car")
    assert call_json("build-queue", path, "here", *there)["origin"] == "car, street"
    call("build-queue", path, "tracks", "--slice", "two", "--tracks")
    assert [each.track_id for each in items(path, "tracks")] == ["car-01", "van-01"]
