"""Maps by Captum and pytorch-grad-cam, and the maker of golden-maps.json.

    python3 golden-maps.py      writes golden-maps.json beside this file; needs torch, timm, captum, grad-cam

Network: timm's efficientnet_b0 for two classes (smooth everywhere, so that float32 does not flip a unit), filled by the
rule of the golden files (tests/backend/golden/outlines.py) with the word "w15". For occlusion 1-D weights are 1.25 (1 + 0.1 u):
otherwise the network squeezes what an image says to 1e-5 of its logits, whose differences float32 cannot tell. No picture is needed: the input is
x[c, i, j] = 1.5 sin(0.07 i + c) cos(0.05 j) + 0.5 u(w15:input, (c*224 + i)*224 + j).
All in float64; the class is 1.

  logits
  ig           Captum, IntegratedGradients, riemann_middle, 48 steps, baseline: the mean of each channel
  smoothgrad   Captum, Saliency(abs=False), mean over 32 inputs; noise of input k: 0.15*(largest - smallest of the channel) times
               the normals (Box-Muller) k*224*224 ... of the stream "0:maps:0:smoothgrad", the same for the three channels
     of the sum over the channels, for smoothgrad each times largest - smallest: norm of the 224*224 values, dot product with
     the stream w15:probe:METHOD, and the 14 x 14 sums over blocks of 16 x 16 pixels
  occlusion    Captum, Occlusion, window 32, stride 16, same baseline: one value for each of 14 x 14 cells; occlusion_logits
  gradcam++, layercam, gradcam   pytorch-grad-cam at the last map (7 x 7) and at blocks.4 (14 x 14): before ReLU and scaling
  ssim, spearman   scikit-image and scipy on the positive parts of gradcam and layercam at blocks.4, see below
"""
import json, math, os
import numpy as np
import torch, timm
from captum.attr import IntegratedGradients, Occlusion, Saliency
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus, LayerCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity

WORD, SIZE, STEPS, SAMPLES = "w15", 224, 48, 32


def stream(name, n):
    h = 0xCBF29CE484222325
    for b in name.encode():
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        z = np.uint64(h) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def normals(name, n):
    u = (stream(name, 2 * n) + 1) / 2
    return np.sqrt(-2 * np.log(1 - u[0::2])) * np.cos(2 * np.pi * u[1::2])


def fill(model, tag, scale=1):
    for name, t in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        u = torch.from_numpy(stream(f"{WORD}:{tag}:{name}", t.numel())).reshape(t.shape)
        if name.endswith("running_mean"): v = 0.1 * u
        elif name.endswith("running_var"): v = 1 + 0.5 * u.abs()
        elif name.endswith("bias"): v = 0.1 * u
        elif t.dim() == 1: v = scale * (1 + 0.1 * u)
        else: v = math.sqrt((6 if t.dim() == 4 else 3) / t[0].numel()) * u
        t.copy_(v.float())


def blocks(a):
    return a.reshape(14, 16, 14, 16).sum((1, 3))


def tell(a, name):
    return {"norm": float(np.sqrt((a**2).sum())), "probe": float((a.ravel() * stream(f"{WORD}:probe:{name}", a.size)).sum()),
            "blocks": blocks(a).ravel().tolist()}


def cams(model, x, layer):
    r = {}
    for name, kind in (("gradcam", GradCAM), ("gradcam++", GradCAMPlusPlus), ("layercam", LayerCAM)):
        cam = kind(model=model, target_layers=[layer]); targets = [ClassifierOutputTarget(1)]
        z = cam.activations_and_grads(x); model.zero_grad(); targets[0](z[0]).backward()
        a = cam.activations_and_grads
        r[name] = np.asarray(cam.get_cam_image(x, layer, targets, a.activations[0].numpy(), a.gradients[0].numpy(), False)[0])
        a.release()
    return r


def enlarge(a, n):
    """Bilinear, half-pixel centres, edges repeated."""
    t = torch.from_numpy(a)[None, None]
    return torch.nn.functional.interpolate(t, size=(n, n), mode="bilinear", align_corners=False)[0, 0].numpy()


torch.set_num_threads(1)
model = timm.create_model("efficientnet_b0", num_classes=2)
fill(model, "efficientnet")
model = model.double().eval()
c, i, j = np.ogrid[:3, :SIZE, :SIZE]
x = 1.5 * np.sin(0.07 * i + c) * np.cos(0.05 * j) + 0.5 * stream(f"{WORD}:input", 3 * SIZE * SIZE).reshape(3, SIZE, SIZE)
x = x.astype(np.float32).astype(np.float64)
base = np.broadcast_to(x.mean((1, 2), keepdims=True), x.shape).copy()
reach = x.max((1, 2)) - x.min((1, 2))
X, B = torch.from_numpy(x)[None], torch.from_numpy(base)[None]
g = {"logits": model(X)[0].tolist()}

a = IntegratedGradients(model).attribute(X, B, target=1, n_steps=STEPS, method="riemann_middle", internal_batch_size=8).detach()
g["ig"] = tell(a.numpy()[0].sum(0), "ig")
g["ig"]["gap"] = float(a.sum()) - (float(model(X)[0, 1]) - float(model(B)[0, 1]))

noise = normals("0:maps:0:smoothgrad", SAMPLES * SIZE * SIZE).reshape(SAMPLES, SIZE, SIZE)
s = torch.zeros_like(X)
for k in range(SAMPLES):
    y = torch.from_numpy(x + 0.15 * reach[:, None, None] * noise[k])[None].requires_grad_()
    s += Saliency(model).attribute(y, target=1, abs=False).detach() / SAMPLES
g["smoothgrad"] = tell((s.numpy()[0] * reach[:, None, None]).sum(0), "smoothgrad")

for name, layer in (("last", model.bn2), ("inner", model.blocks[4])):
    maps = cams(model, X, layer)
    g[name] = {k: v.ravel().tolist() for k, v in maps.items()}
p, q = (np.maximum(maps[k], 0) / np.maximum(maps[k], 0).max() for k in ("gradcam", "layercam"))
g["spearman"] = float(spearmanr(p.ravel(), q.ravel()).statistic)
# Wang et al. 2004: Gaussian window of SD 1.5, 11 x 11, moments not corrected for the sample
g["ssim"] = float(structural_similarity(enlarge(p, SIZE), enlarge(q, SIZE), data_range=1, gaussian_weights=True, sigma=1.5,
                                        use_sample_covariance=False))
fill(model, "efficientnet", 1.25)
g["occlusion_logits"] = model(X)[0].tolist()
with torch.no_grad():
    o = Occlusion(model).attribute(X, sliding_window_shapes=(3, 32, 32), strides=(3, 16, 16), baselines=B, target=1,
                                   perturbations_per_eval=13)
g["occlusion"] = o[0, 0, ::16, ::16].ravel().tolist()
assert (o[0, 0].numpy() == np.kron(o[0, 0, ::16, ::16].numpy(), np.ones((16, 16)))).all()
here = os.path.dirname(os.path.abspath(__file__))
json.dump(g, open(os.path.join(here, "golden-maps.json"), "w"), indent=0)
print({k: v if isinstance(v, float) else "" for k, v in g.items()}, g["logits"], g["ig"]["gap"])
