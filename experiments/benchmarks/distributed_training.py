"""The same trees from one machine and from parts on several: plain processes, Spark's barrier tasks, Dask's workers."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
from sklearn.metrics import log_loss, roc_auc_score

from models.distributed import Place, free_ports, grow_together

PARAMETERS = {
    "objective": "binary", "num_leaves": 8, "max_depth": 3, "learning_rate": 0.05, "min_data_in_leaf": 100,
    "lambda_l2": 5.0, "deterministic": True, "force_row_wise": True, "seed": 20240304, "num_threads": 1,
    "verbosity": -1,
}  # fmt: skip
SAMPLE = 20_000
"""Rows of which the bins are made; a part of a few thousand is enough, and all of it goes to every machine."""
WORDS = ["MAÑANA", "TARDE", "ÚNICA"]


def made_up(rows: int, features: int, seed: int) -> pl.DataFrame:
    """Student-weeks with gaps, a shift, and a chance of leaving that few of the columns carry."""
    rng = np.random.default_rng(seed)
    told = rng.gamma(1.0, 1.0, (rows, features))
    shift = rng.integers(0, len(WORDS), rows)
    log_odds = -4.5 + 0.6 * told[:, 0] + 0.4 * told[:, 1] * (told[:, 2] > 1) + 0.5 * (shift == 1)
    told[rng.random(told.shape) < 0.08] = np.nan
    left = rng.random(rows) < 1 / (1 + np.exp(-log_odds))
    columns = {f"f{n}": told[:, n] for n in range(features)}
    return pl.DataFrame({**columns, "shift": shift.astype(float), "label": left.astype(float)})


def dataset(part: pl.DataFrame, folder: Path) -> lgb.Dataset:
    """With the bins that all parts agreed on beforehand: without them each machine would draw its own."""
    agreed = held(pl.read_parquet(folder / "bins.parquet"))
    return held(part, agreed)


def held(rows: pl.DataFrame, reference: lgb.Dataset | None = None) -> lgb.Dataset:
    names = [name for name in rows.columns if name != "label"]
    return lgb.Dataset(
        rows.select(names).to_numpy(),
        label=rows["label"].to_numpy(),
        feature_name=names,
        categorical_feature=["shift"],
        reference=reference,
        params={"verbosity": -1},
    )


def alone(folder: Path, parts: int, trees: int) -> lgb.Booster:
    whole = pl.concat([pl.read_parquet(folder / f"part-{n}.parquet") for n in range(parts)])
    return grow_together(dataset(whole, folder), PARAMETERS, trees, [Place("127.0.0.1", 0)], 0)


def in_processes(folder: Path, parts: int, trees: int) -> lgb.Booster:
    """Each process reads its own part and nothing else."""
    ports = ",".join(map(str, free_ports(parts)))
    call = [sys.executable, __file__, "--worker", str(folder), "--trees", str(trees), "--ports", ports]
    running = [subprocess.Popen([*call, "--own", str(n)]) for n in range(parts)]
    assert all(one.wait() == 0 for one in running)
    texts = [(folder / f"grown-{n}.lgb").read_text("utf-8") for n in range(parts)]
    assert len(set(texts)) == 1, "every part must end with the same trees"
    return lgb.Booster(model_str=texts[0])


def work(folder: Path, own: int, ports: list[int], trees: int) -> None:
    places = [Place("127.0.0.1", port) for port in ports]
    part = dataset(pl.read_parquet(folder / f"part-{own}.parquet"), folder)
    grown = grow_together(part, PARAMETERS, trees, places, own)
    (folder / f"grown-{own}.lgb").write_text(grown.model_to_string(), encoding="utf-8")


def in_spark(folder: Path, parts: int, trees: int) -> lgb.Booster:
    """One barrier task per partition of a Spark frame; the tasks tell one another where they are, and grow together."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.master(f"local[{parts}]").config("spark.ui.enabled", "false").getOrCreate()
    frame = spark.read.parquet(*[str(folder / f"part-{n}.parquet") for n in range(parts)]).repartition(parts)

    def grow(batches):  # type: ignore[no-untyped-def]
        import pandas as pd
        from pyspark import BarrierTaskContext

        task = BarrierTaskContext.get()
        rows = pl.from_pandas(pd.concat(list(batches)))
        host = task.getTaskInfos()[task.partitionId()].address.split(":")[0]
        told = task.allGather(f"{host}:{free_ports(1)[0]}")
        places = [Place(one.rsplit(":", 1)[0], int(one.rsplit(":", 1)[1])) for one in told]
        grown = grow_together(dataset(rows, folder), PARAMETERS, trees, places, task.partitionId())
        yield pd.DataFrame({"text": [grown.model_to_string()]})

    texts = [row.text for row in frame.mapInPandas(grow, "text string", barrier=True).collect()]
    spark.stop()
    assert len(set(texts)) == 1, "every task must end with the same trees"
    return lgb.Booster(model_str=texts[0])


