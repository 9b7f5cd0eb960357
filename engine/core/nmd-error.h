/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's one error domain. Whatever can fail for reasons outside the program reports
 * here, in #G_FILE_ERROR, or as %G_IO_ERROR_CANCELLED. Messages start with a capital, carry no
 * full stop, name the file and the two things that disagree:
 * "Mask BB_anon_7_2.png is 480 × 480, its image is 512 × 480".
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * NmdError:
 * @NMD_ERROR_FORMAT: a file or text does not have the form it should have
 * @NMD_ERROR_SHAPE: sizes or shapes disagree
 * @NMD_ERROR_UNSUPPORTED: a well-formed request that this build or device cannot serve
 * @NMD_ERROR_DEVICE: a compute device is missing or failed
 * @NMD_ERROR_MEMORY: memory does not suffice (the message says what would)
 * @NMD_ERROR_DIVERGED: a computation gave NaN or infinity
 * @NMD_ERROR_CHANGED: something is not what it was when its record was made (data set, run)
 * @NMD_ERROR_BUSY: another program holds it (the message names the holder)
 * @NMD_ERROR_REFUSED: refused to protect the user's data (not empty, leaves its root, no consent)
 */
typedef enum
{
  NMD_ERROR_FORMAT,
  NMD_ERROR_SHAPE,
  NMD_ERROR_UNSUPPORTED,
  NMD_ERROR_DEVICE,
  NMD_ERROR_MEMORY,
  NMD_ERROR_DIVERGED,
  NMD_ERROR_CHANGED,
  NMD_ERROR_BUSY,
  NMD_ERROR_REFUSED,
} NmdError;

#define NMD_ERROR (nmd_error_quark ())

GQuark nmd_error_quark (void);

G_END_DECLS
