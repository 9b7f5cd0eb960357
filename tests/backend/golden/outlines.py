"""The networks for outlines in PyTorch, and the maker of ghostunet.json and unet.json.

    python3 outlines.py [WORD]      writes both beside this file; needs torch and numpy

Weights and images are filled by the rule of the other golden files, so none is stored: u(name, i) is the
i-th value of the stream called name, in [-1, 1): h = FNV-1a 64 of the name, z = h + (i + 1)*0x9E3779B97F4A7C15,
then the finaliser of splitmix64, u = (z >> 40)/2^23 - 1. Tensors are filled in row-major order from the stream
WORD:MODEL:NAME: running_mean 0.1 u, running_var 1 + 0.5 |u|, bias 0.1 u, 1-D weight 1 + 0.1 u, 4-D weight
sqrt(6/fan_in) u, 2-D weight sqrt(3/fan_in) u. Images: stream WORD:input. The mask of image n: pixels (y, x) with
(x - size*(3 + n)/8)^2 + (y - size/2)^2 <= (size/4)^2.

All in float64. A probe is the dot product with the stream WORD:probe:NAME.
  size            height and width of the images
  eval.logits     of each image [norm, dot with the part of the stream WORD:probe:logits that is its], evaluation mode
  eval.grads      of the dot product of all logits with the stream WORD:seed: {parameter: [norm, probe]}
  train.loss      mean binary cross entropy + mean over images of 1 - (2 sum pm + 1)/(sum p + sum m + 1)
  train.grads, train.running, adam.losses (ghostunet)   as in the files of the classifiers, of that loss
  f32err          the worst of three float32 runs of PyTorch, group by group
"""
import json, math, os, sys
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

STAGES = [  # NMD-AssistNet's: kernel, expansion, out, stride
    [(3, 16, 16, 1)],
    [(3, 48, 24, 2), (3, 72, 24, 1)],
    [(5, 72, 40, 2), (5, 120, 40, 1)],
    [(3, 240, 80, 2), (3, 200, 80, 1), (3, 184, 80, 1), (3, 184, 80, 1), (3, 480, 112, 1), (3, 672, 112, 1)],
    [(5, 672, 160, 2), (5, 960, 160, 1), (5, 960, 160, 1), (5, 960, 160, 1), (5, 960, 160, 1)],
]
DECODER = [(3, 5, 128), (2, 5, 48), (1, 3, 40), (None, 3, 40)]  # skip, kernel, out


class Unit(nn.Module):
    def __init__(self, cin, cout, k, stride=1, groups=1, act=True):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, k, stride, k // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.act = act

    def forward(self, x):
        x = self.bn(self.conv(x))
        return F.relu(x) if self.act else x


