"""Frames, scenes and playing."""

from collections.abc import Callable

from viewer.session.playback import SPEEDS
from viewer.ui.actions.base import Action, ActionContext, with_scene


def _step(count: int) -> Callable[[ActionContext], None]:
    return lambda context: context.session.step(count)


def _go_last(context: ActionContext) -> None:
    scene = context.session.scene
    if scene is not None:
        context.session.go_to_frame(len(scene.frames) - 1)


def _toggle_play(context: ActionContext) -> None:
    context.session.play(playing=not context.session.playback.playing)


def _toggle_loop(context: ActionContext) -> None:
    context.session.set_playback(loop=not context.session.playback.loop)


def _change_speed(steps: int) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        speed = context.session.playback.speed
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - speed))
        place = max(0, min(nearest + steps, len(SPEEDS) - 1))
        context.session.set_playback(speed=SPEEDS[place])

    return run


def _scene_step(step: int) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        session = context.session
        if session.dataset is None or session.scene is None:
            return
        index = session.dataset.scenes.index(session.scene) + step
        if 0 <= index < len(session.dataset.scenes):
            session.show_scene(index)

    return run


def _several_scenes(context: ActionContext) -> bool:
    dataset = context.session.dataset
    return dataset is not None and len(dataset.scenes) > 1


ACTIONS = (
    Action("frame.next", "Next frame", "Go", _step(1), ("Right",), "next", enabled=with_scene),
    Action("frame.previous", "Previous frame", "Go", _step(-1), ("Left",), "previous",
           enabled=with_scene),
    Action("frame.forward", "10 frames forward", "Go", _step(10), ("Shift+Right",), "forward",
           enabled=with_scene),
    Action("frame.back", "10 frames back", "Go", _step(-10), ("Shift+Left",), "back",
           enabled=with_scene),
    Action("frame.first", "First frame", "Go", lambda c: c.session.go_to_frame(0), ("Home",),
           "first", enabled=with_scene),
    Action("frame.last", "Last frame", "Go", _go_last, ("End",), "last", enabled=with_scene),
    Action(
        "play.toggle", "Play", "Go", _toggle_play, ("Space",), "play", "Play or pause", 1,
        with_scene, lambda c: c.session.playback.playing,
    ),
    Action("play.faster", "Faster", "Go", _change_speed(1), ("+",), group=1, enabled=with_scene),
    Action("play.slower", "Slower", "Go", _change_speed(-1), ("-",), group=1, enabled=with_scene),
    Action(
        "play.loop", "Loop", "Go", _toggle_loop, ("Ctrl+L",), "loop", "Start again at the end", 1,
        with_scene, lambda c: c.session.playback.loop,
    ),
    Action("scene.next", "Next scene", "Go", _scene_step(1), ("PgDown",), group=2,
           enabled=_several_scenes),
    Action("scene.previous", "Previous scene", "Go", _scene_step(-1), ("PgUp",), group=2,
           enabled=_several_scenes),
    Action(
        "go.to", "Go to frame, scene or label…", "Go", lambda c: c.shell.show_palette("@"),
        ("G",), "search", group=3, enabled=with_scene,
    ),
)  # fmt: skip
