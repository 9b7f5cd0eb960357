/* SPDX-License-Identifier: Apache-2.0
 *
 * HRNet-W18 (Wang et al., TPAMI 2021) with the names of timm's hrnet_w18: up to four
 * branches at 1/4 to 1/32 of the image's size that exchange their maps after every
 * module. Layers are in nmd-blocks.h.
 */
#include "engine/nn/models/nmd-models.h"
#include "engine/nn/blocks/nmd-blocks.h"

#include <glib/gi18n-lib.h>

enum
{
  N_BRANCHES = 4,
  WIDTH_STEM = 64,
  WIDTH_HEAD = 2048,
  STEM_BLOCKS = 4,
  BRANCH_BLOCKS = 4
};

/* Channels of the branches, and of the bottlenecks' middle in the head. */
static const int widths[N_BRANCHES] = { 18, 36, 72, 144 };
static const int head_widths[N_BRANCHES] = { 32, 64, 128, 256 };

/* Stages of modules, all with as many branches. */
static const struct
{
  const char *name, *transition;
  int modules, branches;
} stages[] = { { "stage2", "transition1", 1, 2 },
               { "stage3", "transition2", 4, 3 },
               { "stage4", "transition3", 3, 4 } };

/* Leaves the scope of the block whose value is @x. */
static NmdNode
leave (const NmdBuilder *self, NmdNode x)
{
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  return x;
}

/* y + x, x taken to y's channels where it has others, then the activation. */
static NmdNode
add_residual (const NmdBuilder *self, const char *act, NmdNode y, NmdNode x)
{
  const int c = nmd_block_channels (self->graph, y);

  if (nmd_block_channels (self->graph, x) != c)
    x = nmd_block_unit (self, "downsample", x, c, 1, 1, 1, FALSE);
  y = nmd_block_add (self->graph, "add", y, x);
  return nmd_block_activation (self->graph, act, y, self->activation);
}

/* ResNet's bottleneck (He et al. 2016, fig. 5 right), four times @middle channels out. */
static NmdNode
bottleneck (const NmdBuilder *self, NmdNode x, int middle)
{
  NmdNode y;

  y = nmd_block_row (self, "conv1", "bn1", "act1", x, middle, 1, 1, 1);
  y = nmd_block_row (self, "conv2", "bn2", "act2", y, middle, 3, 1, 1);
  y = nmd_block_row (self, "conv3", "bn3", NULL, y, 4 * middle, 1, 1, 1);
  return add_residual (self, "act3", y, x);
}

/* ResNet's basic block (He et al. 2016, fig. 5 left). */
static NmdNode
basic (const NmdBuilder *self, NmdNode x)
{
  const int c = nmd_block_channels (self->graph, x);
  NmdNode y;

  y = nmd_block_row (self, "conv1", "bn1", "act1", x, c, 3, 1, 1);
  y = nmd_block_row (self, "conv2", "bn2", NULL, y, c, 3, 1, 1);
  return add_residual (self, "act2", y, x);
}

static NmdNode
branch (const NmdBuilder *self, int index, NmdNode x)
{
  nmd_graph_push (self->graph, "branches.%d", index);
  for (int i = 0; i < BRANCH_BLOCKS; i++)
    {
      nmd_graph_push (self->graph, "%d", i);
      x = leave (self, basic (self, x));
    }
  return leave (self, x);
}

/* Branch @from's map in the size and with the channels of branch @to. */
static NmdNode
resize (const NmdBuilder *self, int to, int from, NmdNode x)
{
  if (from == to)
    return x;
  nmd_graph_push (self->graph, "fuse_layers.%d.%d", to, from);
  if (from > to)
    {
      x = nmd_block_row (self, "0", "1", NULL, x, widths[to], 1, 1, 1);
      x = nmd_block_upsample (self->graph, "2", x, 1 << (from - to));
    }
  for (int i = 0; i < to - from; i++)
    {
      const gboolean last = i == to - from - 1;
      g_autofree char *name = g_strdup_printf ("%d", i);

      x = nmd_block_unit (self, name, x, widths[last ? to : from], 3, 2, 1, !last);
    }
  return leave (self, x);
}

