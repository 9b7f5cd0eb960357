#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-outlines.json: pairs of masks with what MONAI, scipy and scikit-image say of them.
# test-outlines.c compares the engine to 1e-4 where MONAI computes in float32 (distances), else to 1e-9.
#
#     python3 golden-outlines.py > golden-outlines.json   (numpy 2.4, scipy 1.17, scikit-image 0.26, MONAI 1.6)
#
# A mask is a list of run lengths by rows, unset first.
import json
import sys

import numpy as np
import torch
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance
from scipy import ndimage
from skimage.measure import label

STATEMENT = "surfaces: set pixels with an unset 4-neighbour or at the frame"


def runs(mask):
    flat, out, now, n = mask.ravel(), [], False, 0
    for v in flat:
        if bool(v) == now:
            n += 1
        else:
            out.append(n)
            now, n = bool(v), 1
    out.append(n)
    return out


def ellipse(h, w, cy, cx, ry, rx, angle):
    y, x = np.mgrid[:h, :w]
    c, s = np.cos(angle), np.sin(angle)
    u, v = c * (x - cx) + s * (y - cy), -s * (x - cx) + c * (y - cy)
    return (u / rx) ** 2 + (v / ry) ** 2 <= 1


def blobs(rng, h, w, sigma, share):
    field = ndimage.gaussian_filter(rng.normal(size=(h, w)), sigma)
    return field > np.quantile(field, 1 - share)


def parts(mask):
    labels = label(mask, connectivity=2)
    sizes = np.bincount(labels.ravel())[1:]
    if len(sizes) == 0:
        return [], mask, mask
    largest = labels == 1 + int(np.argmax(sizes))
    return [int(s) for s in sizes], largest, ndimage.binary_fill_holes(largest)


def pair(name, p, r):
    both, total = int((p & r).sum()), int(p.sum() + r.sum())
    case = {"name": name, "height": p.shape[0], "width": p.shape[1], "p": runs(p), "r": runs(r)}
    case["dice"] = 2 * both / total if total else 1.0
    case["iou"] = both / (total - both) if total else 1.0
    if p.any() and r.any():
        a = torch.tensor(np.array([[p]]), dtype=torch.float32)
        b = torch.tensor(np.array([[r]]), dtype=torch.float32)
        case["hd95"] = float(compute_hausdorff_distance(a, b, include_background=True, percentile=95))
        case["msd"] = float(compute_average_surface_distance(a, b, include_background=True, symmetric=True))
    else:
        case["hd95"] = case["msd"] = 0.0 if total == 0 else float(np.hypot(*p.shape))
    sizes, largest, filled = parts(p)
    case["parts"], case["largest"], case["filled"] = sizes, runs(largest), runs(filled)
    distances = ndimage.distance_transform_edt(~p) if p.any() else np.zeros(p.shape)
    case["distance_sum"] = float(distances.sum())
    case["surface"] = runs(p & ~ndimage.binary_erosion(p))
    return case


def main():
    rng, cases = np.random.default_rng(15), []
    for i in range(6):
        h, w = int(rng.integers(30, 80)), int(rng.integers(30, 80))
        first = [h / 2, w / 2, h * 0.3, w * 0.35, 0.2 * i]
        other = [first[0] + rng.normal() * 3, first[1] + rng.normal() * 3, first[2] * rng.uniform(0.6, 1.2),
                 first[3] * rng.uniform(0.6, 1.2), first[4] + 0.1]
        cases.append(pair(f"ellipses {i}", ellipse(h, w, *other), ellipse(h, w, *first)))
    for i in range(8):
        h, w = int(rng.integers(20, 70)), int(rng.integers(20, 70))
        cases.append(pair(f"blobs {i}", blobs(rng, h, w, 1 + i % 4, 0.2 + 0.08 * i), blobs(rng, h, w, 2, 0.3)))
    none, all_set, dot = np.zeros((9, 12), bool), np.ones((9, 12), bool), np.zeros((9, 12), bool)
    dot[0, 11] = True
    ring = ellipse(40, 50, 20, 25, 15, 20, 0) & ~ellipse(40, 50, 20, 25, 6, 9, 0)
    for name, p, r in [("both empty", none, none), ("prediction empty", none, dot), ("reference empty", all_set, none),
                       ("a dot and everything", dot, all_set), ("the same", dot, dot),
                       ("a ring", ring, ellipse(40, 50, 20, 25, 15, 20, 0)),
                       ("diagonal neighbours", np.eye(7, 9, dtype=bool), np.eye(7, 9, 1, dtype=bool)),
                       ("one pixel", np.ones((1, 1), bool), np.ones((1, 1), bool))]:
        cases.append(pair(name, p, r))
    json.dump({"surfaces": STATEMENT, "cases": cases}, sys.stdout, separators=(",", ":"))


main()
