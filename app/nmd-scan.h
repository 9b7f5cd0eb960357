/* SPDX-License-Identifier: Apache-2.0
 *
 * One scan as predict and explain see it: the image, its outline wherever the user gave one, what
 * is known of it, and whether it fits a model's passport.
 */
#pragma once

#include "engine/train/nmd-run.h"

/* How the user says where the outline is and what the scan shows. All may be NULL. */
typedef struct
{
  char *mask;      /* a file */
  char *masks;     /* a folder */
  char *roi;       /* x0,y0,x1,y1 */
  char *organ, *muscle;
  gboolean override;
} NmdScanOptions;

void nmd_scan_options_clear (NmdScanOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdScanOptions, nmd_scan_options_clear)

typedef struct
{
  NmdImage *image;
  NmdImage *mask;          /* NULL without an outline */
  NmdRoiSource source;
  NmdBox bounds;           /* of the mask */
  NmdBox roi;              /* the box that the network sees: bounds widened; the frame without a mask */
  NmdEchoIntensity echo;
  NmdFit fit;
  gboolean is_scored;      /* has an outline, and fits or is overridden */
  GPtrArray *warnings;     /* char * */
} NmdScan;

void nmd_scan_clear (NmdScan *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdScan, nmd_scan_clear)

/* Loads @path and judges it by @model's passport. Errors name the file. */
gboolean nmd_scan_load (NmdScan              *self,
                        const char           *path,
                        const NmdScanOptions *options,
                        const NmdModel       *model,
                        GError              **error);
