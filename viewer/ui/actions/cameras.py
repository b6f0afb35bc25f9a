"""Camera images and what is drawn over them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from viewer.ui.actions.base import Action, ActionContext, always


def _show_camera(number: int) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        session = context.session
        if session.scene is not None and number <= len(session.scene.camera_ids):
            session.set_large_camera(session.scene.camera_ids[number - 1])

    return run


def _has_camera(number: int) -> Callable[[ActionContext], bool]:
    def enabled(context: ActionContext) -> bool:
        scene = context.session.scene
        return scene is not None and number <= len(scene.camera_ids)

    return enabled


def _is_large(number: int) -> Callable[[ActionContext], bool]:
    def checked(context: ActionContext) -> bool:
        session = context.session
        if session.scene is None or session.large_camera is None:
            return False
        return session.scene.camera_ids[number - 1 : number] == (session.large_camera,)

    return checked


def _has_overlays(context: ActionContext) -> bool:
    scene = context.session.scene
    return scene is not None and scene.has_overlays


def _toggle(
    name: str,
    text: str,
    *shortcuts: str,
    icon: str | None = None,
    tip: str = "",
    enabled: Callable[[ActionContext], bool] = always,
) -> Action:
    def run(context: ActionContext) -> None:
        images = context.session.view.images
        changed: dict[str, Any] = {name: not getattr(images, name)}
        context.session.set_view(images=replace(images, **changed))

    return Action(
        f"image.{name}", text, "Cameras", run, shortcuts, icon, tip, 2,
        enabled=enabled, checked=lambda c: bool(getattr(c.session.view.images, name)),
    )  # fmt: skip


ACTIONS = (
    *(
        Action(
            f"camera.{number}", f"Camera {number}", "Cameras", _show_camera(number),
            (str(number),), tip="Show it large", enabled=_has_camera(number),
            checked=_is_large(number),
        )
        for number in range(1, 10)
    ),
    Action(
        "camera.mosaic", "All cameras", "Cameras", lambda c: c.session.set_large_camera(None),
        ("0",), "mosaic", group=1, enabled=_has_camera(1),
        checked=lambda c: c.session.scene is not None and c.session.large_camera is None,
    ),
    _toggle("cuboids", "Cuboids on images", "Ctrl+B"),
    _toggle("points", "Points on images", "P", icon="points"),
    _toggle("boxes_2d", "2D labels", "Ctrl+2"),
    _toggle("overlays", "Image overlays", "Ctrl+I", enabled=_has_overlays,
            tip="Pictures that the recording has over its images"),
    _toggle("rectified", "Show rectified", "Ctrl+R", tip="Undo the lens"),
    _toggle("move_with_velocity", "Move with velocity", "Ctrl+M",
            tip="Add each object's own motion up to the time of the image"),
)  # fmt: skip
