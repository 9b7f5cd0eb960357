#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks with PyTorch what `nmd weights --pytorch` writes, and the line that converts PyTorch files.

    check-pytorch.py NMD [WORK]     needs torch, safetensors, timm; not part of the test suite

For every network that timm has: the written module loads a state dict of the timm model, also with a wrapper's
prefix, and its logits are those of the timm model to 1e-5 of their largest. Then the same for torch.save()
files, new and old, plain and inside a checkpoint.
"""
import importlib.util
import os
import re
import subprocess
import sys
import tempfile

import timm
import torch
from safetensors.torch import save_file

NMD = os.path.abspath(sys.argv[1])
WORK = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()
PEERS = {"ghostnet": "ghostnet_100", "efficientnet": "efficientnet_b0", "cspnet": "cspresnet50",
         "hrnet": "hrnet_w18", "vit": "vit_base_patch16_224"}
os.chdir(WORK)
torch.manual_seed(1)
torch.set_num_threads(1)


def write(weights):
    path = weights.replace(".safetensors", ".py").replace("-", "_")
    subprocess.run([NMD, "weights", weights, "--pytorch", path], check=True, capture_output=True)
    spec = importlib.util.spec_from_file_location(path[:-3], path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load(weights)


def compare(what, a, b):
    x = torch.rand(2, 3, 224, 224)
    with torch.no_grad():
        ya, yb = a.eval()(x), b.eval()(x)
    worst = ((ya - yb).abs().max() / yb.abs().max()).item()
    print(f"{what}: {worst:.1e}")
    if not worst <= 1e-5:
        sys.exit(f"{what}: logits differ")


def shake(model):
    """Statistics and scales that do something."""
    for name, t in model.state_dict().items():
        if name.endswith("running_mean"):
            t.uniform_(-0.1, 0.1)
        elif name.endswith("running_var"):
            t.uniform_(1, 1.5)
        elif t.dim() == 1 and t.is_floating_point():
            t.add_(torch.empty_like(t).uniform_(-0.1, 0.1))


for name, peer in PEERS.items():
    model = timm.create_model(peer, num_classes=2)
    shake(model)
    save_file(model.state_dict(), f"{name}.safetensors")
    compare(name, write(f"{name}.safetensors"), model)
    wrapped = {"module._orig_mod." + k: v.clone() for k, v in model.state_dict().items()}
    save_file({**wrapped, "n_averaged": torch.tensor(3)}, f"{name}-wrapped.safetensors")
    compare(f"{name} in a wrapper", write(f"{name}-wrapped.safetensors"), model)
    if name != "ghostnet":
        continue
    for kind, content in (("plain", model.state_dict()), ("checkpoint", {"state_dict": model.state_dict()})):
        for new in (True, False):
            torch.save(content, "it.pth", _use_new_zipfile_serialization=new)
            said = subprocess.run([NMD, "weights", "it.pth"], capture_output=True, text=True)
            line = re.search(r"python3 (-c \".*\")", said.stderr).group(1)
            subprocess.run(f"{sys.executable} {line}", shell=True, check=True)
            compare(f"{kind}, {'zip' if new else 'pickle'}", write("it.safetensors"), model)
