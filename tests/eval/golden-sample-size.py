#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-sample-size.json: subjects that an AUC, O/E and a calibration slope need, by pmvalsampsize of the
# criteria's authors (Riley et al., BMJ 384 (2024) e074821). test-packages.c compares: the numbers must be equal.
#
#     python3 golden-sample-size.py > golden-sample-size.json      (numpy 2.4, pmvalsampsize 0.2.1, scikit-learn 1.9)
#
# The package differs in three ways:
#   logits   it draws a million from a distribution; it is handed the table's own here, which its formulas then
#            average as they would average the drawn ones.
#   1.96     is its normal quantile, ours 1.959964. "exact" asks for widths so much wider that its number is the one
#            for our quantile; "printed" is what it says of the widths themselves, at most 1 + 4e-5 n away.
#   O/E      it steps through standard errors by 1e-4; "exact" steps by 1e-7, "printed" by 1e-4 (0.4 % away at most).
import json
import sys

import numpy as np
import pmvalsampsize.pmvalsampsize as package
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

Z = norm.ppf(0.975)


def table(rng, positive, negative, distance, decimals=4):
    y = np.r_[np.ones(positive, int), np.zeros(negative, int)]
    v = 0.8 * rng.normal(size=len(y)) + distance * y - distance / 2 - 0.4
    return y, np.round(1 / (1 + np.exp(-v)), decimals)


class Given:
    """Stands for scipy's normal distribution: draws are the table's logits."""

    def __init__(self, logits):
        self.logits = logits

    def rvs(self, loc, scale, size):
        return self.logits

    ppf = staticmethod(norm.ppf)


def asked(y, p, auc, oe, slope, step):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    package.norm = Given(np.log(p / (1 - p)))
    out = package.pmvalsampsize(type="b", prevalence=float(y.mean()), cstatistic=float(roc_auc_score(y, p)),
                                lpnormal=(0, 1), simobs=len(y), cstatciwidth=auc, oeciwidth=oe, csciwidth=slope,
                                oeseincrement=step, noprint=True)
    rows = out["results_table"]
    return {"oe": int(rows[0][1]), "slope": int(rows[1][1]), "auc": int(rows[2][1])}


def main():
    rng = np.random.default_rng(23)
    wide, cases = 1.96 / Z, []
    for shape in ((30, 60, 1.5), (12, 80, 0.8), (40, 20, 2.5), (25, 25, 0.2), (50, 50, 1.2, 1), (3, 150, 1.0)):
        y, p = table(rng, *shape)
        cases.append({"label": y.tolist(), "score": p.tolist(),
                      "exact": asked(y, p, 0.1 * wide, 2 * np.sinh(1.96 * np.arcsinh(0.1) / Z), 0.4 * wide, 1e-7),
                      "printed": asked(y, p, 0.1, 0.2, 0.4, 1e-4)})
    json.dump({"cases": cases}, sys.stdout, separators=(",", ":"))
    print()


main()
