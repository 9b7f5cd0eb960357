/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of oneDNN (nmd-onednn.h). Dense convolutions are its primitives on
 * channels-last images. Measured against its blocked layouts on CSPResNet-50's layers,
 * batch 32, two threads, AVX-512, oneDNN 2.6: forward 0.87 to 1.01 of their speed,
 * gradients 0.90 to 1.10, and nothing has to be reordered between layers. Matrix products
 * go through dnnl_sgemm(), which is the same in 2.x and 3.x, needs no descriptors and
 * takes leading dimensions, so a channel slice of a channels-last tensor is an operand as
 * it stands. Measured against nhwc convolution and matmul primitives of oneDNN 2.6 on
 * this program's pointwise layers, one thread, AVX-512, rows that fit the cache: 100 to
 * 175 GFLOP/s for all three, sgemm ahead in the gradients (weights of 960 → 80 at 784
 * rows: 156 against 70 for the convolution).
 */
#include "config.h"

#include "engine/backend/cpu/onednn/nmd-onednn.h"

#include "engine/core/nmd-error.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

#if HAVE_OPENMP
#include <omp.h>
#endif

const char *
nmd_onednn_version (void)
{
  static gsize text = 0;
  if (g_once_init_enter (&text))
    {
      const dnnl_version_t *v = dnnl_version ();
      g_once_init_leave (&text, (gsize)g_strdup_printf ("oneDNN %d.%d.%d", v->major,
                                                        v->minor, v->patch));
    }
  return (const char *)text;
}

gboolean
nmd_onednn_gemm (gboolean transpose_a,
                 gboolean transpose_b,
                 long m,
                 long n,
                 long k,
                 const float *a,
                 long lda,
                 const float *b,
                 long ldb,
                 float beta,
                 float *c,
                 long ldc)
{
  return dnnl_sgemm (transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a,
                     lda, b, ldb, beta, c, ldc)
         == dnnl_success;
}

/* Convolution */

#if DNNL_VERSION_MAJOR >= 3
#define DESC(d) (d)
#else
#define DESC(d) (&(d))
#endif

struct _NmdOnednnConv
{
  NmdOnednnShape shape;
  NmdOnednnDirection direction;
  gboolean bias;
  double slope;
  int threads; /* that the primitive was made for */
  int asked; /* for which it was to be made last; not the same where the library has none of that order of weights */
  dnnl_memory_desc_t images[2], weights, plain, vector; /* x, y */
  dnnl_primitive_t primitive, pack, unpack;
  dnnl_memory_t x, w, y, b, work, from, to;
  gsize weight_floats, work_floats; /* work: the most of any number of threads */
  gsize given_floats;               /* what callers were told to give as work */
  float *more; /* where another number of threads needs more, else NULL */
  gsize more_floats;
  dnnl_stream_t stream;
};

/* The one engine of this process, made when it is first asked for and never freed; NULL if
 * oneDNN cannot make it. */
static dnnl_engine_t
cpu_engine (void)
{
  static GMutex lock;
  static dnnl_engine_t engine = NULL;
  g_mutex_lock (&lock);
  if (!engine && dnnl_engine_create (&engine, dnnl_cpu, 0) != dnnl_success)
    engine = NULL;
  dnnl_engine_t made = engine;
  g_mutex_unlock (&lock);
  return made;
}

gboolean
nmd_onednn_start (GError **error)
{
  if (cpu_engine ())
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_DEVICE, "%s cannot use this processor",
               nmd_onednn_version ());
  return FALSE;
}

static gboolean
make_desc (dnnl_memory_desc_t *desc, int n, const dnnl_dims_t dims, dnnl_format_tag_t tag)
{
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_with_tag (desc, n, dims, dnnl_f32, tag) == dnnl_success;
#else
  return dnnl_memory_desc_init_by_tag (desc, n, dims, dnnl_f32, tag) == dnnl_success;
#endif
}

static void
drop_desc (dnnl_memory_desc_t *desc)
{
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_destroy (*desc);
  *desc = NULL;
#else
  memset (desc, 0, sizeof *desc);
#endif
}

/* The descriptors of a convolution; @weights is "any" until a primitive has chosen. */
static gboolean
make_descs (NmdOnednnConv *self)
{
  const NmdOnednnShape *s = &self->shape;
  const dnnl_dims_t x = { s->n, s->ci, s->hi, s->wi }, y = { s->n, s->co, s->ho, s->wo },
                    w = { s->co, s->ci, s->kernel, s->kernel }, b = { s->co };
  return make_desc (&self->images[0], 4, x, dnnl_nhwc)
         && make_desc (&self->images[1], 4, y, dnnl_nhwc)
         && make_desc (&self->weights, 4, w, dnnl_format_tag_any)
         && make_desc (&self->plain, 4, w, dnnl_oihw)
         && make_desc (&self->vector, 1, b, dnnl_a);
}

