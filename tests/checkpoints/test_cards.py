from colorizer.checkpoints.card import WEIGHTS, Card
from colorizer.checkpoints.card_text import markdown, plain
from colorizer.checkpoints.file import list_checkpoints


def card(**changes) -> Card:
    metrics = dict.fromkeys(("psnr", "delta_e", "colourfulness"), 24.0)
    metrics |= {f"gray_{key}": 23.0 for key in metrics} | {"true_colourfulness": 48.0, "pictures": 9}
    return Card("x", WEIGHTS / "x.safetensors", "mobile-unet", parameters=1000, metrics=metrics, **changes)


def test_figures_are_always_shown_with_plain_gray():
    for text in (plain(card()), markdown([card()])):
        assert "24.00" in text
        assert "23.00" in text
    assert "| predicted | 24.00 | 24.00 | 0.50 |" in markdown([card()])
    assert plain(card(error="broken")) == "x: broken"
    assert "licence: not stated" in plain(Card("y", WEIGHTS / "y.safetensors"))


def test_shipped_weights_are_small_complete_and_described():
    readme = (WEIGHTS / "README.md").read_text(encoding="utf-8")
    for shipped in list_checkpoints():
        assert not shipped.error
        assert shipped.path.stat().st_size < 10_000_000
        assert shipped.metrics["psnr"] >= shipped.metrics["gray_psnr"]
        assert markdown([shipped]) in readme, "run `python -m colorizer models --write weights/README.md`"
