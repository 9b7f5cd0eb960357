/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of images, and the desktop's file manager. Saving is the session's.
 */
#include "ui/pages/nmd-sample-export.h"

#include "engine/core/nmd-csv.h"
#include "ui/widgets/nmd-sample-facets.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_SHOWN 200 /* files that a file manager is asked to mark */

/* The table */

static const char *const names[]
    = { "image",          "subject", "muscle", "label",  "part",
        "echo_intensity", "echo_sd", "width",  "height", "problems" };
static const char *const score_names[] = { "score", "predicted", "off_by" };

static void
append_scores (GString *text, NmdSampleFacts *facts, NmdSample *sample, double score)
{
  const int predicted = nmd_sample_facts_get_predicted (facts, sample);

  nmd_csv_append_number (text, score);
  nmd_csv_append (text, predicted < 0
                            ? ""
                            : nmd_dataset_get_class (nmd_sample_facts_get_dataset (facts),
                                                     predicted));
  nmd_csv_append_number (text, fabs (sample->label - score));
}

static void
append_row (GString *text,
            NmdSampleFacts *facts,
            NmdSample *sample,
            GStrv columns,
            gboolean has_scores)
{
  const gboolean measured = sample->echo.n > 0;
  const NmdPart part = nmd_sample_facts_get_part (facts, sample);
  g_autofree char *problems = nmd_problems_to_words (sample->problems);

  nmd_csv_append (text, sample->id);
  nmd_csv_append (text, sample->subject);
  nmd_csv_append (text, sample->muscle != NULL ? sample->muscle : "");
  nmd_csv_append (text, sample->label_word);
  nmd_csv_append (text, part != NMD_PART_NONE ? nmd_part_get_name (part) : "");
  nmd_csv_append_number (text, measured ? sample->echo.mean : NAN);
  nmd_csv_append_number (text, measured ? sample->echo.sd : NAN);
  nmd_csv_append_number (text, sample->width);
  nmd_csv_append_number (text, sample->height);
  nmd_csv_append (text, problems);
  if (has_scores)
    append_scores (text, facts, sample, nmd_sample_facts_get_score (facts, sample));
  for (guint i = 0; columns[i] != NULL; i++)
    {
      const char *cell = sample->attributes != NULL
                             ? g_hash_table_lookup (sample->attributes, columns[i])
                             : NULL;
      nmd_csv_append (text, cell != NULL ? cell : "");
    }
  nmd_csv_end_line (text);
}

GBytes *
nmd_sample_export_to_csv (NmdSampleFacts *facts,
                          GListModel *samples,
                          const GtkBitset *places)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (facts) && G_IS_LIST_MODEL (samples), NULL);

  g_auto (GStrv) columns = nmd_sample_facts_get_columns (facts);
  const gboolean has_scores = nmd_sample_facts_has_scores (facts);
  GString *text = g_string_new (NULL);
  GtkBitsetIter iter;
  guint place = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    nmd_csv_append (text, names[i]);
  for (guint i = 0; has_scores && i < G_N_ELEMENTS (score_names); i++)
    nmd_csv_append (text, score_names[i]);
  for (guint i = 0; columns[i] != NULL; i++)
    nmd_csv_append (text, columns[i]);
  nmd_csv_end_line (text);
  if (gtk_bitset_iter_init_first (&iter, places, &place))
    do
      {
        g_autoptr (NmdSample) sample = g_list_model_get_item (samples, place);
        append_row (text, facts, sample, columns, has_scores);
      }
    while (gtk_bitset_iter_next (&iter, &place));
  return g_string_free_to_bytes (text);
}

/* The file manager */

typedef struct
{
  char *folder; /* URI */
  GVariant *uris;
  void (*failed) (const char *text, gpointer object);
  GWeakRef object;
} Reveal;

static void
reveal_free (Reveal *reveal)
{
  g_free (reveal->folder);
  g_variant_unref (reveal->uris);
  g_weak_ref_clear (&reveal->object);
  g_free (reveal);
}

static void
on_launched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reveal *reveal = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) object = g_weak_ref_get (&reveal->object);

  if (!g_app_info_launch_default_for_uri_finish (result, &error) && object != NULL)
    {
      /* Translators: the placeholder is the desktop's reason */
      g_autofree char *text
          = g_strdup_printf (_ ("No file manager opens: %s"), error->message);
      reveal->failed (text, object);
    }
  reveal_free (reveal);
}

static void
open_folder (Reveal *reveal)
{
  g_app_info_launch_default_for_uri_async (reveal->folder, NULL, NULL, on_launched,
                                           reveal);
}

static void
on_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reveal *reveal = user_data;
  g_autoptr (GVariant) answer
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  /* a desktop without that interface is none without a file manager */
  if (answer == NULL)
    open_folder (reveal);
  else
    reveal_free (reveal);
}

static GVariant *
uris_of (const char *const *paths)
{
  GVariantBuilder uris;

  g_variant_builder_init (&uris, G_VARIANT_TYPE ("as"));
  for (guint i = 0; paths[i] != NULL && i < MOST_SHOWN; i++)
    {
      g_autofree char *uri = g_filename_to_uri (paths[i], NULL, NULL);
      if (uri != NULL)
        g_variant_builder_add (&uris, "s", uri);
    }
  return g_variant_new ("(ass)", &uris, "");
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reveal *reveal = user_data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);

  if (bus != NULL)
    g_dbus_connection_call (bus, "org.freedesktop.FileManager1",
                            "/org/freedesktop/FileManager1",
                            "org.freedesktop.FileManager1", "ShowItems", reveal->uris,
                            NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_shown, reveal);
  else
    open_folder (reveal);
}

void
nmd_sample_export_reveal (const char *const *paths,
                          void (*failed) (const char *text, gpointer object),
                          GObject *object)
{
  g_return_if_fail (paths != NULL && failed != NULL);

  if (paths[0] == NULL)
    return;
  g_autofree char *folder = g_path_get_dirname (paths[0]);
  Reveal *reveal = g_new0 (Reveal, 1);

  reveal->folder = g_filename_to_uri (folder, NULL, NULL);
  reveal->uris = g_variant_ref_sink (uris_of (paths));
  reveal->failed = failed;
  g_weak_ref_init (&reveal->object, object);
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, reveal);
}
