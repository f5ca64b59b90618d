"""Folders and repositories in the form that huggingface_hub uses, without any network."""

import json
from pathlib import Path

import httpx
import numpy as np
import pytest
from conftest import colour_photo
from huggingface_hub import HfApi, ModelCard, constants, errors

from colorizer import CheckpointError, Colorizer, build, list_checkpoints
from colorizer.checkpoints.card import WEIGHTS
from colorizer.checkpoints.file import read_card, save_checkpoint
from colorizer.cli.parser import main
from colorizer.hub import repository as hub
from colorizer.hub.model_card import model_card
from colorizer.hub.repository import CONFIG, MODEL

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
def colorizer(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_checkpoint(path, build("mobile-unet", width=0.25), **CARD)
    return Colorizer.from_checkpoint(path, device="cpu")


@pytest.fixture
def unreachable(monkeypatch):
    """Raise this error instead of downloading; keep a record of the requests."""
    asked = []

    def fail_with(error):
        def download(repo_id, filename, **options):
            asked.append((repo_id, filename, options))
            raise error

        monkeypatch.setattr(hub, "hf_hub_download", download)
        return asked

    return fail_with


def test_a_folder_and_back(colorizer, tmp_path, unreachable):
    asked = unreachable(AssertionError("a folder needs no network"))
    folder = tmp_path / "mine"
    colorizer.save_pretrained(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", CONFIG, MODEL]
    again = Colorizer.from_pretrained(folder, device="cpu")
    assert again.name == "mine"
    same = ("architecture", "config", "working_size", "parameters", "history", "classes", "sha256", *CARD)
    assert {key: getattr(again.card, key) for key in same} == {key: getattr(colorizer.card, key) for key in same}
    photo = colour_photo()
    assert np.array_equal(np.asarray(again.colorize(photo).image), np.asarray(colorizer.colorize(photo).image))
    assert not asked
    config = json.loads((folder / CONFIG).read_text())
    assert config["architecture"] == "mobile-unet"
    assert config["format"] == "colorizer/1"


def test_a_readme_that_is_there_stays(colorizer, tmp_path):
    (tmp_path / "README.md").write_text("mine")
    colorizer.save_pretrained(tmp_path)
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_repository_is_downloaded_only_when_no_folder_has_its_name(colorizer, tmp_path, monkeypatch):
    colorizer.save_pretrained(tmp_path / "cache")
    asked = []

    def download(repo_id, filename, *, library_name, revision=None):
        asked.append((repo_id, filename, revision))
        if filename == CONFIG:
            raise errors.RemoteEntryNotFoundError(
                "none", response=httpx.Response(404, request=httpx.Request("GET", "x"))
            )
        return str(tmp_path / "cache" / filename)

    monkeypatch.setattr(hub, "hf_hub_download", download)
    monkeypatch.chdir(tmp_path)
    got = Colorizer.from_pretrained("someone/tiny", revision="v1", device="cpu")
    assert got.name == "someone/tiny"
    assert got.card.sha256 == colorizer.card.sha256
    assert asked == [("someone/tiny", MODEL, "v1"), ("someone/tiny", CONFIG, "v1")]
    colorizer.save_pretrained(tmp_path / "someone" / "tiny")
    assert Colorizer.from_pretrained("someone/tiny", device="cpu").name == "tiny"
    assert len(asked) == 2


@pytest.mark.parametrize(
    "place", ["nothing", "./a/b", "/no/such", "a/b/c", "weights/x.safetensors", Path("owner/name"), "owner/../name"]
)
def test_what_is_neither_folder_nor_repository_asks_nobody(place, unreachable, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = unreachable(AssertionError("asked the Hub"))
    with pytest.raises(CheckpointError, match="written owner/name"):
        Colorizer.from_pretrained(place)
    assert not asked


def test_a_folder_without_or_with_damaged_weights(colorizer, tmp_path):
    with pytest.raises(CheckpointError, match=r"holds no model\.safetensors"):
        Colorizer.from_pretrained(tmp_path)
    colorizer.save_pretrained(tmp_path)
    data = bytearray((tmp_path / MODEL).read_bytes())
    data[-1] ^= 1
    (tmp_path / MODEL).write_bytes(data)
    with pytest.raises(CheckpointError, match="SHA-256 differs"):
        Colorizer.from_pretrained(tmp_path)


def response(status):
    return httpx.Response(status, request=httpx.Request("GET", "https://hub"))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.GatedRepoError("no", response=response(403)), "asks for permission"),
        (errors.RepositoryNotFoundError("no", response=response(404)), "not on the Hub"),
        (errors.RevisionNotFoundError("no", response=response(404)), "no such revision"),
        (errors.RemoteEntryNotFoundError("no", response=response(404)), r"holds no model\.safetensors"),
        (errors.HfHubHTTPError("no", response=response(401)), "hf auth login"),
        (errors.HfHubHTTPError("out of\norder", response=response(500)), "did not answer as it should.*out of order"),
        (httpx.ConnectError("no route"), "no route"),
        (errors.OfflineModeIsEnabled("no"), "HF_HUB_OFFLINE forbids"),
    ],
)
def test_trouble_is_one_sentence(error, sentence, unreachable):
    asked = unreachable(error)
    with pytest.raises(CheckpointError, match=sentence) as raised:
        Colorizer.from_pretrained("someone/tiny")
    assert "\n" not in str(raised.value)
    assert asked


def test_offline_says_so(tmp_path, monkeypatch):
    assert constants.HF_HUB_OFFLINE, "tests run so"
    with pytest.raises(CheckpointError, match=r"HF_HUB_OFFLINE forbids.*unset it, or name a folder"):
        Colorizer.from_pretrained("someone/tiny", cache_dir=tmp_path)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with pytest.raises(CheckpointError, match=r"could not be reached.*no someone/tiny"):
        Colorizer.from_pretrained("someone/tiny", cache_dir=tmp_path, local_files_only=True)


def test_push(colorizer, monkeypatch, tmp_path):
    pushed = {}

    def create(self, repo_id, **options):
        pushed["private"] = options["private"]
        return type("Repo", (), {"repo_id": repo_id})

    def upload(self, *, repo_id, folder_path, **options):
        pushed.update({path.name: path.read_bytes() for path in Path(folder_path).iterdir()}, repo_id=repo_id)
        return "https://hub/commit"

    monkeypatch.setattr(HfApi, "create_repo", create)
    monkeypatch.setattr(HfApi, "upload_folder", upload)
    assert colorizer.push_to_hub("someone/tiny", private=True) == "https://hub/commit"
    assert set(pushed) == {"private", "repo_id", "README.md", CONFIG, MODEL}
    assert pushed["private"] is True
    (tmp_path / MODEL).write_bytes(pushed[MODEL])
    assert read_card(tmp_path / MODEL).sha256 == colorizer.card.sha256
    assert 'from_pretrained("someone/tiny")' in pushed["README.md"].decode()

    def refuse(self, repo_id, **options):
        raise errors.HfHubHTTPError("no", response=response(401))

    monkeypatch.setattr(HfApi, "create_repo", refuse)
    with pytest.raises(CheckpointError, match="hf auth login"):
        colorizer.push_to_hub("someone/tiny")


def test_the_model_card_says_what_the_header_says(colorizer):
    card = ModelCard(str(hub.Repository(colorizer).generate_model_card()))
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
