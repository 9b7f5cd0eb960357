/* SPDX-License-Identifier: Apache-2.0
 *
 * How the CPU backend sees a program.
 *
 * nmd-cpu-lower.c turns the graph into steps over values, nmd-cpu-plan.c orders the steps
 * in groups and gives values their memory, nmd-cpu.c runs them.
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
 * a run at a time; a step that reads rows ahead stays that far behind. Values that live only within a group exist only for a block in the
 * thread's scratch. Where there are fewer images than threads, a group goes step by step and the
 * threads divide each image: its rows, or what the step says (channels, pixels, panels of weights).
 * They wait for each other only before a step that reads what another thread wrote since the last
 * wait; values between two waits share no memory. The division of images
 * among threads is fixed by their numbers, so the same thread count gives the same bits.
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
  gboolean wide;    /* channels-last image with c > 1 and h·w > 1: not row-major */
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
  gsize offset;     /* in floats */
} NmdCpuValue;

/* Where a step finds a value. */
typedef struct
{
  float *base; /* NULL: in the thread's scratch */
  gsize local;
  long ld;     /* between rows */
  long image;  /* between images */
} NmdCpuView;

/* What a thread knows while it runs a step. */
typedef struct
{
  const NmdKernels *k;
  int thread;
  int threads;
  int first;      /* image in the scratch's first place */
  float *scratch; /* local values of this block */
  float *work;    /* workspace of one step */
} NmdCpuContext;

/* Images i0 … i1 − 1 and of each the rows (or shares) r0 … r1 − 1 (all, unless i1 = i0 + 1); for FLAT
 * steps the units i0 … i1 − 1. */
typedef void (*NmdCpuRun) (const NmdCpuStep *s, const NmdCpuContext *c, int i0, int i1, int r0,
                           int r1);

typedef enum
{
  NMD_CPU_IMAGES,
  NMD_CPU_FLAT,
  NMD_CPU_ONCE,
} NmdCpuKind;

struct _NmdCpuStep
{
  NmdCpuRun run;
  NmdCpuKind kind;
  const char *name;
  gboolean split;    /* one image may be divided among several threads */
  int shares;        /* into how many parts, r0 … r1 of them for a thread; 0: its h rows */
  gboolean by_channels; /* the shares are of the output's vectors of channels */
  gboolean update;   /* of the store: after everything else that can run */
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
  NmdCpuTable *table; /* of depthwise steps */
  NmdOnednnConv *conv; /* of dense convolutions and their weights' packing */
  int panels;        /* that a pointwise one's weights are packed in, of each group, or 0 */
  int sums, tops;    /* outputs that are the sums and the maxima of each row of the first, or 0 */
  int expand, ring;  /* expand_depthwise: channels of its input, rows of the ring in its work */
  NmdAct expand_act; /* of the pointwise one before */
  gboolean gated;    /* the last input is a gate on the channels of what it reads */
  gsize work;        /* floats of workspace */
  int unit;          /* FLAT: units are given out in multiples of this */

  int n, h, w, c;    /* of the (first) output; FLAT: n units */
  int ci, hi, wi, co, ho, wo, kernel, stride, pad, groups;
  int mode;
  NmdAct act;        /* after the operation */
  double value, epsilon, beta1, beta2, decay;
  double count;      /* m of a batch norm */
  NmdShape shapes[3]; /* generic steps */

