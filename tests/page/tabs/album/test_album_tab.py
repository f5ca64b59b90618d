"""The tab for many photographs as plain functions, and how networks are shared."""

import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from conftest import slow_passes
from gradio.data_classes import FileData, ListFiles
from PIL import Image
from pptx import Presentation

from colorizer import Colorizer, open_photo
from colorizer.albums import uploads
from colorizer.albums.uploads import AlbumError
from colorizer.colour.readout import preset
from colorizer.page.i18n.texts import speaking, text
from colorizer.page.session.roll import Roll
from colorizer.page.tabs import tab as tab_module
from colorizer.page.tabs.album import run as album_run
from colorizer.page.tabs.album.export import deck, page, sheet
from colorizer.page.tabs.album.run import stem_of
from colorizer.page.tabs.album.running import forget
from colorizer.page.tabs.album.tab import lay_out_result
from colorizer.page.tabs.album.wording import clock, errors_table, notes_of
from colorizer.page.widgets.caption_list import CaptionList

from .steps import pictures, stopped_after_one, zipped


def test_photos_appear_one_by_one_and_the_bad_one_is_listed(handlers, photos, tmp_path):
    steps = list(handlers.run(None, photos, "mobile-unet", "vivid"))
    with gr.Blocks():
        result = lay_out_result(CaptionList(render=False))
    assert {name for step in steps for name in step} == {*result, "button", "stop", "more"}
    statuses = [step["status"] for step in steps if "status" in step]
    assert "1 of 3: a.png …" in statuses[0]
    assert '<progress value="1" max="3"' in statuses[1]
    assert "2 of 3: &lt;b&gt;.jpg …" in statuses[1]
    shown = [[photo["name"] for photo in step["view"]["value"]] for step in steps if step.get("view", {}).get("value")]
    assert shown == [["a.png"], ["a.png"], ["a.png", "c.png"]]
    last = steps[-1]
    assert "Coloured: 2 of 3" in last["status"]
    assert "<td>&lt;b&gt;.jpg</td><td>&lt;b&gt;.jpg is not a picture" in last["errors"]
    assert last["button"]["visible"]
    assert not last["stop"]["visible"]
    assert not last["more"]["visible"], "no picture stays none"
    assert Path(last["zip"]["value"]).name == "album-colorized.zip"
    (tmp_path / "got.png").write_bytes(zipped(last)["a-colorized.png"])
    expected = Colorizer.from_checkpoint("mobile-unet", folder=handlers.shelf.weights).colorize(
        open_photo(photos[0]), **preset("vivid")
    )
    assert np.array_equal(np.asarray(Image.open(tmp_path / "got.png")), np.asarray(expected.image))
    without_finish = {name: value for name, value in preset("vivid").items() if name != "finish"}
    settings = steps[0]["running"].album.settings
    assert settings == {"checkpoint": "mobile-unet", "preset": "vivid", **without_finish}


def test_a_network_without_a_distribution_has_no_preset(handlers, photos):
    running = next(handlers.run(None, photos[:1], "resnet18-decoder", "vivid"))["running"]
    assert running.album.settings == {"checkpoint": "resnet18-decoder", "saturation": 1.0}
    assert running.album.stem == "a-colorized"


def test_a_slow_browser_gets_few_updates_and_the_last_one(handlers, photos, monkeypatch):
    monkeypatch.setattr(album_run, "SELDOM", 1000)
    steps = []
    for step in handlers.run(None, photos, "resnet18-decoder"):
        time.sleep(0.01)
        steps.append(step)
    assert len(steps) == 3  # the beginning, the first photograph, the end
    assert len(steps[-1]["view"]["value"]) == 2


def test_stop_keeps_what_is_done(handlers, photos):
    steps = handlers.run(None, photos, "resnet18-decoder")
    running = next(steps)["running"]
    next(steps)
    next(steps)  # the first photograph is done
    assert handlers.stopped(running) == {}, "the album's own last updates may come first"
    last = list(steps)[-1]
    assert "Stopped. Coloured: 1 of 3" in last["status"]
    assert pictures(last) == ["a-colorized.png"]
    assert "README.txt" in zipped(last)


