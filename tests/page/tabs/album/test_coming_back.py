"""Albums that come back after a reload, and that are coloured again after corrections."""

import re
import threading
from pathlib import Path

import pytest
from film_files import moving_picture, write_film
from pptx import Presentation

from colorizer.page.session.roll import Roll
from colorizer.page.tabs.album.export import deck, page, sheet
from colorizer.page.tabs.album.running import forget

from .steps import correct, pictures, stopped_after_one, zipped


def test_an_album_comes_back_to_a_new_page_of_its_visitor(handlers, photos):
    roll = Roll()
    (*_, last) = steps = list(handlers.run(None, photos, "mobile-unet", roll=roll, key="a secret"))
    running = steps[0]["running"]
    assert not handlers.came(None, roll, "a secret"), "the page that is about to have it"
    assert "running" not in handlers.came(running, Roll(), "a secret"), "the page that has it"
    assert "running" not in handlers.came(None, Roll(), "another")
    roll = Roll()
    roll.add_files(photos[2:])
    back = handlers.came(None, roll, "a secret")
    assert back["running"] is running
    assert back["status"] == last["status"]
    assert back["zip"]["value"] == last["zip"]["value"]
    assert [photo["name"] for photo in back["view"]["value"]] == ["a.png", "c.png"]
    assert not running.behind()
    roll.write(roll.frames()[0].key, "title", "A")
    assert [frame.title for frame in running.roll.frames()] == ["A", "<b>", "c"], "both pages share the photos"
    running.offered = False
    forget(running)  # the page that was left
    assert running.album.archive.exists()
    forget(running)
    assert not running.album.folder.exists()
    del steps, last, back, running
    assert "running" not in handlers.came(None, Roll(), "a secret"), "kept by its pages alone"


def test_an_album_whose_files_are_gone_does_not_come_back(handlers, photos):
    first, *_ = handlers.run(None, photos, "mobile-unet", key="a secret")
    running = first["running"]
    running.album.done[1].small.unlink()
    assert "running" not in handlers.came(None, Roll(), "a secret")


@pytest.mark.parametrize("noticed", [True, False])
def test_an_album_that_a_reload_interrupted_goes_on_in_the_new_page(handlers, photos, noticed):
    steps = handlers.run(None, photos, "mobile-unet", key="a secret")
    running = next(steps)["running"]
    next(steps)
    next(steps)  # the first photo is done
    if noticed:
        steps.close()  # what Gradio does when a page is left
    assert [photo["name"] for photo in handlers.came(None, Roll(), "a secret")["view"]["value"]] == ["a.png"]
    ended = threading.Timer(0.2, steps.close)
    ended.start()
    more = list(handlers.catch_up(running))
    assert "2 of 3: &lt;b&gt;.jpg" in next(step["status"] for step in more if "status" in step)
    assert pictures(more[-1]) == ["a-colorized.png", "c-colorized.png"]
    ended.join()


@pytest.mark.parametrize("noticed", [True, False])
def test_a_film_that_a_reload_interrupted_goes_on_in_the_new_page(handlers, films_here, tmp_path, noticed):
    reel = write_film(tmp_path / "reel.mkv", moving_picture(4))
    steps = handlers.run(None, [str(reel)], "mobile-unet", key="a secret")
    running = next(steps)["running"]
    next(step for step in steps if "Colouring the film" in step.get("status", ""))
    if noticed:
        steps.close()
    handlers.came(None, Roll(), "a secret")
    ended = threading.Timer(0.2, steps.close)
    ended.start()
    last = list(handlers.catch_up(running))[-1]
    ended.join()
    assert "Coloured: 1 of 1" in last["status"]
    correct(running, str(reel))
    list(handlers.catch_up(running))
    handlers.came(None, Roll(), "a secret")
    assert not running.behind(), "a film that was corrected waits until the visitor wants it"


def test_what_a_visitor_stopped_stays_so_after_a_reload(handlers, photos):
    running, _ = stopped_after_one(handlers, photos, "mobile-unet", key="a secret")
    assert handlers.came(None, Roll(), "a secret")["more"]["visible"]
    assert not running.behind()


def offered(running, last):
    """The first photo's colours in all that the tab offers."""
    slide = Presentation(deck(running)).slides[0]
    _, colour, *_ = sorted((each.left, each.image.blob) for each in slide.shapes if hasattr(each, "image"))
    said = page(running).read_text(encoding="utf-8")
    return {
        "grid": last["view"]["value"][0],
        "zip": zipped(last)["a-colorized.png"],
        "sheet": sheet(running).read_bytes(),
        "deck": colour[1],
        "page": re.findall(r"data:image/jpeg;base64,([\w+/=]+)", said)[0],
    }


def test_a_corrected_photo_of_an_album_is_coloured_again_by_itself_in_all_that_the_tab_offers(handlers, photos):
    running, stopped = stopped_after_one(handlers, photos, "mobile-unet", "vivid")
    before = offered(running, stopped)
    assert not running.behind()
    correct(running, photos[0])
    last = list(handlers.catch_up(running))[-1]
    assert pictures(last) == ["a-colorized.png"]
    assert [name for name, picture in offered(running, last).items() if picture == before[name]] == []
    assert last["more"]["value"] == "Continue with the rest: 1", "nothing that was stopped"
    assert not running.behind()


def test_a_film_of_old_colours_is_not_offered(handlers, films_here, tmp_path):
    reel = str(write_film(tmp_path / "reel.mkv", moving_picture(4)))
    first, *_ = handlers.run(None, [reel], "mobile-unet")
    running = first["running"]
    correct(running, reel)
    last = list(handlers.catch_up(running))[-1]
    assert not last["films"]["visible"]
    assert last["more"]["value"] == "Continue with the rest: 1", "a film takes long"
    last = list(handlers.go_on(running))[-1]
    assert [Path(path).name for path in last["films"]["value"]] == ["reel-colorized.mp4"]
