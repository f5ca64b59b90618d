"""Captions in every script: by the fonts of the package, those of the system, or with a sentence."""

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image, features

from colorizer.albums.present import Presenter
from colorizer.figures import fonts
from colorizer.figures.fonts import Letters, problem_with
from colorizer.figures.sheets import contact_sheet, pairs_sheet
from colorizer.figures.slide import Exhibit, triptych_slide

INK = (245, 244, 242)


def made_font(path, letters, wide=1000, color=None):
    """A font whose letters are filled rectangles, of a colour of their own if one is given."""
    names = ["." + "notdef", *(f"u{ord(letter):x}" for letter in letters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): name for letter, name in zip(letters, names[1:], strict=True)})
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for place in ((100, 700), (wide - 100, 700), (wide - 100, 0)):
        pen.lineTo(place)
    pen.closePath()
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (wide, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    if color:
        builder.setupCPAL([[color]])
        builder.setupCOLR({name: [(name, 0)] for name in names[1:]}, version=0)
    builder.save(path)


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A folder for fonts in place of the system's."""
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", lambda: [*map(str, tmp_path.iterdir())])
    for cached in (fonts._system, fonts._face_of):
        cached.cache_clear()
    yield tmp_path
    for cached in (fonts._system, fonts._face_of):
        cached.cache_clear()


def drawn(words, letters=Letters(40), anchor="lm"):  # noqa: B008  # never changes
    image = Image.new("RGB", (600, 80))
    letters.write(image, (300 if anchor[0] == "m" else 10, 40), words, INK, anchor)
    return np.asarray(image)


def files_of(words, bold=False):
    return [(face.path.name, run) for face, run in Letters(20, bold).runs(words)]


@pytest.mark.parametrize(("bold", "name"), [(False, "DejaVuSans.ttf"), (True, "DejaVuSans-Bold.ttf")])
def test_every_installation_has_hebrew_and_arabic(bold, name, system):
    for words in ("תמונה", "صورة", "Haifa חיפה 1912"):
        assert files_of(words, bold) == [(name, words)]
        assert problem_with("a", words) is None or not features.check_feature("raqm")
    assert files_of("Köln, Кёльн", bold)[0][0].startswith("Inter")


@pytest.mark.parametrize("words", ["祖母在奈良", "おばあさん", "할머니", "दादी माँ", "คุณย่า"])
def test_other_scripts_come_from_the_systems_fonts(words, system):
    assert "a photo: no font here has " in str(problem_with("a photo", words))
    made_font(system / "other.ttf", sorted({each for each in words if each.isprintable()} - {" "}))
    (system / "broken.ttf").write_bytes(b"no font")
    for cached in (fonts._system, fonts._face_of):
        cached.cache_clear()
    assert problem_with("a photo", words) is None or not features.check_feature("raqm")
    found = files_of(f"Oma, {words} 1912")
    assert [name for name, _ in found][:2] == ["Inter-Regular.otf", "other.ttf"]
    assert "".join(run for _, run in found) == f"Oma, {words} 1912"
    assert Letters(20).getlength(f"Oma, {words} 1912") > Letters(20).getlength("Oma,  1912")


def test_the_narrow_space_of_french_is_a_space_and_no_box():
    assert files_of("Incomplète\u202f: il manque") == [("Inter-Regular.otf", "Incomplète\u00a0: il manque")]


def test_mixed_lines_stand_beside_each_other_where_they_belong(system):
    """The letters of the system's font are bars, so that they are easily found."""
    made_font(system / "cjk.ttf", "祖母")
    for anchor, left in (("lm", 10), ("mm", 300 - Letters(40).getlength("I祖母I") / 2), ("la", 10)):
        seen = np.flatnonzero((drawn("I祖母I", anchor=anchor)[..., 0] > 200).sum(axis=0) >= 27)
        first = left + Letters(40).getlength("I")
        bars = [x for x in seen if first <= x < first + 80]
        assert len(bars) >= 60
    assert drawn("祖母").any()
    assert not np.array_equal(drawn("祖母"), drawn("祖"))


def test_emoji_are_in_colours_and_the_words_beside_them_are_not(system):
    """Fonts of emoji have digits, too, which are pictures for the keys of telephones."""
    made_font(system / "emoji.ttf", " 0123456789👵", color=(1.0, 0.0, 0.0, 1.0))
    assert problem_with("a.jpg", "👵 1932") is None
    assert files_of("Oma 👵 1932") == [
        ("Inter-Regular.otf", "Oma "), ("emoji.ttf", "👵"), ("Inter-Regular.otf", " 1932")
    ]  # fmt: skip
    seen = drawn("👵 1932")
    red = (seen[..., 0] > 250) & (seen[..., 1] < 5)
    rows, columns = (np.flatnonzero(red.any(axis=axis)) for axis in (1, 0))
    assert (len(rows), len(columns)) == pytest.approx((28, 32), abs=2)
    assert columns[0] == pytest.approx(14, abs=1)
    assert not red[:, columns[-1] + 2 :].any()
    assert (drawn("👵 1932", anchor="mm") != 0).any(axis=(0, 2)).nonzero()[0].mean() == pytest.approx(300, abs=12)


def test_a_line_from_right_to_left_begins_at_the_right(system):
    made_font(system / "cjk.ttf", "祖")
    assert [run for _, run in files_of("תמונה 祖")] == ["祖", "תמונה "]
    assert [run for _, run in files_of("祖 תמונה")][-1] == "תמונה"


def test_what_the_systems_fonts_have_is_on_sheets_and_slides(system):
    photo = Image.new("RGB", (60, 40))

    def all_of() -> list[bytes]:
        slide = triptych_slide(Exhibit("祖母", [("祖", photo)], "母"))
        sheet = pairs_sheet([Exhibit("祖母", [("", photo)] * 2)], title="祖")
        return [each.tobytes() for each in (slide, sheet, contact_sheet([("祖", [photo])], ["母"]))]

    boxes = all_of()
    made_font(system / "cjk.ttf", "祖母", wide=1400)
    for cached in (fonts._system, fonts._face_of):
        cached.cache_clear()
    assert all(now != before for now, before in zip(all_of(), boxes, strict=True))


def test_a_sentence_names_the_photo_and_the_letters(system):
    problem = problem_with("a.jpg", "Nara, 祖母祖 1912")
    assert str(problem) == "a.jpg: no font here has 祖母; install one that does, such as Noto, and start again."
    assert problem_with("a.jpg", "Köln 1912, Кёльн, Αθήνα – №") is None


def test_where_letters_cannot_be_put_in_order_a_sentence_says_so(system, monkeypatch):
    monkeypatch.setattr(features, "check_feature", lambda name: False)
    assert "a.jpg: תמונה cannot be put in order" in str(problem_with("a.jpg", "Haifa תמונה"))
    assert problem_with("a.jpg", "Köln") is None


def test_the_command_says_it_once_for_each_photo(system):
    said = []
    presenter = Presenter(None, {}, said.append)
    shown = Exhibit("祖母", [])
    assert presenter._lettered(system / "a.jpg", shown, shown.name) is shown
    assert len(said) == 1
    assert "祖母" in said[0]
    assert presenter.failed == 0