def in_dask(folder: Path, parts: int, trees: int) -> lgb.Booster:
    """LightGBM's own Dask estimator on a local cluster; it draws the bins of each part by itself."""
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    with LocalCluster(parts, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        # Kept in memory, or Dask joins small files for one column and not for the others.
        frame = dd.read_parquet([str(folder / f"part-{n}.parquet") for n in range(parts)]).persist()
        names = [name for name in frame.columns if name != "label"]
        kept = {name: value for name, value in PARAMETERS.items() if name not in ("objective", "num_threads")}
        model = lgb.DaskLGBMClassifier(client=client, n_estimators=trees, tree_learner="data", n_jobs=1, **kept)
        model.fit(frame[names], frame["label"], categorical_feature=["shift"])
        return model.booster_


WAYS: dict[str, Callable[[Path, int, int], lgb.Booster]] = {
    "one process": alone, "processes": in_processes, "spark": in_spark, "dask": in_dask
}  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("ways", nargs="*", default=["one process", "processes"], help=f"of {', '.join(WAYS)}")
    for name, least in {"rows": 100_000, "features": 30, "parts": 2, "trees": 100, "own": 0}.items():
        asked.add_argument(f"--{name}", type=int, default=least)
    asked.add_argument("--worker", type=Path)
    asked.add_argument("--ports", type=lambda text: [int(port) for port in text.split(",")])
    told = asked.parse_args()
    if told.worker:
        work(told.worker, told.own, told.ports, told.trees)
    else:
        compare(told.ways, told.rows, told.features, told.parts, told.trees)


def compare(ways: list[str], rows: int, features: int, parts: int, trees: int) -> None:
    """Every way beside the first, on rows that none of them saw."""
    test = made_up(rows // 2, features, seed=2)
    inputs, label = test.drop("label").to_numpy(), test["label"].to_numpy()
    with tempfile.TemporaryDirectory() as scratch:
        whole = made_up(rows, features, seed=1)
        for n in range(parts):
            whole[n::parts].write_parquet(Path(scratch) / f"part-{n}.parquet")
        whole.head(SAMPLE).write_parquet(Path(scratch) / "bins.parquet")
        first: np.ndarray | None = None
        print("| way | seconds | AUC | log loss | mean difference | largest | same 500 first |")
        print("|---|---|---|---|---|---|---|")
        for way in ways:
            begun = time.perf_counter()
            chances = np.asarray(WAYS[way](Path(scratch), parts, trees).predict(inputs))
            seconds = time.perf_counter() - begun
            first = chances if first is None else first
            apart, top = np.abs(chances - first), set(np.argsort(-first)[:500]) & set(np.argsort(-chances)[:500])
            print(f"| {way} | {seconds:.1f} | {roc_auc_score(label, chances):.5f} | {log_loss(label, chances):.5f} "
                  f"| {apart.mean():.5f} | {apart.max():.5f} | {len(top)} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    main()
