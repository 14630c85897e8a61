"""Tours: short ways through the pages, a sentence at each stop. Where one is stands in the address, ?tour=lecture-2."""

from dataclasses import dataclass, field

import streamlit as st

from genlab.errors import RunError
from genlab.runs import find_run
from genlab.ui.shell.address import TOUR, keep_tour, kept_tour
from genlab.ui.shell.menu import Entry


@dataclass(frozen=True)
class Stop:
    """A page, what it is asked for, and what to do there. runs: ids, of which the first that is there is opened."""

    file: str
    say: str
    query: dict[str, str] = field(default_factory=dict)
    runs: tuple[str, ...] = ()

    def address(self) -> dict[str, str]:
        """The parameters of its address."""
        run = next((run_id for run_id in self.runs if _is_there(run_id)), None)
        return self.query | ({"run": run} if run else {})


@dataclass(frozen=True)
class Tour:
    """A way through the pages for somebody."""

    title: str
    about: str
    stops: tuple[Stop, ...]


FACES = ("faces-vae-sharp", "faces-vae-report", "faces-vae-fast")
DIGITS = ("mnist-vae-16", "digits-vae-16")

TOURS = {
    "lecture": Tour("Show it to a class", "from pixels to latents to sums of faces, with a model that learns while you speak", (
        Stop("data/images.py", "This is all a model is given: pixels. Click a face to see what is known about it.", {"images": "faces", "n": "500"}),
        Stop("train/train.py", "Press the first button. The model learns while you go on; you will be back."),
        Stop("explore/sliders.py", "A trained one: each slider is one of its numbers. From the first to the last they tell less and less.",
             {"axes": "dims", "from": "image:0"}, FACES),
        Stop("explore/sliders.py", "Directions with a name, found from examples. Keep one fixed and move another.",
             {"axes": "attributes", "from": "image:5"}, FACES),
        Stop("explore/interpolate.py", "From one person to another. Is everybody on the way somebody? Beside it a model without the KL term.",
             {}, FACES),
        Stop("explore/arithmetic.py", "A man with glasses, minus a man, plus a woman. How often does that come out right?", {},
             ("faces-vae-detail", *FACES)),
        Stop("explore/map.py", "Everybody on one map: who are neighbours, and what lies in the gaps?", {}, FACES),
        Stop("train/runs.py", "And yours? Its curves beside those of others."),
    )),
    "alone": Tour("Learn by yourself", "draw, train and take apart, with your own hands", (
        Stop("data/portrait.py", "Every face here is drawn from numbers with names. Change some, and see which change much."),
        Stop("data/points.py", "What is a distribution? Two numbers a point are enough to see one."),
        Stop("train/train.py", "Train the first recipe and watch the digits come. When does it stop getting better?"),
        Stop("explore/sliders.py", "What did it learn? Try each slider; those folded away are unused. Why?", {"axes": "dims"}, DIGITS),
        Stop("explore/sliders.py", "Draw a digit yourself. What comes back is the nearest that the model knows.", {"from": "draw"}, DIGITS),
        Stop("explore/sliders.py", "The same as an autoencoder: start from a draw. Which draws are no digit?", {"from": "seed:1"}, ("digits-ae-16",)),
        Stop("explore/map.py", "Two numbers for every digit: wander over the map and look for the borders.", {}, ("mnist-vae-2", "digits-vae-2")),
        Stop("train/runs.py", "Compare both: who rebuilds better, and who makes up better?", {"compare": "digits-vae-16,digits-ae-16"}),
    )),
}


def show_tours() -> None:
    """Every tour as a list of its stops, to be begun anywhere."""
    for column, (name, tour) in zip(st.columns(len(TOURS), gap="large"), TOURS.items(), strict=True):
        with column:
            st.markdown(f"**{tour.title}**: {tour.about}")
            with st.container(key=f"stops-{name}", gap=None):
                for number, stop in enumerate(tour.stops, 1):
                    st.page_link(stop.file, label=f"{number}. {stop.say}", query_params=stop.address() | {TOUR: f"{name}-{number}"})


def begin(name: str, *, icon: str) -> None:
    """A link to a tour's first stop."""
    tour = TOURS[name]
    st.page_link(tour.stops[0].file, label=f"**{tour.title}** in {len(tour.stops)} stops: {tour.about}", icon=f":material/{icon}:", width="stretch",
                 query_params=tour.stops[0].address() | {TOUR: f"{name}-1"})


def show_stop(entry: Entry) -> None:
    """Above a page: a slim bar where it is a stop of the tour that somebody is on."""
    asked = kept_tour()
    name, _, number = asked.partition("-")
    stops = TOURS[name].stops if name in TOURS else ()
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    is_here = 1 <= at <= len(stops) and stops[at - 1].file == entry.file
    keep_tour(asked if is_here else "")
    if is_here:
        _bar(name, at)


def _bar(name: str, at: int) -> None:
    tour = TOURS[name]
    with st.container(key="tour", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{tour.title}, {at} of {len(tour.stops)}.** {tour.stops[at - 1].say}", width="stretch")
        for to, label, icon in ((at - 1, "Back", "arrow_back"), (at + 1, "Next", "arrow_forward")):
            if 1 <= to <= len(tour.stops):
                stop = tour.stops[to - 1]
                st.page_link(stop.file, label=label, icon=f":material/{icon}:", query_params=stop.address() | {TOUR: f"{name}-{to}"})
        st.button("Leave the tour", key="tour.leave", type="tertiary", on_click=keep_tour, args=("",))


def _is_there(run_id: str) -> bool:
    try:
        return bool(find_run(run_id).snapshots())
    except RunError:
        return False
