"""The addresses of the server that answer. Gradio has some eighty, among them ones that encode films, write files
outside the cache or fetch from other servers. The page needs only those listed here, and all others are closed."""

from __future__ import annotations

import re

from starlette.routing import compile_path
from starlette.types import Scope

from ..look.typeface import ROUTES

OPEN = {
    "/": "the page",
    "/config": "its parts, for clients",
    "/assets/{path:path}": "Gradio's scripts",
    "/static/{path:path}": "Gradio's pictures and fonts",
    "/theme.css": "colours and letters",
    "/favicon.ico": "the browser's tab",
    "/manifest.json": "an icon on a telephone",
    "/robots.txt": "search engines",
    "/gradio_api/app_id": "whether the server was started anew; health checks",
    "/gradio_api/startup-events": "Gradio asks itself when it starts",
    "/gradio_api/heartbeat/{session_hash}": "whether a visitor is still there",
    "/gradio_api/info": "the endpoints, for clients",
    "/gradio_api/openapi.json": "the endpoints, for other programs",
    "/gradio_api/upload": "photographs",
    "/gradio_api/upload_progress": "how much of them is there",
    "/gradio_api/file={path_or_url:path}": "uploads, results and examples",
    "/gradio_api/queue/join": "a question of the page or a client",
    "/gradio_api/queue/data": "its answer",
    "/gradio_api/run/{api_name}": "a quick question of the page",
    "/gradio_api/cancel": "the Stop button",
    "/gradio_api/reset": "the same, for older clients",
    "/gradio_api/call/{api_name}": "a question of a program",
    "/gradio_api/call/v2/{api_name}": "the same, with names",
    "/gradio_api/call/{api_name}/{event_id}": "its answer",
    "/gradio_api/call/v2/{api_name}/{event_id}": "its answer",
    "/gradio_api/mcp": "tools for assistants",
    "/gradio_api/mcp/schema": "their description",
    **{route.path: "letters" for route in ROUTES},
}
"""Addresses as Gradio's routes write them, and what the page needs them for."""

_PATTERNS: list[re.Pattern[str]] = [compile_path(path)[0] for path in OPEN]


def is_open(path: str) -> bool:
    """Whether a path, from the page's root on, answers."""
    trimmed = path.rstrip("/") or "/"
    return any(pattern.match(path) or pattern.match(trimmed) for pattern in _PATTERNS)


def path_of(scope: Scope) -> str:
    """A request's path from the page's root on."""
    path, root = scope["path"], scope.get("root_path", "").rstrip("/")
    return path[len(root) :] or "/" if root and (path == root or path.startswith(f"{root}/")) else path
