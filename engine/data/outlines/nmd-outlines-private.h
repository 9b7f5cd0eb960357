/* SPDX-License-Identifier: Apache-2.0
 *
 * What the readers of outlines share: a builder that gets images and shapes one by one and keeps the
 * bounds. One reader a format; which one is asked is nmd-outlines.c's business.
 */
#pragma once

#include "engine/data/outlines/nmd-outlines.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_SHAPE_RINGS,   /* polygons, filled together by the even-odd rule */
  NMD_SHAPE_ELLIPSE, /* values: centre x, y, half-axes, degrees clockwise */
  NMD_SHAPE_RUNS,    /* lengths of unset and set pixels in turn, beginning with unset */
} NmdShapeKind;

typedef struct
{
  NmdShapeKind kind;
  char *label;         /* "" if none */
  double *values;      /* x, y of all rings; or the ellipse */
  guint n_values;
  guint *lengths;      /* corners of each ring; or the runs */
  guint n_lengths;
  gboolean by_columns; /* of runs: down the columns as COCO, else along the rows */
  int x0, y0;          /* of runs: where their frame lies in the image */
  int width, height;   /* of runs: their frame; a frame at (-1, -1) is the whole image and must have its size */
} NmdShape;

/* Frees @self (nullable). */
void         nmd_shape_free           (NmdShape       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdShape, nmd_shape_free)

/* A shape of one ring; @points pairs x, y, copied. */
NmdShape    *nmd_shape_new_ring       (const double   *points,
                                       guint           n_points);

/* Adds a ring to a shape of rings. */
void         nmd_shape_add_ring       (NmdShape       *self,
                                       const double   *points,
                                       guint           n_points);

/* A box turned by @degrees clockwise about its centre. */
NmdShape    *nmd_shape_new_box        (double          x0,
                                       double          y0,
                                       double          x1,
                                       double          y1,
                                       double          degrees);

NmdShape    *nmd_shape_new_ellipse    (double          cx,
                                       double          cy,
                                       double          rx,
                                       double          ry,
                                       double          degrees);

/* Runs of a frame; takes @runs. %NULL with %NMD_ERROR_FORMAT naming @where if they do not fill it exactly
 * or its size is none. */
NmdShape    *nmd_shape_new_runs       (GArray         *runs,
                                       gboolean        by_columns,
                                       int             x0,
                                       int             y0,
                                       gint64          width,
                                       gint64          height,
                                       const char     *where,
                                       GError        **error);

/* The same for the set pixels of @mask, by rows. */
NmdShape    *nmd_shape_new_mask       (const NmdImage *mask,
                                       int             x0,
                                       int             y0);

/* A file being read. */
typedef struct
{
  NmdOutlines *result;
  const char *name;       /* of the file, for errors */
  GCancellable *cancellable;
  guint64 n_values;
  GHashTable *no_area;    /* set of borrowed NmdOutline whose shapes had no area */
} NmdOutlinesBuilder;

/* A new image, borrowed. %NULL with an error for too many or a size that is none (0 × 0: not known). */
NmdOutline  *nmd_outlines_add_image   (NmdOutlinesBuilder *self,
                                       const char         *image,
                                       gint64              width,
                                       gint64              height,
                                       GError            **error);

/* Takes @shape; @label (nullable). A shape without an area (fewer than three corners) is counted only. */
gboolean     nmd_outlines_add_shape   (NmdOutlinesBuilder *self,
                                       NmdOutline         *image,
                                       const char         *label,
                                       NmdShape           *shape,
                                       GError            **error);

/* Counts something of @image that has no area. */
void         nmd_outlines_add_no_area (NmdOutlinesBuilder *self,
                                       NmdOutline         *image);

/* The readers. @text has a NUL behind its @length bytes. */
gboolean     nmd_outlines_read_labelme (NmdOutlinesBuilder *self,
                                       const char         *text,
                                       gsize               length,
                                       GError            **error);
gboolean     nmd_outlines_read_coco   (NmdOutlinesBuilder *self,
                                       const char         *text,
                                       gsize               length,
                                       GError            **error);
gboolean     nmd_outlines_read_cvat   (NmdOutlinesBuilder *self,
                                       const char         *text,
                                       gsize               length,
                                       GError            **error);
gboolean     nmd_outlines_read_roi    (NmdOutlinesBuilder *self,
                                       const char         *bytes,
                                       gsize               length,
                                       GError            **error);
gboolean     nmd_outlines_read_roi_zip (NmdOutlinesBuilder *self,
                                       const char         *bytes,
                                       gsize               length,
                                       GError            **error);

/* Pieces of a JSON text, found without a tree: files of annotations are large, their elements small. */
typedef struct
{
  const char *name;    /* of a member, within the quotes as written; NULL in an array */
  gsize name_length;
  const char *value;
  gsize length;
} NmdJsonPiece;

/* The members of the object, or elements of the array, that @text is. Only what is needed to find their
 * ends is checked: each piece that is used goes through nmd_json_parse(). NULL with %NMD_ERROR_FORMAT.
 * Returns: (transfer full): array of #NmdJsonPiece that points into @text */
GArray      *nmd_json_cut             (const char         *text,
                                       gsize               length,
                                       const char         *name,
                                       GError            **error);

G_END_DECLS
