import pytest
import torch

from benchmarks.flagship.calibration import Calibration, Reliability
from colorizer.colour import bins


def world(temperature: float, count: int = 20_000):
    """Pixels whose colours, all bin centres, are drawn from the distribution predicted at temperature 1."""
    generator = torch.Generator().manual_seed(0)
    centres = bins.in_gamut_centres(20)
    logits = torch.randn(1, len(centres), 1, count, generator=generator) * 2
    drawn = torch.multinomial(logits[0, :, 0].softmax(dim=0).T, 1, generator=generator)[:, 0]
    return logits * temperature, centres[drawn].T.reshape(1, 2, 1, count), centres


def measured(logits, ab, centres, temperature=1.0) -> Reliability:
    reliability = Reliability()
    reliability.add(logits, ab, centres, temperature)
    return reliability


def test_boasting_and_modesty_are_seen_and_mended():
    for factor in (2.0, 0.5):
        logits, ab, centres = world(factor)
        assert measured(logits, ab, centres).error > 0.1
        assert measured(logits, ab, centres, temperature=factor).error < 0.01
        calibration = Calibration((0.5, 0.7, 1.0, 1.4, 2.0))
        calibration.add(logits, ab, centres)
        assert calibration.best_temperature == factor
        assert calibration.at[factor].error == measured(logits, ab, centres, temperature=factor).error


def test_parts_add_up():
    logits, ab, centres = world(1.5)
    whole, parts = measured(logits, ab, centres), Reliability()
    for i in range(0, 20_000, 5000):
        parts.add(logits[..., i : i + 5000], ab[..., i : i + 5000], centres)
    assert parts.error == pytest.approx(whole.error)
    assert parts.surprise == pytest.approx(whole.surprise, rel=1e-5)
    assert whole.surprise / 20_000 == pytest.approx(float(bins.cross_entropy(logits, ab, centres)), rel=1e-5)
    assert Reliability().error == 0
    assert Reliability().points() == []
