"""What a program asks a served page, over plain HTTP."""

import io

import httpx
from PIL import Image

META = {"_type": "gradio.FileData"}


def uploaded(http: httpx.Client, picture: Image.Image, name: str = "a.png") -> dict:
    """A picture that was uploaded, as questions name it."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    (path,) = http.post("gradio_api/upload", files={"files": (name, buffer.getvalue())}).json()
    return {"path": path, "meta": META}


def ask(http: httpx.Client, photo: dict) -> str:
    """The number of a question for a photo's colours."""
    return http.post("gradio_api/call/v2/colorize", json={"photo": photo}).json()["event_id"]


def answer(http: httpx.Client, number: str) -> str:
    """All that is said to a question."""
    return http.get(f"gradio_api/call/colorize/{number}").text
