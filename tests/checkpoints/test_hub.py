"""Checkpoints on the Hugging Face Hub, and their model cards, without any network."""

import httpx
import pytest
from huggingface_hub import ModelCard, errors

from colorizer import CheckpointError, Colorizer, build, list_checkpoints
from colorizer.checkpoints import hub
from colorizer.checkpoints.card import WEIGHTS
from colorizer.checkpoints.file import save_checkpoint
from colorizer.checkpoints.hub import model_card
from colorizer.cli.parser import main

CARD = {
    "title": "A <b>test</b>",
    "metrics": {
        "psnr": 24.0, "gray_psnr": 22.0, "delta_e": 10.0, "gray_delta_e": 12.0, "colourfulness": 20.0,
        "gray_colourfulness": 0.0, "true_colourfulness": 40.0, "pictures": 7,
    },
    "history": [{"pictures_seen": 1000, "psnr": 23.0, "gray_psnr": 22.0}],
    "recipe": {"batch": 16, "loss": ""},
    "licence": "research use",
    "data": "seven photographs",
    "commit": "abc",
    "temperature": 0.8,
    "working_size": 64,
}  # fmt: skip


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    return save_checkpoint(path, build("mobile-unet", width=0.25), **CARD)


def test_a_repository_is_downloaded(saved, monkeypatch):
    asked = []

    def download(repo_id, filename, *, library_name, revision=None):
        asked.append((repo_id, filename, revision))
        return str(saved.path)

    monkeypatch.setattr(hub, "hf_hub_download", download)
    got = Colorizer.from_pretrained("someone/tiny", revision="v1", device="cpu")
    assert (got.name, got.card.sha256) == ("someone/tiny", saved.sha256)
    assert asked == [("someone/tiny", "model.safetensors", "v1")]


def response(status):
    return httpx.Response(status, request=httpx.Request("GET", "https://hub"))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.RepositoryNotFoundError("no", response=response(404)), r"someone/tiny .* `hf auth login`"),
        (errors.HfHubHTTPError("out of\norder", response=response(500)), "out of order"),
        (httpx.ConnectError("no route"), "no route"),
        (errors.OfflineModeIsEnabled("HF_HUB_OFFLINE=1"), "HF_HUB_OFFLINE"),
    ],
)
def test_trouble_is_one_sentence(error, sentence, monkeypatch):
    def download(*_, **options):
        raise error

    monkeypatch.setattr(hub, "hf_hub_download", download)
    with pytest.raises(CheckpointError, match=sentence) as raised:
        Colorizer.from_pretrained("someone/tiny")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("place", ["nothing", "a/b/c", "owner/../name", "someone/tiny"])
def test_what_is_not_there_is_one_sentence(place, tmp_path):
    """Tests run without a network."""
    with pytest.raises(CheckpointError, match="The Hub did not give"):
        Colorizer.from_pretrained(place, cache_dir=tmp_path)


def test_the_model_card_says_what_the_header_says(saved):
    card = ModelCard(str(model_card(saved)))
    assert card.data.library_name == "colorizer"
    assert card.data.pipeline_tag == "image-to-image"
    assert card.data.license == "other"
    results = {result.metric_name: result.metric_value for result in card.data.eval_results}
    assert results["PSNR, dB"] == 24.0
    assert results["PSNR, dB, plain gray"] == 22.0
    assert results["colourfulness / truth"] == 0.5
    assert "| predicted | 24.00 | 10.00 | 0.50 |" in card.text
    assert "| *plain gray* | 22.00 | 12.00 | 0.00 |" in card.text
    for said in ("Colours are a guess", "seven photographs", "pictures seen: 1,000", "research use", "`abc`"):
        assert said in card.text
    assert "A &lt;b>test&lt;/b>" in card.text
    assert "AuC" not in card.text


def test_what_a_header_lacks_is_said_to_be_absent(tmp_path):
    card = save_checkpoint(tmp_path / "bare.safetensors", build("conv-fc", width=0.25))
    text = str(model_card(card))
    assert "model-index" not in text
    assert "license" not in ModelCard(text).data.to_dict()
    for said in ("Not measured.", "trained on: not stated", "pictures seen: not stated", "recipe: not stated"):
        assert said in text
    mit = save_checkpoint(tmp_path / "free.safetensors", build("conv-fc", width=0.25), licence="MIT")
    assert ModelCard(str(model_card(mit))).data.license == "mit"


def test_the_shipped_weights_have_model_cards(capsys):
    for card in list_checkpoints():
        assert ModelCard(str(model_card(card))).data.model_name == card.name
    assert main(["card", "alpha", "--weights", str(WEIGHTS)]) == 0
    assert "# Wallner's alpha" in capsys.readouterr().out
    assert main(["card", "nothing"]) == 1
    assert "available: " in capsys.readouterr().err