class Ghost(nn.Module):
    def __init__(self, cin, cout, act):
        super().__init__()
        self.primary = Unit(cin, cout // 2, 1, act=act)
        self.cheap = Unit(cout // 2, cout // 2, 3, groups=cout // 2, act=act)

    def forward(self, x):
        x = self.primary(x)
        return torch.cat([x, self.cheap(x)], 1)


class Bottleneck(nn.Module):
    def __init__(self, cin, k, wide, cout, stride):
        super().__init__()
        self.ghost1 = Ghost(cin, wide, True)
        if stride > 1:
            self.dw = Unit(wide, wide, k, stride, wide, False)
        self.ghost2 = Ghost(wide, cout, False)
        if stride > 1 or cin != cout:
            self.shortcut_dw = Unit(cin, cin, k, stride, cin, False)
            self.shortcut_pw = Unit(cin, cout, 1, groups=2, act=False)

    def forward(self, x):
        y = self.ghost1(x)
        if hasattr(self, "dw"):
            y = self.dw(y)
        y = self.ghost2(y)
        if hasattr(self, "shortcut_pw"):
            x = F.channel_shuffle(self.shortcut_pw(self.shortcut_dw(x)), 2)
        return x + y


class Cbam(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc1 = nn.Linear(c, max(c // 8, 4))
        self.fc2 = nn.Linear(max(c // 8, 4), c)
        self.spatial = Unit(2, 1, 7, act=False)

    def forward(self, x):
        both = [self.fc2(F.relu(self.fc1(v))) for v in (x.mean((2, 3)), x.amax((2, 3)))]
        x = x * torch.sigmoid(both[0] + both[1])[:, :, None, None]
        return x * torch.sigmoid(self.spatial(torch.stack([x.mean(1), x.amax(1)], 1)))


class Stage(nn.Module):
    def __init__(self, cin, rows):
        super().__init__()
        self.blocks = nn.ModuleList()
        for k, wide, cout, stride in rows:
            self.blocks.append(Bottleneck(cin, k, wide, cout, stride))
            cin = cout
        self.cbam = Cbam(cin)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.cbam(x)


class Separable(nn.Module):
    def __init__(self, cin, k, cout):
        super().__init__()
        self.dw = nn.Conv2d(cin, cin, k, 1, k // 2, groups=cin, bias=False)
        self.pw = Unit(cin, cout, 1)

    def forward(self, x):
        return self.pw(self.dw(x))


def enlarge(x, factor):
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


class GhostUNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem_dw = nn.Conv2d(3, 3, 3, 2, 1, groups=3, bias=False)
        self.stem_pw = Unit(3, 16, 1)
        self.stages = nn.ModuleList()
        widths = [16]
        for rows in STAGES:
            self.stages.append(Stage(widths[-1], rows))
            widths.append(rows[-1][2])
        c, self.decoder = widths[-1], nn.ModuleList()
        for skip, k, out in DECODER:
            self.decoder.append(Separable(c + (widths[1 + skip] if skip is not None else 0), k, out))
            c = out
        self.logits = nn.Conv2d(c, 1, 1)

    def forward(self, x):
        x, maps = self.stem_pw(self.stem_dw(x)), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        for block, (skip, _, _) in zip(self.decoder, DECODER):
            x = block(x if skip is None else torch.cat([enlarge(x, 2), maps[skip]], 1))
        return enlarge(self.logits(x), 4)


class Block(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class UNet(nn.Module):
    def __init__(self, width=32, levels=4):
        super().__init__()
        widths = [width << i for i in range(levels + 1)]
        self.encoder = nn.ModuleList(Block(a, b) for a, b in zip([3] + widths, widths[:-1]))
        self.bridge = Block(widths[-2], widths[-1])
        self.decoder = nn.ModuleList(Block(a + b, b) for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.logits = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        maps = []
        for block in self.encoder:
            maps.append(block(x))
            x = F.max_pool2d(maps[-1], 2)
        x = self.bridge(x)
        for block in self.decoder:
            x = block(torch.cat([enlarge(x, 2), maps.pop()], 1))
        return self.logits(x)


def loss_of(z, m):
    p = torch.sigmoid(z)
    dice = (2 * (p * m).sum((1, 2, 3)) + 1) / (p.sum((1, 2, 3)) + m.sum((1, 2, 3)) + 1)
    return F.binary_cross_entropy_with_logits(z, m) + (1 - dice).mean()


MODELS = {"ghostunet": (GhostUNet, 128, True), "unet": (UNet, 64, False)}  # size, whether Adam's losses
WORD = sys.argv[1] if __name__ == "__main__" and len(sys.argv) > 1 else "w15"


def stream(name, n):
    h = 0xCBF29CE484222325
    for b in name.encode():
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        z = np.uint64(h) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return torch.from_numpy(((z >> np.uint64(40)).astype(np.float64) / 2**23 - 1).astype(np.float32))


def filled(tag, dtype, layout):
    model = MODELS[tag][0]()
    for name, t in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        u = stream(f"{WORD}:{tag}:{name}", t.numel()).double().reshape(t.shape)
        if name.endswith("running_mean") or name.endswith("bias"): v = 0.1 * u
        elif name.endswith("running_var"): v = 1 + 0.5 * u.abs()
        elif t.dim() == 1: v = 1 + 0.1 * u
        else: v = math.sqrt((6 if t.dim() == 4 else 3) / t[0].numel()) * u
        t.copy_(v.float())
    return model.to(dtype).to(memory_format=layout)


def batch(n, size, dtype, layout):
    x = stream(f"{WORD}:input", n * 3 * size * size).reshape(n, 3, size, size).to(dtype).contiguous(memory_format=layout)
    at = torch.arange(size, dtype=torch.float64)
    m = torch.stack([(at[None, :] - size * (3 + i) / 8) ** 2 + (at[:, None] - size / 2) ** 2 <= (size / 4) ** 2
                     for i in range(n)])[:, None]
    return x, m.to(dtype)


def measure(name, t):
    v = t.detach().double().flatten()
    return [float(v.norm()), float(v @ stream(f"{WORD}:probe:{name}", v.numel()).double())]


def grads(model):
    return {n: measure(n, p.grad) for n, p in model.named_parameters()}


def run(tag, dtype, layout=torch.contiguous_format):
    _, size, adam = MODELS[tag]
    model = filled(tag, dtype, layout).eval()
    x, m = batch(2, size, dtype, layout)
    z = model(x)
    u = stream(f"{WORD}:probe:logits", z.numel()).double().reshape(2, -1)
    r = {"size": size, "parameters": sum(p.numel() for p in model.parameters()),
         "eval": {"logits": [[float(v.norm()), float(v @ u[i])] for i, v in enumerate(z.detach().double().reshape(2, -1))]}}
    (z * stream(f"{WORD}:seed", z.numel()).reshape(z.shape).to(dtype)).sum().backward()
    r["eval"]["grads"] = grads(model)
    model.zero_grad()
    model.train()
    loss = loss_of(model(x), m)
    loss.backward()
    r["train"] = {"loss": float(loss.detach()), "grads": grads(model),
                  "running": {n: measure(n, b)[1] for n, b in model.named_buffers() if "running" in n}}
    if adam:
        model = filled(tag, dtype, layout).train()
        x, m = batch(4, size, dtype, layout)
        losses, step = [], torch.optim.Adam(model.parameters(), lr=1e-4, eps=1e-4, weight_decay=1e-5)
        for _ in range(6):
            step.zero_grad()
            loss = loss_of(model(x), m)
            loss.backward()
            step.step()
            losses.append(float(loss.detach()))
        r["adam"] = {"losses": losses}
    return r


def errors(g, f):
    """How far the float32 run f is from g, as the tolerances of the program golden measure it."""
    far = lambda a, b: float(np.abs(np.subtract(a, b)).max() / np.abs(a).max())
    e = {"eval.logits": far(g["eval"]["logits"], f["eval"]["logits"]), "train.loss": far([g["train"]["loss"]], [f["train"]["loss"]]),
         "train.running": max(abs(v - f["train"]["running"][n]) / max(1, abs(v)) for n, v in g["train"]["running"].items())}
    for mode, floor in (("eval", 1e-4), ("train", 1e-2)):
        G, H = g[mode]["grads"], f[mode]["grads"]
        base = floor * math.sqrt(sum(v[0] ** 2 for v in G.values()))
        for i, what in enumerate(("norms", "probes")):
            v = [abs(G[n][i] - H[n][i]) / max(G[n][0], base) for n in G]
            e[f"{mode}.grads.{what}"], e[f"{mode}.grads.{what}.median"] = float(max(v)), float(np.median(v))
    if "adam" in g:
        e["adam.losses"] = max(abs(p - q) / p for p, q in zip(g["adam"]["losses"], f["adam"]["losses"]))
    return e


if __name__ == "__main__":
    torch.set_num_threads(1)
    for tag in MODELS:
        g, worst = run(tag, torch.float64), {}
        for layout, mkldnn in ((torch.contiguous_format, True), (torch.channels_last, True), (torch.contiguous_format, False)):
            with torch.backends.mkldnn.flags(enabled=mkldnn):
                for k, v in errors(g, run(tag, torch.float32, layout)).items():
                    worst[k] = max(v, worst.get(k, 0.0))
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), tag + ".json")
        with open(path, "w") as file:
            json.dump({"word": WORD, "model": tag, "torch": torch.__version__, "timm": "-", **g, "f32err": worst}, file, indent=0)
        print(tag, g["parameters"], g["train"]["loss"], {k: "%.1e" % v for k, v in worst.items()}, flush=True)
