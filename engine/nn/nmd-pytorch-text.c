/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands around the layers of a written PyTorch module: what the file is, the preprocessing,
 * the few functions that its forward pass may call, loading and a command line.
 */
#include "engine/nn/nmd-pytorch-private.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"

char *
nmd_pytorch_class (const NmdNetwork *network)
{
  GString *text = g_string_new (NULL);
  gboolean upper = TRUE;

  for (const char *c = network->title; *c != '\0'; c++)
    if (g_ascii_isalnum (*c) && (text->len > 0 || !g_ascii_isdigit (*c)))
      {
        g_string_append_c (text, upper ? g_ascii_toupper (*c) : *c);
        upper = FALSE;
      }
    else
      upper = TRUE;
  if (text->len == 0)
    g_string_append (text, "Network");
  return g_string_free (text, FALSE);
}

/* @text as a Python string literal. */
static void
append_literal (GString *out, const char *text)
{
  g_autofree char *shown = nmd_text_display (text);

  g_string_append_c (out, '"');
  for (const char *c = shown; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *c);
    }
  g_string_append_c (out, '"');
}

static void
append_classes (GString *text, const NmdPytorchSettings *settings)
{
  if (settings->classes[0] == NULL || settings->n_classes != 2)
    {
      g_string_append (text, "# Nobody stated what the classes are: class 0, class 1, …\n"
                             "CLASSES = [");
      for (int i = 0; i < settings->n_classes; i++)
        g_string_append_printf (text, "%s\"%d\"", i > 0 ? ", " : "", i);
      g_string_append (text, "]\n");
      return;
    }
  g_string_append (text,
                   "# In the order of the logits: negative, positive.\nCLASSES = [");
  append_literal (text, settings->classes[0]);
  g_string_append (text, ", ");
  append_literal (text, settings->classes[1]);
  g_string_append (text, "]\n");
}

static const char intro[]
    = "# SPDX-License-Identifier: Apache-2.0\n"
      "\"\"\"%s as a PyTorch module, written by NMD Assist.\n"
      "\n"
      "%s.\n"
      "Source of the architecture: %s.\n"
      "\n"
      "A safetensors file of NMD Assist is this module's state dict:\n"
      "\n"
      "    model = load(\"average.safetensors\")\n"
      "    score = model(preprocess(grey, mask)).softmax(1)[0, 1]\n"
      "\n"
      "This text is under the Apache License 2.0. Weights, and the images that they were "
      "trained "
      "on,\n"
      "have terms of their own. For research and teaching, not a medical device; a score "
      "is not a\n"
      "probability of disease. Needs torch; load() also safetensors; preprocess() also "
      "NumPy, "
      "Pillow\n"
      "and OpenCV.\n"
      "\"\"\"\n"
      "import math\n"
      "\n"
      "import torch\n"
      "import torch.nn.functional as F\n"
      "from torch import nn\n"
      "\n";

static const char preprocessing[]
    = "\n\n"
      "def preprocess(grey, mask=None):\n"
      "    \"\"\"grey: uint8 array [h, w], untouched, of a colour image Pillow's "
      "convert(\"L\"); mask: array\n"
      "    [h, w], non-zero inside the outline, None or empty for the whole frame. "
      "Returns "
      "[1, 3, %d, %d].\"\"\"\n"
      "    import cv2\n"
      "    import numpy as np\n"
      "    from PIL import Image\n"
      "\n"
      "    # 1. the box of the outline, widened by a share of its sides and cut at the "
      "frame\n"
      "    if MARGIN is not None and mask is not None and np.any(mask):\n"
      "        mask = np.asarray(mask) != 0\n"
      "        rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]\n"
      "        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] "
      "+ 1\n"
      "        dy = math.floor(MARGIN * (bottom - top) + 0.5)\n"
      "        dx = math.floor(MARGIN * (right - left) + 0.5)\n"
      "        if BLACK:\n"
      "            grey = np.where(mask, grey, 0).astype(np.uint8)\n"
      "        grey = grey[max(top - dy, 0):bottom + dy, max(left - dx, 0):right + dx]\n"
      "    # 2. triangle filter, 3. median, 4. local contrast\n"
      "    x = np.asarray(Image.fromarray(np.ascontiguousarray(grey)).resize((%d, %d), "
      "Image.BILINEAR))\n"
      "    if MEDIAN:\n"
      "        x = cv2.medianBlur(x, 5)\n"
      "    if CLAHE:\n"
      "        x = cv2.createCLAHE(CLAHE[0], (CLAHE[1], CLAHE[1])).apply(x)\n"
      "    # 5. three equal channels\n"
      "    x = torch.from_numpy(x.astype(np.float32) / 255)\n"
      "    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(3, 1, 1)\n"
      "    sd = torch.tensor([0.229, 0.224, 0.225]).reshape(3, 1, 1)\n"
      "    return ((x - mean) / sd)[None]\n";