static dnnl_primitive_attr_t
make_attributes (const NmdOnednnConv *self)
{
  dnnl_primitive_attr_t attr = NULL;
  dnnl_post_ops_t ops = NULL;
  dnnl_primitive_attr_create (&attr);
  dnnl_primitive_attr_set_scratchpad_mode (attr, dnnl_scratchpad_mode_user);
  if (self->slope >= 0 && self->direction == NMD_ONEDNN_FORWARD)
    {
      dnnl_post_ops_create (&ops);
#if DNNL_VERSION_MAJOR >= 3
      dnnl_post_ops_append_eltwise (ops, dnnl_eltwise_relu, (float)self->slope, 0);
#else
      dnnl_post_ops_append_eltwise (ops, 1, dnnl_eltwise_relu, (float)self->slope, 0);
#endif
      dnnl_primitive_attr_set_post_ops (attr, ops);
      dnnl_post_ops_destroy (ops);
    }
  return attr;
}

/* The descriptor of direction @direction; those of the gradients take the forward one as
 * @hint. */
static dnnl_primitive_desc_t
describe (NmdOnednnConv *self,
          NmdOnednnDirection direction,
          dnnl_primitive_attr_t attr,
          dnnl_primitive_desc_t hint)
{
  const NmdOnednnShape *s = &self->shape;
  const dnnl_dims_t strides = { s->stride, s->stride }, pads = { s->pad, s->pad };
  const dnnl_memory_desc_t *x = &self->images[0], *y = &self->images[1];
  dnnl_primitive_desc_t made = NULL;
#if DNNL_VERSION_MAJOR >= 3
  const dnnl_dims_t none = { 0, 0 };
  const_dnnl_memory_desc_t b = self->bias ? self->vector : NULL;
  dnnl_engine_t engine = cpu_engine ();
  dnnl_status_t status;
  if (direction == NMD_ONEDNN_FORWARD)
    status = dnnl_convolution_forward_primitive_desc_create (
        &made, engine, dnnl_forward_training, dnnl_convolution_direct, *x, self->weights,
        b, *y, strides, none, pads, pads, attr);
  else if (direction == NMD_ONEDNN_DATA)
    status = dnnl_convolution_backward_data_primitive_desc_create (
        &made, engine, dnnl_convolution_direct, *x, self->weights, *y, strides, none,
        pads, pads, hint, attr);
  else
    status = dnnl_convolution_backward_weights_primitive_desc_create (
        &made, engine, dnnl_convolution_direct, *x, self->weights, NULL, *y, strides,
        none, pads, pads, hint, attr);
#else
  const dnnl_memory_desc_t *b = self->bias ? &self->vector : NULL;
  dnnl_convolution_desc_t op;
  dnnl_status_t status;
  if (direction == NMD_ONEDNN_FORWARD)
    status = dnnl_convolution_forward_desc_init (
        &op, dnnl_forward_training, dnnl_convolution_direct, x, &self->weights, b, y,
        strides, pads, pads);
  else if (direction == NMD_ONEDNN_DATA)
    status = dnnl_convolution_backward_data_desc_init (
        &op, dnnl_convolution_direct, x, &self->weights, y, strides, pads, pads);
  else
    status = dnnl_convolution_backward_weights_desc_init (
        &op, dnnl_convolution_direct, x, &self->weights, NULL, y, strides, pads, pads);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (&made, &op, attr, cpu_engine (), hint);
#endif
  return status == dnnl_success ? made : NULL;
}

/* Not to be used: a slow implementation, or a wrong one. In 2.6.3 jit_1x1:avx2 gathers
 * the pixels that a stride leaves into memory for whole vectors of 8 channels; with
 * others its weight gradients are wrong, and it writes past its scratch memory. */
static gboolean
is_unfit (const NmdOnednnConv *self, dnnl_primitive_desc_t desc)
{
  const NmdOnednnShape *s = &self->shape;
  const char *name = "";
  dnnl_primitive_desc_query (desc, dnnl_query_impl_info_str, 0, (void *)&name);
  return g_str_has_prefix (name, "ref")
         || (self->direction == NMD_ONEDNN_WEIGHTS && s->kernel == 1 && s->stride > 1
             && s->ci % 8 != 0 && g_str_equal (name, "jit_1x1:avx2"));
}

