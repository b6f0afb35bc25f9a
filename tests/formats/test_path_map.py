"""Addresses in manifests: refused with file and place, or led by a map into its folder."""

import json

import manifests
import numpy as np
import nuscenes_tables
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.native.writer import write_native_scene
from viewer.formats.path_map import LeavesFolder, PathMap, parse_maps, without_lost_folders
from viewer.formats.survey import all_problems
from viewer.progress import JobContext

FINE, OUTSIDE = 60, 200


def shades(dataset):
    """Shades of all images that can be read."""
    found = []
    for scene in dataset.scenes:
        for frame in scene.frames:
            for ref in frame.images:
                try:
                    image = scene.reader.read_image(frame.index, ref.sensor_id, None)
                except DamagedData:
                    continue
                found.append(int(image.pixels[0, 0, 0]))
    return sorted(found)


def hostile(tmp_path):
    secret = manifests.picture(tmp_path / "outside" / "secret.png", OUTSIDE)
    return {
        "parent": "../../etc/passwd",
        "root": "/etc/passwd",
        "file": "file:///etc/passwd",
        "remote": "https://x/y",
        "bucket": "s3://bucket/secret.png",
        "parent picture": "../outside/secret.png",
        "hidden parent": "a/../../outside/secret.png",
        "absolute picture": str(secret),
        "file picture": secret.as_uri(),
        "windows": "C:\\outside\\secret.png",
    }


@pytest.mark.parametrize("make", manifests.MAKERS, ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    "kind",
    ["parent", "root", "file", "remote", "bucket", "parent picture", "hidden parent",
     "absolute picture", "file picture", "windows"],
)  # fmt: skip
def test_an_address_that_leads_elsewhere_is_refused_by_name(tmp_path, make, kind):
    address = hostile(tmp_path)[kind]
    made = make(tmp_path / "set", address)
    dataset = open_dataset(made.dataset)
    assert dataset.format_name == make.__name__
    problems = all_problems(dataset, JobContext())
    assert shades(dataset) == [FINE]
    told = [each for each in problems if each.source == str(made.file) and each.place]
    if make is manifests.dataloop and address.startswith("/"):
        # There a path that begins with a slash counts from the dataset.
        assert any(each.source.endswith(f"set/items{address}") for each in problems)
        return
    assert told, problems
    assert any(address[-8:] in each.message.replace("\\\\", "\\") for each in told), told
    if kind in ("remote", "bucket"):
        assert any("--map PREFIX=FOLDER" in each.message for each in told) or make is manifests.yolo


@pytest.mark.parametrize("make", manifests.MAKERS, ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("s3://bucket/data/", "s3://bucket/data/day 1/there.png"),
        ("gs://bucket", "gs://bucket/day 1/there.png"),
        ("https://Host/set", "https://host/set/day%201/there.png"),
        ("/mnt/data", "/mnt/data/day 1/there.png"),
        ("file:///mnt/data/", "file:///mnt/data/day%201/there.png"),
        ("D:\\data\\", "d:\\Data\\day 1\\there.png"),
    ],
)
def test_a_map_leads_to_the_file(tmp_path, make, prefix, address):
    manifests.picture(tmp_path / "local" / "day 1" / "there.png", OUTSIDE)
    made = make(tmp_path / "set", address)
    choices = parse_maps([f"{prefix}={tmp_path / 'local'}"])
    dataset = open_dataset(made.dataset, choices=choices)
    assert shades(dataset) == [FINE, OUTSIDE]
    told = [str(each) for each in all_problems(dataset, JobContext())]
    assert not any("--map" in each or "missing" in each for each in told), told


@pytest.mark.parametrize("make", manifests.MAKERS, ids=lambda make: make.__name__)
def test_no_address_leaves_the_folder_of_its_map(tmp_path, make):
    manifests.picture(tmp_path / "outside" / "secret.png", OUTSIDE)
    local = tmp_path / "local"
    local.mkdir()
    (local / "link.png").symlink_to(tmp_path / "outside" / "secret.png")
    choices = parse_maps([f"s3://b/={local}"])
    for number, rest in enumerate(
        ("../outside/secret.png", "link.png", "%2e%2e/outside/secret.png")
    ):
        made = make(tmp_path / f"set{number}", f"s3://b/{rest}")
        dataset = open_dataset(made.dataset, choices=choices)
        assert shades(dataset) == [FINE]
        assert all_problems(dataset, JobContext())


