"""Networks on the device that was chosen, and on a GPU that is lent for a pass, as Spaces does it."""

import contextvars
import pickle
import sys
import types

import gradio as gr
import numpy as np
import pytest
from conftest import colour_photo

from colorizer import Colorizer, Hint, build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.page.app import launch
from colorizer.page.session.shelf import Shelf
from colorizer.page.session.zero_gpu import borrow_gpu, chosen_device, gpu_seconds, on_zero_gpu
from colorizer.runtime.threads import steady


@pytest.fixture
def spaces(monkeypatch):
    """A stand-in for the package: what goes to a decorated function and comes back is pickled, and each call is noted.

    With `.refuses` set, a call raises it instead.
    """
    package = types.ModuleType("spaces")
    package.calls, package.refuses, package.decorated = [], None, 0

    def decorator(duration):
        def decorate(function):
            package.decorated += 1

            def elsewhere(*args):
                if package.refuses:
                    raise package.refuses
                sent = pickle.dumps(args)
                package.calls.append((duration(*args), len(sent)))
                # A forked process has none of the context of the event that is answered.
                with steady():  # the numbers of a real GPU do not depend on threads
                    answer = contextvars.Context().run(function, *pickle.loads(sent))
                received = pickle.dumps(answer)
                assert b"torch" not in sent + received, "a tensor crossed"
                return pickle.loads(received)

            return elsewhere

        return decorate

    package.GPU = decorator
    monkeypatch.setitem(sys.modules, "spaces", package)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setenv("COLORIZER_DEVICE", "cuda")
    return package


KINDS = {
    "alpha": {},  # a tensor
    "conv-fc": {"width": 0.25},  # of its own size, in RGB
    "mobile-unet": {"width": 0.5},  # several answers, hints
    "iizuka16": {"width": 0.125, "global_size": 32, "classes": 3},  # names what it sees
    "siggraph17": {"width": 0.125},  # hints, and two answers of another kind
}
"""Architectures that differ in what comes back, with small configs."""


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """A folder of untrained checkpoints of `KINDS`."""
    folder = tmp_path_factory.mktemp("kinds")
    for name, config in KINDS.items():
        classes = ["sea", "sky", "snow"] if name == "iizuka16" else []
        save_checkpoint(folder / f"{name}.safetensors", build(name, **config), working_size=64, classes=classes)
    return folder


def same(one, other):
    # Here networks are folded, there they are not: their last bits differ, and with them a level now and then.
    assert np.abs(np.asarray(one.image).astype(int) - np.asarray(other.image)).max() <= 1
    assert (one.entropy is None) == (other.entropy is None)
    if one.entropy is not None:
        assert np.allclose(one.entropy, other.entropy)
        assert one.suggest(20, 30) == other.suggest(20, 30)
    assert (one.raw is None) == (other.raw is None)
    assert one.raw is None or np.array_equal(np.asarray(one.raw), np.asarray(other.raw))
    assert one.classes == other.classes


@pytest.mark.parametrize("name", KINDS)
def test_a_lent_gpu_answers_as_this_machine_does(spaces, kinds, name):
    shelf = Shelf(kinds)
    shelf.load = borrow_gpu([shelf.card(name)], gpu="cpu")
    lent, here = shelf.colorizer(name), Colorizer.from_checkpoint(name, folder=kinds)
    answer = lent.colorize(colour_photo())
    same(answer, here.colorize(colour_photo()))
    assert len(spaces.calls) == 1
    seconds, size = spaces.calls[0]
    assert seconds == 6
    assert size < answer.L.nbytes + 1000, "more than the lightness went there"
    if here.architecture.takes_hints:
        hints = [Hint(20, 30, (60, 40))]
        same(lent.colorize(colour_photo(), hints), here.colorize(colour_photo(), hints))
        passes = 2 if here.architecture.has_distribution else 1  # without hints first, to see whether they are clues
        assert len(spaces.calls) == 1 + passes
    if name == "mobile-unet":
        assert len(lent.alternatives(answer, 2)) == 2
        assert 3 + 2 <= len(spaces.calls) <= 3 + 2 * 2  # a second pass each, if the colour is a clue


def test_more_pictures_at_once_ask_for_more_seconds():
    asked = [gpu_seconds(("a", "b"), np.zeros((count, 1, 64, 64)), None) for count in (1, 2, 50)]
    assert asked == [6, 7, 55]


@pytest.mark.parametrize(
    "refusal", [gr.Error("You have exceeded your GPU quota", print_exception=False), RuntimeError("/schedule error")]
)
def test_without_a_gpu_the_cpu_answers(spaces, weights, refusal, caplog):
    shelf = Shelf(weights)
    shelf.load = borrow_gpu(shelf.cards(), gpu="cpu")
    spaces.refuses = refusal
    lent = shelf.colorizer("mobile-unet")
    same(
        lent.colorize(colour_photo()), Colorizer.from_checkpoint("mobile-unet", folder=weights).colorize(colour_photo())
    )
    assert "the CPU answers" in caplog.text


def test_a_checkpoint_that_came_later_or_cannot_be_read_is_no_reason_to_fail(spaces, weights, tmp_path, caplog):
    good = (weights / "mobile-unet.safetensors").read_bytes()
    (tmp_path / "damaged.safetensors").write_bytes(good[:-4] + b"\xff\xff\xff\xff")
    shelf = Shelf(tmp_path)
    assert [card.name for card in shelf.cards()] == ["damaged"], "its header is as it should be"
    shelf.load = borrow_gpu(shelf.cards(), gpu="cpu")
    assert "damaged" in caplog.text
    (tmp_path / "later.safetensors").write_bytes(good)
    shelf.colorizer("later").colorize(colour_photo())
    assert spaces.calls == []


def test_on_zero_gpu_the_cpu_is_what_auto_means(spaces, weights, monkeypatch):
    monkeypatch.delenv("COLORIZER_DEVICE")
    shelf = Shelf(weights)
    shelf.load = borrow_gpu(shelf.cards(), gpu="no such device")
    assert spaces.decorated == 1, "Spaces will not start without a function that may use its GPU"
    shelf.colorizer("mobile-unet").colorize(colour_photo())
    assert spaces.calls == []


def test_the_device_is_named(monkeypatch):
    for name, expected in {"": "auto", "auto": "auto", "cpu": "cpu", "mps": "mps", "cuda:1": "cuda:1"}.items():
        monkeypatch.setenv("COLORIZER_DEVICE", name)
        assert chosen_device() == expected
    monkeypatch.setenv("COLORIZER_DEVICE", "gpu")
    with pytest.raises(ValueError, match="is auto, cpu, cuda, cuda:1 or mps, not 'gpu'"):
        launch()
    for value, expected in {"": False, "0": False, "1": True, "true": True, "True": True}.items():
        monkeypatch.setenv("SPACES_ZERO_GPU", value)
        assert on_zero_gpu() == expected


def test_a_device_that_is_not_there_is_told(weights, monkeypatch):
    monkeypatch.setenv("COLORIZER_DEVICE", "cuda")
    with pytest.raises(ValueError, match="finds no cuda device here; use auto or cpu"):
        Shelf(weights).colorizer("mobile-unet")