/* The weights' order that the primitive has chosen. */
static gboolean
settle_weights (NmdOnednnConv *self, dnnl_primitive_desc_t desc)
{
  const dnnl_query_t what = self->direction == NMD_ONEDNN_WEIGHTS
                                ? dnnl_query_diff_weights_md
                                : dnnl_query_weights_md;
#if DNNL_VERSION_MAJOR >= 3
  const_dnnl_memory_desc_t chosen = dnnl_primitive_desc_query_md (desc, what, 0);
  drop_desc (&self->weights);
  if (dnnl_memory_desc_clone (&self->weights, chosen) != dnnl_success)
    return FALSE;
#else
  self->weights = *dnnl_primitive_desc_query_md (desc, what, 0);
#endif
  self->weight_floats
      = (dnnl_memory_desc_get_size (DESC (self->weights)) + 3) / sizeof (float);
  return TRUE;
}

static gboolean
make_memory (dnnl_memory_t *memory, const dnnl_memory_desc_t *desc)
{
  return dnnl_memory_create (memory, DESC (*desc), cpu_engine (), DNNL_MEMORY_NONE)
         == dnnl_success;
}

static gboolean
make_reorder (dnnl_primitive_t *made,
              const dnnl_memory_desc_t *from,
              const dnnl_memory_desc_t *to)
{
  dnnl_primitive_desc_t desc = NULL;
  dnnl_engine_t engine = cpu_engine ();
  gboolean ok = dnnl_reorder_primitive_desc_create (&desc, DESC (*from), engine,
                                                    DESC (*to), engine, NULL)
                    == dnnl_success
                && dnnl_primitive_create (made, desc) == dnnl_success;
  if (desc)
    dnnl_primitive_desc_destroy (desc);
  return ok;
}

/* (Re)makes the primitive for self->threads. The first time it chooses the weights'
 * order, later that order is given. */
static gboolean
make_primitive (NmdOnednnConv *self)
{
  dnnl_primitive_attr_t attr = make_attributes (self);
  dnnl_primitive_desc_t hint = NULL, desc = NULL;
  gboolean ok;
  if (self->direction != NMD_ONEDNN_FORWARD)
    {
      hint = describe (self, NMD_ONEDNN_FORWARD, attr, NULL);
      if (!hint) /* in no order that suits the gradient: the hint says little then */
        {
          dnnl_primitive_attr_destroy (attr);
          return FALSE;
        }
    }
  desc = describe (self, self->direction, attr, hint);
  ok = desc && !is_unfit (self, desc)
       && (self->weight_floats > 0 || settle_weights (self, desc))
       && dnnl_primitive_create (&self->primitive, desc) == dnnl_success;
  if (ok)
    {
#if DNNL_VERSION_MAJOR >= 3
      dnnl_memory_desc_t pad = NULL;
      dnnl_memory_desc_clone (
          &pad, dnnl_primitive_desc_query_md (desc, dnnl_query_scratchpad_md, 0));
#else
      dnnl_memory_desc_t pad
          = *dnnl_primitive_desc_query_md (desc, dnnl_query_scratchpad_md, 0);
#endif
      self->work_floats
          = MAX (self->work_floats, (dnnl_memory_desc_get_size (DESC (pad)) + 3) / 4);
      g_clear_pointer (&self->work, dnnl_memory_destroy);
      ok = make_memory (&self->work, &pad);
      drop_desc (&pad);
    }
  g_clear_pointer (&desc, dnnl_primitive_desc_destroy);
  g_clear_pointer (&hint, dnnl_primitive_desc_destroy);
  dnnl_primitive_attr_destroy (attr);
  return ok;
}

/* A primitive is made, and run, for the number of threads that OpenMP would start now. Returns: the number until then */
static int
start_threads (int threads)
{
#if HAVE_OPENMP
  const int before = omp_get_max_threads ();
  omp_set_num_threads (threads);
  return before;
#else
  return threads;
#endif
}

/* Where the library has no primitive for so many threads and the order that the weights are in (oneDNN 2.6 with
 * AVX-512: the order depends on the number of threads that was first), the one there is stays. */
static gboolean
make_for (NmdOnednnConv *self, int threads)
{
  dnnl_primitive_t former = g_steal_pointer (&self->primitive);
  const int before = start_threads (threads);
  const gboolean ok = make_primitive (self);

  start_threads (before);
  self->asked = threads;
  if (ok)
    self->threads = threads;
  else
    {
      g_clear_pointer (&self->primitive, dnnl_primitive_destroy);
      self->primitive = g_steal_pointer (&former);
    }
  g_clear_pointer (&former, dnnl_primitive_destroy);
  return self->primitive != NULL && self->work != NULL;
}

