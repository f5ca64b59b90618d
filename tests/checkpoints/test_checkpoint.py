import json
import pickle

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from colorizer import CheckpointError, build, list_checkpoints
from colorizer.checkpoints.file import find_checkpoint, load_checkpoint, read_card, save_checkpoint, update_card


@pytest.fixture
def saved(tmp_path):
    """One good checkpoint, good.safetensors."""
    torch.manual_seed(0)
    network = build("resnet18-decoder", upsample="nearest")
    card = {
        "title": "A title",
        "metrics": {"psnr": 24.0, "gray_psnr": 23.0},
        "history": [{"psnr": 1.0}],
        "temperature": 0.5,
    }
    save_checkpoint(tmp_path / "good.safetensors", network, **card)
    return network, tmp_path / "good.safetensors"


def change_header(path, **changes) -> None:
    """Rewrite a file with other header entries (None removes one)."""
    with safe_open(path, framework="pt") as file:
        metadata = {**file.metadata(), **changes}
    save_file(load_file(path), path, metadata={k: v for k, v in metadata.items() if v is not None})


def test_round_trip(saved):
    network, path = saved
    loaded, card = load_checkpoint(path)
    assert not loaded.training
    assert loaded.config == network.config
    for name, value in network.state_dict().items():
        assert torch.allclose(loaded.state_dict()[name], value, rtol=1e-3, atol=1e-6)
        assert loaded.state_dict()[name].dtype == value.dtype
    assert (card.name, card.architecture, card.title) == ("good", "resnet18-decoder", "A title")
    assert card.metrics == {"psnr": 24.0, "gray_psnr": 23.0}
    assert card.history == ({"psnr": 1.0},)
    assert card.temperature == 0.5
    assert card.parameters == 954_722
    assert {t.dtype for t in load_file(path).values()} == {torch.float16, torch.int64}
    assert path.stat().st_size < 2_100_000


def test_broken_files_give_cards_with_an_error(saved):
    good = saved[1].read_bytes()
    folder = saved[1].parent
    (folder / "cut.safetensors").write_bytes(good[: len(good) // 2])
    (folder / "empty.safetensors").write_bytes(b"")
    (folder / "pickle.safetensors").write_bytes(pickle.dumps({"a": 1}))
    torch.save({"a": torch.zeros(1)}, folder / "torch.safetensors")
    (folder / "endless.safetensors").write_bytes((2**62).to_bytes(8, "little") + b"{" * 1000)
    (folder / "foreign.safetensors").write_bytes(good)
    change_header(folder / "foreign.safetensors", format="other/1")
    (folder / "json.safetensors").write_bytes(good)
    change_header(folder / "json.safetensors", metrics="{")
    cards = {card.name: card for card in list_checkpoints(folder)}
    assert {name for name, card in cards.items() if not card.error} == {"good"}
    for name in ("cut", "empty", "pickle", "torch", "endless"):
        assert "not a readable" in cards[name].error
    assert "no colorizer/1 checkpoint" in cards["foreign"].error
    assert "damaged" in cards["json"].error
    for name in set(cards) - {"good"}:
        with pytest.raises(CheckpointError, match=name):
            load_checkpoint(folder / f"{name}.safetensors")


HUGE = "1" + "0" * 400
HOSTILE = {
    "metrics": ("null", '{"psnr": null}', '{"psnr": "24"}', '{"psnr": 1e999}', f'{{"psnr": {HUGE}}}', '{"psnr": true}'),
    "title": ("3", '"\\ud800"', json.dumps("x" * 10_001)),
    "history": ("[1]", '[{"psnr": {}}]', f'[{{"pictures_seen": {HUGE}}}]'),
    "parameters": ('"many"', HUGE, "1" * 6000, "-1", "true", "1.5"),
    "working_size": (HUGE, "-1", "100000"),
    "temperature": ("0", "NaN", "1e999", "true", HUGE),
    "classes": ('"sea"', "[1]"),
    "recipe": (
        "[]",
        '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a":' + "[" * 20 + "]" * 20 + "}",
        '{"\\udfff": 1}',
    ),
}
"""Header entries that would break code that shows cards if they were accepted."""


@pytest.mark.parametrize(("entry", "value"), [(entry, value) for entry in HOSTILE for value in HOSTILE[entry]])
def test_a_hostile_header_gives_one_card_with_an_error(saved, entry, value):
    change_header(saved[1], **{entry: value})
    [card] = list_checkpoints(saved[1].parent)
    assert card.error.startswith("The header of good.safetensors is damaged")
    assert len(card.error) < 200


def test_the_header_of_a_diverged_run_is_valid(saved):
    change_header(saved[1], metrics='{"psnr": NaN}', history='[{"loss": Infinity, "psnr": NaN}]')
    assert not read_card(saved[1]).error


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"architecture": json.dumps("mobile-unet")}, "does not fit mobile-unet|does not take this config"),
        ({"architecture": json.dumps("nothing")}, "there is no architecture"),
        ({"config": json.dumps({"variant": "sigmoid"})}, "does not fit resnet18-decoder"),
        ({"config": json.dumps({"depth": 3})}, "does not take this config"),
        ({"config": json.dumps({"variant": 3})}, "does not fit resnet18-decoder"),
        (
            {"architecture": json.dumps("conv-fc"), "config": json.dumps({"width": "x"})},
            "does not fit conv-fc: its con",
        ),
        ({"architecture": json.dumps("conv-fc"), "config": '{"width": 1e999}'}, "does not fit conv-fc: its config"),
        ({"architecture": json.dumps("conv-fc"), "config": f'{{"width": {2**52}}}'}, "does not fit conv-fc"),
        ({"sha256": None}, "SHA-256 differs"),
    ],
)
def test_files_that_do_not_fit(saved, changes, sentence):
    change_header(saved[1], **changes)
    with pytest.raises(CheckpointError, match=sentence):
        load_checkpoint(saved[1])


