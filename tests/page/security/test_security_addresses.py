"""What the server asks of others for a stranger: nothing."""

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
    """A server within the server's own network that has a picture, and what it was asked for."""
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
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433"])
def test_inner_addresses_are_not_asked(stranger, inner, host):
    """An endpoint takes the address of a photograph, of public servers alone."""
    at, asked = inner
    address = f"http://{host}:{at.partition(':')[2]}/picture.png"
    photo = {"path": address, "url": address, "meta": META}
    begun = stranger.post("gradio_api/call/v2/colorize", json={"photo": photo})
    if begun.status_code == 200:
        assert "event: error" in stranger.get(f"gradio_api/call/colorize/{begun.json()['event_id']}").text
    assert asked == []
    assert httpx.get(f"http://{at}/").status_code == 200
    assert asked == ["/"]
