"""The errors of the workbench, in its own words.

Each says what happened (``cause``) and what to do (``next_step``); the edges (a page, a command) show both
and never a traceback.

ScriptoriumError
├── InvalidInput              something given to us cannot be used as it is
│   ├── InvalidYaml           not YAML, or YAML we refuse to construct
│   ├── InvalidRecord         a script's record that does not hold together
│   ├── InvalidQuestionnaire
│   ├── InvalidSettings       workspace.yaml
│   ├── InvalidBackup         no backup, or one that is damaged
│   ├── NotFound              an id, section or folder that does not exist
│   └── UsageError            something typed that is no command; stands in services/cli/parser.py
├── Conflict                  somebody else was first
│   ├── IdTaken
│   ├── RecordMoved           the script changed since the edit began
│   └── WorkspaceBusy         another process is writing
├── StorageFailed             the disk said no: full, read-only, gone
│   └── MapNotKept            a map that is drawn, and shown until the program ends
├── StoreUnreadable           somebody else's store: damaged, of another version, being written, not answering
├── Cancelled                 the person said stop
├── EmbedderFailed            a model could not turn text into vectors
│   ├── EmbedderUnavailable   no key, no weights, no server
│   └── EmbedderAnswerWrong   an answer of another shape, or not of numbers
├── MapFailed                 the process that places the scripts could not do it
└── IndexFailed               the derived index cannot be used
    ├── IndexOwned            another process has it open
    └── IndexBroken           unreadable or unproved
"""


class ScriptoriumError(Exception):
    """Anything a person can be told about: a cause and a next step, both full sentences."""

    def __init__(self, cause: str, next_step: str = "") -> None:
        super().__init__(cause, next_step)
        self.cause = cause
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.cause} {self.next_step}".strip()


class InvalidInput(ScriptoriumError):
    """Something given to us cannot be used as it is."""


class InvalidYaml(InvalidInput):
    """Not YAML, or YAML that is refused before anything is constructed from it."""


class InvalidRecord(InvalidInput):
    """A script's record that does not hold together."""


class InvalidQuestionnaire(InvalidInput):
    """A questionnaire that cannot be asked."""


class InvalidSettings(InvalidInput):
    """``workspace.yaml`` says something that cannot be followed."""


class InvalidBackup(InvalidInput):
    """A file that is no backup, or one that is damaged."""


class NotFound(InvalidInput):
    """An id, a section or a folder that does not exist."""


class Conflict(ScriptoriumError):
    """Somebody else was first."""


class IdTaken(Conflict):
    """Another script already has this id."""


class RecordMoved(Conflict):
    """The script changed since the edit began; nothing of either version is lost."""


class WorkspaceBusy(Conflict):
    """Another process is writing to the workspace."""


class StorageFailed(ScriptoriumError):
    """The disk said no: full, read-only, or gone."""


class MapNotKept(StorageFailed):
    """A map is drawn, and is shown until the program ends: only for the next time it could not be kept."""


class StoreUnreadable(ScriptoriumError):
    """A store that somebody else made, and that cannot be read: damaged, of another version, or not answering."""


class Cancelled(ScriptoriumError):
    """The person said stop. What was there before is there still."""


class EmbedderFailed(ScriptoriumError):
    """A model could not turn text into vectors."""


class EmbedderUnavailable(EmbedderFailed):
    """No key, no weights, or no server."""


class EmbedderAnswerWrong(EmbedderFailed):
    """A server answered with another shape, or with something that is not a number."""


class IndexFailed(ScriptoriumError):
    """The derived index cannot be used."""


class IndexOwned(IndexFailed):
    """Another process has the stored index open."""


class IndexBroken(IndexFailed):
    """Unreadable or unproved."""


class MapFailed(ScriptoriumError):
    """The process that places scripts on the map could not do it."""
