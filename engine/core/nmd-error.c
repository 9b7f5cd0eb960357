/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's error domain and the choices that an error may carry; the messages are
 * written where the errors happen.
 */
#include "engine/core/nmd-error.h"

typedef struct
{
  char **choices; /* NULL-terminated, or NULL */
} NmdErrorPrivate;

static void
nmd_error_private_init (NmdErrorPrivate *self)
{
}

static void
nmd_error_private_copy (const NmdErrorPrivate *from, NmdErrorPrivate *to)
{
  to->choices = g_strdupv (from->choices);
}

static void
nmd_error_private_clear (NmdErrorPrivate *self)
{
  g_strfreev (self->choices);
}

G_DEFINE_EXTENDED_ERROR (NmdError, nmd_error)

void
nmd_error_set_choices (GError *error, const char *const *choices)
{
  NmdErrorPrivate *private = NULL;
  gsize n = 0;

  g_return_if_fail (error != NULL && error->domain == NMD_ERROR && choices != NULL);

  private = nmd_error_get_private (error);
  g_strfreev (private->choices);
  private->choices = g_new0 (char *, NMD_ERROR_MAX_CHOICES + 1);
  for (; n < NMD_ERROR_MAX_CHOICES && choices[n] != NULL; n++)
  private->choices[n] = g_strdup (choices[n]);
}

const char *const *
nmd_error_get_choices (const GError *error)
{
  static const char *const none[] = { NULL };
  NmdErrorPrivate *private = NULL;

  if (error == NULL || error->domain != NMD_ERROR)
    return none;
  private = nmd_error_get_private (error);
  return private->choices != NULL ? (const char *const *)private->choices : none;
}
