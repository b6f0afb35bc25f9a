"""What is remembered between starts: recent paths, view settings, window state."""

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from viewer.session.view_settings import SECTIONS, ViewSettings

MAX_RECENT = 12
MAX_WORKSPACES = 200
_REMEMBERED = {
    "points": ("colour_map", "size_px", "round_splats", "eye_dome_lighting"),
    "layers": tuple(f.name for f in dataclasses.fields(SECTIONS["layers"])),
    "images": (
        "cuboids",
        "captions",
        "boxes_2d",
        "points",
        "points_colour_by",
        "point_size_px",
        "overlays",
        "overlay_opacity",
    ),
}
"""View settings that hold for any scene; filters and ranges belong to the one they were made on."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything remembered; frozen, so that a change is a new value that is saved at once."""

    recent: tuple[str, ...] = ()
    view: ViewSettings = dataclasses.field(default_factory=ViewSettings)
    window: tuple[tuple[str, str], ...] = ()
    """Named window states as text, e.g. geometry and dock layout."""
    shortcuts: tuple[tuple[str, str], ...] = ()
    """Keys that differ from the defaults, by action id."""
    choices: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """By recent path: what was chosen about its files on opening."""
    reviewer: str = ""
    """Name that stands beside decisions; empty for the login name."""
    reviewer_email: str = ""
    workspaces: tuple[tuple[str, str], ...] = ()
    """By dataset path: its workspace, the one used last first."""
    policies: tuple[tuple[str, str], ...] = ()
    """By dataset path: the policy that its checks follow."""
    compare: tuple[tuple[str, str], ...] = ()
    """How labels and predictions are paired, where it differs from the defaults; JSON values."""

    def with_recent(self, path: str) -> "Settings":
        """Put a path first in the recent list."""
        others = tuple(item for item in self.recent if item != path)
        return replace(self, recent=(path, *others)[:MAX_RECENT])

    def with_choices(self, path: str, choices: Mapping[str, str]) -> "Settings":
        """Remember what was chosen about a path, for as long as it is a recent one."""
        kept = {name: pairs for name, pairs in self.choices if name in self.recent}
        kept[path] = tuple(choices.items())
        return replace(self, choices=tuple(kept.items()))

    def with_workspace(self, dataset_path: str, workspace_path: str) -> "Settings":
        """Remember which workspace a dataset has."""
        others = tuple(pair for pair in self.workspaces if pair[0] != dataset_path)
        kept = ((dataset_path, workspace_path), *others)[:MAX_WORKSPACES]
        return replace(self, workspaces=kept)

    def with_policy(self, dataset_path: str, policy_path: str | None) -> "Settings":
        """Remember which policy the checks of a dataset follow; None for none."""
        others = tuple(pair for pair in self.policies if pair[0] != dataset_path)
        own = () if policy_path is None else ((dataset_path, policy_path),)
        return replace(self, policies=(*own, *others)[:MAX_WORKSPACES])

    def choices_of(self, path: str) -> dict[str, str]:
        """Return what was chosen about a path."""
        return dict(next((pairs for name, pairs in self.choices if name == path), ()))


def settings_path() -> Path:
    """Where the settings lie; `SIGHTLINE_CONFIG` names another folder."""
    folder = os.environ.get("SIGHTLINE_CONFIG")
    return (Path(folder) if folder else user_config_path("sightline")) / "settings.json"


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; whatever cannot be used falls back to its default."""
    try:
        stored = json.loads((path or settings_path()).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(stored, dict):
        return Settings()
    recent = tuple(item for item in _list(stored.get("recent")) if isinstance(item, str))
    return Settings(
        recent=recent[:MAX_RECENT],
        view=_view_from(stored.get("view")),
        window=_text_pairs(stored.get("window")),
        shortcuts=_text_pairs(stored.get("shortcuts")),
        choices=_choices_from(stored.get("choices")),
        reviewer=_text(stored.get("reviewer")),
        reviewer_email=_text(stored.get("reviewer_email")),
        workspaces=_text_pairs(stored.get("workspaces")),
        policies=_text_pairs(stored.get("policies")),
        compare=_text_pairs(stored.get("compare")),
    )


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings through a temporary file, so that a crash leaves the old ones."""
    target = path or settings_path()
    target.parent.mkdir(parents=True, exist_ok=True)
    stored = {
        "recent": list(settings.recent),
        "view": {
            section: {name: getattr(getattr(settings.view, section), name) for name in names}
            for section, names in _REMEMBERED.items()
        }
        | {"dark": settings.view.dark, "follow": settings.view.follow},
        "window": dict(settings.window),
        "shortcuts": dict(settings.shortcuts),
        "choices": {
            path: dict(pairs) for path, pairs in settings.choices if path in settings.recent
        },
        "reviewer": settings.reviewer,
        "reviewer_email": settings.reviewer_email,
        "workspaces": dict(settings.workspaces),
        "policies": dict(settings.policies),
        "compare": dict(settings.compare),
    }
    draft = target.with_suffix(".tmp")
    draft.write_text(json.dumps(stored, indent=1), encoding="utf-8")
    draft.replace(target)


def _view_from(stored: object) -> ViewSettings:
    view = ViewSettings()
    if not isinstance(stored, dict):
        return view
    for section, names in _REMEMBERED.items():
        values = stored.get(section)
        if isinstance(values, dict):
            default = getattr(view, section)
            usable = {
                name: values[name]
                for name in names
                if name in values and _same_kind(values[name], getattr(default, name))
            }
            view = replace(view, **{section: replace(default, **usable)})
    if isinstance(stored.get("dark"), bool):
        view = replace(view, dark=stored["dark"])
    if stored.get("follow") in ("ego", "track", "world"):
        view = replace(view, follow=stored["follow"])
    return view


def _same_kind(value: object, default: object) -> bool:
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(default)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _choices_from(stored: object) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    if not isinstance(stored, dict):
        return ()
    return tuple((path, _text_pairs(pairs)) for path, pairs in stored.items())


def _text_pairs(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        return ()
    return tuple((k, v) for k, v in value.items() if isinstance(v, str))
