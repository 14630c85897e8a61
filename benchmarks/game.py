"""The game in 2D: updates a second of the engine on one core, and what ten viewers of one server get.

    python -m benchmarks.game [--seconds 5] [--games 10]

    engine   one thread, nobody watching, each of the page's games with its own networks: rounds (k updates of D, one of G) and updates a second
    one      the same over the socket at full speed: rounds and frames a second
    many     so many at once, all at full speed: the slowest and the quickest of them
"""

import argparse
import asyncio
import json
import time
import urllib.request

import torch
from websockets.asyncio.client import connect

from benchmarks.report import show, write
from benchmarks.shell import started
from genlab.game import GAMES, Game, preset
from genlab.server.game import DOOR
from genlab.server.gameframe import read_frame

WANTED = {"updates/s": "300 or more", "frames/s": "30 or more"}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--games", type=int, default=10)
    options = options.parse_args()
    engine = {name: rate(preset(name), options.seconds) for name in GAMES}
    with started("benchmarks/scrub_app.py") as (url, _):
        one, = asyncio.run(played(url, 1, options.seconds))
        many = asyncio.run(played(url, options.games, options.seconds))
    rows = [[name, *values.values(), WANTED["updates/s"]] for name, values in engine.items()]
    show("The engine on one core", ["game", "rounds/s", "updates/s", "wanted"], rows)
    rows = [["one", one["rounds"], one["frames"], WANTED["frames/s"]]]
    for what, pick in (("slowest", min), ("quickest", max)):
        rows.append([f"{what} of {options.games}", pick(g["rounds"] for g in many), pick(g["frames"] for g in many), ""])
    show("Over the socket", ["games", "rounds/s", "frames/s", "wanted"], rows)
    write("game", {"seconds": options.seconds, "engine": engine, "one": one, "many": many, "wanted": WANTED})


def rate(config, seconds):
    torch.set_num_threads(1)
    game, rounds = Game(config), 0
    for _ in range(20):
        game.step()
    begun = time.perf_counter()
    while (took := time.perf_counter() - begun) < seconds:
        game.step()
        rounds += 1
    return {"rounds": rounds / took, "updates": rounds * (config.k + 1) / took}


async def played(url, games, seconds):
    """Rounds and frames a second of each of so many viewers."""
    return await asyncio.gather(*(view(url, seed, seconds) for seed in range(games)))


async def view(url, seed, seconds):
    token = urllib.request.urlopen(f"{url}/token").read().decode()
    new = {"op": "new", "game": f"g{seed}", "config": preset("r1", seed=seed).model_dump()}
    address, protocols = f"{url.replace('http', 'ws')}/api/game", [DOOR.subprotocol, token]
    async with connect(address, subprotocols=protocols, origin=url, compression=None, max_size=None) as client:
        for message in (new, {"op": "pace", "value": 0}, {"op": "play"}):
            await client.send(json.dumps(message))
        await until(client, time.perf_counter() + 1)   # warm
        begun = time.perf_counter()
        first, frames, last = await until(client, begun + seconds)
        took = time.perf_counter() - begun
    return {"rounds": (last - first) / took, "frames": frames / took}


async def until(client, end):
    """The first and the last count of rounds up to then, and how many frames came; each is said to be seen."""
    counts = []
    while time.perf_counter() < end:
        message = await client.recv()
        if isinstance(message, bytes):
            counts.append(read_frame(message)["steps_G"])
            await client.send(json.dumps({"op": "seen"}))
    return counts[0], len(counts), counts[-1]


if __name__ == "__main__":
    main()
