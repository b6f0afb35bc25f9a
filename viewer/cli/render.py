"""`sightline render`: pictures and videos without a display."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import (
    DataloopPose,
    ExitCode,
    Maps,
    Strict,
    fail,
    fail_on_problems,
    import_choices,
    readable_errors,
    terminal_progress,
)
from viewer.progress import JobContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.scene.scene import Dataset, Scene
    from viewer.session.frame_content import FrameContent
    from viewer.session.view_settings import ViewSettings

    Painter = Callable[[FrameContent, ViewSettings], Any]
    Check = Callable[[FrameContent], None]

CACHE_BYTES = 512 * 1024**2
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".mp4")
SCENE_VIEWS = ("3d", "bev", "side", "front", "ego")


def run(
    path: Annotated[Path, typer.Argument(help="A dataset folder, a point cloud or an image.")],
    out: Annotated[Path, typer.Option("--out", help="FILE.png, or FILE.mp4 for all frames.")],
    frame: Annotated[int, typer.Option("--frame", help="Which frame, counted from 1.")] = 1,
    view: Annotated[
        str, typer.Option("--view", help="3d, bev, side, front, ego, camera:NAME or mosaic.")
    ] = "3d",
    size: Annotated[str, typer.Option("--size", help="WIDTHxHEIGHT in pixels.")] = "1280x720",
    scene: Annotated[
        str | None, typer.Option("--scene", help="Which scene of a dataset with several.")
    ] = None,
    colour_by: Annotated[
        str,
        typer.Option(
            "--colour-by",
            help="solid, height, distance, age, class (of the box), point_class, cameras or a"
            " field's name.",
        ),
    ] = "auto",
    sweeps: Annotated[int, typer.Option("--sweeps", min=1, help="Sweeps shown together.")] = 1,
    earlier_sweeps: Annotated[
        bool, typer.Option("--earlier-sweeps", help="Add sweeps recorded between frames.")
    ] = False,
    points_on_images: Annotated[
        bool, typer.Option("--points", help="Draw the points over camera images too.")
    ] = False,
    fps: Annotated[
        float, typer.Option("--fps", min=0.1, help="Frames a second of a video.")
    ] = 10.0,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
    strict: Strict = False,
) -> None:
    """Draw what the window shows into FILE.png; FILE.mp4 makes a video of all frames.

    Frames are counted from 1, as in the window.

    \b
    sightline render DRIVE --frame 12 --out frame.png
    sightline render DRIVE --view camera:front --points --out front.png
    sightline render DRIVE --view bev --colour-by height --sweeps 5 --out bev.png
    sightline render DRIVE --view mosaic --size 1920x1080 --out drive.mp4
    """  # noqa: D301 - the backspace keeps the lines apart in the help
    from dataclasses import replace

    from viewer.session.view_settings import ViewSettings

    size_px = _parse_size(size)
    if out.suffix.lower() not in SUFFIXES:
        fail(f"--out must end in one of {' '.join(SUFFIXES)}, not {out.name!r}", ExitCode.USAGE)
    choices = import_choices(dataloop_pose, maps)
    settings = ViewSettings()
    settings = replace(
        settings,
        points=replace(
            settings.points,
            colour_by=colour_by,
            sweep_count=sweeps,
            earlier_sweeps=earlier_sweeps,
        ),
        images=replace(
            settings.images,
            points=points_on_images,
            points_colour_by="depth" if colour_by == "auto" else colour_by,
        ),
    )
    with readable_errors(), terminal_progress("Drawing") as context:
        from viewer.formats.catalog import open_dataset

        dataset = open_dataset(path, choices=choices, context=context)
        try:
            chosen = _choose_scene(dataset.scenes, scene, path)
            check = partial(_require_sound, dataset, chosen) if strict else None
            if out.suffix.lower() == ".mp4":
                _render_video(context, chosen, view, settings, size_px, out, fps, check)
            else:
                _render_picture(chosen, frame, view, settings, size_px, out, check)
        finally:
            dataset.close()


def _parse_size(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdigit() and height.isdigit()):
        fail(f"--size must look like 1280x720, not {text!r}", ExitCode.USAGE)
    size_px = int(width), int(height)
    if not all(16 <= length <= 8192 for length in size_px):
        fail("--size must lie between 16 and 8192 pixels each way", ExitCode.USAGE)
    return size_px


def _choose_scene(scenes: "tuple[Scene, ...]", wanted: str | None, path: Path) -> "Scene":
    if not scenes or not any(scene.frames for scene in scenes):
        fail(f"{path} holds no frames", ExitCode.UNREADABLE)
    if wanted is None:
        return next(scene for scene in scenes if scene.frames)
    found = next((scene for scene in scenes if scene.scene_id == wanted), None)
    if found is not None:
        return found
    names = ", ".join(scene.scene_id for scene in scenes)
    return fail(f"there is no scene {wanted!r} in {path}; it has {names}", ExitCode.USAGE)


def _painter(scene: "Scene", view: str, size_px: tuple[int, int]) -> "Painter":
    """Return what draws one frame; its pictures are (H, W, 3) uint8 RGB."""
    if view == "mosaic":
        from viewer.render.painter import render_mosaic

        return lambda content, settings: render_mosaic(content, settings, size_px)
    if view.startswith("camera:"):
        name = view.removeprefix("camera:")
        if name not in scene.camera_ids:
            known = ", ".join(scene.camera_ids) or "no camera at all"
            fail(f"there is no camera {name!r}; the scene has {known}", ExitCode.USAGE)
        from viewer.render.painter import render_camera

        return lambda content, settings: render_camera(content, name, settings, size_px)
    if view not in SCENE_VIEWS:
        choices = ", ".join(SCENE_VIEWS)
        fail(f"--view must be {choices}, camera:NAME or mosaic, not {view!r}", ExitCode.USAGE)
    from viewer.render.snapshot import SceneSnapshots

    snapshots = SceneSnapshots(size_px)
    presets = [{"3d": "auto", "bev": "top"}.get(view, view)]

    def paint(content: "FrameContent", settings: "ViewSettings") -> Any:  # noqa: ANN401
        # The eye is placed once; from then on it keeps its place to the ego vehicle.
        preset = presets.pop() if presets else None
        return snapshots.take(content, settings, preset=preset)

    return paint


def _render_picture(
    scene: "Scene",
    frame: int,
    view: str,
    settings: "ViewSettings",
    size_px: tuple[int, int],
    out: Path,
    check: "Check | None",
) -> None:
    if not 1 <= frame <= len(scene.frames):
        fail(f"--frame must lie between 1 and {len(scene.frames)}, not {frame}", ExitCode.USAGE)
    from viewer.formats.pictures import write_picture

    paint = _painter(scene, view, size_px)
    content = _load(scene, frame - 1, settings, size_px[0])
    _check_colour(content, settings)
    if check is not None:
        check(content)
    write_picture(out, paint(content, settings))
    for problem in content.problems:
        print(f"sightline: {problem}")
    print(out)


def _render_video(
    context: JobContext,
    scene: "Scene",
    view: str,
    settings: "ViewSettings",
    size_px: tuple[int, int],
    out: Path,
    fps: float,
    check: "Check | None",
) -> None:
    from viewer.formats.pictures import VideoWriter

    paint = _painter(scene, view, size_px)
    with VideoWriter(out, size_px, fps) as video:
        for entry in context.track(scene.frames, f"Drawing {out.name}"):
            content = _load(scene, entry.index, settings, size_px[0])
            if entry.index == 0:
                _check_colour(content, settings)
            if check is not None:
                check(content)
            video.add(paint(content, settings))
    print(out)


def _require_sound(dataset: "Dataset", scene: "Scene", content: "FrameContent") -> None:
    """Leave when anything was found wrong so far."""
    found = (*dataset.problems, *scene.reader.problems(), *content.problems)
    fail_on_problems(tuple(dict.fromkeys(found)))


def _check_colour(content: "FrameContent", settings: "ViewSettings") -> None:
    """Refuse a colour mode that the frame does not offer, naming those that it does."""
    from viewer.render.colour import colour_modes

    asked = settings.points.colour_by
    offered = ("auto", *(mode.mode for mode in colour_modes(content)))
    if asked not in offered:
        fail(f"--colour-by must be one of {', '.join(offered)}, not {asked!r}", ExitCode.USAGE)


def _load(scene: "Scene", index: int, settings: "ViewSettings", width_px: int) -> "FrameContent":
    from viewer.formats.frame_cache import FrameCache
    from viewer.session.frame_store import FrameStore
    from viewer.session.tracks import told_tracks

    store = FrameStore(scene, FrameCache(CACHE_BYTES))
    try:
        store.use_tracks(told_tracks(scene))
        return store.load(JobContext(), index, settings, width_px)
    finally:
        store.close()