class TestPathMap:
    def test_the_longest_prefix_wins_whatever_the_order(self, tmp_path):
        for name in ("outer", "inner"):
            (tmp_path / name).mkdir()
        pairs = {"s3://b/": tmp_path / "outer", "s3://b/set/": tmp_path / "inner"}
        for folders in (pairs, dict(reversed(pairs.items()))):
            found = PathMap.of(folders)
            assert found.find("s3://b/set/a.png") == tmp_path / "inner" / "a.png"
            assert found.find("s3://b/other/a.png") == tmp_path / "outer" / "other" / "a.png"

    def test_a_prefix_ends_where_a_name_ends(self, tmp_path):
        found = PathMap.of({"s3://bucket/set": tmp_path})
        assert found.find("s3://bucket/set/a") == tmp_path / "a"
        for other in (
            "s3://bucket/set2/a",
            "s3://bucket2/set/a",
            "s3://bucket",
            "gs://bucket/set/a",
        ):
            assert found.find(other) is None

    def test_case_counts_in_paths_not_in_hosts_or_windows_paths(self, tmp_path):
        found = PathMap.of({"s3://Bucket/Set": tmp_path, "\\\\Server\\Share": tmp_path})
        assert found.find("S3://bucket/Set/A.png") == tmp_path / "A.png"
        assert found.find("s3://bucket/set/A.png") is None
        assert found.find("\\\\server\\share\\x\\A.png") == tmp_path / "x" / "A.png"
        assert found.find("server/share/x") is None

    def test_a_signed_address_and_odd_names(self, tmp_path):
        found = PathMap.of({"https://h/": tmp_path})
        assert found.find("https://h/a.png?X-Sign=../../b#c") == tmp_path / "a.png"
        odd = tmp_path / "50%25?.png"
        odd.touch()
        assert found.find("https://h/50%25?.png") == odd

    @pytest.mark.parametrize(
        "rest", ["../a", "a/../../b", "a\\..\\b", "a\0b", "%2e%2e/a", "..%2fa"]
    )
    def test_traversal_is_refused(self, tmp_path, rest):
        with pytest.raises(LeavesFolder):
            PathMap.of({"https://h/": tmp_path}).find(f"https://h/{rest}")

    def test_links_are_followed_before_it_is_decided(self, tmp_path):
        inner, outer = tmp_path / "inner", tmp_path / "outer"
        (inner / "real").mkdir(parents=True)
        outer.mkdir()
        (inner / "away").symlink_to(outer)
        (inner / "round").symlink_to(inner / "round")
        (inner / "near").symlink_to(inner / "real")
        found = PathMap.of({"s3://b": inner})
        assert found.find("s3://b/near/a") == inner / "near" / "a"
        for rest in ("away/a", "round/a"):
            with pytest.raises(LeavesFolder):
                found.find(f"s3://b/{rest}")

    def test_the_folder_itself_may_be_a_link(self, tmp_path):
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        found = PathMap.of({"s3://b": tmp_path / "link"}).find("s3://b/a")
        assert found == tmp_path / "real" / "a"


class TestParsing:
    def test_a_folder_may_hold_an_equals_sign_and_so_may_a_prefix(self, tmp_path):
        folder = tmp_path / "a=b"
        folder.mkdir()
        assert parse_maps([f"s3://b/x=1/={folder}"]) == {"map s3://b/x=1/": str(folder)}

    @pytest.mark.parametrize(
        ("text", "told"),
        [("s3://b", "is not PREFIX=FOLDER"), ("s3://b/=/no/such", "'/no/such' is no folder"),
         ("s3://b/=", "'' is no folder"), ("=.", "'' is no beginning")],
    )  # fmt: skip
    def test_what_cannot_be_used_is_named(self, text, told):
        with pytest.raises(ValueError, match=told):
            parse_maps([text])

    def test_a_relative_folder_counts_from_here(self, tmp_path, monkeypatch):
        (tmp_path / "data").mkdir()
        monkeypatch.chdir(tmp_path)
        assert parse_maps(["s3://b/=data"]) == {"map s3://b/": str(tmp_path / "data")}

    def test_a_remembered_folder_that_is_gone_is_forgotten(self, tmp_path):
        choices = {"map a": str(tmp_path), "map b": str(tmp_path / "gone"), "other": "x"}
        assert without_lost_folders(choices) == {"map a": str(tmp_path), "other": "x"}


@pytest.mark.parametrize("make", manifests.MAKERS, ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    "name", ["x" * 300 + ".png", "a/" * 3000 + "b.png", "s3://b/" + "x" * 300 + ".png"]
)
def test_a_name_that_no_disk_takes_is_missing_and_the_rest_opens(tmp_path, make, name):
    made = make(tmp_path / "set", name)
    (tmp_path / "local").mkdir()
    choices = parse_maps([f"s3://b={tmp_path / 'local'}"])
    dataset = open_dataset(made.dataset, choices=choices)
    assert shades(dataset) == [FINE]
    assert all_problems(dataset, JobContext()) or make is manifests.pascal_voc


OUTER = ("../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "https://x/y", "a/../../b.pcd")


@pytest.mark.parametrize("address", OUTER)
def test_a_nuscenes_table_leads_nowhere_else(tmp_path, address):
    rows = nuscenes_tables.tables()
    root = nuscenes_tables.write_tables(tmp_path, rows)
    victim = rows["sample_data"][0]
    # Only now, and in the table alone: what makes the files would write to the address.
    victim["filename"] = address
    (root / "v1.0-mini" / "sample_data.json").write_text(json.dumps(rows["sample_data"]))
    dataset = open_dataset(tmp_path)
    problems = all_problems(dataset, JobContext())
    table = str(root / "v1.0-mini" / "sample_data.json")
    (told,) = [each for each in problems if each.source == table and address in each.message]
    assert victim["token"] in told.place
    frames = dataset.scenes[0].frames
    assert sum(len(frame.sweeps) + len(frame.images) for frame in frames) > 3
    assert not any(address in ref.source for f in frames for ref in (*f.sweeps, *f.images))


@pytest.mark.parametrize("address", OUTER)
def test_a_scene_of_ours_that_leads_elsewhere_is_refused_and_the_others_open(tmp_path, address):
    for name in ("fine", "other"):
        builder = SceneBuilder(name)
        builder.add_lidar("lidar")
        builder.add_frame(timestamp_ns=0).add_points("lidar", np.ones((3, 3), np.float32))
        write_native_scene(builder.build(), tmp_path / name)
    manifest = tmp_path / "other" / "scene.json"
    content = json.loads(manifest.read_text())
    content["frames"][0]["point_clouds"][0]["file"] = address
    manifest.write_text(json.dumps(content))
    dataset = open_dataset(tmp_path)
    problems = all_problems(dataset, JobContext())
    assert [len(scene.frames) for scene in dataset.scenes] == [1, 0]
    assert len(dataset.scenes[0].reader.read_point_cloud(0, "lidar")) == 3
    (told,) = [each for each in problems if each.source == str(manifest)]
    assert told.place == "$.frames[0].point_clouds[0].file"
