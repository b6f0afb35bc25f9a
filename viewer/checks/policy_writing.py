"""Writes a policy: what a run learned of each class, as numbers that a site pins from then on."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from viewer.checks.base import Parameter, Parameters, Question
from viewer.checks.learned import Learned, Usual
from viewer.checks.policy import Policy
from viewer.checks.single_box.size_prior import DIMENSIONS, SizePrior
from viewer.checks.single_box.tightness import Tightness
from viewer.checks.track.speed_limit import SpeedLimit

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
LEAST_LABELS: Final = 30
"""Of a class, to pin what was learned of it."""
WIDEST_SHARE: Final = 0.98
"""Of the labels of a class that its pinned sizes hold at least."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of one class that a check starts from, and where it comes from."""

    check: type[Question]
    name: str
    """Of the parameter that pins it."""
    value: float
    why: str


def limits_of(learned: Learned, class_name: str, policy: Policy) -> list[Limit]:
    """Return what the checks take for too much, or too little, in a class."""
    found = list(_sizes(learned, class_name, policy.parameters_of(SizePrior)))
    slack = learned.usual(class_name, "slack_m")
    change = learned.usual(class_name, "acceleration_mps2")
    for check, name, usual in (
        (Tightness, "most_slack_m", slack),
        (SpeedLimit, "least_acceleration_mps2", change),
    ):
        if usual.total < LEAST_LABELS:
            continue
        parameters = policy.parameters_of(check)
        deviations = parameters.of("most_deviations", class_name)
        told = usual.median + deviations * usual.spread
        least = parameters.of(name, class_name)
        why = (
            f"{usual.total:,} labels: median {usual.median:.3g} and {deviations:g} deviations of "
            f"{usual.spread:.3g}" if told > least
            else f"our own least; {usual.total:,} labels lie closer"
        )  # fmt: skip
        found.append(Limit(check, name, max(told, least), why))
        found.append(Limit(check, "most_deviations", 0.0, "so that the number above holds alone"))
    return found


def _sizes(learned: Learned, class_name: str, parameters: Parameters) -> Iterable[Limit]:
    for name in DIMENSIONS:
        usual = learned.usual(class_name, name)
        pinned = [parameters.of(f"{side}_{name}", class_name) for side in ("least", "most")]
        if pinned[0] > 0 or pinned[1] < float("inf"):
            for side, value in zip(("least", "most"), pinned, strict=True):
                if 0 < value < float("inf"):
                    yield Limit(SizePrior, f"{side}_{name}", value, "as it was pinned")
            continue
        if usual.total < max(LEAST_LABELS, parameters.of("least_labels", class_name)):
            continue
        low, high = size_range(usual, parameters, class_name)
        why = f"{usual.total:,} labels, median {usual.median:.3g} m; beyond it is a finding"
        yield Limit(SizePrior, f"least_{name}", low, why)
        yield Limit(SizePrior, f"most_{name}", high, why)


def size_range(usual: Usual, parameters: Parameters, class_name: str) -> tuple[float, float]:
    """Smallest and largest size within the deviations of a class, or had by enough of it."""
    middle, spread = usual.main_half()
    reach = parameters.of("most_deviations", class_name) * max(
        spread, parameters.of("least_spread", class_name)
    )
    edge = (1 - WIDEST_SHARE) / 2
    factor = 2.718281828459045**reach
    low, high = min(middle / factor, usual.quantile(edge)), usual.quantile(1 - edge)
    return low, max(middle * factor, high)


def policy_text(learned: Learned, policy: Policy, checks: Sequence[type[Question]]) -> str:
    """Return TOML that `read_policy` reads back: what is in force, and over it what was learned.

    Parameters
    ----------
    policy
        In force in the run that learned.
    """
    labels = sum(sum(each.values()) for each in learned.labels_by_scene.values())
    scenes = len(learned.labels_by_scene)
    lines = [
        "# A policy for Sightline's checks; `sightline check DATASET --policy FILE` takes it.",
        f"# Learned from {labels:,} labels of {scenes:,} {'scene' if scenes == 1 else 'scenes'}.",
        "# Units stand at the end of each name. Delete what shall be learned anew each time.",
        *_settings(policy),
    ]
    by_check: dict[str, dict[str, list[Limit]]] = {}
    for class_name in learned.class_names:
        for limit in limits_of(learned, class_name, policy):
            by_check.setdefault(limit.check.id, {}).setdefault(class_name, []).append(limit)
    for check in checks:
        own = policy.pinned.get(check.id, Parameters({}))
        lines += _of_check(check, own, by_check.get(check.id, {}))
    return "\n".join(lines) + "\n"


def _settings(policy: Policy) -> Iterable[str]:
    yield ""
    if policy.fail_on is not None:
        yield f'fail_on = "{policy.fail_on.word}"'
    if policy.only is not None:
        yield f"only = {json.dumps(sorted(policy.only))}"
    if policy.skip:
        yield f"skip = {json.dumps(sorted(policy.skip))}"
    for name in ("annotator_attribute", "batch_key"):
        value = getattr(policy, name)
        if value is not None:
            yield f"{name} = {_quoted(value)}"


def _of_check(
    check: type[Question], pinned: Parameters, learned: Mapping[str, Sequence[Limit]]
) -> Iterable[str]:
    known = {each.name: each for each in check.parameters}
    if pinned.values:
        yield ""
        yield f"[checks.{check.id}]"
        for name, value in pinned.values.items():
            yield f"{name} = {_number(value)}  # {_about(known[name])}; pinned before"
    for class_name in sorted({*pinned.by_class, *learned}):
        yield ""
        yield f"[checks.{check.id}.classes.{_key(class_name)}]"
        limits = learned.get(class_name, ())
        told = {each.name for each in limits}
        for limit in limits:
            yield f"{limit.name} = {_number(limit.value)}  # {limit.why}"
        for name, value in pinned.by_class.get(class_name, {}).items():
            if name not in told:
                yield f"{name} = {_number(value)}  # {_about(known[name])}; pinned before"


def _about(parameter: Parameter) -> str:
    return parameter.text


def _number(value: float) -> str:
    """As many digits as people read."""
    short = f"{value:.4g}"
    return short if any(sign in short for sign in ".en") else f"{short}.0"


def _key(name: str) -> str:
    """A key, bare where TOML lets it be."""
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """A basic string of TOML; JSON's escapes are the same but for surrogates."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
