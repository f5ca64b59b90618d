import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.color import lab2rgb, rgb2lab

from colorizer.colour import lab

photos = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))


def to_tensor(photo: np.ndarray) -> torch.Tensor:
    """uint8 (H, W, 3) -> float (3, H, W) in [0, 1], by a transpose."""
    return torch.from_numpy(photo).permute(2, 0, 1).float() / 255


def test_agrees_with_scikit_image_on_a_dense_grid():
    levels = np.linspace(0, 255, 52).astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    ours = lab.rgb_to_lab(to_tensor(grid))[:, 0].T.numpy()
    assert np.abs(ours - rgb2lab(grid)[0]).max() < 0.01
    back = lab.lab_to_rgb(torch.from_numpy(rgb2lab(grid)).permute(2, 0, 1).float())[:, 0].T.numpy()
    assert np.abs(back - lab2rgb(rgb2lab(grid))[0]).max() < 1e-3


@given(photos)
def test_round_trip_is_exact_to_a_level(photo):
    back = lab.lab_to_rgb(lab.rgb_to_lab(to_tensor(photo)))
    assert np.abs((back * 255).round().permute(1, 2, 0).numpy() - photo).max() <= 1


@given(photos, st.floats(-150, 150), st.floats(-150, 150))
def test_compressed_colours_fit_and_keep_lightness_and_hue(photo, a, b):
    L = lab.rgb_to_lab(to_tensor(photo))[:1]
    ab = torch.tensor([a, b])[:, None, None].expand(2, *L.shape[1:])
    result = lab.compress_chroma(L, ab)
    rgb = lab.lab_to_rgb(torch.cat((L, result)), clip=False)
    assert rgb.min() > -0.004
    assert rgb.max() < 1.004
    assert torch.allclose(result[0] * b, result[1] * a, atol=1e-2)  # same hue line
    assert (result * ab >= -1e-4).all()  # same side of it
    assert (result.norm(dim=0) <= ab.norm(dim=0) + 1e-4).all()


def test_colours_inside_the_gamut_stay():
    photo = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    colours = lab.rgb_to_lab(to_tensor(photo))
    assert torch.allclose(lab.compress_chroma(colours[:1], colours[1:]), colours[1:], atol=0.5)


@given(st.floats(0, 60), st.floats(5, 100), st.integers(0, 99))
def test_faded_tones_are_spread_and_full_ones_are_left(darkest, span, seed):
    tones = torch.rand(1, 1, 40, 50, generator=torch.Generator().manual_seed(seed))
    L = darkest + tones * min(span, 100 - darkest)
    result = lab.spread_tones(L)
    before, after = (float(each.quantile(0.99) - each.quantile(0.01)) for each in (L, result))
    if before >= 83:
        assert torch.equal(result, L)
    else:
        wanted = lab.WHOLE_RANGE if before <= lab.FADED else 82
        assert min(wanted, lab.MOST_GAIN * before) - 1.5 < after < lab.WHOLE_RANGE + 1.5
    order = L.flatten().argsort()
    assert (result.flatten()[order].diff() >= 0).all()
    assert result.min() >= 0
    assert result.max() <= 100