NmdOnednnConv *
nmd_onednn_conv_new (const NmdOnednnShape *shape,
                     NmdOnednnDirection direction,
                     gboolean bias,
                     double slope,
                     int threads)
{
  NmdOnednnConv *self = g_new0 (NmdOnednnConv, 1);
  self->shape = *shape;
  self->direction = direction;
  self->bias = bias && direction == NMD_ONEDNN_FORWARD;
  self->slope = slope;
  if (make_descs (self) && make_for (self, threads)
      && make_memory (&self->x, &self->images[0])
      && make_memory (&self->y, &self->images[1])
      && make_memory (&self->w, &self->weights) && make_memory (&self->b, &self->vector)
      && make_memory (&self->from, &self->plain)
      && make_memory (&self->to, &self->weights)
      && make_reorder (&self->pack, &self->plain, &self->weights)
      && make_reorder (&self->unpack, &self->weights, &self->plain)
      && dnnl_stream_create (&self->stream, cpu_engine (), dnnl_stream_default_flags)
             == dnnl_success)
    {
      self->given_floats = self->work_floats;
      return self;
    }
  nmd_onednn_conv_free (self);
  return NULL;
}

void
nmd_onednn_conv_free (NmdOnednnConv *self)
{
  if (!self)
    return;
  dnnl_memory_t *memories[]
      = { &self->x, &self->w, &self->y, &self->b, &self->work, &self->from, &self->to };
  for (guint i = 0; i < G_N_ELEMENTS (memories); i++)
    g_clear_pointer (memories[i], dnnl_memory_destroy);
  g_clear_pointer (&self->more, free);
  g_clear_pointer (&self->primitive, dnnl_primitive_destroy);
  g_clear_pointer (&self->pack, dnnl_primitive_destroy);
  g_clear_pointer (&self->unpack, dnnl_primitive_destroy);
  g_clear_pointer (&self->stream, dnnl_stream_destroy);
  drop_desc (&self->images[0]);
  drop_desc (&self->images[1]);
  drop_desc (&self->weights);
  drop_desc (&self->plain);
  drop_desc (&self->vector);
  g_free (self);
}

gsize
nmd_onednn_conv_weight_floats (const NmdOnednnConv *self)
{
  return self->weight_floats;
}

gsize
nmd_onednn_conv_work_floats (const NmdOnednnConv *self)
{
  return self->work_floats;
}

static gboolean
execute (NmdOnednnConv *self,
         dnnl_primitive_t primitive,
         int n,
         const dnnl_exec_arg_t *args)
{
  return dnnl_primitive_execute (primitive, self->stream, n, args) == dnnl_success
         && dnnl_stream_wait (self->stream) == dnnl_success;
}

gboolean
nmd_onednn_conv_run (NmdOnednnConv *self,
                     int threads,
                     float *x,
                     float *w,
                     float *y,
                     float *bias,
                     float *work)
{
  static const int arguments[3][3] = {
    { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
    { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
    { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
  };
  const int *a = arguments[self->direction];
  if (threads != self->asked && !make_for (self, threads))
    return FALSE;
  if (self->work_floats
      > self->given_floats) /* for another number of threads than then */
    {
      if (self->more_floats < self->work_floats)
        {
          g_clear_pointer (&self->more, free);
          self->more_floats = self->work_floats;
          self->more
              = aligned_alloc (64, (self->more_floats * sizeof (float) + 63) / 64 * 64);
        }
      if (self->more == NULL)
        return FALSE;
      work = self->more;
    }
  const dnnl_exec_arg_t args[] = { { a[0], self->x },
                                   { a[1], self->w },
                                   { a[2], self->y },
                                   { DNNL_ARG_SCRATCHPAD, self->work },
                                   { DNNL_ARG_BIAS, self->b } };
  dnnl_memory_set_data_handle (self->x, x);
  dnnl_memory_set_data_handle (self->w, w);
  dnnl_memory_set_data_handle (self->y, y);
  dnnl_memory_set_data_handle (self->work, work);
  if (self->bias)
    dnnl_memory_set_data_handle (self->b, bias);
  const int before = start_threads (self->threads);
  const gboolean ok = execute (self, self->primitive, self->bias ? 5 : 4, args);
  start_threads (before);
  return ok;
}

static gboolean
reorder (NmdOnednnConv *self,
         dnnl_primitive_t primitive,
         float *plain,
         float *packed,
         gboolean back)
{
  const dnnl_exec_arg_t args[] = { { DNNL_ARG_FROM, back ? self->to : self->from },
                                   { DNNL_ARG_TO, back ? self->from : self->to } };
  dnnl_memory_set_data_handle (self->from, plain);
  dnnl_memory_set_data_handle (self->to, packed);
  return execute (self, primitive, 2, args);
}

gboolean
nmd_onednn_conv_pack (NmdOnednnConv *self, const float *row_major, float *packed)
{
  return reorder (self, self->pack, (float *)row_major, packed, FALSE);
}

gboolean
nmd_onednn_conv_unpack (NmdOnednnConv *self, const float *packed, float *row_major)
{
  return reorder (self, self->unpack, row_major, (float *)packed, TRUE);
}
