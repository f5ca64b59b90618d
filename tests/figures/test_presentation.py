"""Slides, contact sheets, films and decks, and the letters of their captions."""

import av
import numpy as np
import pptx
import pytest
from conftest import colour_photo, representing
from film_files import frames_of
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from colorizer import PhotoError, save_photo
from colorizer.figures.deck import write_deck
from colorizer.figures.film import wipe_video
from colorizer.figures.fonts import fitted
from colorizer.figures.sheets import TALLEST, pairs_sheet
from colorizer.figures.slide import HEIGHT, WIDTH, Exhibit, page, triptych_slide

SHAPES = {"landscape": (90, 60), "portrait": (60, 90), "panorama": (300, 40), "tiny": (3, 2), "sliver": (4, 400)}


def panes(size, count=3):
    photo = colour_photo(*size)
    names = ["Scala di grigi", "Предсказано", "Original — piñón, São"]
    return list(zip(names, [photo.convert("L"), photo, photo.rotate(180)], strict=True))[:count]


def test_captions_fit():
    for words in ("short", "a caption far too long for the place where it has to go " * 3, "", "a\nb"):
        cut, letters = fitted(words, 300, 40)
        assert letters.getlength(cut) <= 300
        assert "\n" not in cut
    assert fitted("short", 300, 40)[0] == "short"
    assert fitted("x" * 99, 300, 40)[0].endswith("…")


shapes = st.lists(st.tuples(st.integers(1, 9000), st.integers(1, 9000)), min_size=1, max_size=4)


@given(shapes, st.booleans(), st.booleans())
@example([(1, 1), (1, 600), (1486, 1)], True, True)  # two that are narrower than their captions beside a line
@example([(1, 9000)] * 8, True, True)  # more captions than a page is wide
def test_nothing_covers_anything_on_a_page(shapes, title, note):
    places = page(shapes, title, note)
    for (width, height), box in zip(shapes, places.pictures, strict=True):
        assert box.width / box.height == pytest.approx(width / height)
    boxes = [box for box in (places.title, places.note, *places.pictures, *places.captions) if box.height]
    for i, a in enumerate(boxes):
        assert a.left >= -0.01
        assert a.top >= -0.01
        assert a.left + a.width <= WIDTH + 0.01
        assert a.bottom <= HEIGHT + 0.01
        for b in boxes[i + 1 :]:
            across = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
            down = min(a.bottom, b.bottom) - max(a.top, b.top)
            assert min(across, down) < 0.01, (a, b)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_slide_shows_every_pane(shape, count):
    shown = panes(SHAPES[shape], count)
    slide = triptych_slide(Exhibit("Ёлка", shown, "Colours are a guess"))
    assert slide.size == (1920, 1080)
    for (_, picture), box in zip(shown, page([p.size for _, p in shown], True, True).pictures, strict=True):
        got = slide.crop((round(box.left), round(box.top), round(box.left + box.width), round(box.bottom)))
        expected = picture.convert("RGB").resize(got.size, Image.Resampling.LANCZOS)
        assert np.abs(np.asarray(got, int) - np.asarray(expected, int)).mean() < 3


def test_a_slide_in_4k_says_what_it_is(tmp_path):
    slide = triptych_slide(Exhibit("", panes((90, 60))), size=(3840, 2160))
    assert slide.size == (3840, 2160)
    save_photo(slide, tmp_path / "a.png", checkpoint="mobile-unet")
    with Image.open(tmp_path / "a.png") as saved:
        assert "predicted by Colorizer, checkpoint mobile-unet" in saved.info["Description"]
    with pytest.raises(ValueError, match="16:9"):
        triptych_slide(Exhibit("", panes((90, 60))), size=(1000, 1000))
    with pytest.raises(ValueError, match="needs a picture"):
        triptych_slide(Exhibit("", []))


def test_a_contact_sheet_has_every_pair():
    colours = [(250, 10 * i, 0) for i in range(7)]
    shown = (
        Exhibit(f"{shape} {i}", [("Gray", Image.new("L", size, 90)), ("Predicted", Image.new("RGB", size, colours[i]))])
        for i, (shape, size) in enumerate([*SHAPES.items(), ("wide", (400, 300)), ("last", (90, 60))])
    )
    sheet = pairs_sheet(shown, title="Álbum", note="Цвета — догадка", width=1200, height=100)
    assert sheet.width == 1200
    pixels = np.asarray(sheet)
    assert (pixels[:, -20:] == 255).all()
    for colour in colours:
        y, x = np.nonzero((pixels == colour).all(axis=2))
        assert len(x)
        inside = np.full((len(x),), 90)
        mirrored = pixels[y, x - (x.max() - x.min() + 1) - 2]  # before stands beside after, and is as large
        assert (mirrored[:, 0] == inside).mean() > 0.9
    with pytest.raises(ValueError, match="needs a photograph"):
        pairs_sheet([])


