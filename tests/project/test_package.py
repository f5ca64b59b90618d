import subprocess
import sys

import pytest

import colorizer

FACTS = (
    "from colorizer.architectures.registry import facts, list_architectures\nprint(*map(facts, list_architectures()))"
)
HELP = """
from contextlib import suppress
from colorizer.cli.parser import main
with suppress(SystemExit):
    main(["--help"])
"""


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import colorizer", {"torch", "gradio", "numpy", "huggingface_hub"}),
        ("from colorizer.figures import deck, film, sheets, web_page", {"torch", "pptx", "av", "fontTools"}),
        ("import colorizer.photo.decode_process", {"torch", "gradio"}),
        ("import colorizer\nassert not any(card.error for card in colorizer.list_checkpoints())", {"torch"}),
        (FACTS, {"torch"}),
        (HELP, {"torch"}),
    ],
    ids=["the package", "figures", "a decoder", "cards", "facts about networks", "help"],
)
def test_little_is_imported_for(code, heavy):
    check = f"import sys\n{code}\nassert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, capture_output=True)


def test_public_names():
    for name in colorizer.__all__:
        assert getattr(colorizer, name) is not None
        assert name in dir(colorizer)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = colorizer.nothing
