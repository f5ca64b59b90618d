"""The components of a tab by name, and the options that many events share.

A tab keeps its components in dataclasses. Handlers know no components: they take values by name and return updates by
name. A name is a field of such a dataclass, or a key where the field is a mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..gradio_private import Block
from ..session.shelf import NETWORK

Updates = dict[str, Any]
"""The updates that a handler returns: new values, or `gr.update(...)`, by the components' names."""

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""For an event that programs cannot call. Its function must not have the name of an endpoint in `api`, or Gradio would
rename that endpoint."""
SILENT: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}
"""For a private event that shows no progress. It goes through the queue: only there does Gradio show an error."""
QUICK: dict[str, Any] = {**SILENT, "queue": False}
"""For a private event that needs no network and cannot fail."""
LAST_WINS: dict[str, Any] = {"trigger_mode": "always_last"}
"""For an event that happens again while it is under way: it then runs once more. By default Gradio drops it, and the
page would show a new photo above the colours of the old one."""
COLOURING: dict[str, Any] = {**NETWORK, **PRIVATE, **LAST_WINS}
"""For an event that colours the photo."""


def components(*parts: Any) -> dict[str, Block]:
    """The components in dataclasses of components, by name. Raises ValueError if two have one name."""
    found: dict[str, Block] = {}
    for part in parts:
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, Block):
                more = {field.name: value}
            elif isinstance(value, Mapping):
                more = dict(value)
            else:
                more = components(value)
            twice = found.keys() & more.keys()
            if twice:
                raise ValueError(f"two components are called {', '.join(sorted(twice))}")
            found.update(more)
    return found


def by_component(named: Mapping[str, Block], updates: Updates) -> dict[Block, Any]:
    """Updates as Gradio takes them. named: `components` of the tab."""
    return {named[name]: update for name, update in updates.items()}
