/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages, problems and pages to show, as signals. What they look like is the window's.
 */
#include "ui/session/nmd-notices.h"

#include <gio/gio.h>

struct _NmdNotices
{
  GObject parent_instance;

  gboolean closed;
};

enum
{
  MESSAGE,
  PROBLEM,
  SHOW_PAGE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdNotices, nmd_notices, G_TYPE_OBJECT)

static void
nmd_notices_class_init (NmdNoticesClass *klass)
{
  const char *const names[N_SIGNALS] = { "message", "problem", "show-page" };

  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                               NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
nmd_notices_init (NmdNotices *self)
{
}

NmdNotices *
nmd_notices_new (void)
{
  return g_object_new (NMD_TYPE_NOTICES, NULL);
}

static void
tell (NmdNotices *self, int signal, const char *text)
{
  if (!self->closed)
    g_signal_emit (self, signals[signal], 0, text);
}

void
nmd_notices_message (NmdNotices *self, const char *text)
{
  g_return_if_fail (NMD_IS_NOTICES (self) && text != NULL);
  tell (self, MESSAGE, text);
}

void
nmd_notices_problem (NmdNotices *self, const char *text)
{
  g_return_if_fail (NMD_IS_NOTICES (self) && text != NULL);
  tell (self, PROBLEM, text);
}

gboolean
nmd_notices_error (NmdNotices *self, const GError *error)
{
  g_return_val_if_fail (NMD_IS_NOTICES (self), FALSE);
  if (error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  tell (self, PROBLEM, error->message);
  return TRUE;
}

void
nmd_notices_show_page (NmdNotices *self, const char *page)
{
  g_return_if_fail (NMD_IS_NOTICES (self) && page != NULL);
  tell (self, SHOW_PAGE, page);
}

void
nmd_notices_close (NmdNotices *self)
{
  g_return_if_fail (NMD_IS_NOTICES (self));
  self->closed = TRUE;
}

gboolean
nmd_notices_is_closed (NmdNotices *self)
{
  g_return_val_if_fail (NMD_IS_NOTICES (self), TRUE);
  return self->closed;
}
