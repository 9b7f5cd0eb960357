/* SPDX-License-Identifier: Apache-2.0
 *
 * What has been going on for so long that the user wants to know it: the job with a title that was started first of
 * those that have run for half a second. Jobs are the whole program's; of several windows each shows it.
 */
#pragma once

#include "engine/core/nmd-job.h"

G_BEGIN_DECLS

#define NMD_BUSY_AFTER_MS 500

#define NMD_TYPE_BUSY (nmd_busy_get_type ())
G_DECLARE_FINAL_TYPE (NmdBusy, nmd_busy, NMD, BUSY, GObject)

/* Property, notified: "job" (NmdJob, nullable, read-only). Threads: main thread. */
NmdBusy *nmd_busy_new     (void);

/* Returns: (transfer none) (nullable): that job. */
NmdJob  *nmd_busy_get_job (NmdBusy *self);

G_END_DECLS
