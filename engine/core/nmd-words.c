/* SPDX-License-Identifier: Apache-2.0
 *
 * The language that a thread speaks. Translations are gettext's.
 */
#include "engine/core/nmd-words.h"

#include <glib/gi18n-lib.h>

static __thread gboolean is_local;

gboolean
nmd_words_set_local (gboolean local)
{
  gboolean before = is_local;

  is_local = local;
  return before;
}

gboolean
nmd_words_is_local (void)
{
  return is_local;
}

const char *
nmd_word (const char *english)
{
  return is_local ? g_dgettext (GETTEXT_PACKAGE, english) : english;
}

const char *
nmd_word_n (const char *one, const char *many, guint n)
{
  if (is_local)
    return g_dngettext (GETTEXT_PACKAGE, one, many, n);
  return n == 1 ? one : many;
}
