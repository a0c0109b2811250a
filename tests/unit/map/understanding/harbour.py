"""Six scripts, a map of them made by hand, and questions to them."""

from services.domain.maps import NONE
from services.domain.questionnaires import make_questionnaire
from services.workbench import Workbench
from tests.doubles import hand_map, script

SEA = "Let the evening come down slowly over the harbour, and let each boat find its own place on the tide to rest."
SOFTLY = SEA.replace("slowly", "softly")
SCRIPTS = [
    script("harbour", text=SEA),
    script("harbour-again", text=SOFTLY),
    script("pier", "awakening", text="The tide turns; the harbour wakes and every rope is let go."),
    script("garden", "affirmations", text="I sow the seed and wait for leaf and rain."),
    script("orchard", "affirmations", text="I water the seed; the leaf knows when."),
    script("zigzag", text="Zzz zzz zzz zzz zzz."),
]
PLACES = {
    "harbour": (0, 0),
    "harbour-again": (1, 0),
    "pier": (5, 3),
    "garden": (9, 9),
    "orchard": (9, 7),
    "zigzag": (4, 4),
}
CLUSTERS = [0, 0, 0, 1, 1, NONE]
SHOWN = hand_map(CLUSTERS, **PLACES)


def ask(bench: Workbench, text: str, name: str = "night"):
    bench.save_questionnaire(make_questionnaire(id=name, title=name.title(), query=text))
