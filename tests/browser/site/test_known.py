"""The site knows again what Colorizer coloured, as the package does, whoever wrote the file last."""

import base64

import pytest
from conftest import colour_photo
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from colorizer import save_photo
from colorizer.photo.metadata import Metadata
from colorizer.photo.open import read_photo
from colorizer.site.assets import OWN

pytestmark = pytest.mark.browser
KNOWN = """async ([module, files]) => {
    const { isOurs } = await import('data:text/javascript;base64,' + module);
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return Promise.all(files.map((file) => isOurs(new Blob([bytes(file)]))));
}"""
EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"


def step(program, task="colours predicted"):
    """A packet whose history another program wrote, with prefixes of its own."""
    said = f"""e:softwareAgent = "{program} 1.4" e:parameters='{{&quot;task&quot;: &quot;{task}&quot;}}'"""
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:e="{EVENT}" xmlns:m="http://ns.adobe.com/xap/1.0/mm/"
        xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:RDF><r:Description><m:History><r:Seq>
        <r:li e:action="scanned"/><r:li {said}/></r:Seq></m:History></r:Description></r:RDF></x:xmpmeta>"""


def test_what_colorizer_coloured_is_known_as_the_package_knows_it(browser, tmp_path):
    photo = colour_photo(64, 48)
    photo.save(tmp_path / "own.png")
    for suffix in ("jpg", "webp"):
        photo.save(tmp_path / f"step.{suffix}", xmp=step("Colorizer").encode())
        photo.save(tmp_path / f"other.{suffix}", xmp=step("Another").encode())
        photo.save(tmp_path / f"inverted.{suffix}", xmp=step("Colorizer", "inverted").encode())
    for suffix in ("png", "jpg"):
        save_photo(photo, tmp_path / f"made.{suffix}", metadata=Metadata(), checkpoint="mobile-unet")
    with Image.open(tmp_path / "made.jpg") as made:
        blocks = {"exif": made.info["exif"], "xmp": made.info["xmp"]}
    for kind, block in blocks.items():
        for packed in (False, True):
            said = PngInfo()
            said.add_text(f"Raw profile type {kind}", f"\n{kind}\n{len(block):8}\n{block.hex()}\n", zip=packed)
            photo.save(tmp_path / f"magick-{kind}-{packed}.png", pnginfo=said)
    said = PngInfo()
    said.add_itxt("XML:com.adobe.xmp", step("Colorizer"), zip=True)
    photo.save(tmp_path / "packed.png", pnginfo=said)
    files = sorted(tmp_path.iterdir())
    expected = {path.name: read_photo(path).metadata.predicted for path in files}

    assert expected == {name: not name.startswith(("own", "other", "inverted")) for name in expected}
    page = browser.new_page()
    module, *contents = (base64.b64encode(path.read_bytes()).decode() for path in (OWN / "known.js", *files))
    found = page.evaluate(KNOWN, [module, contents])
    page.close()
    assert dict(zip(expected, found, strict=True)) == expected
