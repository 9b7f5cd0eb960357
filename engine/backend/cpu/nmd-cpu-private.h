/* SPDX-License-Identifier: Apache-2.0
 *
 * How the CPU backend sees a program: types, and the arithmetic of views.
 *
 * lower/ turns the graph into steps over values, nmd-cpu-order.c puts the steps into groups,
 * nmd-cpu-plan.c gives values their memory, nmd-cpu-run.c runs the groups. What steps there are
 * and what each computes is said in ops/.
 *
 * Values. Images are channels-last inside: value = n images of h·w rows of c floats, row stride ld
 * ≥ c. So a channel slice of another value is a value without a copy, and a concatenation's parts
 * are written in place. Vectors, weights and everything else in row-major order is one "image" of
 * one row.
 *
 * Steps come in three kinds. IMAGES: image i of the outputs depends on image i of the inputs only,
 * apart from vectors; a step that sums over images leaves a partial sum for each thread, which
 * a later ONCE or FLAT step combines in thread order. FLAT: a range of units, none depending on
 * another. ONCE: small, on the calling thread, or one oneDNN
 * primitive, which divides its work among the threads itself.
 *
 * Groups. Steps of kind IMAGES that need no combined sum of each other form a group: a thread
 * takes a block of its images through all of them while they are in its cache. Where one image is
 * larger than the cache, steps that take some rows of it form runs, and a band of rows goes through
 * a run at a time; a step that reads rows ahead stays that far behind. Values that live only within
 * a group exist only for a block in the thread's scratch; those that steps of one run hand each other row by
 * row, only for a band. Where there are fewer images than threads, a group goes step by step and the
 * threads divide each image: its rows, or what the step says (channels, pixels, panels of weights).
 * They wait for each other only before a step that reads what another thread wrote since the last
 * wait; values between two waits share no memory. The division of images
 * among threads is fixed by their numbers, so the same thread count gives the same bits.
 *
 * With numerics bf16 what images hand from group to group is bfloat16 in memory (nmd-cpu-narrow.c); all
 * arithmetic is in float32 on values within a group.
 */
#pragma once

#include "engine/backend/nmd-backend-private.h"
#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/backend/cpu/onednn/nmd-onednn.h"

G_BEGIN_DECLS

/* Limits of the own convolutions; beyond them columns are gathered. */
#define NMD_DEPTHWISE_KERNEL 11
#define NMD_PLANES_CHANNELS 4
#define NMD_PLANES_TAPS 256

/* Channels that go to one thread together where threads share an image's channels. */
#define NMD_CPU_SHARE 16

#define NMD_STEP_INPUTS 10
#define NMD_STEP_OUTPUTS 4

typedef struct _NmdCpuStep NmdCpuStep;
typedef struct _NmdCpuProgram NmdCpuProgram;
typedef struct _NmdCpuTable NmdCpuTable;

typedef struct
{
  float *values; /* row-major */
  gsize count;
  guint64 version; /* moves when values do */
} NmdCpuTensor;

typedef struct
{
  int threads;      /* of the next run */
  int slots;        /* most threads that any run may have */
  gboolean narrow;  /* what goes from group to group is bfloat16 */
  gsize cache_bytes; /* that a block of images, or a band of rows, may take */
  GPtrArray *store; /* NmdCpuTensor, by handle */
  const NmdKernels *kernels;
} NmdCpuSession;

typedef struct
{
  int n, h, w, c;
  int parent;       /* value in whose memory this one lies, or -1 */
  int from;         /* first channel in the parent */
  int alias_of;     /* value whose writers are ours too, or -1 */
  int handle;       /* of the store, or -1 */
  gboolean dense;   /* somebody needs ld = c */
  gboolean keep;    /* lives through the program and after it */
  gboolean threads; /* n = one for each thread slot */
  gboolean always;  /* keeps its content from run to run */
  float *memory;    /* of its own from the start: store, input, constant */
  GArray *writers;  /* of int: steps */
  /* by the planner, roots only */
  int first, last;           /* groups */
  int first_step, last_step; /* places in the group */
  gboolean spread;           /* touched otherwise than image by image */
  gboolean local;   /* in the thread's scratch */
  int band_rows;    /* local, and only so many rows of an image exist at a time; 0: all */
  gsize offset;     /* in floats */
} NmdCpuValue;

