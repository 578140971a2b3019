import math

import numpy as np
import pytest

from sim.core.randomness import CONSTANT, LOGNORMAL, PARETO, UNIFORM, WATCH, WEIBULL, draw, sample
from sim.scenario.distributions import Constant, Distribution, Lognormal, Pareto, Uniform, Weibull
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import loads


@pytest.mark.parametrize(
    ("distribution", "kernel_args", "mean"),
    [
        (Constant(kind="constant", value=4), (CONSTANT, 4, 0), 4),
        (Uniform(kind="uniform", low=2, high=5), (UNIFORM, 2, 5), 3.5),
        (Lognormal(kind="lognormal", median=5, sigma=0.75), (LOGNORMAL, 5, 0.75), 5 * math.exp(0.28125)),
        (Weibull(kind="weibull", scale=17, shape=1), (WEIBULL, 17, 1), 17),
        (Weibull(kind="weibull", scale=2, shape=2), (WEIBULL, 2, 2), math.sqrt(math.pi)),
        (Pareto(kind="pareto", minimum=3, tail=4), (PARETO, 3, 4), 4),
        (Pareto(kind="pareto", minimum=3, tail=1), (PARETO, 3, 1), math.inf),
    ],
)
def test_a_distribution_has_its_kernel_arguments_and_its_mean(
    distribution: Distribution, kernel_args: tuple[int, float, float], mean: float
) -> None:
    assert distribution.kernel_args() == kernel_args
    assert distribution.mean() == pytest.approx(mean)


@pytest.mark.parametrize(
    ("distribution", "deviation"),
    [
        (Uniform(kind="uniform", low=2, high=5), 3 / math.sqrt(12)),
        (Lognormal(kind="lognormal", median=5, sigma=0.5), 5 * math.sqrt(math.exp(0.25) * (math.exp(0.25) - 1))),
        (Weibull(kind="weibull", scale=17, shape=1), 17),
        (Pareto(kind="pareto", minimum=3, tail=4), 3 * math.sqrt(4 / 2) / 3),
    ],
)
def test_samples_have_the_stated_mean(distribution: Distribution, deviation: float) -> None:
    n = 10_000
    values = np.array([sample(*distribution.kernel_args(), *draw(9, WATCH, i, 0, 0)[:2]) for i in range(n)])
    assert abs(values.mean() - distribution.mean()) < 4.5 * deviation / math.sqrt(n)


def test_a_distribution_is_chosen_by_its_kind() -> None:
    world = loads("viewers: {patience: {kind: uniform, low: 1, high: 2}}")
    assert world.viewers.patience == Uniform(kind="uniform", low=1, high=2)
    with pytest.raises(ScenarioError) as caught:
        loads("viewers: {patience: {kind: unifrom}}", name="w.yaml")
    assert len(caught.value.faults) == 1
    assert str(caught.value).startswith("w.yaml:1:28: viewers.patience.kind: must be one of 'constant', 'uniform', ")
