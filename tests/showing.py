"""The first tab's pictures of a photo, for tests."""

from colorizer.page.session.answer import Answer
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo import correcting
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.page.tabs.tab import Updates


def answer_to(shelf: Shelf, request: PhotoRequest) -> Answer:
    """The answer to a request that has a photo and a checkpoint."""
    asked = request.asked()
    assert asked, "there is no photo"
    return shelf.answer(asked)


def show(handlers: Handlers, request: PhotoRequest) -> Updates:
    """All that the tab shows in the end."""
    shown: Updates = {}
    for updates in handlers.show_in_steps(request):
        for name, update in updates.items():
            both = isinstance(update, dict) and isinstance(shown.get(name), dict)
            shown[name] = {**shown[name], **update} if both else update
    return shown


def full_size(handlers: Handlers, request: PhotoRequest) -> str:
    """The path of the file to download."""
    return handlers.answered(handlers.full_size, request)["download_file"]


def suggest(handlers: Handlers, request: PhotoRequest, **click: float) -> Updates:
    """The picker's offer for a click, by default in the middle."""
    return handlers.answered(lambda answer: correcting.suggest(answer, click or {"x": 0.5, "y": 0.5, "n": 1}), request)
