/* SPDX-License-Identifier: Apache-2.0
 *
 * The most wrong images of a run with their maps, as pictures of a report.
 */
#pragma once

#include "engine/report/nmd-run-card.h"
#include "ui/plot/nmd-document-pages.h"
#include "ui/plot/nmd-run-report.h"

/* The images, and what they are drawn by. */
typedef struct
{
  char *layer;          /* (nullable): that the maps are of; methods that look at the input have none */
  GPtrArray *items;     /* private */
  GArray *pictures;     /* NmdCardPicture: names and texts */
  GArray *figures;      /* NmdDocumentFigure, of the same names */
} NmdReportImages;

void     nmd_report_images_clear (NmdReportImages         *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdReportImages, nmd_report_images_clear)

/* "34 % inside, 33 % on the edge, 33 % outside", which add up to 100; or why there are no shares. */
char    *nmd_report_shares_to_text (const NmdMap           *map) G_GNUC_WARN_UNUSED_RESULT;

/* Fills @self (all zero) with the %NMD_CARD_WRONG_IMAGES most wrong images of @facts, whose data set has to be
 * there: the image with its outline, and the map of the label that it was called, by the weights that the
 * scores are of. Errors: those of the weights, the device, the images; cancelled. */
gboolean nmd_report_images_make  (NmdReportImages         *self,
                                  const NmdRunFacts       *facts,
                                  const NmdReportOptions  *options,
                                  GError                 **error);
