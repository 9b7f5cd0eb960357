/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes, now or later.
 */
#include "ui/session/nmd-content.h"

#include <string.h>

/* One of the two. */
struct _NmdContent
{
  GBytes *bytes;
  NmdFigure *figure;
};

NmdContent *
nmd_content_new_text (char *text)
{
  return text != NULL ? nmd_content_new_bytes (g_bytes_new_take (text, strlen (text)))
                      : NULL;
}

NmdContent *
nmd_content_new_bytes (GBytes *bytes)
{
  if (bytes == NULL)
    return NULL;
  NmdContent *self = g_new0 (NmdContent, 1);
  self->bytes = bytes;
  return self;
}

NmdContent *
nmd_content_new_figure (NmdFigure *figure)
{
  if (figure == NULL)
    return NULL;
  NmdContent *self = g_new0 (NmdContent, 1);
  self->figure = figure;
  return self;
}

void
nmd_content_free (NmdContent *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->bytes, g_bytes_unref);
  nmd_figure_free (self->figure);
  g_free (self);
}

GBytes *
nmd_content_encode (NmdContent *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->figure != NULL ? nmd_figure_encode (self->figure, error)
                              : g_bytes_ref (self->bytes);
}
