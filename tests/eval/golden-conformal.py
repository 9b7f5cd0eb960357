#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-conformal.json: class-conditional limits of tables of scores with one image a subject by MAPIE,
# with several by numpy. test-conformal.c compares to 1e-6.
#
#     python3 golden-conformal.py > golden-conformal.json      (numpy 2.4, mapie 1.6, scikit-learn 1.9)
import json
import sys

import numpy as np
from mapie.classification import SplitConformalClassifier
from sklearn.base import BaseEstimator, ClassifierMixin


class Known(ClassifierMixin, BaseEstimator):
    """A classifier whose input is its score."""

    def fit(self, x, y):
        self.classes_ = np.array([0, 1])
        self.fitted_ = True
        return self

    def predict_proba(self, x):
        return np.column_stack([1 - x[:, 0], x[:, 0]])

    def predict(self, x):
        return (x[:, 0] >= 0.5).astype(int)


def table(rng, n, low, high, decimals):
    rows = []
    for s in range(n):
        own, label = rng.normal(), int(s % 5 < 2)
        for i in range(rng.integers(low, high + 1)):
            v = own + 0.7 * rng.normal() + 1.2 * label - 0.6
            rows.append([f"s{s:03d}", f"s{s:03d}_{i}", label, round(float(1 / (1 + np.exp(-v))), decimals)])
    return rows


def limits(rows, level):
    out = []
    for label in (0, 1):
        mine = [r for r in rows if r[2] == label]
        names = [r[0] for r in mine]
        k = len(set(names))
        pairs = sorted(((1 - r[3] if label else r[3]), 1 / names.count(r[0]) / (k + 1)) for r in mine)
        total, found = 0, None
        for j, (value, weight) in enumerate(pairs):
            total += weight
            last = j + 1 == len(pairs) or pairs[j + 1][0] != value
            if found is None and last and total >= level - 1e-9:
                found = value
        out.append(found)
    return out


def mapie_sets(rows, scores, level):
    """Sets by one conformal classifier a class: calibrated on its subjects, asked for that class."""
    out = np.zeros((len(scores), 2), bool)
    for label in (0, 1):
        x = np.array([[r[3]] for r in rows if r[2] == label])
        c = SplitConformalClassifier(Known().fit(None, None), confidence_level=level, prefit=True,
                                     conformity_score="lac")
        c.conformalize(x, np.full(len(x), label))
        out[:, label] = c.predict_set(np.array(scores)[:, None])[1][:, label, 0]
    return out.astype(int).tolist()


def main():
    rng = np.random.default_rng(18)
    grid = [round(0.005 + 0.01 * i, 4) for i in range(100)]
    cases = []
    for n, low, high, decimals in ((60, 1, 1, 6), (97, 1, 1, 6), (80, 2, 6, 6), (70, 1, 5, 1), (20, 2, 4, 6)):
        rows = table(rng, n, low, high, decimals)
        for level in (0.8, 0.9, 0.95):
            found = limits(rows, level)
            case = {"rows": rows, "level": level, "limits": found, "sets": None}
            if high == 1 and None not in found:
                case["sets"] = mapie_sets(rows, grid, level)
            cases.append(case)
    json.dump({"grid": grid, "cases": cases}, sys.stdout, separators=(",", ":"))
    print()


main()
