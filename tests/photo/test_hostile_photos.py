"""Every file gives a correct picture or one sentence, soon and with bounded memory."""

import functools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hostile import hostile, sound
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorizer import PhotoError, open_photo

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # of what is damaged
SECONDS = 5.0
"""For one file, on a busy machine; the pixel limit's worth of pixels would take about that."""
ROOT = Path(__file__).parents[2]


@functools.cache
def files() -> list[tuple[str, bytes]]:
    """(name, bytes) of every hostile file."""
    return list(hostile())


def opened(data: bytes, name: str) -> Image.Image | None:
    """The picture, or None after a sentence that a person can understand."""
    start = time.process_time()
    try:
        photo = open_photo(data, name=name)
    except PhotoError as error:
        sentence = str(error)
        assert name in sentence
        assert "\n" not in sentence
        assert sentence.endswith(".")
        assert ".py" not in sentence
        return None
    finally:
        assert time.process_time() - start < SECONDS, f"{name} takes too long"
    assert photo.mode == "RGB"
    assert min(photo.size) >= 1
    assert photo.info == {}
    photo.getpixel((photo.width - 1, photo.height - 1))
    return photo


@pytest.mark.parametrize("part", range(8))
def test_a_hostile_file_gives_a_picture_or_a_sentence(part):
    results = {name: opened(data, name) for name, data in files()[part::8]}
    refused = sum(photo is None for photo in results.values())
    assert 0 < refused < len(results)  # neither everything nor nothing


MEASURING = """
import json, sys
from pathlib import Path
from hostile import liars
from colorizer import PhotoError, open_photo

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

held = {}
for name, data in liars():
    if "bomb" in name or name.startswith("says-"):
        Path("/proc/self/clear_refs").write_text("5")
        before = peak()
        try:
            open_photo(data, name=name)
        except PhotoError:
            pass
        held[name] = peak() - before
print(json.dumps(held))
"""


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="only Linux says how much memory was held")
def test_memory_is_bounded():
    """In a process of its own, as other tests' servers live in this one."""
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
    held = subprocess.check_output([sys.executable, "-c", MEASURING], env={**os.environ, "PYTHONPATH": paths})
    megabytes = json.loads(held)
    assert len(megabytes) > 5
    # 81 megapixels are the most that any of them is allowed to unpack.
    assert not {name: each for name, each in megabytes.items() if each >= 800}


SOUND = sound()


@given(st.sampled_from(sorted(SOUND)), st.data())
def test_random_damage(name, data):
    wrong = bytearray(SOUND[name])
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(wrong) - 1), st.integers(0, 255)), min_size=1, max_size=12)
    ):
        wrong[place] = value
    opened(bytes(wrong[: data.draw(st.integers(1, len(wrong)))]), name)
