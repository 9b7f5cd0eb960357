/* SPDX-License-Identifier: Apache-2.0
 *
 * From a device's name to the backend that drives it.
 */
#pragma once

#include "engine/backend/nmd-backend-private.h"

G_BEGIN_DECLS

typedef struct
{
  const NmdBackend *backend;
  const char *numerics; /* "strict", "fast", "bf16" */
  char *name;           /* full: "cuda/fast" */
  char *description;    /* NmdDevice.description, numerics */
} NmdDeviceChoice;

/* Fills @choice for device @device.
 * Errors: %NMD_ERROR_DEVICE with the reason, %NMD_ERROR_UNSUPPORTED for an unknown name. */
gboolean nmd_device_find         (const char      *device,
                                  NmdDeviceChoice *choice,
                                  GError         **error);
void     nmd_device_choice_clear (NmdDeviceChoice *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdDeviceChoice, nmd_device_choice_clear)

G_END_DECLS