/* Where a step finds a value. */
typedef struct
{
  float *base; /* NULL: in the thread's scratch */
  gsize local;
  long ld;     /* between rows */
  long image;  /* between images */
  long band;   /* floats of a row where only the rows of a band exist, else 0 */
} NmdCpuView;

/* What a thread knows while it runs a step. */
typedef struct
{
  const NmdKernels *k;
  int thread;
  int threads;
  int first;      /* image in the scratch's first place */
  int first_row;  /* of the step's band: the row in the first place of what exists by bands */
  float *scratch; /* local values of this block */
  float *work;    /* workspace of one step */
} NmdCpuContext;

/* Images i0 … i1 − 1 and of each the rows (or shares) r0 … r1 − 1 (all, unless i1 = i0 + 1); for FLAT
 * steps the units i0 … i1 − 1. FALSE: a library refused its part of the work; the outputs are then
 * of no use and the run fails. */
typedef gboolean (*NmdCpuRun) (const NmdCpuStep *s, const NmdCpuContext *c, int i0, int i1, int r0,
                               int r1);

typedef enum
{
  NMD_CPU_IMAGES,
  NMD_CPU_FLAT,
  NMD_CPU_ONCE,
} NmdCpuKind;

/* Which member of the step's union it has. */
typedef enum
{
  NMD_CPU_ELEMENTWISE,
  NMD_CPU_CONV,
  NMD_CPU_NORM,
  NMD_CPU_REDUCE,
  NMD_CPU_WINDOW,
  NMD_CPU_TOKENS,
  NMD_CPU_LOSS,
  NMD_CPU_UPDATE,
} NmdCpuFamily;

/* Whether its value is cheaper to compute again in the backward pass than to keep until then. */
typedef enum
{
  NMD_CPU_KEEP,
  NMD_CPU_RECOMPUTE,
  NMD_CPU_RECOMPUTE_IF_COSTLY_ACT, /* an activation whose gradient needs its argument */
  NMD_CPU_RECOMPUTE_WITH_INPUT,    /* if what it reads is computed again too */
  NMD_CPU_RECOMPUTE_SUM,           /* the same for all inputs, and none of them from such a one */
} NmdCpuRecompute;

/* What is the same for all steps of a kind: a const table entry beside the function in ops/. */
typedef struct
{
  const char *name;    /* in `nmd bench --layers`, unless the step has a name of its own */
  NmdCpuKind kind;
  NmdCpuFamily family;
  NmdCpuRun run;
  NmdCpuRecompute recompute;
  gboolean row_local;     /* given some rows of an image, reads those rows of its inputs only */
  gboolean rows_ahead;    /* a depthwise convolution: reads rows about them of its first input */
  gboolean backward;      /* … from the output's geometry to the input's */
  gboolean writes_rows;   /* given some rows, writes just those, whatever it reads */
  gboolean channel_local; /* given some channels, reads those channels only */
  gboolean product;       /* reads, or sums, all weights for any rows */
  gboolean in_order;      /* ONCE, but never before the run's other work: too large to be kept */
  gboolean leaves_sums, leaves_tops; /* can leave the sums, the maxima of the rows that it writes */
  guint overwrites;       /* bit i: the store tensor of input i */
  guint takes_bf16;       /* bit i: can read input i as bfloat16 */
  void (*clear) (NmdCpuStep *s); /* (nullable) frees what the step's parameters own */
} NmdCpuOp;

/* CONV: a convolution or linear layer, its gradients, and its weights in another order. */
typedef struct
{
  int n, ci, hi, wi, co, ho, wo, kernel, stride, pad, groups;
  long rows;           /* pixels of all images, where one product takes them */
  int order;           /* that weights are packed in: NmdCpuWeightOrder */
  int panels;          /* that a pointwise one's weights are packed in, of each group, or 0 */
  gboolean turned;     /* panels for its data gradient: ci and co are changed about */
  gboolean gated;      /* the last input is a gate on the channels of what it reads */
  int expand, ring;    /* pointwise and depthwise: channels of its input, rows of the ring */
  NmdAct expand_act;   /* of the pointwise one before */
  double epsilon;      /* of the batch norm that is folded in */
  NmdCpuTable *table;  /* of depthwise ones: owned */
  NmdOnednnConv *primitive; /* of dense ones and their weights' packing */
} NmdCpuConv;

