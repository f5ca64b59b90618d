"""The blind sheet: whoever marks it learns no names, and every mark is counted for its way."""

import json

from conftest import colour_photo

from benchmarks import blind


def test_marks_are_counted_for_the_way_that_made_each_picture(tmp_path, capsys):
    photos = [colour_photo(60, 40), colour_photo(40, 60)]
    ways = {"gray": lambda photo: photo.convert("L").convert("RGB"), "same": lambda photo: photo}
    blind.write(tmp_path, photos, ways, seed=0)
    page, key = (tmp_path / "page.html").read_text(), json.loads((tmp_path / "key.json").read_text())
    assert not [name for name in ways if f">{name}" in page]
    assert page.count("<img") == len(key) == 4
    assert len(list(tmp_path.glob("sheet-*.png"))) == 1
    marks = {number: "brown" if name == "gray" else "convincing" for number, name in key.items()}
    (tmp_path / "one.json").write_text(json.dumps(marks))
    (tmp_path / "two.json").write_text(json.dumps({**marks, "1": "patchy"}))
    assert blind.main(["count", str(tmp_path), str(tmp_path / "one.json"), str(tmp_path / "two.json")]) == 0
    gray, same = capsys.readouterr().out.splitlines()[2:]
    other = [key["1"] == name for name in ("gray", "same")]
    assert gray == f"| gray | 0.0 | 0.0 | {2 - 0.5 * other[0]} | {0.5 * other[0]} | 0.0 |"
    assert same == f"| same | {2 - 0.5 * other[1]} | 0.0 | 0.0 | {0.5 * other[1]} | 0.0 |"
