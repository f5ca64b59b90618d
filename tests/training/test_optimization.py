"""Rates, plateaus, dead units, and the choice of the best weights, without training."""

from itertools import pairwise

import pytest
import torch

from colorizer import build
from colorizer.training.learner import dead_units, make_optimizer, rate_at
from colorizer.training.recipes import Recipe
from colorizer.training.validation import Progress


def test_dead_units_are_detected():
    torch.manual_seed(0)
    network = build("alpha")
    L, ab = torch.rand(2, 1, 16, 16) * 100, torch.randn(2, 2, 16, 16)
    network.loss(network(L), L, ab).backward()
    alive = dead_units(network)
    network.zero_grad()
    with torch.no_grad():
        network.encoder[2].bias.fill_(-1e6)  # no ReLU after it ever fires
    network.loss(network(L), L, ab).backward()
    assert dead_units(network) > alive + 0.1


def test_plateau_lowers_the_rate_and_early_stopping_stops():
    recipe = Recipe(schedule="plateau", patience=1, decay=0.1, early_stopping=3)
    progress = Progress()
    factors, stops = [], []
    for psnr in (1.0, 2.0, 1.5, 1.5, 1.5, 2.5):
        progress.note({"psnr": psnr}, recipe)
        factors.append(progress.rate_factor)
        stops.append(progress.exhausted(recipe))
    assert factors == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1])
    assert stops == [False, False, False, False, True, False]
    assert not Progress(unimproved=99).exhausted(Recipe())


def test_best_weights_are_chosen_by_the_requested_figure():
    progress, recipe = Progress(), Recipe(best_by="delta_e")
    figures = [{"psnr": 1, "delta_e": 9}, {"psnr": 2, "delta_e": 10}, {"psnr": 0, "delta_e": 8}]
    assert [progress.note(figure, recipe) for figure in figures] == [True, False, True]


def test_rates():
    recipe = Recipe(rate=1.0, warmup=10)
    rates = [rate_at(step, 100, recipe) for step in range(100)]
    assert rates[0] == pytest.approx(0.1, rel=0.01)
    assert max(rates) == pytest.approx(rates[9])
    assert all(x > y for x, y in pairwise(rates[9:]))
    assert rates[-1] == pytest.approx(0.02, abs=0.01)
    steps = Recipe(rate=1.0, warmup=0, schedule="steps", decay_epochs=2, decay=0.5)
    assert [rate_at(step, 100, steps, epoch=5) for step in (0, 9, 10, 19, 20)] == [1, 1, 0.5, 0.5, 0.25]
    cosine = Recipe(rate=1.0, warmup=0, schedule="cosine")
    assert rate_at(50, 100, cosine) == pytest.approx(0.5)
    assert rate_at(99, 100, cosine) < 1e-3
    constant = Recipe(rate=1.0, warmup=10, schedule="constant")
    assert rate_at(99, 100, constant) == 1.0


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "rmsprop", "sgd", "adagrad", "adadelta"])
def test_every_optimizer_takes_a_step(optimizer):
    network = build("alpha")
    before = [weight.clone() for weight in network.parameters()]
    made = make_optimizer(network, Recipe(optimizer=optimizer))
    sum(weight.square().sum() for weight in network.parameters()).backward()
    made.step()
    assert not any(torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))


def test_encoder_has_its_own_rate_and_norms_no_decay():
    network = build("mobile-unet")
    optimizer = make_optimizer(network, Recipe(encoder_rate=0.3, weight_decay=0.1))
    groups = {(g["factor"], g["weight_decay"]): g["params"] for g in optimizer.param_groups}
    assert set(groups) == {(0.3, 0.1), (0.3, 0.0), (1.0, 0.1), (1.0, 0.0)}
    assert sum(p.numel() for ps in groups.values() for p in ps) == network.parameter_count
    assert all(p.ndim > 1 for p in groups[0.3, 0.1])
