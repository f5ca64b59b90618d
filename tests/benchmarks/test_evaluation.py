import numpy as np
import pytest
import torch
from conftest import colour_photo
from PIL import Image
from skimage.color import deltaE_ciede2000, lab2rgb, rgb2lab

from benchmarks.flagship.calibration import Reliability
from benchmarks.flagship.questions import at_sizes, imagenet_classifier, promise, revealed, with_hints
from colorizer import Colorizer, build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour.lab import rgb_to_lab


@pytest.fixture(scope="module")
def colorizer():
    torch.manual_seed(0)
    network = build("mobile-unet", width=0.25)
    network.working_size = 64
    return Colorizer(network)


def test_hints_of_the_evaluation_tell_the_truth():
    photo = colour_photo(256, 256)
    hints = revealed(photo, 40, seed=3)
    assert hints[:5] == revealed(photo, 5, seed=3)
    assert hints != revealed(photo, 40, seed=4)
    ab = rgb_to_lab(torch.from_numpy(np.array(photo)).permute(2, 0, 1).float() / 255)[1:]
    for hint in hints:
        left, top = round(hint.x - 3), round(hint.y - 3)
        assert 0 <= left <= 250
        assert 0 <= top <= 250
        assert hint.ab == pytest.approx(ab[:, top : top + 6, left : left + 6].mean(dim=(1, 2)).tolist(), abs=1e-3)
    centre = np.mean([(hint.x, hint.y) for hint in hints], axis=0)
    assert np.abs(centre - 128).max() < 40


def test_hints_and_sizes_of_one_photo(colorizer):
    photo = colour_photo(256, 256, seed=1)
    truth = np.asarray(photo).astype(float)
    measured = with_hints(colorizer, photo, (1, 4), seed=2)
    assert set(measured) == {1, 4}
    hints = revealed(photo, 4, seed=2)
    guess = np.asarray(colorizer.colorize(photo, hints).image)
    assert measured[4].psnr == pytest.approx(10 * np.log10(255**2 / np.mean((guess - truth) ** 2)))
    sizes = at_sizes(colorizer, photo, (64, 96))
    own = np.asarray(colorizer.colorize(photo).image)
    assert sizes[64] == pytest.approx(10 * np.log10(255**2 / np.mean((own - truth) ** 2)))
    assert sizes[96] != sizes[64]


def test_spots_compare_what_is_seen_at_the_hints_with_what_was_asked_for(colorizer, monkeypatch):
    """With colours that have nothing to do with the hints, the distance is that of any two pictures."""
    photo = Image.new("RGB", (256, 256), (150, 120, 100))
    told = revealed(photo, 3)
    own = rgb2lab(np.array([[photo.getpixel((0, 0))]], np.uint8))
    other = np.round(lab2rgb(own + np.array([0, -30, 15])) * 255)
    expected = deltaE_ciede2000(own, rgb2lab(other.astype(np.uint8))).item()
    painted = Image.new("RGB", photo.size, tuple(int(v) for v in other[0, 0]))
    assert told[0].ab == pytest.approx(own[0, 0, 1:].tolist(), abs=0.01)
    monkeypatch.setattr(colorizer, "colorize", lambda photo, hints: type("Result", (), {"image": painted}))
    assert with_hints(colorizer, photo, (3,))[3].spots == pytest.approx(expected, abs=0.5)  # 8 bits
    monkeypatch.setattr(colorizer, "colorize", lambda photo, hints: type("Result", (), {"image": photo}))
    assert with_hints(colorizer, photo, (3,))[3].spots == pytest.approx(0, abs=0.5)


def test_a_promise_is_compared_with_the_photograph_at_its_own_resolution(colorizer):
    photo = Image.new("RGB", (64, 64), (200, 80, 60))
    logits, ab = promise(colorizer.colorize(photo))
    assert logits.shape == (1, len(colorizer.architecture.centres), 16, 16)
    colour = rgb2lab(np.asarray(photo))[0, 0, 1:]
    assert np.allclose(ab[0].permute(1, 2, 0), colour, atol=0.01)
    reliability = Reliability()
    reliability.add(logits, ab, colorizer.architecture.centres)
    assert float(reliability.count.sum()) == 16 * 16
    assert 0 <= reliability.error < 0.2  # an untrained network promises little and keeps less


def test_the_classifier_inside_a_checkpoint(tmp_path):
    torch.manual_seed(0)
    network = build("fusion", width=0.05).eval()
    save_checkpoint(tmp_path / "told.safetensors", network.half().float(), title="untrained")
    classifier = imagenet_classifier("told", tmp_path)
    L = torch.rand(2, 1, 64, 64) * 100
    with torch.inference_mode():  # a gray picture in colour channels is what fusion shows it
        assert torch.allclose(classifier((L / 50 - 1).expand(-1, 3, -1, -1)), network.classifier(L), atol=1e-4)
