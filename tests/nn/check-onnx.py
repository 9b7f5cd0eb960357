#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks with onnxruntime what `nmd weights --onnx` writes.

    check-onnx.py NMD [WORK [RUN]]     needs torch, safetensors, timm, onnxruntime; not part of the test suite

For every network that timm has, and for RUN's: the logits of the ONNX file in onnxruntime are those of the
PyTorch model (of the module that `--pytorch` writes) to 1e-5 of their largest, scores are their softmax.
"""
import importlib.util
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime
import timm
import torch
from safetensors.torch import save_file

NMD = os.path.abspath(sys.argv[1])
WORK = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()
RUN = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
PEERS = {"ghostnet": "ghostnet_100", "efficientnet": "efficientnet_b0", "cspnet": "cspresnet50",
         "hrnet": "hrnet_w18", "vit": "vit_base_patch16_224"}
os.chdir(WORK)
torch.manual_seed(1)
torch.set_num_threads(1)


def shake(model):
    """Statistics and scales that do something."""
    for name, t in model.state_dict().items():
        if name.endswith("running_mean"):
            t.uniform_(-0.1, 0.1)
        elif name.endswith("running_var"):
            t.uniform_(1, 1.5)
        elif t.dim() == 1 and t.is_floating_point():
            t.add_(torch.empty_like(t).uniform_(-0.1, 0.1))


def compare(name, subject, model):
    subprocess.run([NMD, "weights", subject, "--onnx", f"{name}.onnx"], check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(f"{name}.onnx", options)
    x = torch.rand(1, 3, 224, 224)
    logits, scores = session.run(["logits", "scores"], {"image": x.numpy()})
    with torch.no_grad():
        want = model.eval()(x).numpy()
    worst = np.abs(logits - want).max() / np.abs(want).max()
    e = np.exp(want - want.max())
    score = np.abs(scores - e / e.sum()).max()
    print(f"{name}: logits {worst:.1e}, scores {score:.1e}", flush=True)
    if not (worst <= 1e-5 and score <= 1e-5):
        sys.exit(f"{name}: they differ")


if RUN:
    subprocess.run([NMD, "weights", RUN, "--pytorch", "run.py"], check=True, capture_output=True)
    spec = importlib.util.spec_from_file_location("run", "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    compare("run", RUN, module.load(os.path.join(RUN, "average.safetensors")))
for name, peer in PEERS.items():
    model = timm.create_model(peer, num_classes=2)
    shake(model)
    save_file(model.state_dict(), f"{name}.safetensors")
    compare(name, f"{name}.safetensors", model)
