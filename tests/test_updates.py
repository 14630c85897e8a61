"""Updates of the server: those of torch.optim to the last bit, and without what a torch optimizer imports."""

import subprocess
import sys

import pytest
import torch

from genlab.objectives.updates import Adam, Descent

PAIRS = {"adam": (lambda p: Adam(p, 0.01, (0.5, 0.9)), lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.5, 0.9), fused=True)),
         "sgd": (lambda p: Descent(p, 0.1), lambda p: torch.optim.SGD(p, lr=0.1, fused=True))}


def weights():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(size, generator=generator).requires_grad_() for size in ((5, 3), (7,))]


def go(params, optimizer, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        sum((3 * p).sin().sum() for p in params).backward()
        optimizer.step()


@pytest.mark.parametrize("name", PAIRS)
def test_updates_are_those_of_torch_bit_for_bit_with_settings_changed_in_between(name):
    mine, theirs = weights(), weights()
    pair = [make(params) for make, params in zip(PAIRS[name], (mine, theirs), strict=True)]
    for params, optimizer in zip((mine, theirs), pair, strict=True):
        go(params, optimizer, 5)
        optimizer.param_groups[0] |= {"lr": 0.02} | ({"betas": (0.9, 0.99)} if name == "adam" else {})
        go(params, optimizer, 5)
    assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("name", PAIRS)
def test_a_state_goes_on_as_if_nothing_had_happened(name):
    import copy

    params, make = weights(), PAIRS[name][0]
    optimizer = make(params)
    go(params, optimizer, 3)
    kept, state = [p.detach().clone().requires_grad_() for p in params], copy.deepcopy(optimizer.state_dict())
    go(params, optimizer, 4)
    again = make(kept)
    again.load_state_dict(state)
    go(kept, again, 4)
    assert all(torch.equal(a, b) for a, b in zip(params, kept, strict=True))


def test_a_game_imports_nothing_of_torch_compile():
    code = ("import sys; from genlab.game import Game, GameConfig; game = Game(GameConfig(loss='wgan-gp', r1=0.1)); game.step();"
            "assert game.steps_G == 1 and 'torch._dynamo' not in sys.modules")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1000:]
