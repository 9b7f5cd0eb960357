/* SPDX-License-Identifier: Apache-2.0
 *
 * The program golden: true files pass on each device, a file with one altered number does
 * not, whichever group it is in, and a malformed one is refused with the reason.
 */
#include "engine/backend/nmd-session.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/wait.h>

static char *
golden_file (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "backend", "golden", name, NULL);
}

/* Another run than the usual one, with an instruction set of its own: it concerns the CPU's device
 * alone, and the files have been compared with exact numbers before. */
static gboolean
is_isa_run (void)
{
  return g_getenv ("NMD_CPU_ISA") != NULL;
}

/* Runs golden on @files; its exit status. */
static int
run_golden (const char *device, const char *word, GPtrArray *files, char **output)
{
  g_autofree char *program
      = g_build_filename (g_getenv ("NMD_BUILDDIR"), "tests", "backend", "golden", NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_ptr_array_add (argv, program);
  g_ptr_array_add (argv, (char *)"--device");
  g_ptr_array_add (argv, (char *)device);
  if (is_isa_run ())
    g_ptr_array_add (argv, (char *)"--trust");
  if (word != NULL)
    {
      g_ptr_array_add (argv, (char *)"--word");
      g_ptr_array_add (argv, (char *)word);
    }
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (argv, files->pdata[i]);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, output,
                NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

/* Plain loops take long: two files show that they are right. */
static const struct
{
  const char *name;
  gboolean plain;
} files_known[] = {
  { "nmdassistnet", TRUE },  { "nmdassistnet-2", FALSE }, { "ghostnet", TRUE },
  { "efficientnet", FALSE }, { "cspnet", FALSE },         { "hrnet", FALSE },
  { "vit", FALSE },          { "ghostunet", TRUE },       { "unet", FALSE },
};

/* One file on every usable device but the double-precision one, which golden uses by
 * itself. */
static void
expect_passed (const char *file, const char *word, gboolean plain)
{
  g_autoptr (GPtrArray) devices = nmd_devices_list (), files = g_ptr_array_new ();

  g_ptr_array_add (files, (char *)file);
  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];
      g_autofree char *output = NULL;
      int status;

      if (device->unavailable != NULL || g_str_equal (device->name, "reference64")
          || (g_str_equal (device->name, "reference") && !plain)
          || (is_isa_run () && !g_str_equal (device->name, "cpu")))
        continue;
      status = run_golden (device->name, word, files, &output);
      if (is_isa_run ())
        g_test_message ("%.*s", (int)strcspn (output, "\n"), output);
      if (status != 0)
        g_test_message ("%s: %s", device->name, output);
      g_assert_cmpint (status, ==, 0);
    }
}

static void
test_true_file (gconstpointer data)
{
  const guint number = GPOINTER_TO_UINT (data);
  g_autofree char *name = g_strconcat (files_known[number].name, ".json", NULL);
  g_autofree char *file = golden_file (name);

  expect_passed (file, NULL, files_known[number].plain);
}

/* Another seed word, whose gradients a reciprocal with a rounding too many put 6.6e-2 off. */
static void
test_other_word (void)
{
  g_autofree char *file = golden_file ("nmdassistnet.json");

  expect_passed (file, "w38", FALSE);
}

/* One number of each group: the path to it and what is done to it; what golden has to
 * say. */
typedef struct
{
  const char *path; /* members and indices, split by '/' */
  double factor, offset;
  const char *says;
} Change;

static const Change changes[] = {
  { "eval/logits/1/0", 1.001, 0, "*exact eval.logits*MISSED*" },
  { "eval/grads/stem_pw.bn.bias/0", 1.001, 0, "*exact eval.grads*MISSED*" },
  { "eval/grads/stages.4.cbam.fc2.bias/1", 1.01, 0, "*exact eval.grads*MISSED*" },
  { "train/loss", 1.0001, 0, "*exact train.loss*MISSED*" },
  { "train/grads/fc.bias/0", 0.99, 0, "*exact train.grads*MISSED*" },
  { "train/grads/stages.2.blocks.0.ghost1.primary.conv.weight/1", -1, 0,
    "*exact train.grads*MISSED*" },
  { "train/running/stem_pw.bn.running_mean", 1.01, 0, "*exact train.running*MISSED*" },
  { "train/running/stages.3.cbam.spatial.bn.running_var", 1, 1e-3,
    "*exact train.running*MISSED*" },
  { "adam/losses/3", 1.005, 0, "*exact adam.losses*MISSED*" },
  { "cam/0/3/3", 1.001, 1e-2, "*exact cam *MISSED*" },
  { "cam_inner/1/20/5", 1.001, 1e-2, "*exact cam_inner*MISSED*" },
  { "parameters", 1, 1, "*parameters is 2.39577e+06, the network has 2395768*" },
  { "f32err/eval.grads.norms", 0, 5,
    "*f32err eval.grads.norms is 5, float32 strays at most by*" },
  { "f32err/train.loss", -1, 0, "*f32err train.loss is -*" },
};

/* The node at @path below @root, for the caller to replace through its parent. */
static void
alter (JsonNode *root, const Change *change)
{
  g_auto (GStrv) parts = g_strsplit (change->path, "/", -1);
  JsonNode *node = root, *parent = NULL;
  guint last = g_strv_length (parts) - 1;
  double value;

  for (guint i = 0; i <= last; i++)
    {
      parent = node;
      node = JSON_NODE_HOLDS_OBJECT (node)
                 ? json_object_get_member (json_node_get_object (node), parts[i])
                 : json_array_get_element (json_node_get_array (node),
                                           (guint)g_ascii_strtoull (parts[i], NULL, 10));
      g_assert_nonnull (node);
    }
  g_assert_nonnull (parent);
  value = json_node_get_double (node) * change->factor + change->offset;
  if (g_str_equal (change->path, "parameters"))
    json_node_set_int (node, (gint64)value);
  else
    json_node_set_double (node, value);
}

