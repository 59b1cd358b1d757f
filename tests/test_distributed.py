"""Trees grown on two parts at once are the same at both, near those of one machine, and name no machine."""

import subprocess
import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest

from models.distributed import Place, free_ports, grow_together, without_network

PARAMETERS = {"objective": "binary", "num_leaves": 8, "deterministic": True, "force_row_wise": True, "seed": 1,
              "num_threads": 1, "verbosity": -1}  # fmt: skip
AT_ONE_PLACE = """
import sys
sys.path.insert(0, sys.argv[5])
from test_distributed import grown_on
from models.distributed import Place
ports, own = [int(port) for port in sys.argv[1].split(",")], int(sys.argv[2])
places = [Place("127.0.0.1", port) for port in ports]
grown = grown_on(slice(own, None, 2), places, own)
open(sys.argv[3], "w").write(grown.model_to_string())
"""
ROWS = 4_000


def rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    told = rng.gamma(1.0, 1.0, (ROWS, 6))
    left = rng.random(ROWS) < 1 / (1 + np.exp(3.0 - told[:, 0] - told[:, 1]))
    told[rng.random(told.shape) < 0.1] = np.nan
    return told, left.astype(float)


def grown_on(part: slice, places: list[Place], own: int) -> lgb.Booster:
    told, left = rows()
    agreed = lgb.Dataset(told[:1000], label=left[:1000], params={"verbosity": -1})
    held = lgb.Dataset(told[part], label=left[part], reference=agreed, params={"verbosity": -1})
    return grow_together(held, PARAMETERS, 15, places, own)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("grown")
    ports = ",".join(map(str, free_ports(2)))
    files = [folder / f"{own}.lgb" for own in range(2)]
    calls = [
        [sys.executable, "-W", "ignore", "-c", AT_ONE_PLACE, ports, str(own), str(file), "", str(Path(__file__).parent)]
        for own, file in enumerate(files)
    ]
    running = [subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for call in calls]
    assert [one.wait(timeout=240) for one in running] == [0, 0]
    return [file.read_text("utf-8") for file in files]


def test_every_place_ends_with_the_same_trees(texts: list[str]) -> None:
    assert texts[0] == texts[1]
    assert lgb.Booster(model_str=texts[0]).num_trees() == 15


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_they_say_nearly_what_one_machine_would_say(texts: list[str]) -> None:
    told, _ = rows()

    together = np.asarray(lgb.Booster(model_str=texts[0]).predict(told))
    alone = np.asarray(grown_on(slice(None), [Place("127.0.0.1", 0)], 0).predict(told))

    assert np.abs(together - alone).mean() < 0.01
    assert np.corrcoef(together, alone)[0, 1] > 0.98


def test_a_model_file_names_no_machine(texts: list[str]) -> None:
    assert "127.0.0.1" not in texts[0] and "[machines" not in texts[0]
    assert without_network("tree\n[machines: 10.0.0.1:12400]\n[num_machines: 2]\n[seed: 1]") == "tree\n[seed: 1]"


def test_ports_are_free_and_differ() -> None:
    assert len(set(free_ports(5))) == 5
