"""The edge: arguments in, exit code out. Every error becomes a message and an exit code here, once."""

import argparse
import importlib
import io
import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Protocol, cast

from services.cli.output import INTERRUPTED, Output
from services.cli.parser import UsageError, make_parser
from services.errors import ScriptoriumError

DONE, ATTENTION, FAILED = 0, 1, 2
# What shells give to a program that a reader that went away has ended.
_PIPE_CLOSED = 141


class _Module(Protocol):
    def run(self, args: argparse.Namespace, out: Output) -> int: ...


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 attention, 2 could not be done."""
    _never_fail_to_print()
    out = Output(as_json=_wants_json(arguments))
    try:
        return _run(arguments, out)
    except BrokenPipeError:
        # Standard output is flushed once more on the way out, and must have somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except KeyboardInterrupt:
        out.note("Stopped. What was stored or paid for until now is whole and stays; nothing half-done was kept.")
        return INTERRUPTED


def _run(arguments: Sequence[str], out: Output) -> int:
    try:
        args = make_parser().parse_args(arguments)
        out.workspace = args.workspace or ""
        # A verb's module brings models and indexes along: only the one that is asked for is loaded.
        module = cast("_Module", importlib.import_module(f"services.cli.{args.verb.module}"))
        code = module.run(args, out)
        # Now, while a disk that is full or a reader that went away can still be answered for.
        print(end="", flush=True)
    except UsageError as error:
        if not out.as_json:
            print(error.usage, end="", file=sys.stderr)
        return _fail(out, error)
    except ScriptoriumError as error:
        if "--debug" in arguments:
            traceback.print_exc()
        return _fail(out, error)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001  the last place where a message can be made of it
        if "--debug" in arguments:
            traceback.print_exc()
        return _unexpected(out, error)
    return code


def _fail(out: Output, error: ScriptoriumError) -> int:
    out.end_progress()
    if out.as_json:
        _print_error(type(error).__name__, out.told(error.cause), out.told(error.next_step))
    else:
        print(out.told(str(error)), file=sys.stderr)
    return FAILED


def _unexpected(out: Output, error: Exception) -> int:
    out.end_progress()
    told = " ".join(str(error).split())[:200]
    cause = f"Something unexpected happened ({type(error).__name__}{': ' if told else ''}{told})."
    next_step = "Run it again with --debug for the details."
    if out.as_json:
        _print_error(type(error).__name__, cause, next_step)
    else:
        print(cause, next_step, file=sys.stderr)
    return FAILED


def _print_error(kind: str, cause: str, next_step: str) -> None:
    print(json.dumps({"error": {"kind": kind, "cause": cause, "next_step": next_step}}, indent=2))


def _wants_json(arguments: Sequence[str]) -> bool:
    """Also where the arguments are wrong: whoever typed --json reads the answer with a program."""
    before = list(arguments)[: list(arguments).index("--")] if "--" in arguments else arguments
    return "--json" in before


def _never_fail_to_print() -> None:
    """A character that the terminal does not have becomes a question mark instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
