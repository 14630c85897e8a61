"""Choosing a sum of concepts: typed or famous, and the pictures that stand for its concepts."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
import streamlit as st

from genlab.errors import LabError
from genlab.latent.arithmetic import EACH
from genlab.lens.codes import Codes
from genlab.lens.images import IMAGES
from genlab.lens.models import ServedModel
from genlab.runs import Run
from genlab.sums.examples import MOST, USUAL
from genlab.sums.expression import Sum, parse
from genlab.sums.vocabulary import Level, Vocabulary
from genlab.sums.worked import Parts, drawn_parts, few_examples, matching_numbers, numbered_parts
from genlab.ui.data.few import say_few
from genlab.ui.explore.startpoint import PICTURES, read_own
from genlab.ui.shell.address import asked, asked_number

FAMOUS = {
    "Glasses": "man with glasses - man + woman",
    "Smile": "smiling woman - neutral woman + neutral man",
    "Turn": "man turned right - man turned left + woman turned left",
    "Beard": "man with beard - man + woman",
    "Age": "old man - young man + young woman",
    "Hat": "woman with hat - woman + man",
}
SOURCES = {"drawn": "Fresh faces", "data": "The run's images", "numbers": "By number", "own": "Your own"}
MOST_TRIED = 4        # attributes that the opening sum is made of
OPENING_SEED = 3616   # men and women of one haircut, nobody with a hat, a beard or earrings; scores begin at seed 0
SHARED = {
    "alike": "Alike: what the sum does not name is the same in all nine faces, pose, age, hair and light too; only the persons differ.",
    "matched": "Matched: whether there is a hat, a beard and so on is the same; pose, age, hair and light are not, so that their mean is a blur.",
    "free": "Free: every face is drawn at random, so the sum also has to carry what it does not name.",
}


@dataclass(frozen=True)
class Chosen:
    """The parts, the sum in words (None where the images have no attributes), what its faces share, and what the address says of all."""

    parts: Parts
    sum: Sum | None
    protocol: str
    query: dict[str, str]


def choose_sum(run: Run, model: ServedModel, codes: Callable[[], Codes], *, key: str) -> Chosen:
    """The sum and the pictures that a person chose, or that the address asks for. LabError where they can't be had, below the controls.

    codes gives those of the run's images; it is called where these are chosen from, since it may take seconds.
    """
    vocabulary, is_faces = Vocabulary(IMAGES.take(run.plan.data, "seen", [0]).attribute_info), run.plan.data.name == "faces"
    text = choose_text(vocabulary, is_faces, key, lambda sum_: not IMAGES.open(run.plan.data).is_few or _has_examples(codes(), sum_))
    sources = [s for s in SOURCES if (s != "drawn" or is_faces) and (s != "data" or len(vocabulary))]
    if st.session_state.get(f"{key}.with") not in sources:
        wanted = "numbers" if asked(key, "a") else asked(key, "with")
        st.session_state[f"{key}.with"] = wanted if wanted in sources else sources[0]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        protocol = choose_protocol(f"{key}.protocol", key, SHARED, USUAL) if is_faces else USUAL
        source = st.pills("Examples", sources, format_func=SOURCES.get, key=f"{key}.with", required=True, persist_state="session", wrap=True)
        seed = choose_seed(key, OPENING_SEED) if source in ("drawn", "data") else asked_number(key, "seed", OPENING_SEED) % MOST
    numbers = _choose_numbers(key) if source == "numbers" else None
    files = choose_files(key) if source == "own" else None
    sum_ = parse(text, vocabulary) if text else None
    query = ({"sum": text} if text else {}) | {"with": source} | ({"protocol": protocol} if protocol != USUAL else {})
    if source == "drawn":
        return Chosen(drawn_parts(run, model, sum_, seed, protocol), sum_, protocol, query | {"seed": str(seed)})
    count = len(IMAGES.open(run.plan.data).at["seen"])
    say_few(run)
    stand_in = matching_numbers(codes(), sum_, seed) if sum_ else _first(count)
    if source == "own":
        return Chosen(_own_parts(files, numbered_parts(run, stand_in, sum_, least=1), model), sum_, protocol, query)
    if source == "data":
        _say_examples(stand_in)
        return Chosen(numbered_parts(run, stand_in, sum_, least=1), sum_, protocol, query | {"seed": str(seed)})
    chosen = tuple(_numbers(text, part) or usual for text, part, usual in zip(numbers, "ABC", stand_in, strict=True))
    named = {part: ",".join(map(str, c)) for part, c in zip("abc", chosen, strict=True)}
    _say_examples(chosen)
    fewest = min(EACH, count, *map(len, stand_in))
    return Chosen(numbered_parts(run, chosen, sum_, least=fewest), sum_, protocol, query | named)


def _first(count: int) -> tuple[list[int], ...]:
    """The first nine images, three for each part; the same ones again where there are fewer."""
    return tuple([(EACH * part + i) % count for i in range(min(EACH, count))] for part in range(3))


def _say_examples(numbers: tuple[list[int], ...]) -> None:
    if said := few_examples(numbers):
        st.caption(said)


def forget_sum(key: str) -> None:
    """Let the address decide again."""
    for name in ("sum", "with", "seed", "protocol", "samples", "a", "b", "c"):
        st.session_state.pop(f"{key}.{name}", None)


def choose_text(vocabulary: Vocabulary, is_faces: bool, key: str, can_open: Callable[[Sum], bool] = lambda sum_: True) -> str:
    """The sum in words, typed or famous; empty where the images have no attributes, which is said. can_open: whether the page may begin with it"""
    if not len(vocabulary):
        st.caption("This run's images have no attributes, so a sum can't be typed. Choose images for A, B and C, or take a run on faces.")
        return ""
    usual = FAMOUS["Glasses"] if is_faces else usual_sum(vocabulary, can_open)
    if not st.session_state.get(f"{key}.sum"):
        st.session_state[f"{key}.sum"] = asked(key, "sum") or usual
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(width=460):
            text = st.text_input("A sum", key=f"{key}.sum", max_chars=300, persist_state="session", help="Words of this dataset with plus and minus.")
        if is_faces:
            st.session_state[f"{key}.famous"] = next((name for name, famous in FAMOUS.items() if famous == text), None)
            st.pills("Famous ones", list(FAMOUS), key=f"{key}.famous", on_change=_take_famous, args=(key,), wrap=True)
        with st.popover("Words", icon=":material/dictionary:"):
            st.markdown("\n".join(f"- {', '.join(level.shown for level in levels)}" for levels in vocabulary.table.values()))
            st.caption("Put *no* before a word for its opposite, and *with* or a comma between words that are true of one image. "
                       "What stands before the first minus is A, what is taken away B, what is added then C.")
    return text or usual


def _has_examples(codes: Codes, sum_: Sum) -> bool:
    try:
        return bool(matching_numbers(codes, sum_, 0))
    except LabError:
        return False


def usual_sum(vocabulary: Vocabulary, can_open: Callable[[Sum], bool] = lambda sum_: True) -> str:
    """A sum to begin with, for any attributes: the first that the page may begin with, else the first of all."""
    several = [levels for levels in vocabulary.table.values() if len(levels) > 1]
    if not several:
        raise LabError("this dataset's attributes have one value each, so nothing can be added to anything; choose a run on faces")
    pairs = permutations(several[:MOST_TRIED], 2) if len(several) > 1 else [(several[0], None)]
    sums = [_sum(first[i], second and second[j], first[1 - i]) for first, second in pairs for i, j in product((0, 1), repeat=2)]
    return next((text for text in sums if can_open(parse(text, vocabulary))), sums[0])


def _sum(first: Level, second: Level | None, other: Level) -> str:
    return f"{first.shown}{f' with {second.shown}' if second else ''} - {first.shown} + {other.shown}"


def _take_famous(key: str) -> None:
    name = st.session_state[f"{key}.famous"]
    if name:
        st.session_state[f"{key}.sum"] = FAMOUS[name]


def choose_protocol(name: str, key: str, shared: dict[str, str], usual: str) -> str:
    """What the faces of a sum have in common, of the ways in `shared`; the choice is kept under `name`."""
    if st.session_state.get(name) not in shared:
        wanted = asked(key, "protocol")
        st.session_state[name] = wanted if wanted in shared else usual
    return st.pills("Faces", list(shared), format_func=str.capitalize, key=name, required=True, persist_state="session",
                    help=" ".join(shared.values()), wrap=True)


def choose_seed(key: str, first: int) -> int:
    """The seed of the examples, to begin with `first`, with a button for the next."""
    if f"{key}.seed" not in st.session_state:
        st.session_state[f"{key}.seed"] = asked_number(key, "seed", first) % MOST
    seed = st.number_input("Seed", 0, MOST - 1, key=f"{key}.seed", width=130, persist_state="session",
                           help="The same seed draws the same pictures, anywhere.")
    st.button("Draw again", key=f"{key}.again", icon=":material/casino:", on_click=_next_seed, args=(f"{key}.seed",))
    return int(seed)


def _next_seed(name: str) -> None:
    st.session_state[name] = (st.session_state[name] + 1) % MOST


def _choose_numbers(key: str) -> list[str]:
    texts = []
    with st.container(horizontal=True, gap="medium"):
        for part in "abc":
            if f"{key}.{part}" not in st.session_state:
                st.session_state[f"{key}.{part}"] = asked(key, part)
            texts.append(st.text_input(f"Images of {part.upper()}", key=f"{key}.{part}", width=190, max_chars=120, persist_state="session",
                                       placeholder="any", help="Numbers of images with commas between, three at least; held-out ones come first."))
    return texts


def _numbers(text: str, part: str) -> list[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    wrong = [word for word in words if not (word.isascii() and word.isdigit() and len(word) < 10)]
    if wrong:
        raise LabError(f"{part}: {wrong[0][:20]!r} is no number of an image; write for example 12, 40, 7")
    return [int(word) for word in words]


def choose_files(key: str) -> list[list]:
    columns = st.columns(3)
    return [column.file_uploader(f"Pictures of {part}", type=PICTURES, accept_multiple_files=True, key=f"{key}.files-{part}")
            for part, column in zip("ABC", columns, strict=True)]


def _own_parts(files: list[list], stand_in: Parts, model: ServedModel) -> Parts:
    """The uploaded pictures; images of the run stand in for a part without any."""
    st.caption("Three pictures or more for each part; images of the run stand in where there are none. They are made square, as small as the "
               "model's images, and stay in this session.")
    x = []
    for part, given, usual in zip("ABC", files, stand_in.x, strict=True):
        if 0 < len(given) < EACH:
            raise LabError(f"{part} has {len(given)} of the {EACH} pictures that are needed; one alone says more of itself than of the concept")
        x.append(np.stack([read_own(file, model) for file in given[:20]]) if given else usual)
    return Parts(tuple(x), stand_in.names, stand_in.sum, None if any(files) else stand_in.factors)
