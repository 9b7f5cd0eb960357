/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts of a data set put into words.
 */
#include "ui/pages/nmd-data-facts.h"

#include "ui/session/nmd-findings.h"

#include <glib/gi18n.h>

char *
nmd_data_facts_new (NmdDataset *dataset)
{
  g_return_val_if_fail (NMD_IS_DATASET (dataset), NULL);

  const NmdImportReport *report = nmd_dataset_get_report (dataset);
  guint subjects = nmd_dataset_count_subjects (dataset);
  guint units = nmd_dataset_count_units (dataset);
  guint without = report->n_no_mask + report->n_empty_mask;
  guint left_out = report->left_out != NULL ? report->left_out->len : 0;
  g_autofree char *doubtful = nmd_findings_of_masks (dataset);
  GString *text = g_string_new (" · ");

  g_string_append_printf (text, ngettext ("%u subject", "%u subjects", subjects),
                          subjects);
  if (units != subjects)
    /* Translators: counts of muscle-and-number units */
    g_string_append_printf (text, _ (" (%u muscle-and-number units)"), units);
  if (without > 0)
    g_string_append_printf (text, _ (" · %u without mask"), without);
  g_string_append (text, doubtful);
  if (left_out > 0)
    g_string_append_printf (text, _ (" · %u left out"), left_out);
  return g_string_free (text, FALSE);
}
