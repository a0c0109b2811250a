"""What can be typed: every verb with its arguments, its line of help and an example that works.

Nothing heavy is imported here, so that ``--help`` answers at once.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from services.errors import InvalidInput

PROGRAM = "python -m services"
IMPORT_FORMATS = (
    *("auto", "records", "text", "word", "pdf", "rtf", "csv", "sheet", "jsonl", "archive"),
    *("beir", "store", "trec-qrels", "trec-run"),
)
EXPORT_FORMATS = ("yaml-zip", "csv", "jsonl", "parquet", "docx", "beir", "trec-qrels")
COLOURINGS = ("section", "focus", "status", "author", "cluster", "words", "distance")
STATUSES = ("draft", "approved", "retired")


class UsageError(InvalidInput):
    """Something typed that is no command; ``usage`` says how the verb is used."""

    def __init__(self, cause: str, next_step: str, usage: str) -> None:
        super().__init__(cause, next_step)
        self.usage = usage


@dataclass(frozen=True)
class Verb:
    """One verb: its module below ``services.cli``, its line of help, an example, and its arguments."""

    name: str
    module: str
    help: str
    example: str
    add: Callable[[argparse.ArgumentParser], None]


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would print and leave, so that a program gets its JSON in this case too."""

    def error(self, message: str) -> NoReturn:
        cause = message[:1].upper() + message[1:]
        raise UsageError(cause if cause.endswith(".") else f"{cause}.", f"See: {self.prog} --help", self.format_usage())


def make_parser() -> argparse.ArgumentParser:
    """The parser of everything."""
    parser = _Parser(
        prog=PROGRAM, description="Keep scripts, and see what a questionnaire retrieves.", allow_abbrev=False
    )
    _add_common(parser, workspace=None, otherwise=False)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        made = verbs.add_parser(
            verb.name,
            prog=f"{PROGRAM} {verb.name}",
            help=verb.help,
            description=verb.help,
            epilog=f"example:\n  {verb.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        verb.add(made)
        # Suppressed, or the verb's default would undo what was typed before the verb.
        _add_common(made, workspace=argparse.SUPPRESS, otherwise=argparse.SUPPRESS)
        made.set_defaults(verb=verb)
    return parser


def _add_common(parser: argparse.ArgumentParser, *, workspace: str | None, otherwise: bool | str) -> None:
    parser.add_argument(
        "--workspace",
        metavar="DIR",
        default=workspace,
        help="the workspace (default: SCRIPTORIUM_WORKSPACE, else data/workspace, a copy of the demo)",
    )
    parser.add_argument("--json", action="store_true", default=otherwise, help="print one JSON document, for programs")
    parser.add_argument("--debug", action="store_true", default=otherwise, help="show the details of an error")


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a folder that is empty or does not exist yet")
    parser.add_argument("--from", dest="source", metavar="DIR", help="copy this workspace (default: begin empty)")
    parser.add_argument("--section", nargs="+", action="extend", default=[], metavar="NAME", help="its sections")
    parser.add_argument(
        "--embedder", default="", metavar="NAME", help="minilm (default), minilm-int8, hashing or openai"
    )


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and folders, or one store")
    parser.add_argument("--section", default="", metavar="NAME", help="for scripts whose source names none")
    parser.add_argument("--format", choices=IMPORT_FORMATS, default="auto", help="default: by the ending of each file")
    parser.add_argument(
        "--qrels",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="of a BEIR corpus: these judgements (test, dev) and the queries that they judge (default: all)",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=EXPORT_FORMATS, required=True, help="of the file")
    parser.add_argument(
        "--out", required=True, metavar="FILE", help="the file, or for beir a folder; one that is there is replaced"
    )
    parser.add_argument("--id", nargs="+", action="extend", default=[], metavar="ID", help="these scripts only")
    parser.add_argument("--section", nargs="+", action="extend", default=[], metavar="NAME", help="these sections only")


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, metavar="FILE", help="the file; one that is there is replaced")


def _restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="what `backup` wrote")


def _retrieve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--questionnaire", default="", metavar="ID", help="a stored questionnaire")
    parser.add_argument("--focus-area", default="", metavar="TEXT", help="what it is about")
    parser.add_argument("--challenge-context", default="", metavar="TEXT", help="what makes it hard")
    parser.add_argument("--desired-feeling", default="", metavar="TEXT", help="how it should feel afterwards")
    parser.add_argument("--query", default="", metavar="RAW", help="ask this text as it stands, without the template")
    parser.add_argument(
        "--section", nargs="+", action="extend", default=[], metavar="NAME", help="these sections only (default: all)"
    )
    parser.add_argument("--top-k", type=_positive, default=0, metavar="N", help="hits a section (default: workspace's)")
    parser.add_argument(
        "--mode",
        choices=("dense", "lexical", "hybrid"),
        default="",
        help="by meaning, by words, or by both (default: the workspace's)",
    )
    parser.add_argument("--embedder", default="", metavar="NAME", help="ask with this one (default: the workspace's)")
    parser.add_argument("--allow-mismatch", action="store_true", help="ask collections of another model all the same")
    parser.add_argument(
        "--filter-status", nargs="+", action="extend", default=[], choices=STATUSES, help="default: approved"
    )
    parser.add_argument(
        "--filter-focus", nargs="+", action="extend", default=[], metavar="AREA", help="scripts with one of these areas"
    )


