"""The weekly list: who may see it, where it is kept, and the pages and calls that show it."""

import os

# NOTE: must be set before LightGBM loads: its idle threads otherwise spin and starve the database on a shared machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "0")
