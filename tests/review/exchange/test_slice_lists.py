import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from viewer.formats.base import DamagedData
from viewer.formats.lightly.tags import read_tags
from viewer.review import Subject, SubjectKind, Workspace
from viewer.review.commands.slices import CreateSlice
from viewer.review.exchange.slice_lists import (
    read_id_list,
    read_slice_json,
    write_id_list,
    write_slice_json,
)
from viewer.review.exchange.slice_tags import read_lightly_tags, write_lightly_tags
from viewer.review.slices.ids import KnownIds, member_id, subject_of_id
from viewer.review.slices.members import Members
from viewer.review.slices.provenance import by_query
from viewer.review.slices.reading import member_rows, slice_by_id, slices
from viewer.review.subject_rows import label_rows, subject_row

DATASET = "d" * 32
NAME = st.text(max_size=8).filter(lambda text: "\ud800" not in text)
SUBJECTS = st.one_of(
    st.builds(Subject.scene, st.just(DATASET), NAME),
    st.builds(Subject.frame, st.just(DATASET), NAME, NAME),
    st.builds(Subject.track, st.just(DATASET), NAME, NAME, NAME),
    st.builds(Subject.label, st.just(DATASET), NAME, NAME, NAME, NAME),
)


def frame(name: str, scene: str = "street"):
    return subject_row(Subject.frame(DATASET, scene, name))


@given(SUBJECTS)
def test_an_id_means_its_subject(subject):
    text = member_id(subject_row(subject))
    assert subject_of_id(subject.kind, DATASET, text) == subject
    assert len(text.splitlines()) <= 1
    assert text == text.strip()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(NAME.filter(bool), min_size=1, max_size=5))
def test_lists_come_back(tmp_path, names):
    rows = [frame(name) for name in sorted(names)]
    path = tmp_path / "some.txt"
    assert write_id_list(path, rows) == len(rows)
    found = read_id_list(path, SubjectKind.FRAME, DATASET)
    assert (found.name, found.rows, found.problems) == ("some", tuple(rows), ())
    known = read_id_list(path, SubjectKind.FRAME, DATASET, KnownIds(rows))
    assert known.rows == tuple(rows)


def test_ids_by_hand(tmp_path):
    labels = list(label_rows(DATASET, "street", "00", "gt", ["18", "a/b%\n"]))
    write_id_list(tmp_path / "l.txt", labels)
    assert (tmp_path / "l.txt").read_bytes() == b"street/00/gt/18\nstreet/00/gt/a%2Fb%25%0A\n"
    write_id_list(tmp_path / "f.txt", [frame("01"), frame("02")], short=True)
    assert (tmp_path / "f.txt").read_bytes() == b"01\n02\n"
    with pytest.raises(ValueError, match="same last name"):
        write_id_list(tmp_path / "no.txt", [frame("01"), frame("01", "yard")], short=True)
    with pytest.raises(ValueError, match="line break"):
        write_id_list(tmp_path / "no.txt", [frame("0\n1")], short=True)
    assert not (tmp_path / "no.txt").exists()


def test_last_names_will_do_and_wrong_lines_are_told(tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("\ufeff01\r\n\r\nyard/02\n02\nstreet/09\n01\n", encoding="utf-8")
    known = KnownIds([frame("01"), frame("02"), frame("02", "yard")])
    found = read_id_list(path, SubjectKind.FRAME, DATASET, known)
    assert found.rows == (frame("01"), frame("02", "yard"))
    assert [(each.place, each.message) for each in found.problems] == [
        ("line 4", "'02': 2 have this name, e.g. street/02; it is left out"),
        ("line 5", "'street/09': the dataset has none with this id; it is left out"),
    ]
    with pytest.raises(DamagedData, match=r"line 1.*id of a label is scene/frame/label set/label"):
        read_id_list(path, SubjectKind.LABEL, DATASET)
    path.write_bytes(b"\xff\xfe0")
    with pytest.raises(DamagedData, match="not UTF-8"):
        read_id_list(path, SubjectKind.FRAME, DATASET)


def test_json_keeps_how_a_slice_was_made(workspace: Workspace, tmp_path):
    made = CreateSlice(
        "1" * 32, "night", Members.of_rows([frame("01"), frame("00")]), by_query("lux < 3")
    )
    workspace.run(made)
    found = slice_by_id(workspace.reading, "1" * 32)
    path = tmp_path / "night.json"
    rows = list(member_rows(workspace.reading, "1" * 32))
    assert write_slice_json(path, found, rows, dataset_name="street", parent_name="all") == 2
    document = json.loads(path.read_text())
    assert document["members"] == ["street/00", "street/01"]
    assert document["created"].endswith("Z")
    assert (document["made"], document["parent"], document["count"]) == (
        "query lux < 3", "all", 2,
    )  # fmt: skip
    back = read_slice_json(path, DATASET)
    assert (back.name, back.kind, back.how) == ("night", SubjectKind.FRAME, by_query("lux < 3"))
    assert back.members.keys == made.members.keys


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"format": "other"}, r"\$.format"),
        ({"format": "sightline slice", "version": 2}, r"\$.version"),
        ({"format": "sightline slice", "version": 1}, r"\$.name"),
        ({"format": "sightline slice", "version": 1, "name": "a", "kind": "x"}, r"\$.kind"),
        ({"format": "sightline slice", "version": 1, "name": "a", "kind": "dataset"}, r"\$.kind"),
        ({"format": "sightline slice", "version": 1, "name": "a", "kind": "frame"}, "members"),
        ([1], "members"),
        (["a"], r"members\[0\]"),
        (7, r"\$.format"),
    ],
)
def test_wrong_json_is_refused(tmp_path, document, place):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    with pytest.raises(DamagedData, match=place):
        read_slice_json(path, DATASET)


