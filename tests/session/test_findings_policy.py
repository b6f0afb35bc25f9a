"""The policy of a site over a drive with errors; what is said once labels or datasets change."""

from dataclasses import replace

import pytest
from checked_drive import changed, drive_scene, moved, true_rows
from fake_drive import Desk

from viewer.checks.catalog import all_checks, check_by_id
from viewer.checks.policy import read_policy
from viewer.scene.scene import Dataset, Growth
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_stale import Staleness
from viewer.session.settings import Settings, load_settings, save_settings

FRAME = 12


def spoilt_scene(scene_id="drive"):
    rows = changed(true_rows(), "car-1", [FRAME], center=moved(z=1.7))
    return replace(drive_scene(changed(rows, "car-2", [FRAME], yaw=0.0)), scene_id=scene_id)


@pytest.fixture(scope="module")
def scene():
    return spoilt_scene()


@pytest.fixture
def desk(scene, tmp_path):
    desk = Desk()
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", (scene,)))
    desk.settle()
    yield desk
    desk.close()


@pytest.fixture
def findings(desk):
    found = FindingsDesk(desk.session)
    yield found
    found.dispose()


@pytest.fixture
def checked(desk, findings):
    findings.check_scene()
    desk.settle()
    return findings


def site(tmp_path, text):
    path = tmp_path / "site.toml"
    path.write_text(text)
    return path


def checks_listed(findings):
    return {findings.table.finding(row).check for row in range(len(findings.table))}


def test_a_policy_is_followed_at_once_and_taken_back(desk, checked, tmp_path):
    kept = []
    checked.policy.remember = kept.append
    assert {"floating", "yaw-flip"} <= checks_listed(checked)
    path = site(tmp_path, 'skip = ["yaw-flip"]\n[checks.floating]\nmost_gap_m = 5.0\n')
    assert checked.policy.choose(path)
    desk.settle()
    assert not {"floating", "yaw-flip"} & checks_listed(checked)
    assert checked.policy.path == path
    checked.policy.clear()
    desk.settle()
    assert {"floating", "yaw-flip"} <= checks_listed(checked)
    assert checked.policy.path is None
    assert kept == [path, None]


def test_nothing_runs_because_of_a_policy_where_nothing_was_checked(desk, findings, tmp_path):
    assert findings.policy.choose(site(tmp_path, 'skip = ["aspect"]\n'))
    assert not findings.is_checking
    desk.settle()
    assert not findings.has_run


def test_a_wrong_policy_names_file_line_and_key_and_changes_nothing(desk, checked, tmp_path):
    good = site(tmp_path, 'skip = ["yaw-flip"]\n')
    checked.policy.choose(good)
    desk.settle()
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[checks.floating]\nmost_gap_m = -1\n")
    assert not checked.policy.choose(wrong)
    assert not checked.is_checking
    for part in ("wrong.toml", "line 2", "checks.floating.most_gap_m", "-1"):
        assert part in checked.policy.problem
    assert checked.policy.path == good
    assert not checked.options.policy.runs("yaw-flip")
    missing = tmp_path / "nowhere.toml"
    assert not checked.policy.choose(missing)
    assert "nowhere.toml" in checked.policy.problem


def test_the_policy_of_a_dataset_comes_back_with_it(desk, findings, scene, tmp_path):
    path = site(tmp_path, 'skip = ["aspect"]\n')
    known = {str(tmp_path / "drive"): path}
    findings.policy.remembered = lambda: known.get(str(desk.session.dataset.path))
    desk.session.open_dataset(Dataset(tmp_path / "other", "memory", (scene,)))
    assert findings.policy.path is None
    assert findings.options.policy.runs("aspect")
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", (scene,)))
    assert findings.policy.path == path
    assert not findings.options.policy.runs("aspect")
    path.unlink()
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", (scene,)))
    assert findings.policy.path is None
    assert "site.toml" in findings.policy.problem
    assert findings.options.policy.runs("aspect")


