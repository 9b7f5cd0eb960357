/* SPDX-License-Identifier: Apache-2.0
 *
 * One measure's summary as JSON and back.
 */
#pragma once

#include "engine/eval/nmd-outline-table.h"

G_BEGIN_DECLS

/* {mean, sd, median, n, ci_subject}. */
JsonObject *nmd_outline_summary_to_json   (const NmdOutlineSummary *self) G_GNUC_WARN_UNUSED_RESULT;
/* The member @name of @results. Errors: %NMD_ERROR_FORMAT naming it. */
gboolean    nmd_outline_summary_from_json (NmdOutlineSummary       *self,
                                           const NmdJsonValue      *results,
                                           const char              *name,
                                           GError                 **error);

G_END_DECLS