def test_a_plain_json_list_holds_frames(tmp_path):
    path = tmp_path / "night.json"
    path.write_text('["street/00"]')
    assert read_slice_json(path, DATASET).rows == (frame("00"),)


FRAMES = [frame(f"{n}.jpg") for n in range(10)]


def test_lightly_tags_count_bits_from_the_least(workspace: Workspace, tmp_path):
    workspace.run(CreateSlice("1" * 32, "a", Members.of_rows(FRAMES[n] for n in (0, 3, 4, 6))))
    workspace.run(
        CreateSlice("2" * 32, "Späße!", Members.of_rows([FRAMES[9], frame("x")]), parent="1" * 32)
    )
    workspace.run(CreateSlice("3" * 32, "s", Members.of([Subject.scene(DATASET, "street")])))
    exported = write_lightly_tags(tmp_path, workspace.reading, slices(workspace.reading), FRAMES)
    assert dict(exported.losses) == {
        "slices of other things than frames": 1,
        "frames of other datasets": 1,
        "names changed to what the format allows": 2,
    }
    rows = json.loads((tmp_path / "lightly_tags.json").read_text())
    masks = {row["name"]: row["bitMaskData"] for row in rows}
    # 0x59 = 0b1011001: samples 0, 3, 4 and 6, the format's own example.
    assert masks == {"initial-tag": "0x3ff", "a__": "0x59", "Sp__e_": "0x200"}
    by_name = {row["name"]: row for row in rows}
    assert by_name["Sp__e_"]["prevTagId"] == by_name["a__"]["id"]
    assert by_name["a__"]["prevTagId"] == by_name["initial-tag"]["id"]
    listed = (tmp_path / "filenames.txt").read_text().split()
    assert listed == [f"{n}.jpg" for n in range(10)]

    path = tmp_path / "lightly_tags.json"
    tags = {tag.name: tag for tag in read_tags(json.loads(path.read_text()), path)}
    assert tags["a__"].file_names(listed) == ["0.jpg", "3.jpg", "4.jpg", "6.jpg"]
    found, problems = read_lightly_tags(path, FRAMES)
    assert {each.name: each.rows for each in found} == {
        "a__": tuple(FRAMES[n] for n in (0, 3, 4, 6)), "Sp__e_": (FRAMES[9],),
    }  # fmt: skip
    assert problems == []
    _, problems = read_lightly_tags(path, FRAMES[:9])
    assert [each.message for each in problems] == [
        "tag 'a__' counts 10 samples, the dataset 9 frames",
        "tag 'Sp__e_' counts 10 samples, the dataset 9 frames",
    ]


def test_one_tag_alone_is_read(tmp_path):
    path = tmp_path / "tag.json"
    path.write_text(json.dumps({"name": "abc", "bitMaskData": "0x3", "totSize": 10}))
    found, _ = read_lightly_tags(path, FRAMES)
    assert found[0].rows == tuple(FRAMES[:2])


def test_frames_of_one_key_in_two_scenes_have_whole_ids(workspace: Workspace, tmp_path):
    rows = [frame("00"), frame("00", "yard")]
    workspace.run(CreateSlice("1" * 32, "one", Members.of_rows(rows[1:])))
    write_lightly_tags(tmp_path, workspace.reading, slices(workspace.reading), rows)
    assert (tmp_path / "filenames.txt").read_text() == "street/00\nyard/00\n"
    found, _ = read_lightly_tags(tmp_path / "lightly_tags.json", rows)
    assert found[0].rows == (rows[1],)
