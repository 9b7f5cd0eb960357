/* SPDX-License-Identifier: Apache-2.0
 *
 * The one place where the window and the engine's threads meet.
 *
 * There are two engine threads, each made at first use and each sole owner of its own backend
 * session: WORK runs training, evaluation and experiments, its jobs queue; ASK runs predictions,
 * Grad-CAM and previews: a newer request of the same kind replaces a waiting one (which ends
 * with %G_IO_ERROR_CANCELLED without having run). POOL is two threads for decoding, imports and
 * thumbnails.
 *
 * A job gets a frozen copy of its input and hands back an immutable result. `fraction` is
 * coalesced (at most 10 a second, may skip values). Records (an epoch, a prediction) are never
 * lost: they arrive in order, on the thread that started the job, all before the end. The end
 * comes exactly once, also when cancelled; a cancelled job may still hand over a result.
 *
 * The caller's thread runs a GMainContext (its thread-default one); func runs on the engine's
 * thread and must not use GTK, signals, g_object_notify() or GSettings.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define NMD_TYPE_JOB (nmd_job_get_type ())
G_DECLARE_FINAL_TYPE (NmdJob, nmd_job, NMD, JOB, GObject)

typedef enum
{
  NMD_THREAD_WORK,
  NMD_THREAD_ASK,
  NMD_THREAD_POOL,
} NmdThread;

/**
 * NmdJobFunc:
 * @job: for nmd_job_report()
 * @input: the frozen input
 * @cancellable: to be looked at at least once a batch
 *
 * Returns: the result, or NULL with @error set. Result and error may both be set only by a
 *   cancelled job that hands over what it has.
 */
typedef gpointer (*NmdJobFunc) (NmdJob        *job,
                                gconstpointer  input,
                                GCancellable  *cancellable,
                                GError       **error);

/**
 * nmd_job_start:
 * @thread: where @func runs
 * @kind: (nullable): a waiting job of %NMD_THREAD_ASK of the same kind is replaced; %NULL replaces none
 * @title: (nullable): shown to users ("Training NMD-AssistNet"); %NULL: of no interest to them
 * @func: the work
 * @input: (transfer full): for @func, which only reads it
 * @input_free: (nullable): frees @input on the caller's thread after the end
 * @record_free: (nullable): frees a record
 * @result_free: (nullable): frees a result that nobody took
 * @done: (nullable): called once, after the last record, on the caller's main context, as by GTask
 * @user_data: for @done
 *
 * Hands work to an engine thread, which is made at first use. Returns at once.
 *
 * Returns: (transfer full): the caller's reference; the job holds one of its own until its end
 */
NmdJob   *nmd_job_start   (NmdThread            thread,
                           const char          *kind,
                           const char          *title,
                           NmdJobFunc           func,
                           gpointer             input,
                           GDestroyNotify       input_free,
                           GDestroyNotify       record_free,
                           GDestroyNotify       result_free,
                           GAsyncReadyCallback  done,
                           gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Called with each job when it is started, by nmd_job_start(). */
typedef void (*NmdJobWatch) (NmdJob  *job,
                             gpointer data);

/* Has @watch called from now on, until @data is removed. On the one thread that starts jobs. */
void      nmd_job_add_watch    (NmdJobWatch      watch,
                                gpointer         data);
void      nmd_job_remove_watch (gpointer         data);

/* In @done: takes the result (transfer full). With a cancelled job both result and error may come. Errors:
 * those of the job's function, `G_IO_ERROR_CANCELLED`. */
gpointer  nmd_job_finish  (NmdJob              *self,
                           GAsyncResult        *result,
                           GError             **error);

/* Cancels the job's cancellable; its end still comes. From any thread, any number of times. */
void      nmd_job_cancel  (NmdJob              *self);

/* Pauses the job or lets it go on: paused, its function waits at its next nmd_job_hold(). A cancelled job
 * waits no more. From the thread that started it. */
void      nmd_job_set_paused (NmdJob           *self,
                              gboolean          paused);

/* Whether it is paused; it may still be on its way to the next nmd_job_hold(). Threads: any. */
gboolean  nmd_job_get_paused (NmdJob           *self);

/* From func only: waits, without work, while the job is paused and not cancelled. */
void      nmd_job_hold    (NmdJob              *self);

/* From func only. @fraction in [0, 1] or negative for "unchanged"; @record (transfer full,
 * nullable) is emitted by signal "record" (gpointer, owned by the job for the emission). */
void      nmd_job_report  (NmdJob              *self,
                           double               fraction,
                           gpointer             record);

/* Properties: "fraction" (double, notified at most 10 times a second), "title" (string),
 * "running" (boolean). Signal: "record" (gpointer). All on the thread that started the job. */

/* The share that is done, in [0, 1]. */
double      nmd_job_get_fraction (NmdJob       *self);

/* The title that it was started with. Borrowed. */
const char *nmd_job_get_title    (NmdJob       *self);

/* TRUE until @done was called. */
gboolean    nmd_job_get_running  (NmdJob       *self);

/* TRUE while a job runs or waits on @thread. ASK jobs compute with one thread while WORK is busy. */
gboolean  nmd_thread_is_busy (NmdThread          thread);

/* At shutdown: cancels everything and joins the threads. Ends of cancelled jobs are still
 * delivered to their contexts. */
void      nmd_job_stop_all (void);

/* Data owned by an engine thread (its backend session): made by @create at first use on that
 * thread, destroyed by @destroy when the thread ends. Only inside an NmdJobFunc. */
gpointer  nmd_thread_data  (NmdJob             *self,
                            const char         *key,
                            gpointer          (*create) (void),
                            GDestroyNotify      destroy);

G_END_DECLS
