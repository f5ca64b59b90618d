"""A page that is served, and what a program asks it, over plain HTTP."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
import httpx
from PIL import Image

from colorizer.page import build_page
from colorizer.page.gradio_server import WITHOUT_KNOCKING
from colorizer.page.session.shelf import Shelf

META = {"_type": "gradio.FileData"}


@contextmanager
def being_served(shelf: Shelf, **options) -> Iterator[gr.Blocks]:
    """A page over these checkpoints; options: of Gradio's `launch`."""
    page = build_page(shelf)
    page.launch(prevent_thread_lock=True, quiet=True, show_error=False, **options, **WITHOUT_KNOCKING)
    yield page
    page.close()


def uploaded(http: httpx.Client, picture: Image.Image, name: str = "a.png") -> dict:
    """A picture that was uploaded, as questions name it."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    (path,) = http.post("gradio_api/upload", files={"files": (name, buffer.getvalue())}).json()
    return {"path": path, "meta": META}


def ask(http: httpx.Client, photo: dict, endpoint: str = "colorize") -> str:
    """The number of a question for a photo's colours."""
    return http.post(f"gradio_api/call/v2/{endpoint}", json={"photo": photo}).json()["event_id"]


def answer(http: httpx.Client, number: str) -> str:
    """All that is said to a question."""
    return http.get(f"gradio_api/call/colorize/{number}").text