  gboolean whole[NMD_STEP_INPUTS]; /* input is read beyond the step's own images */
  GArray *needs;     /* of int: steps that come before */
  GArray *walls;     /* of int: those of them that must be over for all images */
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
  int *lag;  /* by step: how many of the first step's rows it stays behind it in the run */
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

static inline float *
nmd_cpu_at (const NmdCpuView *v, const NmdCpuContext *c, int image)
{
  return v->base ? v->base + image * v->image : c->scratch + v->local + (image - c->first) * v->image;
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

/* Floats of one group's packed weights. */
static inline long
nmd_cpu_panel_floats (const NmdCpuStep *s, const NmdKernels *k)
{
  return (s->co / s->groups + k->width - 1) / k->width * k->width * (s->ci / s->groups);
}

/* nmd-cpu-lower.c */
gboolean nmd_cpu_lower (NmdCpuProgram *self, const gboolean *needed, const int *handles,
                        GError **error);
/* nmd-cpu-plan.c */
gboolean nmd_cpu_plan  (NmdCpuProgram *self, GError **error);
int      nmd_cpu_root  (const NmdCpuProgram *self, int value, int *from);
NmdCpuView nmd_cpu_view (const NmdCpuProgram *self, int value);
/* nmd-cpu.c: 64-byte aligned; NULL without memory */
float   *nmd_cpu_alloc (gsize floats, gboolean zero);

/* nmd-cpu-convs.c: y = a·b (or their transposes) + beta·y on the calling thread. */
void nmd_cpu_product (const NmdCpuContext *context, gboolean ta, gboolean tb, long m, long n, long k,
                      const float *a, long lda, const float *b, long ldb, float beta, float *y,
                      long ldy);

/* nmd-cpu-convs.c and -depthwise.c. Inputs and outputs in this order; [partial]. */
void nmd_cpu_gemm_y       (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x w [b] → y */
void nmd_cpu_gemm_y_flat  (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x w [b] → y, shares co */
void nmd_cpu_panels_y      (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x packed [b] [gate] → y, work if gated */
void nmd_cpu_panels_y_flat (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x packed [b] → y, shares panels */
void nmd_cpu_gemm_dx      (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* dy w [+] → dx */
void nmd_cpu_gemm_dw      (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x dy → [co][ci/g] */
void nmd_cpu_gemm_dw_flat (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x dy → dw, units co */
void nmd_cpu_depthwise_y  (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x w[kk][c] [b] → y [sums] */
void nmd_cpu_expand_depthwise (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x w[kk][c] b packed b → y [sums], work: a pointwise convolution, then the depthwise one */
void nmd_cpu_depthwise_dx (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* dy w[kk][c] → dx */
void nmd_cpu_depthwise_dw (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x dy → [kk][c] */
void nmd_cpu_planes_y     (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x w [b] → y */
void nmd_cpu_planes_dx    (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* dy w → dx */
void nmd_cpu_planes_dw    (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x dy → [co][ci][kk] */
void nmd_cpu_columns_y    (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x w[co][kk][ci/g] [b] → y */
void nmd_cpu_columns_dx   (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* dy w[co][kk][ci/g] → dx */
void nmd_cpu_columns_dw   (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x dy → [co][kk][ci/g] */
void nmd_cpu_dense_y      (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x w [b] → y, work */
void nmd_cpu_dense_dx     (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* dy w → dx, work */
void nmd_cpu_dense_dw     (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* x dy → packed dw, work */
void nmd_cpu_dense_pack   (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* w → packed */
void nmd_cpu_dense_unpack (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* packed dw → dw */
void nmd_cpu_pack         (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* w → permuted (mode) */
void nmd_cpu_fold         (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* w mean var gamma beta [b] → w' b' */
void nmd_cpu_combine      (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int); /* partial → dw (mode) */
NmdCpuTable *nmd_cpu_depthwise_table (const NmdCpuStep *s, gboolean back);
/* Whether whole rows of a depthwise convolution of geometry @s have a kernel; whether step @s, with
 * its table, is such a convolution, which can divide channels. */
gboolean nmd_cpu_depthwise_fits_rows  (const NmdCpuStep *s);
gboolean nmd_cpu_depthwise_takes_rows (const NmdCpuStep *s);
void nmd_cpu_table_free (NmdCpuTable *self);
/* Workspace of columns and planes steps. */
gsize nmd_cpu_columns_work (const NmdCpuStep *s);
gsize nmd_cpu_planes_work  (const NmdCpuStep *s);

/* Bias (nullable) and activation on rows of @c outputs where they lie. */
static inline void
nmd_cpu_finish (const NmdCpuStep *s, const NmdCpuContext *context, long rows, long c,
                const float *bias, float *y, long ldy)
{
  if (bias || s->act.kind >= 0)
    context->k->act (rows, c, y, ldy, bias, s->act, y, ldy);
}

/* nmd-cpu-steps.c */
#define NMD_CPU_STEPS(X)                                                                           \
  X (moments) X (moments_end) X (variance) X (variance_end) X (norm_coefficients) X (norm)         \
  X (norm_reduce) X (norm_reduce_end) X (grad_coefficients) X (norm_grad)                          \
  X (add) X (multiply) X (multiply_channels) X (multiply_pixels) X (gated_pixels) X (multiply_gates) X (gate_add) X (gate_add_pixels) X (scale) X (copy) X (act)        \
  X (act_grad) X (scale_channels) X (sum_channels) X (max_channels) X (sum_pixels) X (max_pixels)     \
  X (sum_all) X (sum_all_end) X (dot_channels) X (dot_pixels) X (fill_channels) X (fill_pixels)    \
  X (max_grad_channels) X (max_grad_pixels) X (shuffle) X (slice_grad) X (softmax)                 \
  X (cross_entropy) X (cross_entropy_grad) X (adam) X (blend) X (to_plain) X (to_rows)             \
  X (any_multiply) X (any_multiply_reduce) X (any_broadcast) X (any_reduce) X (any_max_grad)
/* nmd-cpu-tokens.c */
#define NMD_CPU_TOKEN_STEPS(X)                                                                     \
  X (layer_norm) X (layer_norm_grad) X (layer_norm_reduce) X (max_pool) X (max_pool_grad)          \
  X (upsample) X (upsample_grad) X (tokens) X (tokens_grad) X (token_sums) X (token)               \
  X (token_grad) X (attention) X (attention_grad)
#define NMD_CPU_DECLARE(name)                                                                      \
  void nmd_cpu_##name (const NmdCpuStep *, const NmdCpuContext *, int, int, int, int);
NMD_CPU_STEPS (NMD_CPU_DECLARE)
NMD_CPU_TOKEN_STEPS (NMD_CPU_DECLARE)

G_END_DECLS
