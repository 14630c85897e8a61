"""How often a sum comes out right, as a table; computed when somebody asks, at once where it is known."""

import html

import streamlit as st

from genlab.latent.arithmetic import EACH
from genlab.models import find_model
from genlab.runs import Run, find_run
from genlab.sums.expression import Sum
from genlab.sums.scored import PIXELS, TRUTH, Asked, known_report, report, rivals
from genlab.sums.scoring import Share

N, SEED, FEW = 500, 0, (EACH, 6, 12)
ROWS = {"all_wanted": "all that was wanted", "all_kept": "all else kept", "success": "both", "identity_kept": "the same person"}
STYLE = ("<style>.score{overflow-x:auto}.score table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
         ".score th,.score td{padding:.2rem .9rem .2rem 0;text-align:left;white-space:nowrap;font-weight:400}"
         ".score thead th,.score tr.sum th,.score tr.sum td{font-weight:650}.score tr.line th,.score tr.line td{border-top:1px solid #8886}"
         ".score small{opacity:.75}.score thead th{white-space:normal;vertical-align:bottom}"
         "@media(max-width:640px){.score small{display:block}}</style>")


def show_score(run: Run, sum_: Sum, protocol: str, *, key: str) -> None:
    """The score of this sum over 500 random ones, or a button for it."""
    each = st.segmented_control("Examples of each concept", FEW, default=EACH, required=True, key=f"{key}.each",
                                help="The mean of a few also holds what they have in common by chance; the mean of many is closer to the "
                                     "concept alone.")
    what = Asked(run.id, sum_.text, N, SEED, protocol, each, rivals(run))
    found = known_report(what)
    if found is None and st.button(f"Score {N} random sums", key=f"{key}.score", icon=":material/scoreboard:"):
        found = _computed(what)
    if found is None:
        st.caption((f"{N} sums of fresh faces are drawn, added by this run, by the autoencoder beside it and in pixels, and read by the judge: "
                    "about half a minute on two idle cores.") if find_model(run.plan.model).can_encode else
                   f"{N} sums of its own samples are added by this run and in pixels, and read by the judge: some seconds, "
                   "and a minute the first time that clear ones are looked for.")
    else:
        _show_table(found)


def _computed(what: Asked) -> dict:
    bar = st.progress(0.0, "drawing faces")
    found = report(what, lambda share, words: bar.progress(min(share, 1.0), words))
    bar.empty()
    return found


def _show_table(found: dict) -> None:
    ways = found["ways"]
    names = {TRUTH: "the true answer", PIXELS: "pixels"}
    head = [names.get(name) or find_run(name).title for name in ways]
    groups = [[(level, [way["wanted"][name] for way in ways.values()]) for name, level in found["target"].items()],
              [(words, [way[name] for way in ways.values()]) for name, words in ROWS.items()],
              [(f"{name} kept".replace("_", " "), [way["kept"][name] for way in ways.values()]) for name in ways[PIXELS]["kept"]]]
    rows = "".join(_row(words, [_share(s) for s in shares], is_first and i > 0, words == ROWS["success"])
                   for i, group in enumerate(groups) for is_first, (words, shares) in zip([True] + [False] * len(group), group, strict=False))
    has_truth = TRUTH in ways
    if has_truth:
        rows += _row("squared error per pixel", [f"{way['mse']:.4f}" for way in ways.values()], True)
    rows += _row("distance of the person", [f"{way['identity']:.2f}" for way in ways.values()], not has_truth)
    st.html(f"{STYLE}<div class='score'><table><thead><tr><th></th>{''.join(f'<th>{html.escape(h)}</th>' for h in head)}</tr></thead>"
            f"<tbody>{rows}</tbody></table></div>")
    st.caption(f"{found['protocol_words']} Shares of sums with 95 % intervals. "
               + ("The column of the true answer is what the judge itself can tell. " if has_truth else "")
               + f"The same person: nearer to {'the true answer' if has_truth else 'what is expected'} than to that of another sum, so chance is "
                 "50 %; a distance of 1 is a stranger.")


def _row(words: str, cells: list[str], line: bool = False, is_sum: bool = False) -> str:
    kind = " ".join(["line"] * line + ["sum"] * is_sum)
    return f"<tr class='{kind}'><th scope='row'>{html.escape(words)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _share(share: dict) -> str:
    low, high = (100 * side for side in Share(share["hits"], share["n"]).interval)
    return f"{100 * share['share']:.1f} % <small>{low:.1f}\u2013{high:.1f}</small>"
