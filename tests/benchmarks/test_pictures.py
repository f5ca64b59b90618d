"""The sheets of pictures, on tiny ones."""

from conftest import colour_photo
from PIL import Image

from benchmarks.__main__ import main


def test_archive_sheet_is_pages_of_every_preset(weights, tmp_path, capsys):
    for i in range(5):
        colour_photo(60, 80, seed=i).convert("L").save(tmp_path / f"a-name-that-is-much-too-long-{i}.png")
    (tmp_path / "a-name-that-is-much-too-long-2.png").write_bytes(b"not a photograph")
    flags = ["--weights", str(weights), "--out", str(tmp_path / "out"), "--page", "3", "--height", "80"]
    assert main(["archive_sheet", str(tmp_path), *flags]) == 0
    assert "left out: a-name" in capsys.readouterr().err
    first, second = (Image.open(tmp_path / "out" / f"archive-{page:02}.jpg") for page in (1, 2))
    assert first.height - second.height == 2 * 88  # three rows, then one
    assert first.width < 4 * 60 + 250


def test_old_prints(tmp_path):
    colour_photo(60, 80).save(tmp_path / "a.png")
    worn = tmp_path / "worn.jpg"
    assert main(["old_prints", str(tmp_path / "a.png"), "--out", str(worn), "--times", "2", "--side", "32"]) == 0
    assert Image.open(worn).width > 3 * 32
