"""The server asks others for nothing on behalf of a stranger."""

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from conftest import colour_photo

from page.conftest import META


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "https://example.org/x.png", "HTTP://localhost/"])
def test_the_page_fetches_nothing_for_others(stranger, address):
    answer = stranger.get(f"gradio_api/file={address}")
    assert answer.status_code == 403
    assert "content-security-policy" in answer.headers
    assert stranger.get(f"gradio_api/proxy={address}").status_code in (400, 403, 404)


@pytest.fixture
def inner():
    """The address of a picture on a server within the server's own network, and what that was asked for."""
    buffer, asked = io.BytesIO(), []
    colour_photo().save(buffer, "PNG")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(buffer.getvalue())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/picture.png", asked
        server.shutdown()


@pytest.mark.parametrize("way", ["call/v2/colorize", "call/colorize", "run/predict"])
def test_no_photograph_is_fetched_by_its_address(launched, stranger, inner, way):
    address, asked = inner
    photo = {"path": address, "url": address, "meta": META}
    number = next(number for number, event in launched.fns.items() if event.api_name == "colorize")
    values = [photo, *[None] * (len(launched.fns[number].inputs) - 1)]
    body = {
        "call/v2/colorize": {"photo": photo},
        "call/colorize": {"data": [photo]},
        "run/predict": {"data": values, "fn_index": number, "session_hash": "address"},
    }[way]
    answer = stranger.post(f"gradio_api/{way}", json=body)
    assert answer.status_code == (500 if way == "run/predict" else 422)
    assert "This server fetches no photos from other sites" in answer.text
    assert asked == []
    assert httpx.get(address).status_code == 200
    assert asked == ["/picture.png"]
