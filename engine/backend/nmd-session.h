/* SPDX-License-Identifier: Apache-2.0
 *
 * What computes a graph. A session is an open device with a store of named tensors (parameters,
 * running statistics, moments, averages); programs are graphs compiled against it and share that
 * store. The wrapper here checks arguments and the backends' contract (failed ⇔ error set); the
 * backends themselves are const tables (nmd-backend-private.h).
 *
 * Numbers enter and leave in row-major n c h w order, whatever layout the backend uses inside.
 * Devices and their names are nmd-device.h's.
 *
 * Threads: a session and its programs belong to the thread that opened it.
 */
#pragma once

#include "engine/backend/nmd-device.h"
#include "engine/nn/graph/nmd-graph.h"
#include "engine/nn/nmd-weights.h"

G_BEGIN_DECLS

typedef struct _NmdSession NmdSession;
typedef struct _NmdProgram NmdProgram;

/**
 * nmd_session_open:
 * @device: a name as nmd_device_choose() gives it
 * @threads: of the processor, 0 for all cores; a card needs none
 *
 * Opens a device. Its store is empty. The session belongs to the calling thread.
 *
 * Errors: %NMD_ERROR_DEVICE with the reason why it cannot be used, %NMD_ERROR_UNSUPPORTED for an
 * unknown name or numerics that it does not have.
 *
 * Returns: (transfer full): the session; %NULL with @error set
 */
NmdSession *nmd_session_open       (const char   *device,
                                    int           threads,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes @self; its programs stay usable, and the device open, until they are freed. */
void        nmd_session_close      (NmdSession   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdSession, nmd_session_close)

/* The device's full name: "cpu", "cuda/fast". Borrowed. */
const char *nmd_session_get_device (NmdSession   *self);
/* Its numerics: "strict", "fast" or "bf16". Borrowed. */
const char *nmd_session_get_numerics (NmdSession *self);
/* For people: NmdDevice.description with the session's threads, and the numerics. Borrowed, until the threads are set. */
const char *nmd_session_get_description (NmdSession *self);
/* The number of CPU threads of the next run. */
int         nmd_session_get_threads (NmdSession  *self);

/* Changes the number of CPU threads from the next run on (bits may change with it). */
void        nmd_session_set_threads (NmdSession  *self,
                                    int           threads);

/* What 0 threads stand for from now on, in sessions opened or set after it: @threads, or all cores again for 0. Any
 * thread; a session that has its number keeps it. */
void        nmd_session_set_default_threads (int threads);

/**
 * nmd_session_compile:
 * @graph: only read; it may be freed afterwards
 * @outputs: (array length=n_outputs): nodes that will be read after a run; they are not fused away
 *
 * Compiles @graph once: layouts, fusion, memory plan. Nodes that neither an output nor an update
 * needs are left out. Store tensors that the session does not have yet are made, all zero.
 *
 * Errors: %NMD_ERROR_SHAPE for a store tensor of another shape than the session's,
 * %NMD_ERROR_UNSUPPORTED for an operation that the backend does not know, %NMD_ERROR_MEMORY with
 * what is needed, and the graph's own (nmd_graph_check()).
 *
 * Returns: (transfer full): the program, which holds on to the session; %NULL with @error set
 */
NmdProgram *nmd_session_compile    (NmdSession     *self,
                                    const NmdGraph *graph,
                                    const NmdNode  *outputs,
                                    int             n_outputs,
                                    GError        **error) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self with its activations; the store stays. */
void        nmd_program_free       (NmdProgram     *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdProgram, nmd_program_free)

/* Gives input @node its values (all of them); they stay until written again. */
gboolean    nmd_program_write      (NmdProgram   *self,
                                    NmdNode       node,
                                    const float  *values,
                                    GError      **error);

/**
 * nmd_program_run:
 *
 * Runs all nodes once, so that outputs and the store can be read. A device of its own may still be at
 * work when it returns: reading waits for that, inputs for the next run can be written meanwhile,
 * and a failure of that work is told by the call that waits or any later one.
 *
 * Errors: %NMD_ERROR_DEVICE names the step that a library refused, or what the card reported; outputs
 * are then of no use, and updates of the store that came before it have been made.
 *
 * Returns: FALSE with @error set
 */
gboolean    nmd_program_run        (NmdProgram   *self,
                                    GError      **error);

/* Waits until the work of the last run is done: for measuring time. */
gboolean    nmd_program_wait       (NmdProgram   *self,
                                    GError      **error);

/* Copies output @node's values of the last run. */
gboolean    nmd_program_read       (NmdProgram   *self,
                                    NmdNode       node,
                                    float        *values,
                                    GError      **error);

/* Bytes of activations and scratch that this program holds. */
gsize       nmd_program_get_bytes  (NmdProgram   *self);

/* One line a compiled step, for `nmd bench --layers` and debugging: name and seconds of the last
 * run, of the thread that was busy longest (measured only after nmd_program_set_profiling(); then
 * steps that had nothing to do are left out, and "waiting" is what threads that share an image
 * waited for each other). */
typedef struct
{
  const char *name;
  double seconds;
  double flop;
  double bytes;
} NmdStepInfo;
/* Whether the next runs measure their steps; they are slower then. */
void               nmd_program_set_profiling (NmdProgram *self,
                                              gboolean    on);
/* The steps in the order of execution, @n of them; borrowed until the next run. */
const NmdStepInfo *nmd_program_get_steps     (NmdProgram *self,
                                              int        *n);

/* Copies the store tensor called @name, @count values, to @values.
 * Errors: %NMD_ERROR_SHAPE if no compiled graph has named it or @count is not its own. */
gboolean    nmd_session_store_read  (NmdSession   *self,
                                     const char   *name,
                                     float        *values,
                                     gsize         count,
                                     GError      **error);
/* Overwrites it with @values; errors as above. */
gboolean    nmd_session_store_write (NmdSession   *self,
                                     const char   *name,
                                     const float  *values,
                                     gsize         count,
                                     GError      **error);

/* Writes every tensor of @weights that the store has; a store tensor without one is left alone.
 * @n_used (nullable): how many were used. */
gboolean    nmd_session_load        (NmdSession         *self,
                                     const NmdWeights   *weights,
                                     guint              *n_used,
                                     GError            **error);

/* Copies every store tensor whose name begins with @prefix ("" for all), the prefix stripped
 * from the copy's names. */
NmdWeights *nmd_session_save        (NmdSession   *self,
                                     const char   *prefix,
                                     GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
