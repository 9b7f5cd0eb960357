/* SPDX-License-Identifier: Apache-2.0
 *
 * One scan under study: its pixels, the outline and where that came from. Immutable; drawing an
 * outline makes a new scan. Threads: made on any thread, read by all.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

#define NMD_TYPE_SCAN (nmd_scan_get_type ())
G_DECLARE_FINAL_TYPE (NmdScan, nmd_scan, NMD, SCAN, GObject)

struct _NmdScan
{
  GObject parent_instance;

  char *name;              /* for headings: the sample's id, or the file's name */
  char *path;              /* the image file */
  NmdSample *sample;       /* (nullable): its entry in the open data set */
  NmdImage *image;
  NmdImage *mask;          /* (nullable): none, or an empty one */
  NmdRoiSource source;     /* FRAME: there is no outline */
  gboolean has_bounds;
  NmdBox bounds;           /* smallest box of the outline */
  NmdEchoIntensity echo;   /* inside the outline; n is 0 without one */
  GArray *outline;         /* (nullable) of float: nmd_mask_get_outline() */
};

/* Reads a data set's image and mask. Not for the main thread. */
NmdScan *nmd_scan_load_sample (NmdSample     *sample,
                               GError       **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads one file, with its mask from @mask_path (nullable). Not for the main thread. */
NmdScan *nmd_scan_load_file   (const char    *path,
                               const char    *mask_path,
                               GError       **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same pixels with another outline; @mask NULL takes it away. */
NmdScan *nmd_scan_with_mask   (NmdScan       *self,
                               NmdImage      *mask,
                               NmdRoiSource   source) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
