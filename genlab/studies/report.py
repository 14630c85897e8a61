"""A study as files that need nothing else: a CSV with every figure of every run, and one HTML page with tables, verdicts and pictures."""

import base64
import csv
import io
import struct
from html import escape

from genlab.studies.claims import claims
from genlab.studies.folder import Study
from genlab.studies.plan import ENDLESS, QUESTIONS
from genlab.studies.tables import SAMPLED, WORDS, figure, groups, measure_names, name_of

COLUMNS = ("model", "images", "seed", "epoch", "sampler", "measure", "value", "low", "high", "unit", "n", "better", "run", "protocol")
STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}
th,td{border-bottom:1px solid #d0d7de;padding:.3rem .7rem;text-align:left;vertical-align:top}
td.n{font-variant-numeric:tabular-nums;white-space:nowrap}img{image-rendering:pixelated;max-width:100%;height:auto;display:block;margin:.2rem 0}
.held{color:#116329}.not{color:#a40e26}.care{color:#7d4e00}small{color:#57606a}@media print{body{margin:0}}"""
HIGH = 64   # pixels of an image, at least
MARK = {"held": "held", "did not hold": "not"}


def to_csv(study: Study) -> str:
    """A line for each figure of each run."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for member, result in study.results():
        last = max(map(int, result["epochs"]))
        told = [(epoch, "prior", m) for epoch, found in result["epochs"].items() if int(epoch) != last for m in found.values()]
        told += [(last, "prior", m) for m in result["final"].values()]
        told += [(last, sampler, m) for sampler, found in result["samplers"].items() for m in found.values()]
        for epoch, sampler, m in told:
            numbers = [f"{m[k]:.8g}" for k in ("value", "low", "high")]
            lines.writerow([member.model, member.n or "endless", member.seed, epoch, sampler, m["name"], *numbers, m["unit"], m["n"], m["better"],
                            result["run"], m["protocol"]])
    return text.getvalue()


def to_html(study: Study) -> str:
    """The whole result as one page without any link to elsewhere."""
    plan = study.plan
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
             f"<title>{escape(study.title)}</title><style>{STYLE}</style>",
             f"<h1>{escape(QUESTIONS[plan.kind])}</h1><p>{escape(setup(study))}</p>",
             _verdicts(study), _table(study), _pictures(study), _protocols(study),
             f"<h2>Made by</h2><pre>{escape(command(study))}</pre></html>"]
    return "\n".join(parts)


def setup(study: Study) -> str:
    """What was trained and how it was measured, in a sentence or two."""
    plan = study.plan
    budget = f"{plan.steps} updates" if plan.steps else f"{plan.epochs} epochs"
    sizes = ", ".join("endless" if n == ENDLESS else str(n) for n in plan.sizes)
    models = " and ".join(WORDS[m] for m in dict.fromkeys(m.model for m in study.members()))
    return (f"{models} of width {plan.width} with {plan.latent_dim} latents on {sizes} images of {plan.data.name}, {budget} each in batches of "
            f"{plan.batch_size}, {plan.seeds} seeds, which choose the images, the first weights, the batches and the noise. Measured with "
            f"{plan.n} samples and as many held-out images where there are so many; intervals are 95 % over the seeds.")


def command(study: Study) -> str:
    """The words that make this study again."""
    plan, words = study.plan, ["python", "-m", "genlab", "reproduce", study.plan.kind, "--dataset", study.plan.data.name]
    words += ["--sizes", ",".join("endless" if n == ENDLESS else str(n) for n in plan.sizes)]
    words += ["--steps", str(plan.steps)] if plan.steps else ["--epochs", str(plan.epochs)]
    words += ["--seeds", str(plan.seeds), "--latent-dim", str(plan.latent_dim), "--width", str(plan.width)]
    words += ["--batch-size", str(plan.batch_size)] if plan.batch_size != 128 else []
    words += ["--n", str(plan.n)] if plan.n != 2000 else []
    words += ["--threads", str(plan.threads)] if plan.threads else []
    words += ["--data-size", str(plan.data.size)] if plan.data.size else []
    words += ["--data-path", plan.data.path] if plan.data.path else []
    words += ["--data-fit", plan.data.fit] if plan.data.fit != "crop" else []
    return " ".join(words)


def _verdicts(study: Study) -> str:
    rows = "".join(f"<tr><td>{escape(c.text)}<td class={MARK.get(c.verdict, 'care')}><b>{c.verdict}</b><td>{escape(c.figures)}"
                   for c in claims(study))
    return f"<h2>What held</h2><table><tr><th>Claim<th>By these figures<th>Figures{rows}</table>"


def _table(study: Study) -> str:
    found = groups(study)
    many = len(study.plan.sizes) > 1
    rows = [(name, "", [figure(members, name) for members in found.values()]) for name in measure_names(study)]
    rows += [(name, sampler, [figure(members, name, sampler) for members in found.values()])
             for sampler in ("mixture", "pca") for name in ("kid", "precision", "coverage")]
    head = "".join(f"<th>{escape(name_of(g, many))}" for g in found)
    body = "".join(f"<tr><td>{name}<br><small>{escape('from ' + SAMPLED[sampler] if sampler else '')}</small>"
                   + "".join(f"<td class=n>{f.text if f else ''}" for f in cells)
                   for name, sampler, cells in rows if any(cells))
    return f"<h2>Figures</h2><table><tr><th>Measure{head}{body}</table>"


def _pictures(study: Study) -> str:
    many, parts = len(study.plan.sizes) > 1, ["<h2>Pictures, of the first seed</h2>"]
    for group, members in groups(study).items():
        member, result = members[0]
        parts.append(f"<h3>{escape(name_of(group, many))}</h3>")
        for name, title in pictures_of(result):
            path = study.picture_path(member, name)
            if path.exists():
                parts.append(f"<p>{escape(title)}{_img(path.read_bytes(), title)}</p>")
    return "".join(parts)


def _img(data: bytes, title: str) -> str:
    """A PNG row as part of the page, each image 64 pixels high at least."""
    width, height = struct.unpack(">II", data[16:24])
    text = base64.b64encode(data).decode()
    return f"<img alt='{escape(title)}' width={width * max(1, HIGH // height)} src='data:image/png;base64,{text}'>"


def pictures_of(result: dict) -> list[tuple[str, str]]:
    """Names of a member's pictures, and what is to be seen on each."""
    epochs = list(result["epochs"])
    return [*((f"samples-{e}", f"Samples of N(0, I), epoch {e}") for e in epochs), ("samples-mixture", "Samples of a mixture of its codes"),
            ("nearest", f"The nearest training image of each sample of epoch {epochs[-1]}"), ("real", "Held-out images"),
            *((f"recon-{e}", f"Their reconstructions, epoch {e}") for e in epochs), ("path", "From one held-out image to another")]


def _protocols(study: Study) -> str:
    found = {f.name: f for members in groups(study).values() for name in measure_names(study) if (f := figure(members, name))}
    rows = "".join(f"<tr><td>{f.name}<td>{escape(f.unit)}<td>{f.better}<td>{escape(f.protocols[0])}" for f in found.values())
    return f"<h2>Protocols</h2><table><tr><th>Measure<th>Unit<th>Better<th>Protocol of the first seed{rows}</table>"
