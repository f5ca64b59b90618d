"""The components of a tab by name, and the options that many events share.

A tab keeps its components in dataclasses. Handlers know no components: they take values by name and return updates by
name. A name is a field of such a dataclass, or a key where the field is a mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from inspect import signature
from typing import Any

from ..gradio_private import Block

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
COLOURING: dict[str, Any] = {**PRIVATE, **LAST_WINS}
"""For an event that colours the photo; `Shelf.let_in` connects it."""


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


class Named:
    """The components of a tab by name, and events whose handlers know nothing but these names."""

    def __init__(self, *parts: Any, **more: Block):
        """parts: dataclasses of components. more: components by a further name."""
        self._components = {**components(*parts), **more}

    def components(self, names: Iterable[str] | None = None) -> list[Block]:
        """The components with these names, in this order; by default all."""
        return [self._components[name] for name in (self._components if names is None else names)]

    def updates(self, updates: Updates) -> dict[Any, Any]:
        """Updates as Gradio takes them. Raises KeyError for a name that no component has."""
        return {self._components[name]: update for name, update in updates.items()}

    def on(self, event: Any, handler: Callable[..., Updates], gives: Iterable[str], **options: Any) -> Any:
        """Connect a handler with an event. Its parameters are names of components, whose values it gets. gives: the
        names of the updates that it may return."""
        takes = {name: self._components[name] for name in signature(handler).parameters}

        def handle(**values: Any) -> dict[Any, Any]:
            return self.updates(handler(**values))

        return event(handle, None, self.components(gives), inputs_kwargs=takes, **options)