static char *
write_altered (const char *folder,
               const char *original,
               guint i,
               void (*change) (JsonNode *, guint))
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *name = g_strdup_printf ("altered-%02u.json", i);
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, name, NULL);

  json_parser_load_from_file (parser, original, &error);
  g_assert_no_error (error);
  change (json_parser_get_root (parser), i);
  json_generator_set_root (generator, json_parser_get_root (parser));
  json_generator_to_file (generator, path, &error);
  g_assert_no_error (error);
  return path;
}

/* A file that claims that float32 never strays: golden finds by itself how far it does. */
static void
clear_f32err (JsonNode *root, guint i)
{
  JsonObject *object
      = json_object_get_object_member (json_node_get_object (root), "f32err");
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    json_object_set_double_member (object, l->data, 0);
}

static void
test_own_conditioning (void)
{
  g_autofree char *original = golden_file ("nmdassistnet.json");
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("nmd-golden-XXXXXX", &error), *path = NULL;

  g_assert_no_error (error);
  path = write_altered (folder, original, 0, clear_f32err);
  expect_passed (path, NULL, FALSE);
  g_remove (path);
  g_rmdir (folder);
}

static void
alter_number (JsonNode *root, guint i)
{
  alter (root, &changes[i]);
}

static const char *const damages[] = {
  "*group eval is missing*",
  "*has no entry for stem_dw.weight*",
  "*grads has 283 entries, the network has 282*",
  "*eval.logits has a list of 1, 2 are needed*",
  "*cam is no list*",
  "*adam.losses is no number*",
  "*There is no network “resnet”*",
  "*word is missing or no text*",
  "*f32err cam is no number*",
  "*the file has 12 groups*",
};

/* The same order as the sentences above. */
static void
damage (JsonNode *node, guint i)
{
  JsonObject *root = json_node_get_object (node);
  JsonObject *eval = json_object_get_object_member (root, "eval");
  JsonObject *train = json_object_get_object_member (root, "train");

  switch (i)
    {
    case 0:
      json_object_set_int_member (root, "eval", 1);
      break;
    case 1:
      json_object_remove_member (json_object_get_object_member (eval, "grads"),
                                 "stem_dw.weight");
      break;
    case 2:
      json_object_set_array_member (json_object_get_object_member (train, "grads"),
                                    "fc.more", json_array_new ());
      break;
    case 3:
      json_array_remove_element (json_object_get_array_member (eval, "logits"), 1);
      break;
    case 4:
      json_object_set_int_member (root, "cam", 1);
      break;
    case 5:
      json_array_add_string_element (
          json_object_get_array_member (json_object_get_object_member (root, "adam"),
                                        "losses"),
          "0.3");
      json_array_remove_element (
          json_object_get_array_member (json_object_get_object_member (root, "adam"),
                                        "losses"),
          0);
      break;
    case 6:
      json_object_set_string_member (root, "model", "resnet");
      break;
    case 7:
      json_object_set_int_member (root, "word", 15);
      break;
    case 8:
      json_object_remove_member (json_object_get_object_member (root, "f32err"), "cam");
      break;
    default:
      json_object_set_int_member (root, "more", 1);
    }
}

/* The lines of @output about file number @i, the last of which names it. */
static char *
lines_about (const char *output, const char *path)
{
  const char *end = strstr (output, path), *start = output;

  g_assert_nonnull (end);
  for (const char *p = output; p < end; p++)
    if (strncmp (p, ".json", 5) == 0)
      start = p;
  return g_strndup (start, strcspn (end, "\n") + (gsize)(end - start));
}

static void
expect_all_refused (guint n,
                    void (*change) (JsonNode *, guint),
                    const char *(*says) (guint))
{
  g_autofree char *original = golden_file ("nmdassistnet.json");
  g_autofree char *folder = NULL, *output = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  folder = g_dir_make_tmp ("nmd-golden-XXXXXX", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (files, write_altered (folder, original, i, change));
  g_assert_cmpint (run_golden ("reference", NULL, files, &output), ==, 1);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *missed = g_strdup_printf ("MISSED %s", (char *)files->pdata[i]);
      g_autofree char *lines = lines_about (output, files->pdata[i]);

      if (strstr (output, missed) == NULL || !g_pattern_match_simple (says (i), lines))
        g_error ("%s was not refused with %s: %s", (char *)files->pdata[i], says (i),
                 lines);
      g_remove (files->pdata[i]);
    }
  g_rmdir (folder);
}

static const char *
says_change (guint i)
{
  return changes[i].says;
}

static const char *
says_damage (guint i)
{
  return damages[i];
}

static void
test_altered (void)
{
  expect_all_refused (G_N_ELEMENTS (changes), alter_number, says_change);
}

static void
test_malformed (void)
{
  expect_all_refused (G_N_ELEMENTS (damages), damage, says_damage);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files_known); i++)
    {
      g_autofree char *path = g_strconcat ("/golden/true/", files_known[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_true_file);
    }
  g_test_add_func ("/golden/other-word", test_other_word);
  if (is_isa_run ())
    return g_test_run ();
  g_test_add_func ("/golden/own-conditioning", test_own_conditioning);
  g_test_add_func ("/golden/altered", test_altered);
  g_test_add_func ("/golden/malformed", test_malformed);
  return g_test_run ();
}