def _evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mode", choices=("dense", "lexical", "hybrid"), default="", help="default: the workspace's")
    parser.add_argument("--embedder", default="", metavar="NAME", help="try this one; the workspace keeps its own")
    parser.add_argument(
        "--passages",
        choices=("both", "card", "body", "start"),
        default="",
        help="which passages count; start: what the model reads of title and text (default: the workspace's)",
    )
    parser.add_argument("--nearest", choices=("best", "mean"), default="", help="by the best passage or their mean")
    parser.add_argument("--top-k", type=_positive, default=0, metavar="N", help="scripts shown (default: workspace's)")
    parser.add_argument("--name", default="", metavar="TEXT", help="what the run is called")
    parser.add_argument("--baseline", default="", metavar="RUN", help="compare with this run (default: workspace's)")
    parser.add_argument("--gate", action="store_true", help="exit with 1 where the figures are too low")
    parser.add_argument("--gate-of", default="", metavar="DIR", help="the limits of this workspace instead of its own")
    parser.add_argument("--trec-run", default="", metavar="FILE", help="write the rankings as a TREC run file")


def _map(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--html", default="", metavar="FILE", help="an interactive map that needs no network")
    parser.add_argument("--png", default="", metavar="FILE", help="a picture of it")
    parser.add_argument("--svg", default="", metavar="FILE", help="a picture that can be scaled")
    parser.add_argument("--coordinates", default="", metavar="FILE", help="a table, .csv or .parquet by its ending")
    parser.add_argument("--colour", choices=COLOURINGS, default="section", help="what the colours mean")
    parser.add_argument("--by-section", action="store_true", help="a small map for each section, side by side")
    parser.add_argument("--dark", action="store_true", help="pictures on dark paper (the HTML follows its reader)")
    parser.add_argument("--questionnaire", default="", metavar="ID", help="show where this one lies, and its hits")
    parser.add_argument(
        "--with-text", action="store_true", help="put the scripts' words into the HTML, too, and those that gaps miss"
    )
    parser.add_argument(
        "--gaps", action="store_true", help="look for gaps also where that asks a server, which may cost something"
    )
    parser.add_argument("--pca", action="store_true", help="do not wait for UMAP: the two strongest directions")
    parser.add_argument("--anew", action="store_true", help="draw it anew, also where nothing has changed")


def _health(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--accept", action="store_true", help="compare later checks with where the vectors are now")


def _inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="PATH|DSN", help="a Chroma folder, or a connection string of PostgreSQL")
    parser.add_argument(
        "--sample", type=_positive, default=24, metavar="N", help="documents of each collection to embed (default: 24)"
    )


def _rebuild(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--embedder", default="", metavar="NAME", help="embed the scripts anew with this one (default: call no model)"
    )
    parser.add_argument("--all", action="store_true", help="with --embedder: also those that it has embedded before")
    parser.add_argument("--dry-run", action="store_true", help="say what it would cost, and change nothing")
    parser.add_argument("--back", action="store_true", help="go back to the model before this one")


def _positive(typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or int(typed) < 1:
        raise argparse.ArgumentTypeError(f"'{typed[:20]}' is no whole number from 1 on")
    return int(typed)


VERBS = (
    Verb(
        "init",
        "init",
        "Make a workspace, empty or as a copy of another one.",
        f"{PROGRAM} init my-scripts --section induction affirmations --embedder hashing",
        _init,
    ),
    Verb(
        "import",
        "importing",
        "Bring scripts and questionnaires in from files and folders.",
        f"{PROGRAM} import scripts.csv --section induction",
        _import,
    ),
    Verb(
        "export",
        "exporting",
        "Write scripts to one file.",
        f"{PROGRAM} export --format csv --out export.csv --section induction",
        _export,
    ),
    Verb("backup", "backup", "Write the whole workspace to one file.", f"{PROGRAM} backup --out backup.zip", _backup),
    Verb(
        "restore",
        "restore",
        "Bring a backup back, verified before it replaces anything.",
        f"{PROGRAM} restore backup.zip",
        _restore,
    ),
    Verb(
        "retrieve",
        "retrieve",
        "Find the nearest scripts of each section for a questionnaire.",
        f'{PROGRAM} retrieve --focus-area "falling asleep" --challenge-context "a racing mind" --top-k 3',
        _retrieve,
    ),
    Verb(
        "evaluate",
        "evaluate",
        "Ask all questionnaires, and measure how well the scripts fit.",
        f"{PROGRAM} evaluate --mode hybrid --name 'with words too'",
        _evaluate,
    ),
    Verb(
        "map",
        "mapping",
        "Draw every script as a point, near those that it resembles, and write that to files.",
        f"{PROGRAM} map --html map.html --coordinates map.csv",
        _map,
    ),
    Verb("health", "health", "Say whether the workspace can be trusted.", f"{PROGRAM} health", _health),
    Verb(
        "inspect",
        "inspect",
        "Say which model made the vectors of a Chroma folder or of PostgreSQL tables.",
        f"{PROGRAM} inspect some-chroma-folder",
        _inspect,
    ),
    Verb(
        "rebuild",
        "rebuild",
        "Build the index anew from the records, and prove it.",
        f"{PROGRAM} rebuild --embedder hashing",
        _rebuild,
    ),
)
