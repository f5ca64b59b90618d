"""The example photographs."""

from conftest import colour_photo

from colorizer.files.shipped import OLD, example_photos


def test_old_photographs_come_first(tmp_path):
    for seed, name in enumerate(("astronaut", OLD[1], OLD[0])):
        colour_photo(60, 40, seed=seed).save(tmp_path / f"{name}.jpg")
    assert [path.stem for path in example_photos(tmp_path)] == [OLD[0], OLD[1], "astronaut"]
