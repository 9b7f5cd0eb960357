/* SPDX-License-Identifier: Apache-2.0
 *
 * The session and predictor of the ask thread.
 */
#include "ui/session/nmd-asker.h"

typedef struct
{
  char *device;
  NmdSession *session;
  NmdPredictor *predictor;
} Asker;

static gpointer
asker_new (void)
{
  return g_new0 (Asker, 1);
}

static void
asker_free (gpointer data)
{
  Asker *asker = data;

  g_clear_pointer (&asker->predictor, nmd_predictor_free);
  g_clear_pointer (&asker->session, nmd_session_close);
  g_free (asker->device);
  g_free (asker);
}

/* The predictor of @model on @device. The session's store holds one network at a time, so
 * another model gets a fresh session. */
static NmdPredictor *
need_predictor (
    Asker *asker, NmdModel *model, const char *device, int threads, GError **error)
{
  gboolean same = asker->predictor != NULL
                  && nmd_predictor_get_model (asker->predictor) == model
                  && g_strcmp0 (asker->device, device) == 0;

  if (!same)
    {
      g_clear_pointer (&asker->predictor, nmd_predictor_free);
      g_clear_pointer (&asker->session, nmd_session_close);
    }
  if (asker->session == NULL)
    {
      g_free (asker->device);
      asker->device = g_strdup (device);
      asker->session = nmd_session_open (device, threads, error);
      if (asker->session == NULL)
        return NULL;
    }
  if (asker->predictor == NULL)
    asker->predictor = nmd_predictor_new (asker->session, model, 16, error);
  if (asker->predictor != NULL)
    nmd_session_set_threads (asker->session, threads);
  return asker->predictor;
}

NmdPredictor *
nmd_asker_need (NmdJob *job,
                NmdModel *model,
                const char *device,
                gboolean busy,
                const char **description,
                GError **error)
{
  Asker *asker = nmd_thread_data (job, "asker", asker_new, asker_free);
  NmdPredictor *predictor = need_predictor (asker, model, device, busy ? 1 : 0, error);

  if (predictor != NULL && description != NULL)
    *description = nmd_session_get_description (asker->session);
  return predictor;
}