def test_tensors_of_other_names_or_values_are_refused(saved):
    state, metadata = load_file(saved[1]), safe_open(saved[1], "pt").metadata()
    for other in ({f"module.{name}": value for name, value in state.items()}, {n: v + 1 for n, v in state.items()}):
        save_file(other, saved[1], metadata=metadata)
        with pytest.raises(CheckpointError, match="good"):
            load_checkpoint(saved[1])


def test_names_are_looked_up_in_the_folder_only(saved):
    folder = saved[1].parent
    assert find_checkpoint("good", folder) == saved[1]
    assert find_checkpoint(saved[1]) == saved[1]
    for name in ("bad", "../good", "/etc/passwd", ""):
        with pytest.raises(CheckpointError, match="available: good"):
            find_checkpoint(name, folder)
    with pytest.raises(CheckpointError, match=r"no file x\.safetensors"):
        find_checkpoint("x.safetensors")
    with pytest.raises(CheckpointError, match="no checkpoint y"):
        read_card(folder / "y.safetensors")


def test_published_weights_that_lie_there_are_to_be_converted(saved, tmp_path):
    folder = saved[1].parent
    (folder / "eccv16.pth").write_bytes(b"weights")
    (folder / "eccv16.ckpt").write_bytes(b"weights")
    for name in ("eccv16", "eccv16.pth", folder / "eccv16.pth", folder / "eccv16.ckpt"):
        with pytest.raises(CheckpointError, match=r"eccv16.* import published weights with .*convert"):
            find_checkpoint(name, folder)
    with pytest.raises(CheckpointError, match="available: good"):
        find_checkpoint("gone.pth", folder)


def test_a_card_is_updated_and_tensors_stay(saved):
    before = load_file(saved[1])
    card = update_card(saved[1], metrics={"psnr": 25.0, "gray_psnr": 23.0}, working_size=96)
    assert card.metrics["psnr"] == 25.0
    assert card.working_size == 96
    assert card.title == "A title"
    after = load_file(saved[1])
    assert all(torch.equal(before[name], after[name]) for name in before)
    load_checkpoint(saved[1])
    with pytest.raises(ValueError, match="a card has no colour"):
        update_card(saved[1], colour="red")
