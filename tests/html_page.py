"""An HTML file, read strictly."""

from html.parser import HTMLParser
from pathlib import Path


class Page(HTMLParser):
    """Its tags and its words. Raises AssertionError for tags that are not nested correctly."""

    VOID = frozenset({"meta", "link", "img", "br", "input", "line", "path"})

    def __init__(self, path: Path):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self.text = ""
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.text += data
            self.words.append(data.strip())

    def all(self, tag: str) -> list[dict]:
        """The attributes of each tag of this name."""
        return [attributes for name, attributes in self.tags if name == tag]
