"""The real client of the tests, and what an exception or a log may show of it."""

import traceback
from pathlib import Path

from services.embedders.openai import OpenAIEmbedder, Patience
from services.errors import ScriptoriumError
from tests.contracts.openai_server import OpenAIServer

HERE = Path(__file__).parent
KEY = "sk-proj-Zx81TopSecretKeyOfTheTests42"
MODEL = "text-embedding-3-small"
QUICK = Patience(attempts=3, first_wait=0.001, longest_wait=0.3, timeout=5.0)
TEXTS = (
    "Close your eyes and let your breathing slow down, deeper with every breath.",
    "I speak calmly and clearly in front of many people.",
    "Three, two, one: wide awake, refreshed, back in the room.",
    "Before an exam your hands stay warm and your mind stays clear.",
    "Sleep comes by itself when the day has been put down.",
    "The garden gate opens onto a path of smooth white stones.",
)


def openai(server: OpenAIServer, patience: Patience = QUICK, model: str = MODEL, dimensions: int = 0) -> OpenAIEmbedder:
    return OpenAIEmbedder(model, dimensions, server.base_url, KEY, patience)


def everything_said_by(error: BaseException) -> str:
    """All that a log or a page could show of an exception: its chain, arguments, attributes, locals of its frames."""
    said, queue, known = [], [error], set[int]()
    while queue:
        found = queue.pop()
        if id(found) in known:
            continue
        known.add(id(found))
        said += [str(found), repr(found), repr(found.args), repr(vars(found))]
        frames = traceback.StackSummary.extract(traceback.walk_tb(found.__traceback__), capture_locals=True)
        # The tests' own frames know the key, of course.
        said += [repr(frame.locals) for frame in frames if Path(frame.filename).parent != HERE]
        queue += [linked for linked in (found.__cause__, found.__context__) if linked]
        assert isinstance(found, ScriptoriumError), "an exception of the client carries the request and its headers"
    return "\n".join(said)
