"""The page. The only place that knows Gradio."""

import os

from .before_gradio import own_folder, without_proxies

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# Read with each page. Gradio notes the last 10,000 questions, and makes a table of all of them after each, for a
# dashboard that is switched off.
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))

os.environ.setdefault("GRADIO_TEMP_DIR", own_folder())

with without_proxies():
    from .app import app_options, build_page, launch
    from .serving.connections import check_port

__all__ = ["app_options", "build_page", "check_port", "launch"]
