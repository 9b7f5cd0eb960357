/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of a card share: titles of its sections, numbers, sentences.
 */
#include "config.h"

#include "engine/report/nmd-run-card-private.h"

#include <math.h>
#include <string.h>

const char *
nmd_card_section_get_title (NmdCardSection section)
{
  static const char *const titles[] = {
    "Summary",
    "Data",
    "Protocol",
    "Network and parameters",
    "Results",
    "Rivals",
    "Figures",
    "The most wrong images",
    "Limits",
    "Files, versions, device",
    "Reporting checklists",
  };

  g_return_val_if_fail (section < G_N_ELEMENTS (titles), "");
  return titles[section];
}

char *
nmd_card_number (double value, int decimals)
{
  char format[8], digits[64];

  if (!isfinite (value))
    return g_strdup ("–");
  g_snprintf (format, sizeof format, "%%.%df", decimals);
  g_ascii_formatd (digits, sizeof digits, format, fabs (value));
  return g_strconcat (value < 0 && strspn (digits, "0.") < strlen (digits) ? "−" : "",
                      digits, NULL);
}

void
nmd_card_add_sentence (NmdDocument *document, NmdBlockKind kind, const char *text)
{
  if (text != NULL && *text != '\0')
    nmd_document_add (document, kind, "%s%s", text,
                      g_str_has_suffix (text, ".") ? "" : ".");
}
