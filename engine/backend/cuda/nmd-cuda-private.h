/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the CUDA backend share: types. A program is a list of steps, each a function that
 * starts work on the session's stream; a step names its tensors by the numbers of values, whose
 * places in one arena the plan fixes before the first run.
 *
 * Storage is channels-last throughout: every tensor of four dimensions n c h w, weights too, lies
 * as n h w c. In `bf16` numerics activations of four dimensions are bfloat16; everything else,
 * weights, statistics, gradients of weights and the loss among it, is float32.
 */
#pragma once

#include "engine/backend/nmd-backend-private.h"
#include "engine/backend/cuda/nmd-cuda-kernels.h"
#include "engine/nn/graph/nmd-patterns.h"

#include <cublas_v2.h>
#include <cudnn.h>

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

typedef enum
{
  NMD_CUDA_STRICT, /* float32 multiply-adds, deterministic algorithms */
  NMD_CUDA_FAST,   /* products in TF32 */
  NMD_CUDA_HALF,   /* activations and products in bfloat16 */
} NmdCudaNumerics;

typedef struct
{
  void *p;
  NmdShape shape;
} NmdCudaStored;

typedef struct
{
  int device;
  NmdCudaNumerics numerics;
  cudaStream_t stream, copies;
  cublasHandle_t blas;
  cudnnHandle_t dnn;
  void *workspace; /* cuBLAS's, fixed so that products can be captured */
  GArray *store;   /* of NmdCudaStored */
} NmdCudaSession;

#define NMD_CUDA_MAX_STEP_INPUTS 8
#define NMD_CUDA_MAX_STEP_OUTPUTS 3

typedef struct _NmdCudaProgram NmdCudaProgram;
typedef struct _NmdCudaStep NmdCudaStep;

typedef enum
{
  NMD_CUDA_NOWHERE, /* nothing refers to it */
  NMD_CUDA_STORED,  /* a store tensor, or the value of an update: `handle` */
  NMD_CUDA_ALIAS,   /* the same memory as value `handle` */
  NMD_CUDA_KEPT,    /* inputs, constants, outputs: for the program's life */
  NMD_CUDA_PASSING, /* from its first step to its last */
} NmdCudaPlace;

typedef struct
{
  NmdCudaTensor t;
  NmdCudaPlace place;
  int handle;
  gsize bytes;
  int first, last; /* steps */
  gsize offset;
} NmdCudaValue;

struct _NmdCudaStep
{
  gboolean (*start) (NmdCudaProgram *self, const NmdCudaStep *step, GError **error);
  const NmdNodeInfo *node;
  const char *name;
  int in[NMD_CUDA_MAX_STEP_INPUTS], n_in; /* values; −1: none */
  int out[NMD_CUDA_MAX_STEP_OUTPUTS], n_out;
  int scratch;                            /* a value that lives in this step alone, or −1 */
  GArray *also;                           /* (nullable) int: further values, which its table names */
  int activation;                         /* NMD_CUDA_IDENTITY: none */
  float slope, epsilon;
  gboolean finishes;                      /* a product: more than its bias is done to its value */
  NmdCudaConv conv;
  gpointer data; /* of the step's kind */
  GDestroyNotify data_free;
  /* (nullable) called once places are fixed: uploads what the step reads besides values */
  gboolean (*prepare) (NmdCudaProgram *self, NmdCudaStep *step, GError **error);
  double flop, bytes;
};

typedef struct
{
  NmdNode node;
  float *pinned;        /* on the host */
  float *arrived;       /* on the device, in n c h w order */
  cudaEvent_t copied;   /* pinned may be written again */
  gboolean dirty;       /* written since the last run */
} NmdCudaInput;

struct _NmdCudaProgram
{
  NmdCudaSession *session;
  const NmdGraph *graph;
  int n_nodes;
  gboolean *needed, *is_output;
  int *handles;
  NmdPatterns *patterns; /* who reads a node, what is overwritten */
  gboolean *done; /* an earlier step computes it too, or its users do without */
  GArray *values; /* of NmdCudaValue; the first n_nodes are the nodes' */
  GArray *steps;  /* of NmdCudaStep */
  GArray *inputs; /* of NmdCudaInput */
  void *arena;
  float *read_back;      /* device, one output in n c h w order */
  gsize bytes;           /* of arena and everything else */
  cudaEvent_t consumed;  /* arrived has been read */
  cudaEvent_t *marks;    /* between steps, when profiling */
  int runs;
  cudaGraph_t captured;
  cudaGraphExec_t replay;
  gboolean without_capture; /* capturing failed: steps are started one by one */
  gboolean profiling;
  NmdStepInfo *infos;
};

static inline NmdCudaValue *
nmd_cuda_value (NmdCudaProgram *self, int value)
{
  return &g_array_index (self->values, NmdCudaValue, value);
}

/* The place of a value; NULL for −1. */
static inline NmdCudaTensor
nmd_cuda_tensor (NmdCudaProgram *self, int value)
{
  return value < 0 ? (NmdCudaTensor){ NULL, 0 } : nmd_cuda_value (self, value)->t;
}

static inline float *
nmd_cuda_floats (NmdCudaProgram *self, int value)
{
  return nmd_cuda_tensor (self, value).p;
}

static inline gsize
nmd_cuda_count (const NmdShape *shape)
{
  return (gsize)shape->dims[0] * (gsize)shape->dims[1] * (gsize)shape->dims[2]
         * (gsize)shape->dims[3];
}

/* How often @node is read, an output once more. */
static inline int
nmd_cuda_n_users (const NmdCudaProgram *self, NmdNode node)
{
  return nmd_patterns_count_users (self->patterns, node) + self->is_output[node];
}

/* Whether the value of @node lies in the store: a store tensor, or what an update leaves. */
static inline gboolean
nmd_cuda_is_stored (const NmdCudaProgram *self, NmdNode node)
{
  const NmdOp op = nmd_graph_get (self->graph, node)->op;

  return op == NMD_OP_STORE || nmd_op_get_info (op)->overwrites != 0;
}

/* Images × pixels, for tensors of two or four dimensions. */
static inline int
nmd_cuda_rows (const NmdShape *shape)
{
  return shape->dims[0] * shape->dims[2] * shape->dims[3];
}

static inline const NmdShape *
nmd_cuda_shape (NmdCudaProgram *self, NmdNode node)
{
  return &nmd_graph_get (self->graph, node)->shape;
}

/* n × c × area of how a tensor is stored; c = 1 and area = 1 stand for row-major order. */
static inline void
nmd_cuda_planes (const NmdShape *shape, int *n, int *c, int *area)
{
  *n = shape->n_dims == 4 ? shape->dims[0] : (int)nmd_cuda_count (shape);
  *c = shape->n_dims == 4 ? shape->dims[1] : 1;
  *area = shape->n_dims == 4 ? shape->dims[2] * shape->dims[3] : 1;
}

#pragma GCC visibility pop

G_END_DECLS