def test_continue_does_what_stop_did_not_reach_and_what_failed(handlers, photos):
    whole = Path(photos[0]).read_bytes()
    Path(photos[1]).write_bytes(whole[: len(whole) // 2])
    running, stopped = stopped_after_one(handlers, photos, "mobile-unet", "vivid")
    assert stopped["more"]["visible"]
    assert stopped["more"]["value"] == "Continue with the rest: 2"
    data = zipped(stopped)["a-colorized.png"]
    more = list(handlers.go_on(running))
    assert not more[0]["more"]["visible"]
    assert "2 of 3: &lt;b&gt;.jpg" in more[1]["status"]
    assert "Coloured: 2 of 3" in more[-1]["status"]
    assert more[-1]["more"]["value"] == "Continue with the rest: 1"  # the bad one
    assert pictures(more[-1]) == ["a-colorized.png", "c-colorized.png"]
    assert zipped(more[-1])["a-colorized.png"] == data
    assert "Coloured: 2 of 3" in list(handlers.go_on(running))[-1]["status"]
    last = list(handlers.go_on(running, partial=True))[-1]
    assert "Coloured: 3 of 3" in last["status"]
    assert not last["more"]["visible"]
    assert pictures(last)[2] == "_b_-colorized-incomplete.png"
    assert list(handlers.go_on(None)) == []


def test_stop_before_the_first_leaves_nothing_to_download(handlers, photos):
    steps = handlers.run(None, photos, "resnet18-decoder")
    handlers.stopped(next(steps)["running"])
    last = list(steps)[-1]
    assert "zip" not in last
    assert "Stopped. Coloured: 0 of 3" in last["status"]


def test_finished_photos_can_be_downloaded_after_the_connection_broke(handlers, photos):
    steps = handlers.run(None, photos, "resnet18-decoder")
    running = next(steps)["running"]
    next(steps)
    next(steps)
    steps.close()  # what Gradio does then
    assert pictures(handlers.stopped(running)) == ["a-colorized.png"]


def test_files_of_a_visitor_who_leaves_are_deleted(handlers, photos):
    steps = handlers.run(None, photos, "resnet18-decoder")
    running = next(steps)["running"]
    next(steps)
    next(steps)
    forget(running)  # while it is at work
    assert running.album.folder.exists()
    steps.close()
    assert not running.album.folder.exists()
    forget(None)
    last = list(handlers.run(None, photos, "resnet18-decoder"))
    forget(last[0]["running"])
    assert pictures(last[-1])  # Gradio deletes what it serves


def test_an_album_that_cannot_begin_says_why(handlers, photos, monkeypatch):
    for paths, checkpoint, sentence in (
        (None, "mobile-unet", "Add photographs, a film or a ZIP file first"),
        (photos, None, "no weights to colour with"),
        (photos, "x", "no checkpoint 'x'"),
    ):
        with pytest.raises(gr.Error, match=sentence):
            next(handlers.run(None, paths, checkpoint))
    monkeypatch.setattr(uploads, "MOST_PHOTOS", 2)
    with pytest.raises(gr.Error, match="These are 3 photographs; the limit is 2"):
        next(handlers.run(None, photos, "mobile-unet"))
    assert "the limit is 2 at a time" in handlers.describe_files(photos)


def test_added_files_are_described_before_they_are_coloured(handlers, photos, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("../<i>.png", b"x")
    assert handlers.describe_files(None) == handlers.describe_files([]) == ""
    chosen = handlers.describe_files([*photos, str(tmp_path / "x.zip")])
    assert "Photographs to colour: 3" in chosen
    assert "Left out: 1" in chosen
    assert "../&lt;i&gt;.png points outside" in chosen
    with speaking("it"):
        assert "../&lt;i&gt;.png punta fuori dall’archivio" in chosen.again()


def test_contact_sheet_deck_and_web_page(handlers, photos):
    steps = list(handlers.run(None, photos, "mobile-unet"))
    running = steps[0]["running"]
    path = sheet(running)
    assert path.name == "album-colorized-sheet.png"
    assert "mobile-unet" in Image.open(path).info["Description"]
    shares = []
    made = Presentation(deck(running, shares.append))
    assert [slide.shapes.title.text for slide in made.slides] == [text("many_results"), "a", "c"]
    assert "Settings: Natural" in made.slides[1].notes_slide.notes_text_frame.text
    assert shares == [0, 0.5]
    note = {"x": 1, "y": 1, "color": "#aa0000", "note": "la tía <Maria>"}
    made = replace(running.album.done[0].made, hints=[note])
    running.album.done[0] = running.album.done[0]._replace(made=made)
    with speaking("es"):
        web = page(running)
        assert web.name == "album-colorized.html"
        said = web.read_text(encoding="utf-8")
        assert text("many_results") in said
        assert text("export_sha256", sha256=running.album.checkpoint_sha256) in said
        assert text("export_note", note="la tía &lt;Maria&gt;") in said
        assert text("export_note", note="la tía <Maria>") in notes_of(running.album.done[0])
        assert said.count("<section") == 2
    running.album.done[0].gray.unlink()
    with pytest.raises(FileNotFoundError):
        sheet(running)


def test_times_and_names():
    assert [clock(seconds) for seconds in (0.4, 65, 3600 + 125)] == ["0:00", "1:05", "1:02:05"]
    assert stem_of(["/x/Grandma 1932.zip"]) == "Grandma 1932-colorized"
    assert stem_of(["/x/a.png", "/x/b.png"]) == "album-colorized"
    assert errors_table([]) == ""


def test_a_single_photo_waits_for_at_most_one_photo_of_an_album(handlers, photos, monkeypatch):
    ran = slow_passes(monkeypatch, 0.05)
    many = [photos[0]] + [str(Path(photos[0]).with_name(f"{i}.png")) for i in range(7)]
    for path in many[1:]:
        Path(path).write_bytes(Path(photos[0]).read_bytes())
    album = threading.Thread(target=lambda: list(handlers.run(None, many, "resnet18-decoder")))
    album.start()
    while not ran:
        time.sleep(0.005)
    handlers.shelf.colorize(photos[2], "resnet18-decoder")
    before = ran.index((60, 90))
    album.join()
    assert before <= 3  # one was done, one under way, and one may have come before the question
    assert len(ran) == 9


def events_of(page):
    """The functions of a page, by the name of what calls them."""
    blocks = ((fn, page.blocks.get(block)) for fn in page.fns.values() for block, _ in fn.targets)
    return {block.elem_id: fn for fn, block in blocks if getattr(block, "elem_id", None)}


def test_albums_have_a_queue_of_their_own(built_page):
    queues = {name: fn.concurrency_id for name, fn in events_of(built_page).items()}
    assert queues["many-button"] == "albums"
    assert queues["compare-button"] == "model"


@pytest.mark.parametrize("name", ["scan0001", "scan.jpg.1", "scan.psd"])
def test_every_way_to_add_photos_takes_any_name(built_page, cache, name):
    given = ListFiles([FileData(path=str(cache / name))])
    (cache / name).write_bytes(b"x")
    before = set(cache.iterdir())
    ways = [block for block in built_page.blocks.values() if getattr(block, "file_types", None)]
    assert sorted(way.get_block_name() for way in ways) == ["file", "uploadbutton", "uploadbutton"]
    assert [way.preprocess(given) for way in ways] == [[str(cache / name)]] * 3
    assert set(cache.iterdir()) == before


def test_what_is_refused_at_the_foot_of_the_page_is_said(built_page, tmp_path, photos, monkeypatch):
    said, roll = [], Roll()
    monkeypatch.setattr(tab_module, "warn", said.append)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(9):
            archive.writestr(f"../{number}.png", b"x")
    events_of(built_page)["roll-add"].fn([photos[0], str(tmp_path / "x.zip")], roll, None)
    assert [frame.path for frame in roll.frames()] == photos[:1]
    assert len(said) == 3
    assert said[0].startswith("../0.png points outside")


def test_photos_added_one_after_the_other_count_together(photos, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(photos[2], "c.png")
    roll, total = Roll(), sum(Path(photos[number]).stat().st_size for number in (0, 2))
    monkeypatch.setattr(uploads, "MOST_BYTES", total - 1)
    roll.add_files(photos[:1])
    for more in (photos[2], str(tmp_path / "x.zip")):
        with pytest.raises(AlbumError, match="MB together"):
            roll.add_files([more])
    assert [frame.path for frame in roll.frames()] == photos[:1]
    monkeypatch.setattr(uploads, "MOST_BYTES", total)
    roll.add_files([str(tmp_path / "x.zip"), photos[0]])
    assert len(roll.frames()) == 2
