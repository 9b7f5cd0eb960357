/* SPDX-License-Identifier: Apache-2.0
 *
 * The images that are open as a list model. While an import runs it grows with what has come in;
 * then it shows the data set's own array, without a copy. Main thread.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define NMD_TYPE_SAMPLE_LIST (nmd_sample_list_get_type ())
G_DECLARE_FINAL_TYPE (NmdSampleList, nmd_sample_list, NMD, SAMPLE_LIST, GObject)

/* An empty list. */
NmdSampleList *nmd_sample_list_new    (void);

/* Adds @samples (of NmdSample) at the end, with a reference to each. Only while no data set is
 * shown. */
void           nmd_sample_list_append (NmdSampleList   *self,
                                       const GPtrArray *samples);

/* Shows @dataset (nullable: nothing) in place of what was shown. Only what differs is told as
 * changed: images that came in in the data set's order stay where they are. */
void           nmd_sample_list_show   (NmdSampleList   *self,
                                       NmdDataset      *dataset);

G_END_DECLS
