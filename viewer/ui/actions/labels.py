"""Labels: choosing, showing, isolating, measuring."""

from collections.abc import Callable
from dataclasses import replace

from viewer.session.view_settings import Filters, Solo
from viewer.ui.actions.base import Action, ActionContext, with_scene, with_selection

ISOLATE_MARGIN_M = 0.5
"""Margin that the isolate action starts with."""


def _toggle_captions(context: ActionContext) -> None:
    """Captions in 3D and on images are one switch for people."""
    session = context.session
    shown = not session.view.layers.captions
    session.set_view(
        layers=replace(session.view.layers, captions=shown),
        images=replace(session.view.images, captions=shown),
    )


def _toggle_predictions(context: ActionContext) -> None:
    layers = context.session.view.layers
    context.session.set_view(layers=replace(layers, predictions=not layers.predictions))


def _toggle_solo(solo: Solo) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        filters = context.session.view.filters
        wanted = Solo.OFF if filters.solo is solo else solo
        context.session.set_view(filters=replace(filters, solo=wanted))

    return run


def _toggle_isolate(context: ActionContext) -> None:
    filters = context.session.view.filters
    margin = ISOLATE_MARGIN_M if filters.isolate_margin_m is None else None
    context.session.set_view(filters=replace(filters, isolate_margin_m=margin))


def _hide_class(context: ActionContext) -> None:
    session = context.session
    key, content = session.selection, session.content
    if key is None or content is None or key.label_set_id not in content.labels:
        return
    labels = content.labels[key.label_set_id].cuboids
    row = labels.row_of(key.label_id)
    if row is not None:
        hidden = session.view.filters.hidden_classes | {labels.class_names[row]}
        session.set_view(filters=replace(session.view.filters, hidden_classes=hidden))


def _filtered(context: ActionContext) -> bool:
    return context.session.view.filters != Filters()


ACTIONS = (
    Action("label.next", "Next label", "Labels", lambda c: c.session.select_next_label(1),
           ("Down",), enabled=with_scene),
    Action("label.previous", "Previous label", "Labels",
           lambda c: c.session.select_next_label(-1), ("Up",), enabled=with_scene),
    Action("label.deselect", "Step back", "Labels", lambda c: c.shell.step_back(), ("Esc",),
           tip="Leave measuring, the large camera, then the selection"),
    Action("label.captions", "Captions", "Labels", _toggle_captions, ("L",), "labels",
           "Class and track beside each box", 1, checked=lambda c: c.session.view.layers.captions),
    Action("label.predictions", "Predictions", "Labels", _toggle_predictions, ("H",),
           "predictions", "Boxes of models, drawn dashed", 1,
           checked=lambda c: c.session.view.layers.predictions),
    Action("label.solo", "Only the selected label", "Labels", _toggle_solo(Solo.LABEL), ("O",),
           group=2, enabled=with_selection,
           checked=lambda c: c.session.view.filters.solo is Solo.LABEL),
    Action("label.solo_track", "Only the selected track", "Labels", _toggle_solo(Solo.TRACK),
           ("Shift+O",), group=2, enabled=with_selection,
           checked=lambda c: c.session.view.filters.solo is Solo.TRACK),
    Action("label.isolate", "Only points in the selected box", "Labels", _toggle_isolate,
           ("Shift+I",), group=2, enabled=with_selection,
           checked=lambda c: c.session.view.filters.isolate_margin_m is not None),
    Action("label.hide_class", "Hide the selected class", "Labels", _hide_class, ("Shift+H",),
           group=2, enabled=with_selection),
    Action("filter.clear", "Clear all filters", "Labels",
           lambda c: c.session.set_view(filters=Filters()), ("Ctrl+Shift+F",), "filter", group=2,
           enabled=_filtered),
    Action("measure.toggle", "Measure", "Labels", lambda c: c.shell.toggle_measuring(), ("M",),
           "measure", "Distances between points, to the ground, between boxes", 3, with_scene,
           lambda c: c.shell.measuring),
    Action("measure.clear", "Clear measurements", "Labels",
           lambda c: c.shell.clear_measurements(), ("Shift+M",), group=3, enabled=with_scene),
)  # fmt: skip
