"""The stream of answers, which Gradio's server closes once nothing is asked, as the browser has it."""

import pytest

from .visit import arrive, give_photo

pytestmark = pytest.mark.browser

SLOW_GOODBYE = """
  const ask = window.fetch;
  const read = (chunk) => new TextDecoder().decode(chunk);
  window.asked = new Promise((heard) => { window.heard = heard; });
  window.fetch = async (request, options) => {
    const response = await ask(request, options);
    if (window.closing && (request.url ?? String(request)).includes('/queue/join')) setTimeout(window.heard, 500);
    if (!(request.url ?? String(request)).includes('/queue/data')) return response;
    const slowly = async (chunk, stream) => {
      if (read(chunk).includes('close_stream')) {
        window.closing = true;
        await window.asked;
      }
      stream.enqueue(chunk);
    };
    return new Response(response.body.pipeThrough(new TransformStream({ transform: slowly })), response);
  };
"""
"""The server says that it closes the stream, and the browser hears of it only after its next question."""


def test_a_question_that_crosses_the_end_of_the_stream_is_answered(page, url, tmp_path):
    page.add_init_script(SLOW_GOODBYE)
    arrive(page, url)
    page.wait_for_function("window.closing")
    give_photo(page, tmp_path)
