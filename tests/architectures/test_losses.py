import pytest
import torch

from colorizer.architectures.layers import HUBER, REGRESSION, regression


def test_by_hand():
    prediction = torch.tensor([0.0, 0.0, 3.0, 0.0]).reshape(2, 1, 1, 2)
    target = torch.tensor([1.0, 1.0, 0.0, 0.0]).reshape(2, 1, 1, 2)
    assert regression("mse", prediction, target) == pytest.approx((1 + 1 + 9) / 4)
    assert regression("mae", prediction, target) == pytest.approx((1 + 1 + 3) / 4)
    assert regression("rmse", prediction, target) == pytest.approx((1 + 4.5**0.5) / 2)  # picture by picture
    h = HUBER
    assert regression("smooth-l1", prediction, target) == pytest.approx((2 * (1 - h / 2) + 3 - h / 2) / 4)
    with pytest.raises(ValueError, match="choose one of mse, rmse, mae, smooth-l1"):
        regression("l7", prediction, target)


@pytest.mark.parametrize("kind", REGRESSION)
def test_means_do_not_depend_on_the_batch(kind):
    generator = torch.Generator().manual_seed(0)
    a, b = torch.rand(2, 4, 2, 5, 5, generator=generator)
    one = regression(kind, a, b)
    assert torch.allclose(regression(kind, a.repeat(3, 1, 1, 1), b.repeat(3, 1, 1, 1)), one)
    assert regression(kind, b, b) == pytest.approx(0, abs=1e-5)
    b.requires_grad = True
    regression(kind, b, b.detach()).backward()
    assert torch.isfinite(b.grad).all()