/* Orders that weights are packed in. */
typedef enum
{
  NMD_CPU_PLAIN,         /* [co][ci/g][kk] */
  NMD_CPU_TAPS_FIRST,    /* [kk][co] */
  NMD_CPU_TAPS_INSIDE,   /* [co][kk][ci/g] */
  NMD_CPU_DENSE_FORWARD, /* as a primitive of oneDNN wants them */
  NMD_CPU_DENSE_DATA,
  NMD_CPU_N_ORDERS
} NmdCpuWeightOrder;

/* ELEMENTWISE: gates, sums, copies, channels put elsewhere. */
typedef struct
{
  double value;    /* a factor */
  int groups;      /* of a shuffle */
  int from, count; /* channels of a slice */
} NmdCpuElementwise;

/* NORM: batch and layer norm. */
typedef struct
{
  double epsilon;
  double count; /* values a channel has */
} NmdCpuNorm;

/* REDUCE: sums and maxima over pixels or channels; the any_… steps, by their shapes. */
typedef struct
{
  int c;         /* channels of the input */
  double scale;
  NmdShape large, small;
} NmdCpuReduce;

/* WINDOW: pooling and enlarging, from hi × wi to ho × wo or back. */
typedef struct
{
  int hi, wi, ho, wo, kernel, stride, pad;
} NmdCpuWindow;

/* TOKENS */
typedef struct
{
  int index;    /* of the token */
  int images;   /* that are summed */
  int c, tokens, heads;
} NmdCpuTokens;

/* LOSS */
typedef struct
{
  int images, classes;
} NmdCpuLoss;

/* UPDATE: Adam and averages. */
typedef struct
{
  double epsilon, beta1, beta2, decay, value;
} NmdCpuUpdate;

struct _NmdCpuStep
{
  const NmdCpuOp *op;
  const char *name;
  gboolean split;    /* one image may be divided among several threads */
  int shares;        /* into how many parts, r0 … r1 of them for a thread; 0: its h rows */
  gboolean by_channels; /* the shares are of the output's vectors of channels */
  gboolean heavy;    /* reads weights much larger than an image: in a group of its own kind */
  gboolean late;     /* copy of an earlier step: runs in the group of the first that reads it */
  gboolean prologue; /* depends on the store, inputs and other such steps only */
  gboolean cached;   /* prologue that depends on the store only: skipped while it stands */
  guint64 seen;      /* sum of the versions at its last run */
  int n_in, n_out;
  int in_value[NMD_STEP_INPUTS], out_value[NMD_STEP_OUTPUTS];
  NmdCpuView in[NMD_STEP_INPUTS], out[NMD_STEP_OUTPUTS];
  int partial_value; /* sums of each thread, zeroed before the group; -1 none */
  NmdCpuView partial;
  int sums, tops;    /* outputs that are the sums and the maxima of each row of the first, or 0 */
  guint bf16;        /* bit i: input i is bfloat16 */
  gsize work;        /* floats of workspace */
  int unit;          /* FLAT: units are given out in multiples of this */
  int n, h, w, c;    /* of the (first) output; FLAT: n units */
  NmdAct act;        /* after the operation */
  union /* by op->family */
  {
    NmdCpuElementwise elementwise;
    NmdCpuConv conv;
    NmdCpuNorm norm;
    NmdCpuReduce reduce;
    NmdCpuWindow window;
    NmdCpuTokens tokens;
    NmdCpuLoss loss;
    NmdCpuUpdate update;
  };

  gboolean whole[NMD_STEP_INPUTS]; /* input is read beyond the step's own images */
  GArray *needs;     /* of int: steps that come before */
  GArray *barriers;  /* of int: those of them that must be over for all images */
  int group;
  double flop;
  double *seconds; /* by thread, in the last profiled run */
};

typedef struct
{
  NmdCpuKind kind;
  int *steps;
  int n_steps;
  int n;     /* images */
  int block; /* images at a time */
  int *end;  /* by step that begins a run: the first step after the run */
  int *rows; /* by step that begins a run: rows of an image that go through it at a time, or 0 */
  gboolean *waits; /* by step, where there are fewer images than threads: whether it reads what
                    * another thread wrote since the last one that waited */
  int *delay; /* by step: how many of the first step's rows it stays behind it in the run */
} NmdCpuGroup;

