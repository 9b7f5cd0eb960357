/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd runs`: what is in a folder of run folders, with the notes that people made.
 */
#include "app/nmd-command.h"

#include "engine/core/nmd-json.h"
#include "engine/train/nmd-run-entry.h"

#include <math.h>
#include <stdio.h>

static const char *const state_words[] = { [NMD_RUN_STARTED] = "not finished",
                                           [NMD_RUN_FINISHED] = "finished",
                                           [NMD_RUN_DAMAGED] = "damaged" };

/* AUC and part of the last evaluation; NaN and NULL without one. */
static double
read_auc (NmdRun *run, const char **part)
{
  JsonNode *node = nmd_run_get_metrics (run);
  JsonObject *top = node != NULL ? json_node_get_object (node) : NULL;
  JsonObject *metrics = NULL;

  *part = NULL;
  if (top == NULL || !json_object_has_member (top, "metrics"))
    return NAN;
  metrics = json_object_get_object_member (top, "metrics");
  if (metrics == NULL || !json_object_has_member (metrics, "auc")
      || json_object_get_null_member (metrics, "auc"))
    return NAN;
  *part = json_object_get_string_member_with_default (top, "part", NULL);
  return json_object_get_double_member (metrics, "auc");
}

static void
print_entry (const NmdRunEntry *entry, const NmdRunNotes *notes, const char *problem)
{
  const char *part = NULL;
  g_autofree char *name = g_path_get_basename (entry->folder);

  printf ("%s: %s\n", nmd_command_shown (name), state_words[entry->state]);
  if (entry->run == NULL)
    printf ("  %s\n", nmd_command_shown (entry->problem));
  else
    {
      double auc = read_auc (entry->run, &part);

      printf ("  %s, data set %s, started %s\n", nmd_run_get_network (entry->run)->name,
              nmd_command_shown (nmd_run_get_dataset_path (entry->run)),
              nmd_run_get_started (entry->run) != NULL ? nmd_run_get_started (entry->run)
                                                       : "–");
      if (isfinite (auc))
        printf ("  AUC %s, %s part\n", nmd_command_number (auc, 3), part);
    }
  if (problem != NULL)
    printf ("  %s\n", nmd_command_shown (problem));
  if (notes == NULL)
    return;
  if (*notes->title != '\0')
    printf ("  Title: %s\n", nmd_command_shown (notes->title));
  if (notes->tags[0] != NULL)
    {
      g_autofree char *tags = g_strjoinv (", ", notes->tags);
      printf ("  Tags: %s\n", nmd_command_shown (tags));
    }
  if (*notes->note != '\0')
    {
      g_auto (GStrv) lines = g_strsplit (notes->note, "\n", -1);
      for (char **line = lines; *line != NULL; line++)
        printf ("  %s%s\n", line == lines ? "Note: " : "      ",
                nmd_command_shown (*line));
    }
}

static JsonObject *
describe_entry (const NmdRunEntry *entry, const NmdRunNotes *notes, const char *problem)
{
  JsonObject *object = json_object_new ();
  JsonArray *tags = json_array_new ();
  const char *part = NULL;
  double auc = entry->run != NULL ? read_auc (entry->run, &part) : NAN;

  nmd_json_set_text (object, "folder", entry->folder);
  json_object_set_string_member (object, "state", state_words[entry->state]);
  nmd_json_set_text (object, "problem",
                     entry->problem != NULL ? entry->problem : problem);
  if (entry->run != NULL)
    {
      json_object_set_string_member (object, "network",
                                     nmd_run_get_network (entry->run)->name);
      nmd_json_set_text (object, "dataset", nmd_run_get_dataset_path (entry->run));
      nmd_json_set_text (object, "started", nmd_run_get_started (entry->run));
    }
  nmd_json_set_text (object, "part", part);
  nmd_json_set_number (object, "auc", auc);
  for (gsize i = 0; notes != NULL && notes->tags[i] != NULL; i++)
    json_array_add_string_element (tags, notes->tags[i]);
  nmd_json_set_text (object, "title", notes != NULL ? notes->title : NULL);
  json_object_set_array_member (object, "tags", tags);
  nmd_json_set_text (object, "note", notes != NULL ? notes->note : NULL);
  return object;
}

int
nmd_command_runs (int argc, char **argv)
{
  static const GOptionEntry entries[] = { { NULL } };
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *rows = json_array_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *top = json_object_new ();
  int status = 0;

  json_object_set_array_member (top, "runs", rows);
  json_node_take_object (node, top);
  if (!nmd_command_parse ("runs", entries, &argc, &argv, 1, 1, &status))
    return status;
  dir = g_dir_open (argv[1], 0, &error);
  if (dir == NULL)
    return nmd_command_fail (error);
  runs = nmd_run_list (argv[1], nmd_command_get_cancellable ());
  if (g_cancellable_set_error_if_cancelled (nmd_command_get_cancellable (), &error))
    return nmd_command_fail (error);
  for (guint i = 0; i < runs->len; i++)
    {
      const NmdRunEntry *entry = runs->pdata[i];
      const NmdRunNotes *notes = entry->notes;
      const char *problem = entry->notes_problem;

      if (nmd_command_wants_json ())
        json_array_add_object_element (rows, describe_entry (entry, notes, problem));
      else
        print_entry (entry, notes, problem);
    }
  if (nmd_command_wants_json ())
    nmd_command_print_json (g_steal_pointer (&node));
  else if (runs->len == 0)
    printf ("No runs in %s\n", nmd_command_shown (argv[1]));
  return NMD_EXIT_DONE;
}
