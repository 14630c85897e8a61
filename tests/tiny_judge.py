"""A real judge, as small as it comes: it has seen next to nothing, and reads badly but always the same."""

from pathlib import Path

from genlab.judge.judge import Judge, load_judge, save_judge
from genlab.judge.plan import JudgePlan
from genlab.judge.training import JudgeTrainer

TINY = JudgePlan(steps=6, batch_size=32, pool=64, fresh=0, widths=(4, 4, 4, 4), features=8, lr=1e-2, ema=0.5, precision="fp32")


def tiny_judge(folder: Path) -> Judge:
    """Train one and put it into a folder, such as checkpoints/judge."""
    trainer = JudgeTrainer(TINY)
    for _ in range(TINY.steps):
        trainer.take_step()
    save_judge(trainer.judge("python -m genlab judge train"), folder)
    return load_judge(folder=folder)
