#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-rivals.json: logistic regressions with a ridge chosen on a validation part by scikit-learn, AUCs, and
# Holm's correction by statsmodels. test-rivals.c compares AUCs and p to 1e-6.
#
#     python3 golden-rivals.py > golden-rivals.json      (scikit-learn 1.9, statsmodels 0.15)
import json
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from statsmodels.stats.multitest import multipletests


def part(rng, n, d, prefix):
    rows, features = [], []
    weights = np.array([1.0, -0.6, 0.3, 0.0, 0.0][:d])
    for s in range(n):
        own, label = rng.normal(size=d), int(s % 3 == 0)
        for i in range(2):
            x = own + 0.5 * rng.normal(size=d) + 0.7 * label * weights
            score = round(float(1 / (1 + np.exp(-(0.8 * rng.normal() + 1.5 * label - 0.7)))), 4)
            x = (x * [10, 1, 0.01, 5, 3][:d] + [80, 0, 1, 2, -4][:d]).round(5)
            if s == 4 and i == 0:
                x[0] = np.nan
            rows.append([f"{prefix}{s:03d}", f"{prefix}{s:03d}_{i}", label, score])
            features.append(x)
    return rows, np.array(features)


def main():
    cases = []
    for seed, d in ((1, 5), (2, 2), (3, 5), (4, 1)):
        rng = np.random.default_rng(seed)
        parts = [part(rng, n, d, p) for n, p in ((40, "t"), (30, "v"), (36, "m"))]
        known = [np.isfinite(f).all(1) for _, f in parts]
        x = [f[k] for (_, f), k in zip(parts, known)]
        y = [np.array([r[2] for r in rows])[k] for (rows, _), k in zip(parts, known)]
        mean, sd = x[0].mean(0), x[0].std(0)
        x = [(v - mean) / sd for v in x]
        fits = {r: LogisticRegression(C=1 / r, tol=1e-12, max_iter=100000).fit(x[0], y[0])
                for r in (1000.0, 100.0, 10.0, 1.0, 0.1, 0.01, 0.001)}
        loss = {r: log_loss(y[1], f.predict_proba(x[1])[:, 1]) for r, f in fits.items()}
        ridge = min(loss, key=loss.get)
        clean = lambda f: [[None if np.isnan(v) else v for v in row] for row in f]
        cases.append({"d": d, "rows": [r for r, _ in parts], "features": [clean(f) for _, f in parts], "ridge": ridge,
                      "auc": roc_auc_score(y[2], fits[ridge].predict_proba(x[2])[:, 1]),
                      "auc_ridge_1": roc_auc_score(y[2], fits[1.0].predict_proba(x[2])[:, 1])})
    p = [0.01, 0.04, 0.03, 0.005, 0.5, 0.03]
    json.dump({"cases": cases, "p": p, "holm": list(multipletests(p, method="holm")[1])}, sys.stdout,
              separators=(",", ":"))
    print()


main()
