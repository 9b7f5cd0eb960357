#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-audit.json: metrics of confusion matrices and their averages by scikit-learn, Wilson's intervals
# by statsmodels. test-audit.c compares to 1e-6.
#
#     python3 golden-audit.py > golden-audit.json      (scikit-learn 1.9, statsmodels 0.15)
import json
import sys
import warnings

import numpy as np
from sklearn.metrics import (accuracy_score, balanced_accuracy_score, cohen_kappa_score, f1_score,
                             matthews_corrcoef, precision_score, recall_score)
from statsmodels.stats.proportion import proportion_confint

warnings.filterwarnings("ignore")


def labels(tp, fn, fp, tn):
    return (np.repeat([1, 1, 0, 0], [tp, fn, fp, tn]), np.repeat([1, 0, 1, 0], [tp, fn, fp, tn]))


def case(*m):
    tp, fn, fp, tn = m
    y, p = labels(*m)
    shares = {"accuracy": (tp + tn, sum(m)), "sensitivity": (tp, tp + fn), "specificity": (tn, tn + fp),
              "ppv": (tp, tp + fp), "npv": (tn, tn + fn)}
    values = {"accuracy": accuracy_score(y, p), "sensitivity": recall_score(y, p),
              "specificity": recall_score(y, p, pos_label=0), "ppv": precision_score(y, p),
              "npv": precision_score(y, p, pos_label=0), "f1": f1_score(y, p),
              "balanced-accuracy": balanced_accuracy_score(y, p), "mcc": matthews_corrcoef(y, p),
              "kappa": cohen_kappa_score(y, p)}
    return {"matrix": m, "values": values,
            "intervals": {k: list(proportion_confint(a, n, method="wilson")) for k, (a, n) in shares.items()}}


def main():
    rng = np.random.default_rng(19)
    cases = [case(240, 21, 24, 498), case(1, 2, 3, 4)] + [case(*map(int, rng.integers(1, 400, 4))) for _ in range(8)]
    y, p = labels(37, 11, 23, 61)
    averages = []
    for name, f in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
        averages.append([name] + [f"{v:.5f}" for v in (f(y, p, pos_label=0), f(y, p, average="macro"),
                                                       f(y, p, average="weighted"))])
    json.dump({"cases": cases, "averages": averages}, sys.stdout, separators=(",", ":"), default=float)
    print()


main()
