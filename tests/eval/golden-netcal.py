#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-netcal.json: reliability curves and expected calibration errors of tables of scores by netcal
# (Küppers et al., CVPR Workshops 2020), temperatures by scikit-learn. test-packages.c compares to 1e-6.
#
#     python3 golden-netcal.py > golden-netcal.json      (numpy 2.4, netcal 1.4.0, scikit-learn 1.9)
#
# netcal's ECE of a binary classifier is ours: bins of equal width over [0, 1], each with its lower edge and
# without its upper, the last with both; |share of positives − mean score| weighted by images. It differs in two
# ways, both kept out of the tables:
#   edges   netcal's are np.linspace's, ours the whole part of score × bins: an edge that is not exact in binary
#           (0.3 of ten bins) may lie on the other side. Scores on edges are here for 4 and 8 bins only.
#   ends    netcal moves 0 and 1 inwards by 2.2e-16.
# The temperature is scikit-learn's (to 1e-8; its logits of two classes are (−x, x), so half of ours); the line
# through the logits is golden-metrics.py's, by statsmodels.
import json
import sys

import numpy as np
from netcal.metrics import ECE
from sklearn.calibration import _TemperatureScaling


def table(rng, n, distance, decimals=6, eighths=False):
    y = (np.arange(n) % 5 < 2).astype(int)
    s = 1 / (1 + np.exp(-1.7 * (rng.normal(size=n) + distance * (y - 0.4))))
    return y, np.round(s * 8) / 8 if eighths else np.round(s, decimals)


def curve(y, s, bins):
    measure = ECE(bins)
    x, matched, _, bounds, _ = measure.prepare(s.astype(float), y)
    (share, mean), n, _, _ = measure.binning(bounds[0], x[0], matched[0], x[0][:, 0])
    full = n > 0
    return {"bins": bins, "ece": measure.measure(s.astype(float), y), "n": n[full].astype(int).tolist(),
            "share": share[full].tolist(), "mean": mean[full].tolist()}


def logit(s):
    s = np.clip(s, 1e-12, 1 - 1e-12)
    return np.log(s / (1 - s))


def temperature(y, s):
    return 1 / (2 * float(_TemperatureScaling().fit(logit(s), y).beta_))


def main():
    rng = np.random.default_rng(22)
    cases = []
    for y, s in (table(rng, 60, 1.5), table(rng, 90, 0.6), table(rng, 47, 2.5), table(rng, 55, 1.0)):
        cases.append({"label": y.tolist(), "score": s.tolist(), "temperature": temperature(y, s),
                      "curves": [curve(y, s, k) for k in (1, 5, 10, 15, 40)]})
    for y, s in (table(rng, 60, 1.5, eighths=True), (np.array([0, 1] * 20), np.array([0.0, 1.0, 1.0, 0.0] * 10)),
                 (np.array([0, 1] * 20), np.full(40, 0.5))):
        cases.append({"label": y.tolist(), "score": s.tolist(), "curves": [curve(y, s, k) for k in (4, 8)]})
    json.dump({"cases": cases}, sys.stdout, separators=(",", ":"), default=float)
    print()


main()