/* Where threads that share an image wait for each other. */
typedef struct
{
  int here;     /* threads that have come */
  int meetings; /* how often all have */
} NmdCpuBarrier;

struct _NmdCpuProgram
{
  NmdCpuSession *session;
  const NmdGraph *graph;
  GPtrArray *steps;    /* NmdCpuStep */
  GPtrArray *values;   /* NmdCpuValue */
  GPtrArray *convs;    /* NmdOnednnConv */
  int *node_value;     /* by node, -1 none */
  gboolean *is_output;
  GArray *groups;      /* NmdCpuGroup */
  float *arena;
  gsize arena_floats;
  float *scratch;      /* of all threads */
  gsize scratch_floats, work_floats; /* of one thread */
  gsize fixed_floats;
  gboolean profiling;
  double *waited;      /* seconds by thread, in the last profiled run */
  gboolean prepared;   /* prologue steps have run once */
  GArray *infos;       /* NmdStepInfo */
  NmdCpuBarrier barrier;
};

static inline NmdCpuStep *
nmd_cpu_step (const NmdCpuProgram *p, int i)
{
  return p->steps->pdata[i];
}

static inline NmdCpuValue *
nmd_cpu_value (const NmdCpuProgram *p, int i)
{
  return p->values->pdata[i];
}

/* Row 0 of an image; where only a band exists, the place where it would be. */
static inline float *
nmd_cpu_at (const NmdCpuView *v, const NmdCpuContext *c, int image)
{
  return v->base ? v->base + image * v->image
                 : c->scratch + v->local + (image - c->first) * v->image - c->first_row * v->band;
}

/* Row 0 of the span; a span is contiguous but for ld. */
static inline float *
nmd_cpu_span (const NmdCpuView *v, const NmdCpuContext *c, const NmdCpuStep *s, int i0, int r0)
{
  return nmd_cpu_at (v, c, i0) + (long) r0 * s->w * v->ld;
}

/* Into how many parts threads that share an image may divide @s. */
static inline int
nmd_cpu_shares (const NmdCpuStep *s)
{
  return s->shares > 0 ? s->shares : s->h;
}

/* Channel of the output that share @r of a step by channels begins with. Steps of as many shares
 * and channels divide alike. */
static inline int
nmd_cpu_first_channel (const NmdCpuStep *s, const NmdCpuContext *c, int r)
{
  const int width = c->k->width, vectors = (s->c + width - 1) / width;
  return MIN (s->c, (int) ((gint64) vectors * r / s->shares) * width);
}

/* The sums of this thread. */
static inline float *
nmd_cpu_partial (const NmdCpuStep *s, const NmdCpuContext *c)
{
  return s->partial.base + c->thread * s->partial.image;
}

static inline long
nmd_cpu_rows (const NmdCpuStep *s, int i0, int i1, int r0, int r1)
{
  return i1 - i0 == 1 ? (long) (r1 - r0) * s->w : (long) (i1 - i0) * s->h * s->w;
}

/* Sizes in the arena and the scratch: whole cache lines. */
#define NMD_CPU_ALIGN(floats) (((floats) + 15) & ~(gsize)15)

/* Of one image of a value without gaps. */
static inline gsize
nmd_cpu_image_floats (const NmdCpuValue *v)
{
  return (gsize)v->h * (gsize)v->w * (gsize)v->c;
}

/* Rows that a step takes back from bfloat16 at a time: whole vectors of rows, few enough for the first-level cache. */
static inline long
nmd_cpu_bf16_rows (long c)
{
  return MAX (16, (4096 / c) & ~15L);
}

/* Bias (nullable) and activation on rows of @c outputs where they lie. */
static inline void
nmd_cpu_finish (const NmdCpuStep *s, const NmdCpuContext *context, long rows, long c,
                const float *bias, float *y, long ldy)
{
  if (bias || s->act.kind >= 0)
    context->k->act (rows, c, y, ldy, bias, s->act, y, ldy);
}

G_END_DECLS
