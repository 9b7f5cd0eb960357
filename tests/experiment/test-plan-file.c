/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan.json that was changed by hand is refused with the member that cannot be.
 */
#include "engine/core/nmd-file.h"
#include "engine/experiment/nmd-plan.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <string.h>

static void
test_changed (void)
{
  static const struct
  {
    const char *from, *to, *word;
  } changes[] = {
    { "\"leave_out\": null", "\"leave_out\": \"device\"", "left_out" },
    { "\"fold\": 1,", "\"fold\": 20,", "fold" }, /* no training has that one */
    { "\"format\": 1", "\"format\": 2", "format" },
    { "\"seed\": 5\n", "\"seed\": -5\n", "seed" },
    { "\"cells\": [", "\"trainings\": [", "cells" },
  };
  static const char *const networks[] = { "tiny", NULL };
  static const gint64 seeds[] = { 5 };
  g_autoptr (NmdTrainSettings) train = fixture_settings ("unused");
  const NmdPlanSettings settings = { .kind = NMD_EXPERIMENT_CROSSVAL,
                                     .dataset_path = fixture.manifest,
                                     .dataset = fixture.dataset,
                                     .networks = networks,
                                     .seeds = seeds,
                                     .n_seeds = 1,
                                     .device = "reference",
                                     .threads = 1,
                                     .parameters = train->parameters };
  g_autofree char *folder = fixture_path ("plan");
  g_autofree char *path = g_build_filename (folder, "plan.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdPlan) plan = nmd_plan_new (&settings, &error), again = NULL;

  g_assert_no_error (error);
  text = nmd_plan_to_text (plan);
  g_assert_true (nmd_file_make_folder (folder, NULL));
  g_assert_true (nmd_file_write_text (path, text, NULL));
  again = nmd_plan_load (folder, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GString) changed = g_string_new (text);

      if (g_string_replace (changed, changes[i].from, changes[i].to, 1) != 1)
        g_error ("No %s in %s", changes[i].from, text);
      g_assert_true (nmd_file_write_text (path, changed->str, NULL));
      g_assert_null (nmd_plan_load (folder, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      if (strstr (error->message, changes[i].word) == NULL)
        g_error ("“%s” does not say “%s”", error->message, changes[i].word);
      g_clear_error (&error);
    }
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/plan-file/changed", test_changed);
  return fixture_close (g_test_run ());
}
