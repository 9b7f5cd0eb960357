/* SPDX-License-Identifier: Apache-2.0
 *
 * Named float32 tensors in memory, and safetensors files. The order of insertion is kept.
 * Source: the safetensors format, https://github.com/huggingface/safetensors (8-byte little
 * endian header length, JSON header, raw data; row-major).
 */
#pragma once

#include "engine/nn/graph/nmd-graph.h"

G_BEGIN_DECLS

typedef struct _NmdWeights NmdWeights;

/* An empty set. */
NmdWeights  *nmd_weights_new    (void) G_GNUC_WARN_UNUSED_RESULT;
/* One more reference to @self, which from then on is only read. Any thread. */
NmdWeights  *nmd_weights_ref    (NmdWeights        *self);
/* Drops a reference; the last one frees the values. Any thread. */
void         nmd_weights_unref  (NmdWeights        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdWeights, nmd_weights_unref)

/* The number of tensors. */
guint        nmd_weights_get_n  (const NmdWeights  *self);
/* The name of tensor @i in the order of insertion. Borrowed. */
const char  *nmd_weights_get_name (const NmdWeights *self,
                                 guint              i);

/* The tensor called @name or NULL; @shape may be NULL. Borrowed. */
const float *nmd_weights_get    (const NmdWeights  *self,
                                 const char        *name,
                                 NmdShape          *shape);

/* Adds or replaces; returns the new tensor's memory for the caller to fill (zeros until then).
 * Not after the object was shared with another thread. */
float       *nmd_weights_add    (NmdWeights        *self,
                                 const char        *name,
                                 const NmdShape    *shape);

/* Adds or replaces a text pair of the file's __metadata__ ("format" = "pt" is always written). */
void         nmd_weights_set_meta (NmdWeights      *self,
                                 const char        *key,
                                 const char        *value);
/* The text of @key, or %NULL. Borrowed. */
const char  *nmd_weights_get_meta (const NmdWeights *self,
                                 const char        *key);

/* The keys of all metadata, sorted. */
char       **nmd_weights_list_meta (const NmdWeights *self) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a safetensors file. F32 only (F16, BF16 and F64 are converted; I64 scalars such as
 * num_batches_tracked are passed over). A scalar gets shape [1]. Every offset is checked: no
 * overlaps, no holes, no name twice; at most 4 GiB. Every value is a finite float32.
 * Errors: %NMD_ERROR_FORMAT naming the file and the reason: what is damaged, the tensor that holds NaN or
 * infinity and where; of a PyTorch file (.pth, .pt, .ckpt, .bin; zip or pickle) also the line of Python
 * that converts it; G_FILE_ERROR. */
NmdWeights  *nmd_weights_load   (const char        *path,
                                 GError           **error) G_GNUC_WARN_UNUSED_RESULT;

#define NMD_WEIGHTS_MAX_DIMS 8

/* What a file says of one of its tensors. */
typedef struct
{
  char *name;
  const char *dtype;           /* "F32"; static */
  int n_dims;                  /* 0 for a scalar */
  gint64 dims[NMD_WEIGHTS_MAX_DIMS];
  gint64 count, bytes;         /* values; bytes in the file */
} NmdWeightsEntry;

/* Array of #NmdWeightsEntry in the order of the file's header; values are not read, so any dtype
 * of the format and up to NMD_WEIGHTS_MAX_DIMS dimensions are listed. @meta (nullable) gets the
 * file's metadata. Checks and errors as nmd_weights_load(). */
GPtrArray   *nmd_weights_list   (const char        *path,
                                 NmdWeights        *meta,
                                 GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes whole or not at all (nmd_file_write()). Batch norms' num_batches_tracked, which nothing
 * here uses, are not written: PyTorch's load_state_dict (…, strict=True) takes a file without them
 * and starts them at 0. */
gboolean     nmd_weights_save   (const NmdWeights  *self,
                                 const char        *path,
                                 GError           **error);

G_END_DECLS
