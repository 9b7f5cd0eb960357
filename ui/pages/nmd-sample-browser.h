/* SPDX-License-Identifier: Apache-2.0
 *
 * The images of the data set as a grid of thumbnails or as a table, over one list: filtered, sorted, with one selection.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"
#include "ui/widgets/nmd-sample-filter.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_SAMPLE_BROWSER (nmd_sample_browser_get_type ())
G_DECLARE_FINAL_TYPE (NmdSampleBrowser, nmd_sample_browser, NMD, SAMPLE_BROWSER, AdwBin)

/**
 * NmdSampleBrowser:
 *
 * Of several selected images one is the current one: the last that was added alone, else the first. While there are
 * images one is selected, unless nmd_sample_browser_unselect() said otherwise.
 *
 * Properties:
 *   "as-table" (boolean, writable): the table is shown
 *
 * Signals:
 *   "chosen" (NmdSample, nullable): another image is the current one, or none
 *   "selection-changed": others are selected, or the list has others
 *   "clear": the user wants all filters gone
 */

/* All are referenced. */
void        nmd_sample_browser_set_session (NmdSampleBrowser *self,
                                            NmdDataSession   *data,
                                            NmdSampleFacts   *facts,
                                            NmdSampleFilter  *filter);

/* Returns: (transfer none): the images that pass, in the order shown: of NmdSample; the same list for ever. */
GListModel *nmd_sample_browser_get_model   (NmdSampleBrowser *self);

/* Returns: (transfer none): which of them are selected. */
GtkSelectionModel *nmd_sample_browser_get_selection (NmdSampleBrowser *self);

/* Returns: (transfer none) (nullable): the current one. */
NmdSample  *nmd_sample_browser_get_current (NmdSampleBrowser *self);

/* Selects @sample alone and shows it; does nothing where it does not pass the filter or is the current one. */
void        nmd_sample_browser_choose      (NmdSampleBrowser *self,
                                            NmdSample        *sample);

/* Selects those of @samples (of NmdSample) that pass the filter, and shows the first. */
void        nmd_sample_browser_select      (NmdSampleBrowser *self,
                                            GPtrArray        *samples);

/* Selects nothing, until the list or the user selects. */
void        nmd_sample_browser_unselect    (NmdSampleBrowser *self);

/* As nmd_sample_step() from the current one. */
void        nmd_sample_browser_step        (NmdSampleBrowser *self,
                                            int               by,
                                            gboolean          by_subject);

G_END_DECLS
