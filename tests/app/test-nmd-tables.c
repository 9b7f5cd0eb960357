/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables and data sets as people have them, given to `nmd`: what it asks, warns of and refuses. Nothing is
 * trained.
 */
#include "process.h"

#include "engine/image/nmd-png-writer.h"
#include "engine/nn/nmd-network.h"

#include <string.h>

#define PEOPLE                                                                           \
  "metrics @/people.csv --label-column truth --score-column p --subject-column who "     \
  "--image-column file --part-column set --positive yes --score-scale percent"

#define ROWS                                                                             \
  "who;file;truth;p;set\n1;a;no;10;test\n1;b;yes;80;test\n2;c;yes;90,5;test\n"           \
  "3;d;no;30;test\n4;e;yes;20;train\n"

/* Every option counts: columns by other names, words, percent, one part of two. */
static void
test_columns (void)
{
  write_text ("people.csv", ROWS);
  {
    g_auto (Result) result = nmd (PEOPLE " --part test --json");
    g_autoptr (JsonNode) node = NULL;
    JsonObject *object = parse (&result, &node);

    g_assert_cmpint (result.status, ==, 0);
    g_assert_cmpint (json_object_get_int_member (object, "n_images"), ==, 4);
    g_assert_cmpint (json_object_get_int_member (object, "n_subjects"), ==, 3);
    g_assert_cmpint (json_object_get_int_member (object, "tp"), ==, 2);
    g_assert_cmpint (json_object_get_int_member (object, "tn"), ==, 2);
    g_assert_cmpstr (json_object_get_string_member (object, "part"), ==, "test");
    g_assert_false (json_object_has_member (object, "warnings"));
  }
  {
    g_auto (Result) mixed = nmd (PEOPLE);

    g_assert_cmpint (mixed.status, ==, 1);
    g_assert_nonnull (strstr (mixed.err, "row 6: images of the part “train” stand"));
    g_assert_nonnull (strstr (mixed.err, "--part test measures one part"));
  }
  write_text ("people.csv", ROWS "1;a;no;11;test\n"); /* an image twice */
  {
    g_auto (Result) twice = nmd (PEOPLE " --part test");

    g_assert_cmpint (twice.status, ==, 1);
    assert_sentence (&twice, "metrics", "people.csv, row 7", "row 2 already");
  }
}

/* An AUC under 0.5 is warned of, in text and JSON; tables that are joined say so. */
static void
test_warnings (void)
{
  write_text ("turned.csv", "image,label,score\na,0,0.9\nb,1,0.2\nc,1,0.1\nd,0,0.6\n");
  write_text ("labels.csv", "image,label\na,0\nb,1\nc,1\nd,0\ne,1\n");
  write_text ("scores.csv", "image,score\nd,0.2\nc,0.9\nb,0.7\na,0.1\n");
  {
    g_auto (Result) text = nmd ("metrics @/turned.csv"),
                    json = nmd ("metrics @/turned.csv --json"),
                    joined = nmd ("metrics @/scores.csv @/labels.csv");
    g_autoptr (JsonNode) node = NULL;
    JsonArray *warnings = json_object_get_array_member (parse (&json, &node), "warnings");

    g_assert_nonnull (strstr (text.out, "The AUC is under 0.5"));
    g_assert_cmpuint (json_array_get_length (warnings), ==, 1);
    g_assert_true (g_str_has_prefix (json_array_get_string_element (warnings, 0),
                                     "The AUC is under 0.5"));
    g_assert_cmpint (joined.status, ==, 0);
    g_assert_nonnull (strstr (joined.out, "joined by the names of images: 4"));
    g_assert_nonnull (strstr (joined.out, "no score were left out: e"));
    g_assert_null (strstr (joined.out, "under 0.5"));
  }
}

static void
save (const char *name, int kind)
{
  g_autofree char *path = place (name), *folder = g_path_get_dirname (path);
  g_autoptr (NmdImage) image = nmd_image_new (64, 48);

  for (int i = 0; i < 64 * 48; i++)
    {
      const int x = i % 64 - 32, y = i / 64 - 24;
      const gboolean inside = x * x + y * y < 200;

      image->pixels[i] = (guint8)(kind == 'p'               ? 30 + (i * name[4]) % 151
                                  : (kind == 'm') == inside ? 255
                                                            : 0);
    }
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
}

/* No command trains on a doubtful mask that nobody has looked at. */
static void
test_doubtful (void)
{
  static const char *const commands[]
      = { "train", "crossval", "compare", "ablate --what recipe", "leak-gap" };
  g_auto (Result) listed = { 0 };

  save ("set/benign/a.png", 'p');
  save ("set/malignant/b.png", 'p');
  save ("set/benign/a_mask.png", 'm');
  save ("set/malignant/b_mask.png", 'i');
  listed = nmd ("dataset @/set");
  g_assert_nonnull (
      strstr (listed.out, "mask that looks inverted: DOUBTFUL\n  malignant/b.png\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *out = g_strdup_printf ("out-%" G_GSIZE_FORMAT, i);
      g_autofree char *path = place (out);
      g_autofree char *line = g_strdup_printf ("%s @/set --out @/%s", commands[i], out);
      g_auto (Result) result = nmd (line);

      g_assert_cmpint (result.status, ==, 1);
      g_assert_nonnull (strstr (result.err, "1 looks inverted"));
      g_assert_nonnull (strstr (result.err, "malignant/b.png"));
      g_assert_nonnull (strstr (result.err, "--accept-masks"));
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    }
}

/* What wrappers put before the names of tensors is left out, and said. */
static void
test_prefix (void)
{
  const NmdNetwork *network = nmd_network_find ("nmdassistnet", NULL);
  g_autoptr (NmdWeights) plain = nmd_network_init (network, 2, 1),
                         wrapped = nmd_weights_new ();
  g_autofree char *path = place ("wrapped.safetensors");
  g_auto (Result) result = { 0 };

  for (guint i = 0; i < nmd_weights_get_n (plain); i++)
    {
      NmdShape shape;
      const char *name = nmd_weights_get_name (plain, i);
      const float *values = nmd_weights_get (plain, name, &shape);
      g_autofree char *longer = g_strconcat ("model._orig_mod.", name, NULL);

      memcpy (nmd_weights_add (wrapped, longer, &shape), values,
              4 * nmd_shape_count (&shape));
    }
  g_assert_true (nmd_weights_save (wrapped, path, NULL));
  result = nmd ("weights @/wrapped.safetensors");
  g_assert_cmpint (result.status, ==, 0);
  g_assert_nonnull (strstr (result.out, "fits nmdassistnet, 2 classes\n"));
  g_assert_nonnull (strstr (result.out, "names are read without “model._orig_mod.”\n"));
}

/* --help says what --split takes. */
static void
test_split_help (void)
{
  g_auto (Result) help = nmd ("train --help");

  g_assert_nonnull (strstr (help.out, "--split=KIND|FILE"));
  g_assert_nonnull (strstr (help.out, "stated where the data set states parts"));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  process_set_up ();
  g_test_add_func ("/nmd/tables/columns", test_columns);
  g_test_add_func ("/nmd/tables/warnings", test_warnings);
  g_test_add_func ("/nmd/tables/doubtful", test_doubtful);
  g_test_add_func ("/nmd/tables/prefix", test_prefix);
  g_test_add_func ("/nmd/tables/split-help", test_split_help);
  status = g_test_run ();
  process_tear_down ();
  return status;
}
