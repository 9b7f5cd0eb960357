/* SPDX-License-Identifier: Apache-2.0
 *
 * What computes a graph. A session is an open device with a store of named tensors (parameters,
 * running statistics, moments, averages); programs are graphs compiled against it and share that
 * store. The wrapper here checks arguments and the backends' contract (failed ⇔ error set); the
 * backends themselves are const tables (nmd-backend-private.h).
 *
 * Numbers enter and leave in row-major n c h w order, whatever layout the backend uses inside.
 * Named devices: "cpu" (oneDNN where built in, else the reference), "reference", "cuda", "cuda:N".
 * A name may end in its numerics: "cuda:1/fast". They are `strict` (float32, the same bits twice;
 * what a name without an ending means), `fast` (TF32 products) and `bf16` (bfloat16 activations
 * and products; weights, statistics and loss in float32); the CPU has strict ones only.
 *
 * Threads: a session and its programs belong to the thread that opened it.
 */
#pragma once

#include "engine/nn/graph/nmd-graph.h"
#include "engine/nn/nmd-weights.h"

G_BEGIN_DECLS

typedef struct _NmdSession NmdSession;
typedef struct _NmdProgram NmdProgram;

typedef struct
{
  char *name;        /* what --device takes */
  char *title;       /* for people, "Processor" or the card's own name */
  char *description; /* "oneDNN 2.6.3, 2 threads, AVX-512" */
  char *unavailable; /* why it cannot be used, or NULL */
  gboolean has_numerics;  /* fast and bf16 besides strict */
  gboolean is_for_checks; /* slow, there for comparing others with it */
} NmdDevice;

void        nmd_device_free        (NmdDevice    *self);

#define NMD_DEVICE_DEFAULT "cpu"

/* The forms of a device's name and its numerics, for help texts and errors. */
#define NMD_DEVICE_FORMS "cpu, reference, cuda or cuda:N"
#define NMD_NUMERICS_FORMS "strict, fast (TF32) or bf16"

/* The words of numerics, "strict" first, ended by %NULL. */
extern const char *const nmd_numerics_names[];

/* Takes a full name apart: "cuda:1/fast" gives "cuda:1" (to be freed) and in @numerics "fast" (out,
 * borrowed), "cpu" gives "cpu" and "strict". @numerics is %NULL where the ending is no numerics. */
char       *nmd_device_split       (const char    *device,
                                    const char   **numerics) G_GNUC_WARN_UNUSED_RESULT;

/* The one way from what a person chose to the name that nmd_session_open() and all settings take:
 * @device NULL is %NMD_DEVICE_DEFAULT, @numerics (nullable) goes into the name. No device is asked,
 * so that a name of another machine's device is right here too; whether it can be used is said by
 * nmd_session_open(), and nothing else is taken in its place.
 * Errors: %NMD_ERROR_UNSUPPORTED for what is no device's name, or as nmd_device_with_numerics(). */
char       *nmd_device_choose      (const char    *device,
                                    const char    *numerics,
                                    GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* @device with the ending for @numerics (nullable: as @device says), to be given to
 * nmd_session_open(): "cuda" and "fast" make "cuda/fast", "strict" adds nothing.
 * Errors: %NMD_ERROR_UNSUPPORTED for a word that is none of the three, or two that disagree. */
char       *nmd_device_with_numerics (const char *device,
                                      const char *numerics,
                                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* All devices, usable or not: array of NmdDevice. */
GPtrArray  *nmd_devices_list       (void) G_GNUC_WARN_UNUSED_RESULT;

/* Opens @device; @threads 0 = all cores.
 * Errors: %NMD_ERROR_DEVICE with the reason, %NMD_ERROR_UNSUPPORTED for an unknown name. */
NmdSession *nmd_session_open       (const char   *device,
                                    int           threads,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
void        nmd_session_close      (NmdSession   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdSession, nmd_session_close)

const char *nmd_session_get_device (NmdSession   *self);   /* "cpu", "cuda/fast" */
const char *nmd_session_get_numerics (NmdSession *self);   /* "strict", "fast", "bf16" */
const char *nmd_session_get_description (NmdSession *self); /* NmdDevice.description, numerics */
int         nmd_session_get_threads (NmdSession  *self);

/* Changes the number of CPU threads from the next run on (bits may change with it). */
void        nmd_session_set_threads (NmdSession  *self,
                                    int           threads);

/**
 * nmd_session_compile:
 * @outputs: nodes that will be read after a run; they are not fused away
 *
 * Compiles @graph once: layouts, fusion, memory plan. Nodes that neither an output nor an update
 * needs are left out. Store tensors that the session does not have yet are made, all zero; one
 * of another shape is an error (%NMD_ERROR_SHAPE). @graph may be freed afterwards.
 */
NmdProgram *nmd_session_compile    (NmdSession     *self,
                                    const NmdGraph *graph,
                                    const NmdNode  *outputs,
                                    int             n_outputs,
                                    GError        **error) G_GNUC_WARN_UNUSED_RESULT;
void        nmd_program_free       (NmdProgram     *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdProgram, nmd_program_free)

/* Gives input @node its values (all of them); they stay until written again. */
gboolean    nmd_program_write      (NmdProgram   *self,
                                    NmdNode       node,
                                    const float  *values,
                                    GError      **error);

/* Runs all nodes once, so that outputs and the store can be read. A device of its own may still be
 * at work when it returns: whatever reads waits for that, inputs for the next run can be written
 * meanwhile, and a failure of that work is told by the call that waits or any later one. */
gboolean    nmd_program_run        (NmdProgram   *self,
                                    GError      **error);

/* Until the work of the last run is done: for who measures time. */
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
void               nmd_program_set_profiling (NmdProgram *self,
                                              gboolean    on);
const NmdStepInfo *nmd_program_get_steps     (NmdProgram *self,
                                              int        *n);

/* The store. Reading or writing a name that no compiled graph has named is %NMD_ERROR_SHAPE. */
gboolean    nmd_session_store_read  (NmdSession   *self,
                                     const char   *name,
                                     float        *values,
                                     gsize         count,
                                     GError      **error);
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
