"""YAML in, checked before it is constructed; YAML out, the same bytes for the same value.

Every scalar is read as text: YAML's guesses (``NO`` is false, ``12:30`` is 750, ``010`` is 8) would change what
somebody wrote. The domain types turn text into numbers where they expect numbers.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from services.errors import InvalidYaml

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 12
MAX_EVENTS = 2_000_000
_WIDE = 2**31 - 1


def load(data: bytes, *, source: str) -> Any:
    """Parse one YAML document of mappings, lists and text.

    Raises:
        InvalidYaml: not UTF-8 or not YAML, too large, nested too deep, an alias, a tag, a merge or a repeated key.
    """
    if len(data) > MAX_BYTES:
        raise InvalidYaml(
            f"{source} is {len(data) / 1e6:.0f} MB long.",
            f"A file may have {MAX_BYTES // 1_048_576} MB; split it.",
        )
    text = _decode(data, source)
    try:
        return _Builder(source).build(yaml.parse(text, Loader=yaml.CBaseLoader))
    except yaml.YAMLError as error:
        raise InvalidYaml(
            f"{source} is not valid YAML: {_first_line(error)}.", "Mend it there and try again."
        ) from error


def dump(value: object) -> bytes:
    """Serialise mappings, lists and text; keys keep their order, long text becomes a literal block."""
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE, default_flow_style=False)
    return text.encode("utf-8")


def _decode(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidYaml(f"{source} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from error


class _Builder:
    """Checks the event stream and makes the value in one pass.

    Neither is recursive. PyYAML's composer is, and deep nesting crashes the process in it.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        # The lists and mappings that are still open, and for each the key that waits for its value.
        self._open: list[Any] = []
        self._keys: list[str | None] = []
        self._value: Any = None
        self._documents = 0

    def build(self, events: Iterator[yaml.Event]) -> Any:
        for count, event in enumerate(events):
            if count > MAX_EVENTS or len(self._open) > MAX_DEPTH:
                raise InvalidYaml(f"{self._source} is nested too deeply or has too many parts.", "Simplify the file.")
            if isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._keys.pop()
                self._add(self._open.pop())
            elif isinstance(event, yaml.DocumentStartEvent):
                self._begin()
        return self._value

    def _begin(self) -> None:
        self._documents += 1
        if self._documents > 1:
            raise InvalidYaml(f"{self._source} holds more than one YAML document.", "Keep one of them.")

    def _node(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            raise InvalidYaml(f"{self._source} uses a YAML anchor or alias.", "Write the value out in full.")
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise InvalidYaml(f"{self._source} uses the YAML tag {tag[:80]}.", "Remove the tag.")
        at_key = bool(self._open) and type(self._open[-1]) is dict and self._keys[-1] is None
        if isinstance(event, yaml.ScalarEvent):
            if at_key:
                self._key(event.value)
            else:
                self._add(event.value)
            return
        if at_key:
            raise InvalidYaml(f"{self._source} has a key that is not plain text.", "Use a word as the key.")
        self._open.append({} if isinstance(event, yaml.MappingStartEvent) else [])
        self._keys.append(None)

    def _key(self, key: str) -> None:
        if key == "<<":
            raise InvalidYaml(f"{self._source} merges mappings with '<<'.", "Write the values out in full.")
        if key in self._open[-1]:
            raise InvalidYaml(f"{self._source} has the key '{key[:80]}' twice.", "Keep one of the two.")
        self._keys[-1] = key

    def _add(self, value: Any) -> None:
        if not self._open:
            self._value = value
        elif self._keys[-1] is None:
            self._open[-1].append(value)
        else:
            self._open[-1][self._keys[-1]] = value
            self._keys[-1] = None


def _first_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}, {problem}" if mark is not None else str(problem)


class _Dumper(yaml.CSafeDumper):
    """Text of several lines as a literal block wherever YAML can hold it exactly."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  the signature is PyYAML's
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
