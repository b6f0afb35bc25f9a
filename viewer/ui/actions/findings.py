"""Checking labels, going through what was found, and deciding about it."""

from typing import TYPE_CHECKING

from viewer.ui.actions.base import Action, ActionContext, panel_action, with_scene
from viewer.ui.findings.panels import FINDINGS_PANELS

if TYPE_CHECKING:
    from viewer.session.findings_desk import FindingsDesk


def _desk(context: ActionContext) -> "FindingsDesk | None":
    return context.shell.findings.desk


def with_finding(context: ActionContext) -> bool:
    """Possible while a finding is looked at."""
    desk = _desk(context)
    return desk is not None and desk.current is not None


def _with_list(context: ActionContext) -> bool:
    desk = _desk(context)
    return desk is not None and len(desk.listing) > 0


def _with_fix(context: ActionContext) -> bool:
    desk = _desk(context)
    return desk is not None and desk.current is not None and desk.current.fix is not None


def _with_labels(context: ActionContext) -> bool:
    scene = context.session.scene
    return scene is not None and bool(scene.label_sets)


def _check_scene(context: ActionContext) -> None:
    desk = context.shell.findings.begin().desk
    context.shell.show_panel("findings")
    desk.policy.reread()
    desk.check_scene()


def _check_dataset(context: ActionContext) -> None:
    desk = context.shell.findings.begin().desk
    context.shell.show_panel("findings")
    desk.policy.reread()
    desk.check_dataset()


def _choose_policy(context: ActionContext) -> None:
    room = context.shell.findings.begin()
    context.shell.show_panel("findings")
    room.choose_policy()


def _no_policy(context: ActionContext) -> None:
    desk = _desk(context)
    if desk is not None:
        desk.policy.clear()


def _with_policy(context: ActionContext) -> bool:
    desk = _desk(context)
    return desk is not None and (desk.policy.path is not None or bool(desk.policy.problem))


def _write_policy(context: ActionContext) -> None:
    room = context.shell.findings.room
    if room is not None:
        room.write_policy()


def _with_learned(context: ActionContext) -> bool:
    desk = _desk(context)
    return desk is not None and desk.learned is not None


def _why(context: ActionContext) -> None:
    context.shell.findings.begin("usual").show_why()


def _with_why(context: ActionContext) -> bool:
    desk = _desk(context)
    if desk is None or desk.current is None or desk.learned is None:
        return False
    from viewer.session.findings_usual import QUANTITY_OF

    return desk.current.check in QUANTITY_OF and bool(desk.current.class_name)


def _measure(context: ActionContext) -> None:
    desk = context.shell.findings.begin("doctor").desk
    context.shell.show_panel("doctor")
    desk.doctor.measure()


def _step(context: ActionContext, count: int) -> None:
    desk = _desk(context)
    if desk is not None:
        desk.walk.step(count)


def _accept(context: ActionContext) -> None:
    desk = _desk(context)
    if desk is not None:
        desk.work.accept()


def _dismiss(context: ActionContext) -> None:
    room = context.shell.findings.room
    if room is not None:
        room.dismiss()


def _open_issue(context: ActionContext) -> None:
    room = context.shell.findings.room
    if room is not None:
        room.open_issue()


def _fix(context: ActionContext) -> None:
    desk = _desk(context)
    if desk is not None:
        desk.work.fix()


def _fix_name(context: ActionContext) -> str:
    desk = _desk(context)
    fix = None if desk is None or desk.current is None else desk.current.fix
    if fix is None:
        return "Apply the suggested fix"
    from viewer.session.findings_text import fix_text

    return f"Fix: {fix_text(fix)}"


def _make_queue(context: ActionContext) -> None:
    desk = _desk(context)
    if desk is not None:
        desk.work.make_queue()


PANEL_ACTIONS = tuple(
    panel_action(place.name, place.title, place.shortcut) for place in FINDINGS_PANELS
)

ACTIONS = (
    Action("findings.check_scene", "Check this scene", "Review", _check_scene, ("Ctrl+F4",),
           group=5, enabled=_with_labels,
           tip="Find labels of this scene that are probably wrong"),
    Action("findings.check_dataset", "Check the dataset", "Review", _check_dataset,
           ("Ctrl+Shift+F4",), group=5, enabled=with_scene,
           tip="All scenes, in the background; what is usual is learned from all of them"),
    Action("findings.why", "What is usual for its class", "Review", _why, ("Alt+U",), group=5,
           enabled=_with_why, tip="Why the finding's label is unusual, charted"),
    Action("findings.policy", "Choose a policy for the checks…", "Review", _choose_policy, (),
           group=5, enabled=with_scene,
           tip="A TOML file of a site: which checks run, and with which numbers"),
    Action("findings.no_policy", "Check without a policy", "Review", _no_policy, (), group=5,
           enabled=_with_policy, tip="Every check, with what is learned from the dataset"),
    Action("findings.write_policy", "Write learned limits as a policy…", "Review",
           _write_policy, (), group=5, enabled=_with_learned,
           tip="What was learned of each class, as numbers that a site pins"),
    Action("doctor.measure", "Measure cameras and clocks", "Review", _measure, ("Ctrl+Alt+M",),
           group=5, enabled=with_scene,
           tip="How well calibration and times of this scene fit, frame by frame"),
    Action("findings.next", "Next finding", "Review", lambda c: _step(c, 1), ("Alt+Down",),
           group=5, enabled=_with_list),
    Action("findings.previous", "Previous finding", "Review", lambda c: _step(c, -1), ("Alt+Up",),
           group=5, enabled=_with_list),
    Action("findings.accept", "The finding is right: needs fix", "Review", _accept, ("Alt+A",),
           group=5, enabled=with_finding,
           tip="The label needs a fix, for the reason of the check; goes on to the next"),
    Action("findings.dismiss", "Dismiss the finding…", "Review", _dismiss, ("Alt+D",), group=5,
           enabled=with_finding, tip="It is none: it comes back only when the label changes"),
    Action("findings.fix", "Apply the suggested fix", "Review", _fix, ("Alt+X",), group=5,
           enabled=_with_fix, name=_fix_name),
    Action("findings.issue", "New issue from the finding", "Review", _open_issue, ("Alt+I",),
           "issue", group=5, enabled=with_finding, tip="An issue on its label, with this view"),
    Action("findings.queue", "Queue of the listed findings", "Review", _make_queue,
           ("Alt+Q",), "queue", group=5, enabled=_with_list,
           tip="Every label that is listed, to be worked through in Review"),
)  # fmt: skip
