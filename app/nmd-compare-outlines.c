/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints what proposed outlines cost a classifier. Computing it is the engine's.
 */
#include "app/nmd-compare-outlines.h"

#include "app/nmd-command.h"
#include "engine/core/nmd-json.h"

#include <stdio.h>

static void
tell (double fraction, gpointer data)
{
  nmd_command_progress (fraction, "outlines and scores");
}

static gint64
count (JsonObject *object, const char *member)
{
  return json_object_get_int_member (object, member);
}

static void
print_difference (JsonObject *object)
{
  JsonObject *delong = json_object_get_object_member (object, "delong_by_image");
  JsonNode *interval = json_object_get_member (object, "difference_ci_subject");

  printf ("  AUC with the expert's outlines   %s\n",
          nmd_command_number (json_object_get_double_member (object, "auc_expert"), 3));
  printf ("  AUC with the proposed outlines   %s\n",
          nmd_command_number (json_object_get_double_member (object, "auc_proposed"), 3));
  printf ("  difference                       %s",
          nmd_command_number (json_object_get_double_member (object, "difference"), 3));
  if (JSON_NODE_HOLDS_ARRAY (interval))
    {
      JsonArray *ends = json_node_get_array (interval);

      printf (" [%s, %s] by subject",
              nmd_command_number (json_array_get_double_element (ends, 0), 3),
              nmd_command_number (json_array_get_double_element (ends, 1), 3));
    }
  if (!json_object_get_null_member (delong, "p"))
    printf (" (DeLong by image: p %s)",
            nmd_command_number (json_object_get_double_member (delong, "p"), 3));
  putchar ('\n');
}

static void
print_differing (JsonObject *object)
{
  JsonArray *images = json_object_get_array_member (object, "images");

  printf ("  The class differs in %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
          " images (threshold %s)\n",
          count (object, "n_classes_differ"), count (object, "n_images"),
          nmd_command_number (json_object_get_double_member (object, "threshold"), 3));
  for (guint i = 0; i < json_array_get_length (images); i++)
    {
      JsonObject *image = json_array_get_object_element (images, i);

      if (json_object_get_boolean_member (image, "classes_differ"))
        printf (
            "    %s: expert %s, proposed %s, Dice %s\n",
            nmd_command_shown (json_object_get_string_member (image, "image")),
            nmd_command_number (json_object_get_double_member (image, "score_expert"), 3),
            nmd_command_number (json_object_get_double_member (image, "score_proposed"),
                                3),
            nmd_command_number (json_object_get_double_member (image, "dice"), 3));
    }
}

static void
print_notes (JsonObject *object)
{
  static const struct
  {
    const char *member, *words;
  } counts[] = {
    { "n_no_outline", "without a proposed outline: scored on the whole frame" },
    { "n_without_mask", "without an expert's outline: left out" },
    { "n_outline_learnt", "in the training part of the outline's run: its outlines there "
                          "are better than on new images" },
    { "n_outline_does_not_fit", "that the outline's run does not fit" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    if (count (object, counts[i].member) > 0 || i == 0)
      printf ("  Note: %" G_GINT64_FORMAT " image%s %s\n",
              count (object, counts[i].member),
              count (object, counts[i].member) == 1 ? "" : "s", counts[i].words);
  if (json_object_get_boolean_member (object, "synthetic"))
    puts ("  Note: " NMD_SYNTHETIC);
  if (!json_object_get_null_member (object, "caveat"))
    printf ("  Note: %s\n",
            nmd_command_shown (json_object_get_string_member (object, "caveat")));
  puts ("  For research and teaching, not a medical device.");
}

int
nmd_command_compare_outlines (const char *folder,
                              const char *outline_folder,
                              const NmdEvaluateSettings *settings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node
      = nmd_train_compare_outlines (folder, outline_folder, settings, tell, NULL,
                                    nmd_command_get_cancellable (), &error);
  JsonObject *object;

  nmd_command_progress_done ();
  if (node == NULL)
    return nmd_command_fail (error);
  object = json_node_get_object (node);
  if (nmd_command_wants_json ())
    {
      nmd_json_set_text (object, "run", folder);
      nmd_command_print_json (g_steal_pointer (&node));
      return NMD_EXIT_DONE;
    }
  printf ("%s with outlines of %s\n", nmd_command_shown (folder),
          nmd_command_shown (outline_folder));
  printf ("Images of the %s part: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
          " subjects\n",
          json_object_get_string_member (object, "part"), count (object, "n_images"),
          count (object, "n_subjects"));
  print_difference (object);
  print_differing (object);
  print_notes (object);
  return NMD_EXIT_DONE;
}
