/* SPDX-License-Identifier: Apache-2.0
 *
 * A case: one scan as predict and explain see it, with its outline wherever the user gave one,
 * what is known of it, and whether it fits a model's passport.
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
} NmdCaseOptions;

void nmd_case_options_clear (NmdCaseOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdCaseOptions, nmd_case_options_clear)

typedef struct
{
  NmdImage *image;
  NmdImage *mask;          /* NULL without an outline */
  NmdRoiSource source;
  NmdBox bounds;           /* of the mask */
  NmdBox roi;              /* the box that the network sees: bounds widened; the frame without a mask */
  NmdEchoIntensity echo;
  NmdPart part;            /* of the run's data set that held this image; NONE if it did not */
  NmdFit fit;
  gboolean is_scored;      /* has an outline, and fits or is overridden */
  GPtrArray *warnings;     /* char * */
} NmdCase;

void nmd_case_clear (NmdCase *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdCase, nmd_case_clear)

/* Loads @path and judges it by @model's passport. Errors name the file. */
gboolean nmd_case_load (NmdCase              *self,
                        const char           *path,
                        const NmdCaseOptions *options,
                        const NmdRun         *run,
                        const NmdModel       *model,
                        GError              **error);
