/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the CUDA backend share. A program is a list of steps, each a function that
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

/* --- calls: TRUE if @status is success, else FALSE with @error naming the call */

gboolean nmd_cuda_check_runtime (cudaError_t status, const char *call, GError **error);
gboolean nmd_cuda_check_blas    (cublasStatus_t status, const char *call, GError **error);
gboolean nmd_cuda_check_dnn     (cudnnStatus_t status, const char *call, GError **error);

#define RUNTIME(call) nmd_cuda_check_runtime ((call), #call, error)
#define BLAS(call) nmd_cuda_check_blas ((call), #call, error)
#define DNN(call) nmd_cuda_check_dnn ((call), #call, error)

/* --- programs */

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
  int *n_users;   /* needed nodes that read it, an output once more */
  NmdNode **users;
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

/* nmd-cuda-program.c: a new step, valid until the next one; a value of @count float32 numbers. */
NmdCudaStep *nmd_cuda_add_step   (NmdCudaProgram *self, const NmdNodeInfo *node);
int          nmd_cuda_add_value  (NmdCudaProgram *self, gsize count, gboolean bf16);

/* nmd-cuda-fuse.c: the first user of @node with operation @op that no step computes yet and that
 * comes before no other input of its own than @before allows: all are older than that node or it. */
NmdNode      nmd_cuda_find_user  (NmdCudaProgram *self, NmdNode node, NmdOp op, NmdNode before);
/* Whether @node's value lies in the store, where the program may overwrite it. */
gboolean     nmd_cuda_is_stored  (NmdCudaProgram *self, NmdNode node);
/* The only user of @at if that is an activation, or none. */
NmdNode      nmd_cuda_only_activation (NmdCudaProgram *self, NmdNode at);
void         nmd_cuda_set_activation (NmdCudaStep *step, const NmdNodeInfo *activation);
/* Lets @step, which gives convolution or product @at and has its bias or −1 as in[2], also do what
 * follows: the frozen batch norm in[3] … in[6], the activation. @own: the step's kernel can do so
 * itself; else it takes a pass over the value, which may not pay. */
void         nmd_cuda_lower_finish (NmdCudaProgram *self, NmdCudaStep *step, NmdNode at, gboolean own);
NmdCudaFinish nmd_cuda_finish_of (NmdCudaProgram *self, const NmdCudaStep *step);

/* What product @product multiplies its first input by: @activation of @a, or of a + b. */
typedef struct
{
  NmdNode product, map, activation, sum; /* map, a RESHAPE, and sum may be none */
  NmdNode a, b;                          /* b none without a sum */
} NmdCudaGate;

/* Whether MULTIPLY node @at is one whose activation nobody else wants. */
gboolean     nmd_cuda_find_gate  (NmdCudaProgram *self, NmdNode at, NmdCudaGate *gate);
/* Takes the nodes of all gates out of the others' reach; before any step is made. */
void         nmd_cuda_claim_gates (NmdCudaProgram *self);

/* nmd-cuda-lower.c: all steps of the graph. */
gboolean     nmd_cuda_lower      (NmdCudaProgram *self, GError **error);

/* Scratch memory that a convolution as a product may take at once; tests make it small. */
extern gsize nmd_cuda_unfold_bytes;

/* nmd-cuda-products.c: steps of CONV…, LINEAR…, ATTENTION…. */
gboolean     nmd_cuda_lower_product (NmdCudaProgram *self, NmdNode node, GError **error);

/* nmd-cuda-updates.c: the ADAM or BLEND node @from, and those that follow and can go with it,
 * as one step. */
void         nmd_cuda_lower_updates (NmdCudaProgram *self, NmdNode from);
/* @node's values as bfloat16 for node @user: its own, or a copy; weights are copied at the start of
 * each run. */
int          nmd_cuda_lower_cast (NmdCudaProgram *self, NmdNode node, NmdNode user);

/* nmd-cuda-plan.c: lifetimes, then offsets, then the arena itself. */
gboolean     nmd_cuda_plan       (NmdCudaProgram *self, GError **error);

/* Reads only sizes: what @values need at once, with their offsets set. */
gsize        nmd_cuda_plan_offsets (NmdCudaValue *values, int n);

gpointer     nmd_cuda_compile    (gpointer session, const NmdGraph *graph, const gboolean *needed,
                                  const int *handles, const gboolean *is_output, GError **error);
void         nmd_cuda_free       (gpointer program);
gboolean     nmd_cuda_write      (gpointer program, NmdNode node, const float *values, GError **error);
gboolean     nmd_cuda_run        (gpointer program, GError **error);
gboolean     nmd_cuda_read       (gpointer program, NmdNode node, float *values, GError **error);
gboolean     nmd_cuda_wait       (gpointer program, GError **error);
gsize        nmd_cuda_get_bytes  (gpointer program);
void         nmd_cuda_profile    (gpointer program, gboolean on);
const NmdStepInfo *nmd_cuda_get_steps (gpointer program, int *n);

extern const NmdBackend nmd_backend_cuda;

#pragma GCC visibility pop

G_END_DECLS
