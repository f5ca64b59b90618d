import subprocess
import sys

import pytest

import colorizer


def test_importing_is_cheap():
    code = "import sys, colorizer; assert not {'torch', 'gradio', 'numpy', 'huggingface_hub'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_public_names():
    for name in colorizer.__all__:
        assert getattr(colorizer, name) is not None
        assert name in dir(colorizer)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = colorizer.nothing