def test_what_was_learned_is_written_and_reads_back(desk, findings, tmp_path):
    path = tmp_path / "learned.toml"
    assert not findings.policy.write(path)
    findings.check_scene()
    desk.settle()
    assert findings.policy.write(path)
    policy = read_policy(path, all_checks())
    sizes = policy.parameters_of(check_by_id()["size-prior"])
    assert sizes.of("least_length_m", "car") < 4.5 < sizes.of("most_length_m", "car")
    inside = tmp_path / "drive" / "learned.toml"
    inside.parent.mkdir()
    assert not findings.policy.write(inside)
    assert not inside.exists()
    assert not findings.policy.write(tmp_path / "nowhere" / "learned.toml")


def test_settings_keep_the_policy_of_each_dataset(tmp_path):
    settings = Settings().with_policy("/a", "/p.toml").with_policy("/b", "/q.toml")
    path = tmp_path / "settings.json"
    save_settings(settings, path)
    assert dict(load_settings(path).policies) == {"/a": "/p.toml", "/b": "/q.toml"}
    assert dict(settings.with_policy("/a", None).policies) == {"/b": "/q.toml"}


def test_edits_put_a_dataset_run_behind_and_another_run_mends_it(desk, findings):
    findings.labels_changed()
    assert findings.staleness.text == ""
    findings.check_dataset()
    desk.settle()
    assert findings.staleness.text == ""
    findings.labels_changed()
    desk.settle()
    assert "edited" in findings.staleness.text
    findings.check_dataset()
    desk.settle()
    assert findings.staleness.text == ""


def test_growth_puts_what_was_checked_behind(desk, findings, scene, tmp_path):
    other = spoilt_scene("later")
    dataset = Dataset(tmp_path / "growing", "memory", (scene,))
    desk.session.open_dataset(dataset)
    desk.settle()
    findings.check_scene()
    desk.settle()
    assert findings.staleness.text == ""
    desk.session.use_grown(replace(dataset, scenes=(scene, other)))
    desk.settle()
    assert findings.staleness.text.startswith("More of the dataset")
    findings.check_scene()
    desk.settle()
    assert findings.staleness.text == ""


def test_a_dataset_run_checks_what_is_not_indexed_yet(desk, findings, scene, tmp_path, monkeypatch):
    whole = Dataset(tmp_path / "growing", "memory", (scene, spoilt_scene("later")))
    partial = replace(whole, scenes=(scene,), growth=Growth(lambda: whole))
    monkeypatch.setattr("viewer.session.growing.Growing.start", lambda *_: None)
    desk.session.open_dataset(partial)
    desk.settle()
    findings.check_dataset()
    desk.settle()
    assert set(findings.scenes) == {"drive", "later"}


def test_only_scenes_that_were_checked_are_behind():
    staleness = Staleness()
    staleness.edited()
    assert staleness.text == ""
    staleness.grown({"a", "b"})
    staleness.scene_checked("a")
    assert "scene" in staleness.text
    staleness.scene_checked("b")
    assert staleness.text == ""
    staleness.dataset_asked()
    staleness.grown({"a"})
    assert "dataset was checked" in staleness.text
    staleness.forget()
    assert staleness.text == ""


def test_a_policy_that_is_edited_holds_from_the_next_run_on(desk, checked, tmp_path):
    path = site(tmp_path, 'skip = ["yaw-flip", "aspect"]\n')
    checked.policy.choose(path)
    desk.settle()
    assert checked.policy.told == "2 checks left out, 0 numbers pinned"
    path.write_text("[checks.floating]\nmost_gap_m = 5.0\n")
    checked.policy.reread()
    checked.check_scene()
    desk.settle()
    assert "floating" not in checks_listed(checked)
    assert "yaw-flip" in checks_listed(checked)
    assert checked.policy.told == "1 number pinned"
    path.write_text("[checks.floating]\nmost_gap_m = -5.0\n")
    checked.policy.reread()
    assert "line 2" in checked.policy.problem
    assert not checked.options.policy.pinned["floating"].values["most_gap_m"] < 0
    assert checked.policy.path == path
