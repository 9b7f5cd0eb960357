/* SPDX-License-Identifier: Apache-2.0
 *
 * Images of the list handed on: as a table for other programs, and to the file manager.
 */
#pragma once

#include "ui/widgets/nmd-sample-facts.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * nmd_sample_export_to_csv:
 * @samples: of NmdSample
 * @places: which of them
 *
 * A table with an image a row, in the order of @samples: image (id), subject, muscle, label (as the data set writes
 * it), part, echo_intensity, echo_sd, width, height, problems (words separated by "; "); with a run that has scores
 * of this data set score, predicted (the class by the run's threshold) and off_by (|label − score|); then the further
 * columns of the data set. Names are English, numbers have '.', the shortest that reads back; what is not known is
 * empty.
 *
 * Returns: (transfer full): the bytes of the file
 */
GBytes *nmd_sample_export_to_csv (NmdSampleFacts  *facts,
                                  GListModel      *samples,
                                  const GtkBitset *places) G_GNUC_WARN_UNUSED_RESULT;

/* Shows the files at @paths (ended by %NULL) marked in the desktop's file manager, by its interface
 * org.freedesktop.FileManager1; where there is none, opens the folder of the first one. @failed is called with one
 * sentence where neither can be done, if @object, which is its user data and not owned, still lives. */
void    nmd_sample_export_reveal (const char *const *paths,
                                  void             (*failed) (const char *text, gpointer object),
                                  GObject           *object);

G_END_DECLS
