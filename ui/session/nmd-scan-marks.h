/* SPDX-License-Identifier: Apache-2.0
 *
 * What was drawn on one image: its outlines, each with the steps that undo it, and its measures. In memory
 * only. Knows no image file. Threads: main thread only.
 */
#pragma once

#include "engine/image/nmd-mask-edit.h"
#include "engine/image/nmd-preprocess.h"
#include "engine/model/nmd-scan.h"

G_BEGIN_DECLS

/* Two points are a distance, three an angle; x, y in image pixels. */
typedef struct
{
  guint n;
  double points[6];
} NmdMeasurement;

typedef struct
{
  char *name;              /* "Muscle", "Subcutaneous fat", or what the user calls it */
  NmdMaskHistory *history;
  NmdEchoIntensity echo;   /* inside it; n is 0 where it is empty */
  GArray *lines;           /* of float: nmd_mask_get_outline() */
  gboolean is_unsaved;
} NmdNamedOutline;

typedef struct
{
  GPtrArray *outlines;     /* of NmdNamedOutline; the first is the muscle's */
  guint active;            /* the one that is drawn on */
  GArray *measures;        /* of NmdMeasurement, the newest last */
  gboolean has_unkept;     /* one of them was neither copied nor saved */
} NmdScanMarks;

/* @mask (nullable) of @image's size: the outline that is there. */
NmdScanMarks    *nmd_scan_marks_new      (const NmdImage     *image,
                                          const NmdImage     *mask) G_GNUC_WARN_UNUSED_RESULT;
void             nmd_scan_marks_free     (NmdScanMarks       *self);

NmdNamedOutline *nmd_scan_marks_get      (const NmdScanMarks *self);

/* Adds an empty outline and makes it active. A name that is there already makes that one active. */
void             nmd_scan_marks_add      (NmdScanMarks       *self,
                                          const NmdImage     *image,
                                          const char         *name);

/* Measures the active outline anew after its history moved. */
void             nmd_scan_marks_measure  (NmdScanMarks       *self,
                                          const NmdImage     *image);

/* The same for the first outline, where the scan has been measured with it already: nothing is computed
 * twice. @lines (nullable) is referenced. */
void             nmd_scan_marks_take_measured (NmdScanMarks   *self,
                                               const NmdEchoIntensity *echo,
                                               GArray         *lines);

/* A distance (@n 2) or an angle (3) between points x, y in image pixels. */
void             nmd_scan_marks_add_measure (NmdScanMarks     *self,
                                             const double     *points,
                                             guint             n);

/* Takes all measures away. @self nullable. Returns: whether there were any. */
gboolean         nmd_scan_marks_clear_measures (NmdScanMarks  *self);

/* The mask of @scan, just read, takes the place of the first outline; what else is drawn stays. */
void             nmd_scan_marks_take_read (NmdScanMarks       *self,
                                           const NmdScan      *scan);

/* The muscle's outline as it stands; %NULL without @self. Borrowed. */
NmdImage        *nmd_scan_marks_get_muscle (const NmdScanMarks *self);

/* The muscle's outline if it was drawn here and differs from the one that was read; else %NULL. Borrowed. @self nullable. */
NmdImage        *nmd_scan_marks_get_drawn (const NmdScanMarks *self);

/* Whether an outline is in memory only. */
gboolean         nmd_scan_marks_is_unsaved (const NmdScanMarks *self);

/* The same for measures. */
gboolean         nmd_scan_marks_is_unkept (const NmdScanMarks *self);

/* Of @all, a map to NmdScanMarks: how many hold @test. */
guint            nmd_scan_marks_count    (GHashTable         *all,
                                          gboolean          (*test) (const NmdScanMarks *self));

/* The measures were copied or are in a file now. @self nullable. */
void             nmd_scan_marks_take_kept  (NmdScanMarks       *self);

/* @mask is in a file now: the outline that it still is needs no saving. @self nullable. */
void             nmd_scan_marks_take_saved (const NmdScanMarks *self,
                                            const NmdImage     *mask);

G_END_DECLS
