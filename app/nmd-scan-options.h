/* SPDX-License-Identifier: Apache-2.0
 *
 * What the user says of a scan on the command line of predict and explain: where its outline is, what
 * it shows and what the model was trained on; and the scan loaded and judged by it.
 */
#pragma once

#include "engine/model/nmd-verdict.h"

/* All texts may be NULL. */
typedef struct
{
  char *mask;          /* a file */
  char *masks;         /* a folder */
  char *roi;           /* x0,y0,x1,y1 */
  char *organ, *muscle;
  char *model_organ, *model_muscles;
  gboolean show_anyway;
  int page;            /* of a TIFF, from 1; 0: the only one */
} NmdScanOptions;

void nmd_scan_options_clear (NmdScanOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdScanOptions, nmd_scan_options_clear)

/* The GOption entries of @self; the array is ended by an empty entry. */
GArray  *nmd_scan_options_entries (NmdScanOptions *self) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE with *status set (a message was printed) if the options contradict each other or do not suit
 * @n_images images. */
gboolean nmd_scan_options_check   (const NmdScanOptions *self,
                                   int                   n_images,
                                   int                  *status);

/* One scan as predict and explain report it. */
typedef struct
{
  NmdScan *scan;
  NmdBox roi;              /* the box that the network sees: the outline's bounds widened; without an
                            * outline the frame */
  NmdVerdict verdict;
  GPtrArray *warnings;     /* char *: sentences; the reason for no score comes first */
} NmdJudgedScan;

void     nmd_judged_scan_clear    (NmdJudgedScan *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdJudgedScan, nmd_judged_scan_clear)

/* The mask that the options name for the image @path: --mask's, or the one found in --masks. NULL
 * without one. */
char    *nmd_scan_options_find_mask (const NmdScanOptions *self,
                                     const char           *path) G_GNUC_WARN_UNUSED_RESULT;

/* What the options say of the scan, borrowed. */
void     nmd_scan_options_state   (const NmdScanOptions *self,
                                   NmdStatedFacts       *stated);

/* Judges @scan, which has its outline already, for @model. @found_mask: its file was found. */
void     nmd_scan_options_judge   (const NmdScanOptions *self,
                                   NmdScan              *scan,
                                   gboolean              found_mask,
                                   const NmdModel       *model,
                                   NmdJudgedScan        *judged);

/* Loads @path with its outline and judges it for @model. Errors name the file. */
gboolean nmd_scan_options_load    (const NmdScanOptions *self,
                                   const char           *path,
                                   const NmdModel       *model,
                                   NmdJudgedScan        *judged,
                                   GError              **error);
