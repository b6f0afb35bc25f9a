import numpy as np
import pytest

from viewer.render.percentiles import percentiles


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_numpy_agrees(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count)
    percents = (0, 2, 5, 50, 98, 99.5, 100)
    assert percentiles(values, percents) == pytest.approx(np.percentile(values, percents))
