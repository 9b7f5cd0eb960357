/* SPDX-License-Identifier: Apache-2.0
 *
 * The table that a backend fills; nmd-session.c is its only caller and has checked every
 * argument. A function that can fail sets @error exactly if it fails.
 */
#pragma once

#include "engine/backend/nmd-session.h"

G_BEGIN_DECLS

#define NMD_BACKEND_VERSION 6

typedef struct
{
  int version;      /* NMD_BACKEND_VERSION */
  const char *name; /* "cpu" */

  /* Appends an NmdDevice for each device this backend drives, usable or not. */
  void     (*probe)       (GPtrArray *devices);

  /* @device is one of the names that probe gave, with "/fast" or "/bf16" behind it where
   * that is asked for (only one of @numerics). Returns the backend's session. */
  gpointer (*open)        (const char *device, int threads, GError **error);
  void     (*close)       (gpointer session);
  void     (*set_threads) (gpointer session, int threads);
  char    *(*describe)    (int threads); /* NmdDevice.description with so many; NULL where they do not matter */

  /* The store: names, shapes and lookups live in nmd-session.c, values here. A handle is an
   * index counting from 0 in the order of creation; new tensors are zero. */
  gboolean (*store_add)   (gpointer session, int handle, const NmdShape *shape, GError **error);
  gboolean (*store_read)  (gpointer session, int handle, float *values, GError **error);
  gboolean (*store_write) (gpointer session, int handle, const float *values, GError **error);

  /* @needed[i] is FALSE for nodes to leave out; @handles[i] is the store handle of STORE nodes,
   * -1 otherwise; @is_output[i] marks nodes that read() will be asked for. @graph lives as long
   * as the program. */
  gpointer (*compile)     (gpointer session, const NmdGraph *graph, const gboolean *needed,
                           const int *handles, const gboolean *is_output, GError **error);
  void     (*free)        (gpointer program);
  gboolean (*write)       (gpointer program, NmdNode node, const float *values, GError **error);
  gboolean (*run)         (gpointer program, GError **error);
  gboolean (*read)        (gpointer program, NmdNode node, float *values, GError **error);
  gboolean (*wait)        (gpointer program, GError **error); /* NULL if run() itself waits */
  gsize    (*get_bytes)   (gpointer program);
  void     (*profile)     (gpointer program, gboolean on);
  const NmdStepInfo *(*get_steps) (gpointer program, int *n);
  const char *const *numerics; /* (nullable) the words that it knows besides strict, ended by NULL */
} NmdBackend;

/* Opens a session on @backend itself, listed or not: tests do so with backends of their own. */
NmdSession *nmd_session_open_backend (const NmdBackend *backend, int threads, GError **error);

/* A backend in a module of its own is not linked with the engine and gets what it needs of it:
 * sizes, by which a module from another build is refused, and functions. */
typedef struct
{
  int version; /* NMD_BACKEND_VERSION */
  int n_ops;
  gsize node_size;
  GQuark             (*error_quark) (void);
  int                (*get_n_nodes) (const NmdGraph *graph);
  const NmdNodeInfo *(*get_node)    (const NmdGraph *graph, NmdNode node);
  const NmdOpInfo   *(*get_op_info) (NmdOp op);
} NmdBackendHost;

/* The one symbol that a module exports, nmd_backend_entry. NULL if it was built for another host. */
typedef const NmdBackend *(*NmdBackendEntry) (const NmdBackendHost *host);

/* The backend in nmd-cuda.so, loaded once and kept; NULL with @reason (transfer none), a sentence,
 * where there is none. Any thread. */
const NmdBackend *nmd_cuda_module_get (const char **reason);

extern const NmdBackend nmd_backend_reference;
extern const NmdBackend nmd_backend_cpu;

G_END_DECLS
