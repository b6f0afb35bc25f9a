"""Settings come back as they were saved, and damaged ones fall back to defaults."""

import json
from dataclasses import replace

import pytest

from viewer.session.settings import (
    MAX_RECENT,
    Settings,
    load_settings,
    save_settings,
    settings_path,
)
from viewer.session.view_settings import Filters, ViewSettings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "settings.json"


def test_round_trip(path):
    view = ViewSettings(dark=False, follow="world")
    view = replace(
        view,
        points=replace(view.points, size_px=4.5, colour_map="turbo", eye_dome_lighting=False),
        layers=replace(view.layers, trails=True, grid=False),
        images=replace(
            view.images, points=True, point_size_px=3.0, overlays=False, overlay_opacity=0.3
        ),
    )
    settings = Settings(
        ("/a", "/b"), view, (("geometry", "AAA"),), (("frame.next", "N"),),
        compare=(("min_points", "5"),),
    )  # fmt: skip
    save_settings(settings, path)
    assert load_settings(path) == settings


def test_filters_and_ranges_belong_to_a_scene_and_are_not_kept(path):
    view = ViewSettings(filters=Filters(hidden_classes=frozenset({"car"}), min_score=0.5))
    view = replace(view, points=replace(view.points, colour_range=(0.0, 9.0), sweep_count=5))
    save_settings(Settings(view=view), path)
    assert load_settings(path).view == ViewSettings()


def test_missing_file_gives_defaults(path):
    assert load_settings(path) == Settings()


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", "\x00\xff", '{"view": 3}'])
def test_damaged_file_gives_defaults(path, text):
    path.parent.mkdir()
    path.write_bytes(text.encode("latin-1"))
    assert load_settings(path) == Settings()


def test_values_of_a_wrong_kind_fall_back_one_by_one(path):
    path.parent.mkdir()
    stored = {
        "recent": ["/a", 7, None],
        "view": {
            "points": {"size_px": "big", "colour_map": "turbo", "round_splats": 1},
            "layers": {"grid": False, "unknown": True},
            "dark": "yes",
            "follow": "nobody",
        },
        "window": {"geometry": 5, "browse": "BBB"},
        "shortcuts": [1],
    }
    path.write_text(json.dumps(stored))
    loaded = load_settings(path)
    assert loaded.recent == ("/a",)
    assert loaded.view.points.size_px == ViewSettings().points.size_px
    assert loaded.view.points.round_splats is True
    assert loaded.view.points.colour_map == "turbo"
    assert loaded.view.layers.grid is False
    assert (loaded.view.dark, loaded.view.follow) == (True, "ego")
    assert loaded.window == (("browse", "BBB"),)
    assert loaded.shortcuts == ()


def test_whole_number_is_a_fine_size(path):
    path.parent.mkdir()
    path.write_text('{"view": {"points": {"size_px": 3}}}')
    assert load_settings(path).view.points.size_px == 3


def test_recent_list_is_short_and_has_no_doubles():
    settings = Settings()
    for index in range(30):
        settings = settings.with_recent(f"/{index}")
    settings = settings.with_recent("/20")
    assert settings.recent[0] == "/20"
    assert settings.recent.count("/20") == 1
    assert len(settings.recent) == MAX_RECENT


def test_failed_write_leaves_the_old_settings(path, monkeypatch):
    save_settings(Settings(recent=("/old",)), path)
    monkeypatch.setattr(json, "dumps", lambda *_a, **_k: "\ud800")
    with pytest.raises(UnicodeEncodeError):
        save_settings(Settings(recent=("/new",)), path)
    monkeypatch.undo()
    assert load_settings(path).recent == ("/old",)


def test_environment_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path))
    assert settings_path() == tmp_path / "settings.json"


def test_choices_are_kept_for_recent_paths_alone(path):
    settings = Settings().with_recent("/a").with_recent("/b")
    settings = settings.with_choices("/a", {"map s3://x": "/data"}).with_choices("/b", {"c": "d"})
    save_settings(settings, path)
    assert load_settings(path) == settings
    assert load_settings(path).choices_of("/a") == {"map s3://x": "/data"}
    assert load_settings(path).choices_of("/c") == {}
    again = settings.with_choices("/a", {"c": "e"})
    assert again.choices_of("/a") == {"c": "e"}
    save_settings(replace(settings, recent=("/b",)), path)
    assert load_settings(path).choices_of("/a") == {}


@pytest.mark.parametrize("stored", [[], "x", {"/a": 3}, {"/a": {"b": 4}}, {"/a": [["b", "c"]]}])
def test_damaged_choices_are_none(path, stored):
    path.parent.mkdir()
    path.write_text(json.dumps({"recent": ["/a"], "choices": stored}))
    settings = load_settings(path)
    assert settings.recent == ("/a",)
    assert settings.choices_of("/a") == {}
