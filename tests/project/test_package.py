import subprocess
import sys

import pytest

import colorizer

LIGHT = {
    "import colorizer": {"torch", "gradio", "numpy", "huggingface_hub"},
    "from colorizer.figures import deck, film, sheets, web_page": {"torch", "pptx", "av", "fontTools"},
    "import colorizer.photo.decode_process": {"torch", "gradio"},
    "assert not any(card.error for card in colorizer.list_checkpoints())": {"torch"},
    "from colorizer.architectures.registry import facts, list_architectures": {"torch"},
    "print(*map(facts, list_architectures()))": {"torch"},
    "from colorizer.cli.parser import command_line": {"torch"},
    "command_line().format_help()": {"torch"},
    "import colorizer.page.app": {"torch"},
}
"""Lines that run one after the other, and packages that nothing has imported after each."""


def test_little_is_imported():
    lines = "".join(f"{line}\nassert not {heavy} & {{*sys.modules}}, {line!r}\n" for line, heavy in LIGHT.items())
    done = subprocess.run([sys.executable, "-c", f"import sys\n{lines}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_public_names():
    for name in colorizer.__all__:
        assert getattr(colorizer, name) is not None
        assert name in dir(colorizer)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = colorizer.nothing
