"""The editor's form as a browser posts it."""

from html.parser import HTMLParser

from typing_extensions import override


class Form(HTMLParser):
    """What a browser would post of the editor's form: line breaks as browsers send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str | list[str]] = {"senders": []}
        self._open: str | None = None
        self._select: str | None = None
        self._is_inside = False
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._is_inside = given.get("id") == "editor"
        elif not self._is_inside:
            return
        elif tag == "input":
            self._input(name, given)
        elif tag == "textarea":
            self._open, self.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given["value"]

    def _input(self, name: str, given: dict[str, str]) -> None:
        if given.get("type") in {"checkbox", "radio"} and "checked" not in given:
            return
        if name == "senders":
            senders = self.fields["senders"]
            assert isinstance(senders, list)
            senders.append(given["value"])
        else:
            self.fields[name] = given.get("value", "on").replace("\n", "")

    @override
    def handle_data(self, data: str) -> None:
        if self._open:
            told = self.fields[self._open]
            assert isinstance(told, str)
            self.fields[self._open] = told + data

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open:
            told = self.fields[self._open]
            assert isinstance(told, str)
            self.fields[self._open] = told.replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")
            self._open = None
        if tag == "select":
            self._select = None
        if tag == "form":
            self._is_inside = False
