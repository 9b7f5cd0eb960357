/* SPDX-License-Identifier: Apache-2.0
 *
 * A data set in a line: subjects, and what has to be known of its masks and files.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

/* " · 30 subjects · 2 without mask · 1 doubtful mask · 3 left out", translated. Returns: (transfer full). */
char *nmd_data_facts_new (NmdDataset *dataset) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
