"""Grows one set of trees on examples that lie in parts on several machines, without bringing the rows together."""

import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb


@dataclass(frozen=True)
class Place:
    """Where one part lies: a machine, and a port on which its peers reach it."""

    host: str
    port: int


def grow_together(
    part: lgb.Dataset, parameters: Mapping[str, Any], count: int, places: Sequence[Place], own: int
) -> lgb.Booster:
    """`count` trees, grown on all parts at once; called at every place, with its own part, and ends alike at each.

    LightGBM's own interface: machines exchange sums over bins, never rows, and each ends with the same trees. Whoever
    holds the parts (Spark's barrier tasks, Dask's workers, plain processes) only has to call this at each of them.
    A single place is a fit as any other.
    """
    if len(places) == 1:
        return lgb.train(dict(parameters), part, num_boost_round=count)
    network = {
        "tree_learner": "data",
        "pre_partition": True,
        "num_machines": len(places),
        "machines": ",".join(f"{place.host}:{place.port}" for place in places),
        "local_listen_port": places[own].port,
        "time_out": 5,
    }
    grown = lgb.train({**parameters, **network}, part, num_boost_round=count)
    grown.free_network()
    return lgb.Booster(model_str=without_network(grown.model_to_string()))


def without_network(text: str) -> str:
    """The trees alone: a model file that names machines would try to reach them."""
    told = ("[tree_learner:", "[pre_partition:", "[num_machines:", "[machines:", "[local_listen_port:", "[time_out:")
    return "\n".join(line for line in text.split("\n") if not line.startswith(told))


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Ports that nobody listens on now, for parts on this very machine."""
    with ExitStack() as open_ones:
        found = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind((host, 0))
        return [int(one.getsockname()[1]) for one in found]
