"""The eye, and what is drawn in 3D."""

from collections.abc import Callable
from dataclasses import replace

from viewer.ui.actions.base import Action, ActionContext, with_scene, with_selection

POINT_SIZES_PX = (1.0, 10.0)
"""Smallest and largest point size that a person can choose."""


def _eye(preset: str) -> Callable[[ActionContext], None]:
    return lambda context: context.shell.set_eye(preset)


def _toggle_layer(name: str) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        layers = context.session.view.layers
        changed = replace(layers, **{name: not getattr(layers, name)})
        context.session.set_view(layers=changed)

    return run


def _layer_on(name: str) -> Callable[[ActionContext], bool]:
    return lambda context: bool(getattr(context.session.view.layers, name))


def _resize_points(step_px: float) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        points = context.session.view.points
        smallest, largest = POINT_SIZES_PX
        size = max(smallest, min(points.size_px + step_px, largest))
        context.session.set_view(points=replace(points, size_px=size))

    return run


def _toggle_lighting(context: ActionContext) -> None:
    points = context.session.view.points
    context.session.set_view(points=replace(points, eye_dome_lighting=not points.eye_dome_lighting))


def _follow(what: str) -> Action:
    texts = {
        "ego": "Eye follows the vehicle",
        "track": "Eye follows the selected track",
        "world": "Eye stays in the world",
    }
    return Action(
        f"eye.follow_{what}", texts[what], "View", lambda c: c.session.set_view(follow=what),
        group=1, enabled=with_scene, checked=lambda c: c.session.view.follow == what,
    )  # fmt: skip


def _layer(name: str, text: str, *shortcuts: str, icon: str | None = None, tip: str = "") -> Action:
    return Action(
        f"layer.{name}", text, "Layers", _toggle_layer(name), shortcuts, icon, tip,
        checked=_layer_on(name),
    )  # fmt: skip


EYE_ACTIONS = (
    Action("eye.top", "Top view", "View", _eye("top"), ("T", "Num+7", "Num+Home"), "top",
           enabled=with_scene),
    Action("eye.front", "Front view", "View", _eye("front"), ("Num+1", "Num+End"), "front",
           enabled=with_scene),
    Action("eye.side", "Side view", "View", _eye("side"), ("Num+3", "Num+PgDown"), "side",
           enabled=with_scene),
    Action("eye.ego", "View from the vehicle", "View", _eye("ego"), ("E",), "ego",
           enabled=with_scene),
    Action("eye.behind", "Behind the object", "View", _eye("behind"), ("B",), "behind",
           "Look along the selected object's heading", enabled=with_selection),
    Action("eye.camera", "View of the camera", "View", _eye("camera"), ("V",), "camera",
           "Stand where the large camera stands", enabled=with_scene),
    Action("eye.frame", "Frame the selection", "View", lambda c: c.shell.frame_selection(),
           ("Z",), "frame", "The whole scene when nothing is selected", enabled=with_scene),
)  # fmt: skip

ACTIONS = (
    *EYE_ACTIONS,
    _follow("ego"),
    _follow("track"),
    _follow("world"),
    _layer("points", "Points", "Shift+P"),
    _layer("cuboids", "Cuboids", "Shift+B"),
    _layer("xray", "X-ray boxes", "X", icon="xray", tip="Boxes over the points that hide them"),
    _layer("trails", "Track trails", "Shift+T"),
    _layer("frusta", "Camera frusta", "Shift+F"),
    _layer("grid", "Ground grid", "Shift+G"),
    _layer("axes", "Axes and scale bar", "Shift+A"),
    Action(
        "points.colour", "Colour mode…", "Layers", lambda c: c.shell.choose_colour_mode(), ("K",),
        "colour", group=1, enabled=with_scene,
    ),
    Action("points.larger", "Larger points", "Layers", _resize_points(1.0), ("Ctrl++", "Ctrl+="),
           group=1),
    Action("points.smaller", "Smaller points", "Layers", _resize_points(-1.0), ("Ctrl+-",),
           group=1),
    Action(
        "points.lighting", "Eye-dome lighting", "Layers", _toggle_lighting, ("Shift+E",),
        tip="Darken points behind a step in depth", group=1,
        checked=lambda c: c.session.view.points.eye_dome_lighting,
    ),
)  # fmt: skip