static void
append_preprocessing (GString *text, const NmdPytorchSettings *settings)
{
  g_autoptr (NmdParameters) defaults = nmd_parameters_new ();
  const NmdParameters *values
      = settings->parameters != NULL ? settings->parameters : defaults;
  const int size = settings->network->input_size;
  g_autofree char *margin = nmd_parameters_to_text (values, "roi-margin");
  g_autofree char *clip = nmd_parameters_to_text (values, "clahe-clip");
  const char *background = nmd_parameters_get_choice (values, "background");
  const gboolean black = g_str_equal (background, "black");

  g_string_append (text,
                   settings->parameters != NULL
                       ? "# Preprocessing as in the training.\n"
                       : "# The weights do not say how images were preprocessed; these "
                         "are the defaults.\n");
  g_string_append_printf (text,
                          "MARGIN = %s  # of the outline's box, share of the side\n",
                          g_str_equal (background, "whole") ? "None" : margin);
  g_string_append_printf (text, "BLACK = %s  # outside the outline\n",
                          black ? "True" : "False");
  g_string_append_printf (text, "MEDIAN = %s\n",
                          nmd_parameters_get_switch (values, "median") ? "True"
                                                                       : "False");
  if (nmd_parameters_get_switch (values, "clahe"))
    g_string_append_printf (text, "CLAHE = (%s, %d)  # clip limit, tiles along a side\n",
                            clip, nmd_parameters_get_int (values, "clahe-tiles"));
  else
    g_string_append (text, "CLAHE = None\n");
  g_string_append_printf (text, preprocessing, size, size, size, size);
}

static const char helpers[]
    = "\n\n"
      "class Group(nn.Module):\n"
      "    \"\"\"Layers by name; the one called \"0\" is group[0].\"\"\"\n"
      "\n"
      "    def __getitem__(self, i):\n"
      "        return self._modules[str(i)]\n"
      "\n"
      "    def add(self, path, layer):\n"
      "        *groups, name = path.split(\".\")\n"
      "        group = self\n"
      "        for part in groups:\n"
      "            if part not in group._modules:\n"
      "                group.add_module(part, Group())\n"
      "            group = group._modules[part]\n"
      "        if isinstance(layer, nn.Parameter):\n"
      "            group.register_parameter(name, layer)\n"
      "        else:\n"
      "            group.add_module(name, layer)\n";

/* Tokens are [n, c, t, 1], as the graph has them. */
static const char token_helpers[]
    = "\n\n"
      "def positions(layer, x):\n"
      "    \"\"\"The layer over the channels at each position of [n, c, h, w].\"\"\"\n"
      "    return layer(x.movedim(1, -1)).movedim(-1, 1)\n"
      "\n\n"
      "def tokens(x, first, position):\n"
      "    \"\"\"[n, c, h, w] to [n, c, 1 + h·w, 1]: the class token, then the pixels, "
      "each "
      "with its position.\"\"\"\n"
      "    x = x.flatten(2).transpose(1, 2)\n"
      "    x = torch.cat((first.expand(len(x), -1, -1), x), 1) + position\n"
      "    return x.transpose(1, 2)[..., None]\n"
      "\n\n"
      "def token(x, i):\n"
      "    return x[:, :, i, 0]\n"
      "\n\n"
      "def attention(x, heads):\n"
      "    \"\"\"[n, 3·c, t, 1], queries, keys and values, to [n, c, t, 1].\"\"\"\n"
      "    n, c, t = len(x), x.shape[1] // 3, x.shape[2]\n"
      "    q, k, v = x.reshape(n, 3, heads, c // heads, t).transpose(3, 4).unbind(1)\n"
      "    y = F.scaled_dot_product_attention(q, k, v)\n"
      "    return y.transpose(2, 3).reshape(n, c, t, 1)\n";

void
nmd_pytorch_begin (GString *text, const NmdPytorchSettings *settings, gboolean tokens)
{
  const NmdNetwork *network = settings->network;

  g_string_append_printf (text, intro, network->title, network->note, network->source);
  append_classes (text, settings);
  append_preprocessing (text, settings);
  g_string_append (text, helpers);
  if (tokens)
    g_string_append (text, token_helpers);
  g_string_append (text, "\n\n");
}

static const char ending[]
    = "def load(path):\n"
      "    \"\"\"The module with the weights of a safetensors file, for "
      "evaluation.\"\"\"\n"
      "    from safetensors.torch import load_file\n"
      "\n"
      "    model = %s()\n"
      "    model.load_state_dict(%s)\n"
      "    return model.eval()\n"
      "\n\n"
      "if __name__ == \"__main__\":\n"
      "    import sys\n"
      "\n"
      "    import numpy as np\n"
      "    from PIL import Image\n"
      "\n"
      "    if len(sys.argv) not in (3, 4):\n"
      "        sys.exit(\"python3 FILE.py WEIGHTS.safetensors IMAGE [MASK]\")\n"
      "    pictures = [np.asarray(Image.open(path).convert(\"L\")) for path in "
      "sys.argv[2:]]\n"
      "    with torch.no_grad():\n"
      "        scores = load(sys.argv[1])(preprocess(*pictures)).softmax(1)[0]\n"
      "    for word, score in zip(CLASSES, scores.tolist()):\n"
      "        print(f\"{word}: {score:.6f}\")\n";

void
nmd_pytorch_end (GString *text, const NmdPytorchSettings *settings)
{
  g_autofree char *name = nmd_pytorch_class (settings->network);

  g_autofree char *stripped = NULL;

  /* prefixes are words with dots: nmd-transfer.h */
  if (settings->prefix != NULL && *settings->prefix != '\0')
    stripped = g_strdup_printf (
        "{k.removeprefix(\"%s\"): v for k, v in load_file(path).items() "
        "if k.startswith(\"%s\")}",
        settings->prefix, settings->prefix);
  g_string_append_printf (text, ending, name,
                          stripped != NULL ? stripped : "load_file(path)");
}
