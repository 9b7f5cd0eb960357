/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of a search, looked for in an image's title and name.
 */
#include "ui/widgets/nmd-sample-search.h"

#include <glib/gi18n.h>
#include <string.h>

struct _NmdSampleSearch
{
  char **words;       /* case-folded, at least one */
  char *subject_word; /* what the title calls a subject, case-folded */
};

/* Whether @text has @word, which is folded: anywhere, or at the start of a word only. Without a
 * copy where it is ASCII, as nearly all is: tens of thousands are looked through at a key. */
static gboolean
has_word (const char *text, const char *word, gboolean at_start)
{
  g_autofree char *folded = NULL;
  const gsize n = strlen (word);

  if (text == NULL)
    return FALSE;
  if (!g_str_is_ascii (text))
    text = folded = g_utf8_casefold (text, -1);
  for (const char *p = text; *p != '\0'; p++)
    if ((!at_start || p == text || !g_ascii_isalnum (p[-1]))
        && g_ascii_strncasecmp (p, word, n) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_number (const char *word)
{
  return strspn (word, "0123456789") == strlen (word);
}

static gboolean
is_subject (const NmdSample *sample, const char *word)
{
  return is_number (word) ? g_strcmp0 (sample->subject, word) == 0
                          : has_word (sample->subject, word, TRUE);
}

/* A word is one of the title (subject, muscle, label), or part of the name; very short ones
 * ("TA") start a word of it. */
static gboolean
finds_word (const NmdSample *sample, const char *word)
{
  return is_subject (sample, word)
         || has_word (sample->id, word, strlen (word) < 3 && !is_number (word))
         || has_word (sample->muscle, word, TRUE)
         || has_word (sample->label_word, word, TRUE);
}

gboolean
nmd_sample_search_finds (const NmdSampleSearch *self, const NmdSample *sample)
{
  g_return_val_if_fail (self != NULL && sample != NULL, FALSE);
  for (guint i = 0; self->words[i] != NULL; i++)
    {
      const char *word = self->words[i];
      const gboolean names
          = strlen (word) > 2 && g_str_has_prefix (self->subject_word, word);

      if (names && self->words[i + 1] != NULL)
        {
          if (!is_subject (sample, self->words[++i]))
            return FALSE;
        }
      else if (!names && !finds_word (sample, word))
        return FALSE;
    }
  return TRUE;
}

/* The words of @text (nullable), case-folded; dots between them are the title's. NULL if there is none. */
static char **
words_of (const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text != NULL ? text : "", -1);
  g_auto (GStrv) parts = g_strsplit_set (folded, " \t", -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  guint n = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0' && !g_str_equal (parts[i], "·"))
      {
        g_strv_builder_add (words, parts[i]);
        n++;
      }
  return n > 0 ? g_strv_builder_end (words) : NULL;
}

NmdSampleSearch *
nmd_sample_search_new (const char *text)
{
  char **words = words_of (text);
  /* Translators: the placeholder is a subject's number */
  g_auto (GStrv) title = g_strsplit (_ ("Subject %s"), "%s", 2);
  NmdSampleSearch *self = NULL;

  if (words == NULL)
    return NULL;
  self = g_new0 (NmdSampleSearch, 1);
  self->words = words;
  self->subject_word = g_utf8_casefold (g_strstrip (title[0]), -1);
  return self;
}

void
nmd_sample_search_free (NmdSampleSearch *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->words);
  g_free (self->subject_word);
  g_free (self);
}
