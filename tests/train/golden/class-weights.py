#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the numbers of tests/train/test-class-weights.c: PyTorch's cross entropy with class weights,
label smoothing and Mixup, in double precision. Needs torch (2.15 was used)."""
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
z = torch.tensor([[1.5, -0.5], [0.25, 2.0], [-1.0, -3.0], [0.0, 0.75]], requires_grad=True)
labels, partners, share, smoothing = torch.tensor([0, 1, 0, 0]), [1, 2, 0, 3], 0.75, 0.1
weights = torch.tensor([20 / (2 * 16), 20 / (2 * 4)])  # 20 images, 4 of them positive
shares = nn.functional.one_hot(labels, 2).double()
shares = share * shares + (1 - share) * shares[partners]
loss = nn.CrossEntropyLoss(weight=weights, label_smoothing=smoothing)(z, shares)
loss.backward()
print("shares", ((1 - smoothing) * shares + smoothing / 2).tolist())
print("loss", repr(loss.item()))
print("gradient", z.grad.tolist())