def test_a_contact_sheet_of_very_many_stays_small_enough():
    picture = Image.new("RGB", (60, 90))
    sheet = pairs_sheet((Exhibit(str(i), [("", picture)] * 2) for i in range(1500)), width=1200)
    assert sheet.height <= TALLEST


@pytest.fixture
def small_film(monkeypatch):
    monkeypatch.setattr("colorizer.figures.film.SIZE", (640, 360))


@pytest.mark.parametrize("shape", representing(["landscape", "portrait", "panorama"], ["portrait"]))
def test_a_film_goes_from_before_to_after(shape, tmp_path, small_film):
    photo = colour_photo(*SHAPES[shape])
    told = []
    shown = Exhibit("", [("До", photo.convert("L")), ("После", photo)], "note")
    path = wipe_video(shown, tmp_path / "a.mp4", told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    shown = frames_of(path)
    with av.open(str(path)) as film:
        context = film.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, context.width, context.height) == ("h264", "yuv420p", 640, 360)
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")  # plays before it is there as a whole
    assert b"Colours predicted by Colorizer. note" in data
    assert len(data) < 500_000
    (box,) = page([photo.size], False, True).pictures
    left, top, right, bottom = (round(v / 3) for v in (box.left, box.top, box.left + box.width, box.bottom))
    expected = np.asarray(photo.resize((right - left, bottom - top), Image.Resampling.LANCZOS), float)
    last = shown[-1][top:bottom, left:right]
    assert np.abs(last - expected)[8:-8, 8:-8].mean() < 6  # colours as they were, but for chroma at half resolution
    chroma = [np.ptp(frame[top:bottom, left:right].astype(int), axis=2) for frame in (shown[0], shown[90])]
    assert chroma[0].mean() < 3
    half = (right - left) // 2
    assert chroma[1][:, : half // 2].mean() < 3
    assert chroma[1][:, -half // 2 :].mean() > 20


def test_a_film_that_cannot_be_written_leaves_nothing(tmp_path, small_film):
    shown = Exhibit("", panes((64, 36)))
    with pytest.raises(PhotoError, match="could not be written"):
        wipe_video(shown, tmp_path / "nowhere" / "a.mp4")

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wipe_video(shown, tmp_path / "a.mp4", stop)
    assert list(tmp_path.iterdir()) == []


def words_of(slide):
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def test_a_deck_can_be_read_and_edited(tmp_path):
    slides = (
        Exhibit(shape, panes(size, 2 + i % 2), "Colours are a guess", about=(f"notes of {shape}", "примечание"))
        for i, (shape, size) in enumerate(SHAPES.items())
    )
    path = write_deck(slides, tmp_path / "talk.pptx", "Цвета", "mobile-unet")
    deck = pptx.Presentation(path)
    assert deck.slide_width * 9 == deck.slide_height * 16
    first, *rest = deck.slides
    assert words_of(first)[:2] == ["Цвета", "mobile-unet"]
    assert len(rest) == len(SHAPES)
    for i, (slide, (shape, size)) in enumerate(zip(rest, SHAPES.items(), strict=True)):
        captions = [caption for caption, _ in panes(size, 2 + i % 2)]
        assert slide.shapes.title.text == shape
        assert words_of(slide) == [shape, *captions, "Colours are a guess"]
        pictures = [each for each in slide.shapes if hasattr(each, "image")]
        alternative = [each._element.nvPicPr.cNvPr.get("descr") for each in pictures]
        assert alternative == [f"{caption}: {shape}" for caption in captions]
        assert slide.notes_slide.notes_text_frame.text == f"notes of {shape}\nпримечание"
        for each in slide.shapes:
            assert each.left >= 0
            assert each.left + each.width <= deck.slide_width
            assert each.top + each.height <= deck.slide_height
        for picture in pictures:
            assert picture.width / picture.height == pytest.approx(size[0] / size[1], rel=0.01)
    assert "predicted by Colorizer" in deck.core_properties.comments


def test_one_photograph_needs_no_title_slide(tmp_path):
    one = Exhibit("a", panes((90, 60)))
    deck = pptx.Presentation(write_deck([one], tmp_path / "a.pptx", "A talk"))
    assert len(deck.slides) == 1
    assert not deck.slides[0].has_notes_slide
    with pytest.raises(ValueError, match="needs a photograph"):
        write_deck([], tmp_path / "b.pptx")
    with pytest.raises(PhotoError, match="could not be written"):
        write_deck([one], tmp_path / "nowhere" / "a.pptx")
