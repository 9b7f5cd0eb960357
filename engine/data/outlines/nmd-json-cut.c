/* SPDX-License-Identifier: Apache-2.0
 *
 * Cuts a large JSON text into its members or elements, so that each can be parsed alone:
 * a tree of a whole file of annotations would take ten times its bytes.
 */
#include "engine/data/outlines/nmd-outlines-private.h"

#include <string.h>

typedef struct
{
  const char *at, *end;
} Cursor;

static void
skip_blanks (Cursor *self)
{
  while (self->at < self->end
         && (*self->at == ' ' || *self->at == '\t' || *self->at == '\r'
             || *self->at == '\n'))
    self->at++;
}

/* Behind the string that begins here. */
static gboolean
skip_string (Cursor *self)
{
  for (self->at++; self->at < self->end && *self->at != '"'; self->at++)
    if (*self->at == '\\')
      self->at++;
  if (self->at >= self->end)
    return FALSE;
  self->at++;
  return TRUE;
}

/* Behind the value that begins here: brackets are counted, not matched in kind. */
static gboolean
skip_value (Cursor *self)
{
  const char *start = self->at;
  gsize depth = 0;

  while (self->at < self->end)
    {
      const char c = *self->at;

      if (c == '"')
        {
          if (!skip_string (self))
            return FALSE;
          if (depth == 0)
            return TRUE;
          continue;
        }
      if (depth == 0 && (c == ',' || c == ']' || c == '}'))
        return self->at > start;
      self->at++;
      if (c == '[' || c == '{')
        depth++;
      else if ((c == ']' || c == '}') && --depth == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
read_piece (Cursor *self, gboolean named, NmdJsonPiece *piece)
{
  *piece = (NmdJsonPiece){ 0 };
  skip_blanks (self);
  if (named)
    {
      piece->name = self->at + 1;
      if (self->at >= self->end || *self->at != '"' || !skip_string (self))
        return FALSE;
      piece->name_length = (gsize)(self->at - 1 - piece->name);
      skip_blanks (self);
      if (self->at >= self->end || *self->at++ != ':')
        return FALSE;
      skip_blanks (self);
    }
  piece->value = self->at;
  if (!skip_value (self))
    return FALSE;
  piece->length = (gsize)(self->at - piece->value);
  skip_blanks (self);
  return TRUE;
}

GArray *
nmd_json_cut (const char *text, gsize length, const char *name, GError **error)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (NmdJsonPiece));
  Cursor self = { text, text + length };
  gboolean named, more;

  skip_blanks (&self);
  named = self.at < self.end && *self.at == '{';
  more = named || (self.at < self.end && *self.at == '[');
  self.at += more;
  skip_blanks (&self);
  if (more && self.at < self.end && *self.at == (named ? '}' : ']'))
    return g_steal_pointer (&pieces);
  while (more)
    {
      NmdJsonPiece piece;

      if (pieces->len >= NMD_OUTLINES_MAX_SHAPES || !read_piece (&self, named, &piece)
          || self.at >= self.end)
        break;
      g_array_append_val (pieces, piece);
      if (*self.at == (named ? '}' : ']'))
        return g_steal_pointer (&pieces);
      more = *self.at++ == ',';
    }
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "%s is cut short or damaged: its JSON ends within an %s", name,
               named ? "object" : "array");
  return NULL;
}
