/* SPDX-License-Identifier: Apache-2.0
 *
 * A model's answer about one scan as a job of the ask thread. What a map is, is engine/eval's.
 */
#include "ui/session/nmd-explanation.h"

#include "ui/session/nmd-asker.h"

#include <glib/gi18n.h>
#include <math.h>

void
nmd_explanation_free (NmdExplanation *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->scan);
  g_clear_pointer (&self->model, nmd_model_unref);
  nmd_verdict_clear (&self->verdict);
  g_free (self->device);
  g_clear_pointer (&self->map, nmd_map_unref);
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&self->colours[i], g_bytes_unref);
  g_free (self);
}

NmdExplanation *
nmd_explanation_copy (const NmdExplanation *from)
{
  NmdExplanation *copy = g_new0 (NmdExplanation, 1);

  copy->scan = g_object_ref (from->scan);
  copy->model = nmd_model_ref (from->model);
  nmd_verdict_copy (&from->verdict, &copy->verdict);
  copy->device = g_strdup (from->device);
  copy->map = from->map != NULL ? nmd_map_ref (from->map) : NULL;
  for (int i = 0; i < 2; i++)
    copy->colours[i] = from->colours[i] != NULL ? g_bytes_ref (from->colours[i]) : NULL;
  return copy;
}

typedef struct
{
  NmdScan *scan;
  NmdModel *model;
  NmdStatedFacts stated; /* texts are ours */
  char *device;
  NmdMapMethod method;
  int target;
  char *layer;
  gboolean busy;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_object_unref (input->scan);
  nmd_model_unref (input->model);
  g_free ((char *)input->stated.organ);
  g_free ((char *)input->stated.muscle);
  g_free ((char *)input->stated.model_organ);
  g_free ((char *)input->stated.model_muscles);
  g_free (input->device);
  g_free (input->layer);
  g_free (input);
}

static GBytes *
colour_map (const NmdMap *map, NmdColours colours)
{
  gsize n = (gsize)(map->box.x1 - map->box.x0) * (gsize)(map->box.y1 - map->box.y0);
  guint8 table[256][3];
  guint8 *rgba = g_malloc (4 * n);

  for (int v = 0; v < 256; v++)
    nmd_colour (colours, v / 255.0, table[v]);
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *rgb = table[lrintf (CLAMP (map->values[i], 0, 1) * 255)];
      rgba[4 * i] = rgb[0];
      rgba[4 * i + 1] = rgb[1];
      rgba[4 * i + 2] = rgb[2];
      rgba[4 * i + 3] = 255;
    }
  return g_bytes_new_take (rgba, 4 * n);
}

static gpointer
explain_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (NmdExplanation) answer = g_new0 (NmdExplanation, 1);
  const char *device = NULL;

  answer->scan = g_object_ref (input->scan);
  answer->model = nmd_model_ref (input->model);
  nmd_scan_judge (input->scan, input->model, &input->stated, &answer->verdict);
  if (input->scan->mask == NULL && !answer->verdict.is_whole_frame)
    return g_steal_pointer (&answer);

  NmdPredictor *predictor
      = nmd_asker_need (job, input->model, input->device, input->busy, &device, error);
  if (predictor == NULL)
    return NULL;
  answer->device = g_strdup (device);
  answer->map
      = nmd_map_compute (predictor, input->scan->image, input->scan->mask, input->method,
                         input->target, input->layer, cancellable, error);
  if (answer->map == NULL)
    return NULL;
  answer->colours[NMD_COLOURS_UNIFORM] = colour_map (answer->map, NMD_COLOURS_UNIFORM);
  answer->colours[NMD_COLOURS_JET] = colour_map (answer->map, NMD_COLOURS_JET);
  return g_steal_pointer (&answer);
}

gboolean
nmd_explanation_answers (const NmdExplanation *self,
                         NmdMapMethod method,
                         int target,
                         const char *layer)
{
  g_return_val_if_fail (self != NULL, FALSE);

  const NmdMap *map = self->map;
  return map == NULL
         || (map->method == method
             && map->target == (target >= 0 ? target : !(map->score < 0.5)) /* of NaN 1 */
             && (layer == NULL || !nmd_map_method_has_layer (method)
                 || g_strcmp0 (map->layer, layer) == 0));
}

NmdJob *
nmd_explanation_start (NmdScan *scan,
                       NmdModel *model,
                       const NmdStatedFacts *stated,
                       const char *device,
                       NmdMapMethod method,
                       int target,
                       const char *layer,
                       gboolean busy,
                       GAsyncReadyCallback done,
                       gpointer user_data)
{
  Input *input = g_new0 (Input, 1);

  input->scan = g_object_ref (scan);
  input->model = nmd_model_ref (model);
  if (stated != NULL)
    input->stated
        = (NmdStatedFacts){ g_strdup (stated->organ), g_strdup (stated->muscle),
                            g_strdup (stated->model_organ),
                            g_strdup (stated->model_muscles), stated->show_anyway };
  input->device = g_strdup (device);
  input->method = method;
  input->target = target;
  input->layer = g_strdup (layer);
  input->busy = busy;
  /* Who asks replaces only what it asked itself. */
  g_autofree char *kind = g_strdup_printf ("explain %p", user_data);
  return nmd_job_start (NMD_THREAD_ASK, kind, _ ("Explaining"), explain_func, input,
                        input_free, NULL, (GDestroyNotify)nmd_explanation_free, done,
                        user_data);
}
