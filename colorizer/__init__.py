"""Plausible colours for black-and-white photographs.

The names below are imported on first use, so `import colorizer` costs neither torch nor gradio.
"""

from importlib import import_module

__version__ = "1.0.0"

_HOME = {
    "Colorizer": "inference.colorizer",
    "Colorization": "inference.colorization",
    "Readout": "colour.readout",
    "preset": "colour.readout",
    "Hint": "inference.hints",
    "correct_levels": "colour.levels",
    "marked": "figures.mark",
    "Card": "checkpoints.card",
    "CheckpointError": "errors",
    "list_checkpoints": "checkpoints.file",
    "PhotoError": "errors",
    "open_photo": "photo.open",
    "read_photo": "photo.open",
    "save_photo": "photo.save",
    "list_architectures": "architectures.registry",
    "build": "architectures.registry",
}

__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module 'colorizer' has no attribute {name!r}")
    return getattr(import_module(f"colorizer.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
