import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from colorizer.colour import metrics


def test_psnr():
    a = np.full((4, 4, 3), 100, np.uint8)
    assert metrics.psnr(a + 10, a) == pytest.approx(10 * np.log10(255**2 / 100))
    assert metrics.psnr(a, a) == float("inf")
    b, c = (np.asarray(colour_photo(seed=i)) for i in (1, 2))
    assert metrics.psnr(b, c) == pytest.approx(peak_signal_noise_ratio(b, c))


def test_delta_e():
    b, c = (np.asarray(colour_photo(seed=i)) for i in (1, 2))
    assert metrics.delta_e(b, c) == pytest.approx(deltaE_ciede2000(rgb2lab(b), rgb2lab(c)).mean())
    assert metrics.delta_e(b, b) == 0


def test_colourfulness_by_hand():
    picture = np.zeros((2, 2, 3), np.uint8)
    picture[0] = (200, 0, 0)  # rg = 200, yb = 100; the other half is 0
    expected = np.hypot(100, 50) + 0.3 * np.hypot(100, 50)
    assert metrics.colourfulness(picture) == pytest.approx(expected)
    assert metrics.colourfulness(np.full((3, 3, 3), 77, np.uint8)) == 0


def test_plain_gray_is_always_measured():
    photo = colour_photo()
    same = metrics.compare(photo, photo)
    assert same["psnr"] == float("inf")
    assert same["delta_e"] == 0
    assert same["colourfulness"] == same["true_colourfulness"]
    assert same["gray_psnr"] < 30
    assert same["gray_delta_e"] > 5
    assert same["gray_colourfulness"] < 1


def test_evaluate_is_the_mean_over_pictures():
    photos = [colour_photo(seed=i) for i in range(3)]
    result = metrics.evaluate(lambda photo: Image.new("RGB", photo.size, "gray"), photos)
    stretched = [p.resize((256, 256), Image.Resampling.BICUBIC) for p in photos]
    flat = Image.new("RGB", (256, 256), "gray")
    assert result["psnr"] == pytest.approx(np.mean([metrics.compare(flat, p)["psnr"] for p in stretched]))
    assert result["psnr_gain"] == pytest.approx(result["psnr"] - result["gray_psnr"])
    assert result["pictures"] == 3
    with pytest.raises(ValueError, match="no photographs"):
        metrics.evaluate(lambda photo: photo, [])


def test_auc_by_hand():
    """Half of the pixels right, half of them a known distance away."""
    truth = np.full((2, 2, 3), 119, np.uint8)
    guess = truth.copy()
    guess[0] = (200, 90, 40)
    error = np.linalg.norm(rgb2lab(guess[:1, :1])[0, 0, 1:] - rgb2lab(truth[:1, :1])[0, 0, 1:])
    within = np.mean([[error <= t, True] for t in range(151)])
    assert metrics.auc(guess, truth) == pytest.approx(within, abs=1e-6)
    assert metrics.auc(truth, truth) == 1


def test_own_mean_is_the_best_single_tint():
    truth = np.asarray(colour_photo(seed=4))
    best, gray = metrics.own_mean(truth), np.repeat(np.asarray(colour_photo(seed=4).convert("L"))[..., None], 3, 2)
    lab = rgb2lab(best)
    assert np.abs(lab[..., 0] - rgb2lab(truth)[..., 0]).max() < 1.5  # lightness stays; 8 bits
    assert lab[..., 1:].std(axis=(0, 1)).max() < rgb2lab(truth)[..., 1:].std(axis=(0, 1)).max()
    distance = [np.square(rgb2lab(p)[..., 1:] - rgb2lab(truth)[..., 1:]).sum() for p in (best, gray)]
    assert distance[0] < distance[1]
    assert {"mean_psnr", "mean_delta_e", "mean_auc", "gray_auc"} <= set(metrics.reference(colour_photo()))


def test_known_references_are_not_measured_again(monkeypatch):
    photos = [colour_photo(seed=i) for i in range(2)]
    stretched = [photo.resize((256, 256), Image.Resampling.BICUBIC) for photo in photos]
    references = [metrics.reference(photo) for photo in stretched]
    plain = metrics.evaluate(lambda photo: photo.convert("L").convert("RGB"), photos)
    monkeypatch.setattr(metrics, "reference", None)
    assert metrics.evaluate(lambda photo: photo.convert("L").convert("RGB"), photos, references) == plain


def test_one_perfect_picture_does_not_make_the_mean_infinite():
    rows = [{"psnr": float("inf"), "gray_psnr": 20.0, "auc": 1.0}, {"psnr": 21.0, "gray_psnr": 20.0, "auc": 0.5}]
    assert metrics.average(rows) == {"psnr": 60, "gray_psnr": 20, "auc": 0.75, "psnr_gain": 40, "pictures": 2}
