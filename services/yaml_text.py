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
        _guard(yaml.parse(text, Loader=yaml.CBaseLoader), source)
        return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506  it constructs text, lists and mappings only
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


def _guard(events: Iterator[yaml.Event], source: str) -> None:
    """Walk the event stream, which is not recursive, before the composer, which is and can crash the process."""
    open_keys: list[set[str] | None] = []
    at_key: list[bool] = []
    for count, event in enumerate(events):
        if count > MAX_EVENTS or len(open_keys) > MAX_DEPTH:
            raise InvalidYaml(f"{source} is nested too deeply or has too many parts.", "Simplify the file.")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidYaml(f"{source} uses a YAML anchor or alias.", "Write the value out in full.")
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            _refuse_tag(event.tag, source)
            _key_must_be_text(at_key, source)
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            open_keys.append(set() if is_mapping else None)
            at_key.append(is_mapping)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            open_keys.pop()
            at_key.pop()
            _value_done(open_keys, at_key)
        elif isinstance(event, yaml.ScalarEvent):
            _refuse_tag(event.tag, source)
            _scalar(event.value, open_keys, at_key, source)


def _refuse_tag(tag: str | None, source: str) -> None:
    if tag is not None and tag != "!":
        raise InvalidYaml(f"{source} uses the YAML tag {tag[:80]}.", "Remove the tag.")


def _key_must_be_text(at_key: list[bool], source: str) -> None:
    if at_key and at_key[-1]:
        raise InvalidYaml(f"{source} has a key that is not plain text.", "Use a word as the key.")


def _scalar(value: str, open_keys: list[set[str] | None], at_key: list[bool], source: str) -> None:
    keys = open_keys[-1] if open_keys else None
    if keys is None or not at_key[-1]:
        _value_done(open_keys, at_key)
        return
    if value == "<<":
        raise InvalidYaml(f"{source} merges mappings with '<<'.", "Write the values out in full.")
    if value in keys:
        raise InvalidYaml(f"{source} has the key '{value[:80]}' twice.", "Keep one of the two.")
    keys.add(value)
    at_key[-1] = False


def _value_done(open_keys: list[set[str] | None], at_key: list[bool]) -> None:
    if at_key and open_keys[-1] is not None:
        at_key[-1] = True


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
