"""The examples in JavaScript of docs/onnx.md, in a browser and with the same onnxruntime as the site."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from benchmarks.site.serving import served
from colorizer import open_photo
from colorizer.checkpoints.file import find_checkpoint, load_checkpoint
from colorizer.checkpoints.onnx import KEY, write_graph
from colorizer.site.runtime import FILES

from ..visit import EXAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.full]
DOCS = Path(__file__).parents[3] / "docs" / "onnx.md"
PAGE = """<!doctype html><title>Example</title>
<script type="importmap">{"imports": {"onnxruntime-web/wasm": "./ort.wasm.min.mjs"}}</script>"""
DRAW = """async (defaults) => {
    const bitmap = await createImageBitmap(await (await fetch('photo.png')).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const image = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const { colour, colours } = await import('./example.mjs');
    return [...(colour ? await colour(image, defaults) : (await colours(image)).data)];
}"""


@pytest.fixture
def answer(browser, site, tmp_path):
    """A function that runs one of the examples on a photograph and a file, and returns its numbers."""
    made = Path(site.server.RequestHandlerClass.keywords["directory"])

    def run(number, network, photo, defaults=None):
        code = re.findall(r"```javascript\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[number]
        folder = tmp_path / "example"
        folder.mkdir()
        for name in FILES:
            shutil.copy(made / "onnxruntime" / name, folder)
        shutil.copy(network, folder / "mobile-unet.onnx")
        (folder / "example.mjs").write_text(code, encoding="utf-8")
        (folder / "index.html").write_text(PAGE, encoding="utf-8")
        photo.save(folder / "photo.png")
        with served(folder) as own:
            page = browser.new_page()
            page.goto(own.url)
            numbers = page.evaluate(DRAW, defaults)
            page.close()
        return np.array(numbers, np.float32)

    return run


def test_a_network_in_the_browser(answer, tmp_path):
    write_graph(*load_checkpoint(find_checkpoint("mobile-unet")), tmp_path / "net.onnx")
    photo = open_photo(EXAMPLES / "china.jpg").resize((160, 96)).convert("L").convert("RGB")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    linear = (np.asarray(photo.convert("L")) / 255.0).astype(np.float64)
    linear = np.where(linear > 0.04045, ((linear + 0.055) / 1.055) ** 2.4, linear / 12.92)
    L = np.where(linear > 0.008856, 116 * np.cbrt(linear) - 16, 903.3 * linear).astype(np.float32)
    fed = {"L": L[None, None], "hints": np.zeros((1, 3, 96, 160), np.float32)}
    (expected,) = session.run(["ab"], fed)
    assert np.abs(answer(0, tmp_path / "net.onnx", photo) - expected.ravel()).max() < 0.01


def test_the_whole_pipeline_in_the_browser(answer, whole, colorizer):
    photo = open_photo(EXAMPLES / "china.jpg")
    card = json.loads(onnxruntime.InferenceSession(whole).get_modelmeta().custom_metadata_map[KEY])
    got = answer(1, whole, photo, card["defaults"])
    expected = np.asarray(colorizer.colorize(photo).image, np.float32)
    assert (np.abs(got - expected.ravel()) > 1).mean() <= 0.001
