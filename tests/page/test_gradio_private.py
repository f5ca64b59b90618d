"""Says which private part of Gradio, of those in colorizer/page/gradio_private.py, a new version has changed."""

import ast
import sys
from inspect import getsource
from pathlib import Path

import gradio as gr
import gradio.routes
import pytest
from gradio.context import LocalContext
from gradio.queueing import Event
from gradio.utils import MatplotlibBackendMananger
from packaging.requirements import Requirement
from packaging.version import Version

from colorizer.page import gradio_private

PAGE = Path(gradio_private.__file__).parent
ROOT = PAGE.parents[1]
PRIVATE = "gradio_private.py", "gradio_server.py", "gradio_mcp.py"
FILES_AND_QUEUE = {"upload_file_set", "temp_file_sets", "fns", "blocks"}
"""Attributes of gr.Blocks that are private in all but name."""

CHANGED = f"Gradio {gr.__version__} has changed; colorizer/page/gradio_private.py needs"


@pytest.fixture(scope="module")
def page():
    with gr.Blocks(analytics_enabled=False) as page:
        box, state, markup = gr.Textbox(), gr.State(), gr.HTML(own="mine")
        box.change(lambda text: text, box, [state, markup], api_visibility="private")
    page.queue()
    return page


def test_three_files_alone_use_private_parts():
    elsewhere = [
        f"{file.relative_to(PAGE)}:{node.lineno}"
        for file in PAGE.rglob("*.py")
        if file.name not in PRIVATE
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if _is_private(node)
    ]
    assert not elsewhere, f"put these into one of {PRIVATE}, with the reason"


OF_NAMED_TUPLES = ("_replace", "_asdict", "_fields")
"""Public, though they do not look so."""


def _is_private(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and (node.module or "").startswith("gradio")
    if isinstance(node, ast.Import):
        return any(name.name.startswith("gradio.") for name in node.names)
    if isinstance(node, ast.Attribute):
        ours = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        hidden = node.attr.startswith("_") and not node.attr.startswith("__") and node.attr not in OF_NAMED_TUPLES
        return not ours and (hidden or node.attr in FILES_AND_QUEUE)
    return False


def test_one_minor_version_is_allowed():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (allowed,) = (Requirement(line).specifier for line in lines if line.startswith("gradio"))
    installed = Version(gr.__version__)
    assert allowed.contains(installed)
    assert not allowed.contains(f"{installed.major}.{installed.minor + 1}.0")
    assert not allowed.contains(f"{installed.major}.{installed.minor - 1}.0")


def test_a_visitors_state_describes_no_component(page):
    gradio_private.mend_states()
    gradio_private.mend_states()  # as by another page of the same process
    (event,) = page.fns.values()
    (box,), (state, _) = event.inputs, event.outputs
    described = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(box), "get_config", lambda self: described.append(self) or {})
        visit, other = gradio_private.SessionState(page), gradio_private.SessionState(page)
        visit[box._id] = gr.Textbox(label="mine", render=False)
        visit._update_config(box._id)
        visit._update_value_in_config(box._id, "a")
    assert not described, f"{CHANGED} another place where components are described"
    assert (visit[box._id].label, other[box._id].label) == ("mine", None), f"{CHANGED} another state of components"
    visit[state._id] = 3
    assert (visit[state._id], other[state._id]) == (3, None)
    assert list(visit.components) == []
    assert page.get_config_file()["components"][0]["props"], f"{CHANGED} to tell a visitor's state from the page"


def test_events_bring_their_values():
    event = gr.EventData(None, {"n": 3})
    assert gradio_private.event_values(event) == {"n": 3}, f"{CHANGED} another way to an event's values"
    assert gradio_private.event_values(gr.EventData(None, None)) == {}


def test_a_queue_without_questions_sleeps():
    with gr.Blocks(analytics_enabled=False) as page:
        pass
    page.queue()
    seldom = {"sleep_when_free", "progress_update_sleep_when_free"}
    source = getsource(type(page._queue))
    assert seldom <= {*vars(page._queue)}, f"{CHANGED} another name"
    assert all(f"await asyncio.sleep(self.{name})" in source for name in seldom), f"{CHANGED} another way to wait"
    gradio_private.mend_queue(page)
    assert {getattr(page._queue, name) for name in seldom} == {gradio_private.LOOK}
    assert gradio_private.LOOK >= 0.01, "each look costs a hundred thousandth of a second"


def test_a_question_knows_whether_its_visitor_is_there():
    assert {"blocks", "event_id"} <= {*vars(LocalContext)}, f"{CHANGED} another way to the question under way"
    said = getsource(Event.__init__)
    assert "self._id = " in said, f"{CHANGED} another number of a question"
    assert "self.alive = True" in said
    assert not gradio_private.visitor_left()()


def test_no_event_waits_until_matplotlib_can_draw(monkeypatch):
    for name in [*sys.modules]:
        if name.startswith("matplotlib"):
            monkeypatch.delitem(sys.modules, name)
    gradio_private.draw_without_windows()
    with MatplotlibBackendMananger():  # as around each event
        assert "matplotlib.pyplot" not in sys.modules, f"{CHANGED} another way to a backend"
