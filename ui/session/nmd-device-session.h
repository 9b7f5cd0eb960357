/* SPDX-License-Identifier: Apache-2.0
 *
 * What trainings, evaluations and explanations compute with: the chosen device, and the list of
 * those there are. What a device is called is the engine's.
 */
#pragma once

#include "ui/session/nmd-notices.h"

#include "engine/core/nmd-job.h"
#include "engine/backend/nmd-session.h"

G_BEGIN_DECLS

#define NMD_TYPE_DEVICE_SESSION (nmd_device_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdDeviceSession, nmd_device_session, NMD, DEVICE_SESSION, GObject)

/**
 * NmdDeviceSession:
 *
 * Signals:
 *   "changed": another device is chosen, or the list of devices is there
 *
 * Threads: main thread only; devices are looked for on the pool.
 */

/* @notices is referenced. The engine's default device is chosen. */
NmdDeviceSession *nmd_device_session_new      (NmdNotices        *notices);

/* Chooses the device that `nmd` makes of @device and @numerics (nullable), see nmd_device_choose().
 * Whether it can be used is seen when it is; nothing else is taken in its place.
 * Returns: FALSE with @error set if that is no device's name; the choice stays as it was. */
gboolean          nmd_device_session_choose   (NmdDeviceSession  *self,
                                               const char        *device,
                                               const char        *numerics,
                                               GError           **error);

/* Returns: the chosen device for nmd_session_open(), "cuda:1/fast"; never %NULL. */
const char       *nmd_device_session_get      (NmdDeviceSession  *self);

/* How many threads of the processor compute from now on, in the whole program; 0 for all. A training that runs, or
 * that goes on, keeps its own number, so its bits stay the same. */
void              nmd_device_session_set_threads (NmdDeviceSession *self,
                                               int                threads);

/* Looks for devices, once, in the background: asking loads NVIDIA's libraries. */
void              nmd_device_session_find     (NmdDeviceSession  *self);

/* Returns: (transfer none) (nullable): what `nmd devices` lists, of NmdDevice; %NULL until found. */
GPtrArray        *nmd_device_session_get_list (NmdDeviceSession  *self);

G_END_DECLS
