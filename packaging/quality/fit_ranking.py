"""Fits the weights of the ranking on the seeds for tuning.

python packaging/quality/fit_ranking.py
"""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

HERE = Path(__file__).parents[2]
sys.path[:0] = [str(HERE), str(Path(__file__).parent)]

from planted import Judge, findings_of  # noqa: E402

from sample_scenes.planted_seeds import GROUND_TRUTH, ROADS, TUNING_SEEDS, spoilt_road  # noqa: E402
from viewer.checks.catalog import CHECKS  # noqa: E402
from viewer.checks.finding import LabelName  # noqa: E402
from viewer.checks.ranking import WEIGHTS_FILE, doublings, features, grouped  # noqa: E402

PULL = 0.02
"""Towards no weight at all, a label."""


def main() -> None:
    names = [check.id for check in CHECKS]
    rows, wrong, quiet = [], [], 0
    for name, seed in itertools.product(ROADS, TUNING_SEEDS):
        road = spoilt_road(name, seed)
        judge = Judge(road)
        groups = grouped(findings_of(road))
        accused: set[LabelName] = set()
        for group in groups:
            own, longer = features(group.findings), doublings(group)
            length = 0.0 if longer is None else longer[1]
            rows.append([*(own.get(check, 0.0) for check in names), length])
            wrong.append(any(judge.is_true(finding) for finding in group.findings))
            accused |= {finding.labels[0] for finding in group.findings if finding.labels}
        total = sum(len(frame.cuboids) for frame in road.labels[GROUND_TRUTH])
        quiet += total - len(accused)
    x, y = np.array(rows), np.array(wrong, dtype=float)

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        bias, weights = values[0], values[1:]
        odds = bias + x @ weights
        # Labels of which nobody says anything are right, nearly always.
        share = 1 / (1 + np.exp(-odds))
        calm = 1 / (1 + np.exp(-bias))
        value = (np.logaddexp(0, odds) - y * odds).sum() + quiet * np.logaddexp(0, bias)
        value += PULL * len(x) / len(names) * (weights**2).sum() / 2
        slope = x.T @ (share - y) + PULL * len(x) / len(names) * weights
        return value, np.concatenate([[(share - y).sum() + quiet * calm], slope])

    count = x.shape[1]
    bounds = [(None, None), *[(0.0, None)] * count]
    start = np.concatenate([[-2.0], np.ones(count)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    document = {
        "seeds": list(TUNING_SEEDS),
        "bias": round(float(found.x[0]), 4),
        "per_doubling": round(float(found.x[-1]), 4),
        # Of checks that nothing was planted for, nothing is known.
        "by_check": {
            name: round(float(weight), 4)
            for name, weight, column in zip(names, found.x[1:-1], x.T[:-1], strict=True)
            if column.any()
        },
    }
    path = HERE / "viewer" / "checks" / WEIGHTS_FILE
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
