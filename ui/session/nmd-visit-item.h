/* SPDX-License-Identifier: Apache-2.0
 *
 * One image of a visit: its file, which muscle on which side it shows, and what was measured on it. Knows no
 * other image. Threads: main thread only.
 */
#pragma once

#include "engine/model/nmd-scan.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_SIDE_UNKNOWN,
  NMD_SIDE_LEFT,
  NMD_SIDE_RIGHT,
  NMD_N_SIDES,
} NmdSide;

#define NMD_TYPE_VISIT_ITEM (nmd_visit_item_get_type ())
G_DECLARE_FINAL_TYPE (NmdVisitItem, nmd_visit_item, NMD, VISIT_ITEM, GObject)

struct _NmdVisitItem
{
  GObject parent_instance;

  char *path;
  char *muscle;     /* "" where it is not known */
  NmdSide side;
  NmdScan *scan;    /* (nullable): not read yet */
  double thickness; /* of the outline in pixels; NaN without one */
  gboolean is_added; /* listed, but not yet looked at: if it cannot be read, the list says so */
};

/* Muscle and side are read from the file's name where it says them. */
NmdVisitItem *nmd_visit_item_new      (const char   *path);

/* The scan as it is now, with its outline. */
void          nmd_visit_item_set_scan (NmdVisitItem *self,
                                       NmdScan      *scan);

/* "left", "right" or "–", translated. */
const char   *nmd_side_get_title      (NmdSide       side);

/* The side that a file's name says: a part "l", "left", "li", "r", "right" or "re" between signs that are no
 * letters or digits; of several the last. */
NmdSide       nmd_side_of_name        (const char   *name);

/**
 * NmdVisitRow:
 * @muscle: its name, or "" for images without one; borrowed from an image
 * @n: images with an echo intensity, by side
 * @echo: mean of their echo intensities, each image counting alike; NaN for none
 * @thickness: likewise, in pixels
 *
 * What the images of one muscle say together.
 */
typedef struct
{
  const char *muscle;
  int n[NMD_N_SIDES];
  double echo[NMD_N_SIDES];
  double thickness[NMD_N_SIDES];
} NmdVisitRow;

/* Averages the @items (of NmdVisitItem) by muscle, in the order in which muscles first come up. Images without an
 * outline do not count. Returns: (transfer full): array of NmdVisitRow. */
GArray       *nmd_visit_summarise     (GListModel   *items);

G_END_DECLS