/* Each branch by itself, then each the sum of all. */
static void
module (const NmdBuilder *self, int n, NmdNode *x)
{
  NmdNode y[N_BRANCHES];

  for (int i = 0; i < n; i++)
    x[i] = branch (self, i, x[i]);
  for (int i = 0; i < n; i++)
    {
      y[i] = resize (self, i, 0, x[0]);
      for (int j = 1; j < n; j++)
        y[i] = nmd_block_add (self->graph, "add", y[i], resize (self, i, j, x[j]));
      nmd_graph_push (self->graph, "fused.%d", i);
      y[i] = nmd_block_activation (self->graph, "act", y[i], self->activation);
      y[i] = leave (self, y[i]);
    }
  for (int i = 0; i < n; i++)
    x[i] = y[i];
}

/* The input of branch @index of a stage: the same one of the stage before (@x), or a new
 * one at half the size from the last there was (@last). */
static NmdNode
enter (const NmdBuilder *self, const char *transition, int index, NmdNode x, NmdNode last)
{
  nmd_graph_push (self->graph, "%s.%d", transition, index);
  if (x == NMD_NODE_NONE)
    x = nmd_block_unit (self, "0", last, widths[index], 3, 2, 1, TRUE);
  else
    x = nmd_block_row (self, "0", "1", "2", x, widths[index], 3, 1, 1);
  return leave (self, x);
}

/* All branches in one map: each widened to four times its head width, then added from the
 * largest map down. */
static NmdNode
head (const NmdBuilder *self, const NmdNode *branches)
{
  const NmdBuilder biased = { .graph = self->graph,
                              .mode = self->mode,
                              .activation = self->activation,
                              .conv = self->conv,
                              .norm = self->norm,
                              .act = self->act,
                              .bias = TRUE };
  NmdNode wide[N_BRANCHES], x;

  for (int i = 0; i < N_BRANCHES; i++)
    {
      nmd_graph_push (self->graph, "incre_modules.%d", i);
      nmd_graph_push (self->graph, "0");
      x = leave (self, bottleneck (self, branches[i], head_widths[i]));
      wide[i] = leave (self, x);
    }
  x = wide[0];
  for (int i = 1; i < N_BRANCHES; i++)
    {
      g_autofree char *name = g_strdup_printf ("downsamp_modules.%d", i - 1);

      x = nmd_block_unit (&biased, name, x, 4 * head_widths[i], 3, 2, 1, TRUE);
      x = nmd_block_add (self->graph, "head_add", wide[i], x);
    }
  return nmd_block_unit (&biased, "final_layer", x, WIDTH_HEAD, 1, 1, 1, TRUE);
}

static NmdNode
build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  const NmdBuilder self = { .graph = graph,
                            .mode = mode,
                            .activation = NMD_RELU,
                            .conv = "0",
                            .norm = "1",
                            .act = "2" };
  NmdNode branches[N_BRANCHES];

  x = nmd_block_row (&self, "conv1", "bn1", "act1", x, WIDTH_STEM, 3, 2, 1);
  x = nmd_block_row (&self, "conv2", "bn2", "act2", x, WIDTH_STEM, 3, 2, 1);
  for (int i = 0; i < STEM_BLOCKS; i++)
    {
      nmd_graph_push (graph, "layer1.%d", i);
      x = leave (&self, bottleneck (&self, x, WIDTH_STEM));
    }
  branches[0] = enter (&self, "transition1", 0, x, NMD_NODE_NONE);
  for (guint s = 0; s < G_N_ELEMENTS (stages); s++)
    {
      const int n = stages[s].branches;

      branches[n - 1] = enter (&self, stages[s].transition, n - 1, NMD_NODE_NONE,
                               s == 0 ? x : branches[n - 2]);
      for (int i = 0; i < stages[s].modules; i++)
        {
          nmd_graph_push (graph, "%s.%d", stages[s].name, i);
          module (&self, n, branches);
          nmd_graph_pop (graph);
        }
    }
  x = head (&self, branches);
  x = nmd_block_reduce (graph, "global_pool", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  x = nmd_block_flatten (graph, "flatten", x);
  return nmd_block_linear (graph, "classifier", x, n_classes);
}

/* Biases and the classifier as PyTorch has them. */
static const NmdInitRule init[] = {
  { "*.weight", 4, NMD_DRAW_NORMAL_OUT, 0 },
  { NULL },
};

const NmdNetwork nmd_network_hrnet = {
  .name = "hrnet",
  .title = "HRNet-W18",
  .note = N_ ("Keeps fine maps throughout beside coarse ones. Slow to train on a CPU"),
  .source
  = N_ ("Wang et al., TPAMI 2021, arXiv 1908.07919; layers as in timm's hrnet_w18"),
  .cam_layer = "final_layer",
  .input_size = 224,
  .init = init,
  .build = build,
};
