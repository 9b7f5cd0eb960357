/* SPDX-License-Identifier: Apache-2.0
 *
 * Run folders that are not what a training left: files cut short, another data set, and each
 * member of each file replaced by what it must not be. Each is opened, listed, resumed and
 * evaluated in a process of its own. What comes of it is an error that names file and member, or
 * a correct reading; never a crash, a hang, or silence where the meaning has changed.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/train/nmd-run-entry.h"
#include "engine/train/nmd-run-private.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds that any of it may take before it counts as a hang, and which part of the changes is tried:
 * ThreadSanitizer takes half a second for each process, and there are no threads in them. */
#ifdef __SANITIZE_THREAD__
#define LONGEST_S 120
#define EVERY 16
#else
#define LONGEST_S 20
#define EVERY 1
#endif
#define DEPTH 100000 /* brackets of the deep nesting */

/* What each member is replaced by; the text stands in the file as it is. */
typedef struct
{
  const char *name, *text;
  JsonNodeType kind;
  GType type;
  gboolean is_syntax; /* refused before there are members */
} Mutation;

static const Mutation mutations[] = {
  { "null", "null", JSON_NODE_NULL, 0 },
  { "number", "5", JSON_NODE_VALUE, G_TYPE_INT64 },
  { "fraction", "0.25", JSON_NODE_VALUE, G_TYPE_DOUBLE },
  { "text", "\"x\"", JSON_NODE_VALUE, G_TYPE_STRING },
  { "list", "[]", JSON_NODE_ARRAY, 0 },
  { "list of a list", "[[1]]", JSON_NODE_ARRAY, 0 },
  { "object", "{}", JSON_NODE_OBJECT, 0 },
  { "true", "true", JSON_NODE_VALUE, G_TYPE_BOOLEAN },
  { "huge", "8e15", JSON_NODE_VALUE, G_TYPE_DOUBLE },
  { "negative", "-1", JSON_NODE_VALUE, G_TYPE_INT64 },
  { "out of range", "1e999", JSON_NODE_VALUE, G_TYPE_DOUBLE, TRUE },
  { "many digits", "99999999999999999999999", JSON_NODE_VALUE, G_TYPE_INT64, TRUE },
  { "NaN", "NaN", JSON_NODE_NULL, 0, TRUE },
  { "missing", NULL, JSON_NODE_NULL, 0 },
  { "deep", "", JSON_NODE_ARRAY, 0, TRUE },
};

/* Members that may be null, or not there: unknown, or not yet written by an older version. */
/* clang-format off */
static const char *const optional[] = {
  "started", "finished", "stopped_early", "initial", "import",
  "title", "positive", "image_column", "mask_column", "subject_column",
  "label_column", "part_column", "image_folder", "image_pattern", "masks",
  "outline_label", "source", "source_sha256", "caveat", "note", "by_subject", "rival",
  "description", "n_whole_frame", "synthetic", "not_meaningful", "warnings",
  "threshold", "calibration", "black", "saturated", "constant",
  "black_images", "saturated_images", "constant_images", "prefix",
  "merged_masks", "merged_masks_images", "mask_rules", "masks", "outline_label",
  "separate_masks", "part_column", "image_folder", "image_pattern", "mask_value",
  "fill_contours", "invert_masks", "drop_stray", "accept_masks", "doubtful_masks",
  "conformal", "limit_negative", "limit_positive", "predictive_values", "sample_size",
  "rivals", "rival_p_holm", "class-weights", "validation-share", "assumed"
};
/* clang-format on */

/* what is done with a folder */

static NmdEvaluateSettings
evaluate_settings (void)
{
  return (NmdEvaluateSettings){ .dataset = fixture.dataset,
                                .device = "reference",
                                .threads = 1 };
}

/* In the child: everything that a user can do with a run up to where the computing would
 * begin. The first error goes to @out; nothing there means that all of it was read. */
static void
use_run (const char *folder, const char *image, FILE *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = nmd_run_open (folder, &error);
  g_autoptr (NmdScores) scores = NULL;
  g_autoptr (NmdModel) model = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (NmdRunEntry) entry = nmd_run_entry_new (folder);
  const NmdEvaluateSettings settings = evaluate_settings ();
  g_autofree char *initial = NULL;
  g_autofree char *digest = nmd_file_sha256 (image, NULL, NULL);
  guint n;

  g_assert_true ((entry->state == NMD_RUN_DAMAGED) == (run == NULL));
  g_assert_cmpstr (entry->problem, ==, error != NULL ? error->message : NULL);
  g_cancellable_cancel (cancelled);
  if (run != NULL)
    {
      NmdImportSettings import;

      initial = nmd_run_get_initial (run);
      nmd_run_get_history (run, &n);
      nmd_run_get_import (run, &import);
      scores = nmd_run_load_scores (run, NMD_PART_NONE, &error);
    }
  if (error == NULL && scores != NULL)
    model = nmd_run_load_model (run, NULL, &error);
  if (model != NULL)
    nmd_model_find_part (model, digest, NULL);
  if (error == NULL)
    {
      g_autoptr (JsonNode) node
          = nmd_train_evaluate (folder, &settings, NULL, NULL, cancelled, &error);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_clear_error (&error);
    }
  if (error == NULL)
    nmd_train_resume (folder, NULL, fixture.dataset, NULL, NULL, cancelled, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_clear_error (&error);
  if (error != NULL)
    fprintf (out, "%s", error->message);
}

/* The same in a process of its own; the error's text, NULL without one. Fails the test with @what
 * if the process crashes or does not end. */
static char *
try_run (const char *folder, const char *what)
{
  g_autofree char *image = g_build_filename (fixture.root, "data", "03_1.png", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  int ends[2], status;
  char buffer[4096];
  ssize_t n;
  pid_t child;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      FILE *out = fdopen (ends[1], "w");

      close (ends[0]);
      alarm (LONGEST_S);
      use_run (folder, image, out);
      fclose (out);
      _exit (0);
    }
  close (ends[1]);
  while ((n = read (ends[0], buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  close (ends[0]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    {
      g_test_message ("%s: ended by signal %d", what, WTERMSIG (status));
      g_test_fail ();
      return g_strdup ("crash");
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

/* JSON */

/* A place in a JSON file: member names and numbers of elements from the top. */
typedef struct
{
  GPtrArray *steps; /* char *; "#3" for an element */
  JsonNode *node;   /* what stands there, borrowed */
} Place;

static void
place_free (gpointer data)
{
  Place *place = data;

  g_ptr_array_unref (place->steps);
  g_free (place);
}

static GPtrArray *
add_step (GPtrArray *steps, const char *step)
{
  GPtrArray *longer = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < steps->len; i++)
    g_ptr_array_add (longer, g_strdup (steps->pdata[i]));
  g_ptr_array_add (longer, g_strdup (step));
  return longer;
}

/* All places below @node; of a list the first, and where it holds plain values all of up to five:
 * the others are like these. */
static void
find_places (JsonNode *node, GPtrArray *steps, GPtrArray *places)
{
  if (steps->len > 0)
    {
      Place *place = g_new0 (Place, 1);

      place->steps = g_ptr_array_ref (steps);
      place->node = node;
      g_ptr_array_add (places, place);
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));

      for (GList *l = names; l != NULL; l = l->next)
        {
          g_autoptr (GPtrArray) longer = add_step (steps, l->data);

          find_places (json_object_get_member (json_node_get_object (node), l->data),
                       longer, places);
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      guint n = json_array_get_length (array);

      for (guint i = 0; i < MIN (n, n <= 5 ? 5 : 1); i++)
        {
          g_autofree char *step = g_strdup_printf ("#%u", i);
          g_autoptr (GPtrArray) longer = add_step (steps, step);

          find_places (json_array_get_element (array, i), longer, places);
        }
    }
}

/* @root as text with @mutation at @place. */
static char *
mutate (JsonNode *root, const Place *place, const Mutation *mutation)
{
  static const char mark[] = "\"@@@\"";
  g_autofree char *before = nmd_json_to_text (root);
  g_autoptr (JsonNode) copy = json_from_string (before, NULL);
  JsonNode *at = copy;
  const char *last = place->steps->pdata[place->steps->len - 1];
  g_autofree char *text = NULL, *deep = NULL;
  g_auto (GStrv) halves = NULL;

  for (guint i = 0; i + 1 < place->steps->len; i++)
    {
      const char *step = place->steps->pdata[i];

      at = *step == '#'
               ? json_array_get_element (json_node_get_array (at), (guint)atoi (step + 1))
               : json_object_get_member (json_node_get_object (at), step);
    }
  if (*last == '#')
    {
      JsonArray *array = json_node_get_array (at);
      JsonArray *fresh = json_array_new ();
      guint index = (guint)atoi (last + 1);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (i != index)
          json_array_add_element (fresh,
                                  json_node_copy (json_array_get_element (array, i)));
        else if (mutation->text != NULL)
          json_array_add_string_element (fresh, "@@@");
      json_node_take_array (at, fresh);
    }
  else if (mutation->text == NULL)
    json_object_remove_member (json_node_get_object (at), last);
  else
    json_object_set_string_member (json_node_get_object (at), last, "@@@");
  text = nmd_json_to_text (copy);
  if (mutation->text == NULL)
    return g_steal_pointer (&text);
  halves = g_strsplit (text, mark, 2);
  g_assert_cmpuint (g_strv_length (halves), ==, 2);
  if (*mutation->text == '\0')
    {
      deep = g_malloc (2 * DEPTH + 1);
      memset (deep, '[', DEPTH);
      memset (deep + DEPTH, ']', DEPTH);
      deep[2 * DEPTH] = '\0';
    }
  return g_strjoin (deep != NULL ? deep : mutation->text, halves[0], halves[1], NULL);
}

static gboolean
is_optional (const Place *place)
{
  const char *last = place->steps->pdata[place->steps->len - 1];

  for (guint i = 0; i < G_N_ELEMENTS (optional); i++)
    if (g_str_equal (last, optional[i]))
      return TRUE;
  return g_str_has_prefix (last, "mask_"); /* what an import says of doubtful masks */
}

static gboolean
is_number (GType type)
{
  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
}

/* Whether a reader must refuse this: it is of another kind than what stood there. */
static gboolean
must_refuse (const Place *place, const Mutation *mutation)
{
  const JsonNodeType had = json_node_get_node_type (place->node);
  const char *last = place->steps->pdata[place->steps->len - 1];
  GType type = had == JSON_NODE_VALUE ? json_node_get_value_type (place->node) : 0;

  if (mutation->is_syntax)
    return TRUE;
  if (mutation->kind == JSON_NODE_NULL && is_optional (place))
    return FALSE;
  if (mutation->text == NULL) /* a list may be shorter, where its length is free */
    return *last != '#';
  if (had == JSON_NODE_NULL)
    return FALSE; /* its kind is not known here */
  if (mutation->kind != had)
    return TRUE;
  if (had == JSON_NODE_VALUE)
    return is_number (type) != is_number (mutation->type)
           || (!is_number (type) && type != mutation->type);
  return had == JSON_NODE_OBJECT || g_str_equal (mutation->name, "list of a list");
}

static char *
describe (const char *file, const Place *place, const Mutation *mutation)
{
  g_autoptr (GString) text = g_string_new (file);

  for (guint i = 0; i < place->steps->len; i++)
    g_string_append_printf (text, " %s", (const char *)place->steps->pdata[i]);
  g_string_append_printf (text, " ← %s", mutation->name);
  return g_strdup (text->str);
}

/* Whether @message names the file and the member, or the nearest one above an element. */
static gboolean
names_place (const char *message,
             const char *file,
             const Place *place,
             gboolean only_file)
{
  guint i = place->steps->len - 1;

  if (strstr (message, file) == NULL)
    return FALSE;
  while (i > 0 && *(const char *)place->steps->pdata[i] == '#')
    i--;
  return only_file || strstr (message, place->steps->pdata[i]) != NULL;
}

/* Every place of @file down to level @deepest × every mutation. */
static void
check_json (const char *file, const char *from, guint deepest)
{
  g_autofree char *folder = fixture_path ("mutated");
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *original = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GPtrArray) places = g_ptr_array_new_with_free_func (place_free);
  g_autoptr (GPtrArray) top = g_ptr_array_new_with_free_func (g_free);
  guint n = 0, n_found = 0, n_refused = 0;

  fixture_copy (from, folder);
  g_assert_true (g_file_get_contents (path, &original, NULL, NULL));
  root = json_from_string (original, NULL);
  find_places (root, top, places);
  for (guint i = 0; i < places->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (mutations); k++)
      {
        const Place *place = places->pdata[i];
        if (place->steps->len > deepest || (mutations[k].is_syntax && i % 8 != 0))
          continue; /* what is no JSON is the same wherever it stands */
        if (n_found++ % EVERY != 0)
          continue;
        g_autofree char *text = mutate (root, place, &mutations[k]);
        g_autofree char *what = describe (file, place, &mutations[k]);
        g_autofree char *message = NULL;
        gboolean syntax = mutations[k].is_syntax;

        g_assert_true (g_file_set_contents (path, text, -1, NULL));
        message = try_run (folder, what);
        n++;
        n_refused += message != NULL;
        if (message != NULL && !names_place (message, file, place, syntax))
          {
            g_test_message ("%s: “%s” does not name it", what, message);
            g_test_fail ();
          }
        if (message == NULL && must_refuse (place, &mutations[k]))
          {
            g_test_message ("%s: nothing was said", what);
            g_test_fail ();
          }
      }
  g_test_message ("%u of %u changes of %s, %u refused", n, n_found, file, n_refused);
  g_assert_cmpuint (n_found, >, 50);
  fixture_remove (folder);
}

static void
test_run_json (void)
{
  check_json (NMD_RUN_JSON, fixture.unbroken, G_MAXUINT);
}

/* Below the first level metrics.json is the business of who shows it. */
static void
test_metrics_json (void)
{
  check_json (NMD_RUN_METRICS, fixture.unbroken, 1);
}

/* tables and weights */

/* Cells that are put into every column of a table's first row. */
static const char *const cells[] = { "",   "x",    "nan", "inf",    "-1",   "1e999",
                                     "\"", "1e30", "0.5", "[[[[]]", "8e15", "x\033[1m" };

/* @file with @cell in column @column of its first row; without the column for NULL. */
static char *
change_cell (const char *original, guint column, const char *cell)
{
  g_auto (GStrv) lines = g_strsplit (original, "\n", -1);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], ",", -1);

      const char *between = "";

      for (guint k = 0; fields[k] != NULL; k++)
        if (k != column || cell != NULL)
          {
            g_string_append (text, between);
            g_string_append (text, i == 1 && k == column ? cell : fields[k]);
            between = ",";
          }
      g_string_append_c (text, '\n');
    }
  return g_strdup (text->str);
}

/* Whether @cell is none of what @column may hold. Where empty is fine it means unknown. */
static gboolean
is_wrong (const char *column, const char *cell)
{
  static const char *const texts[] = { "image", "subject", "muscle", NULL };
  static const char *const unknown[]
      = { "val_loss", "val_auc", "val_accuracy", "echo_intensity", NULL };
  double value;

  if (cell == NULL)
    return !g_str_equal (column, "echo_intensity");
  if (*cell == '"') /* an open quotation */
    return TRUE;
  if (g_strv_contains (texts, column))
    return FALSE;
  if (*cell == '\0')
    return !g_strv_contains (unknown, column);
  if (g_str_equal (column, "part") || g_str_equal (column, "label")
      || g_str_equal (column, "epoch"))
    return TRUE;
  value = g_ascii_strtod (cell, NULL);
  if (g_str_equal (column, "averaging") || g_str_equal (column, "best"))
    return TRUE;
  if (*cell == 'x' || !isfinite (value) || *cell == '[' || value < 0)
    return TRUE;
  return (g_str_has_prefix (column, "val_a") || g_str_equal (column, "wait")
          || g_str_equal (column, "score") || g_str_equal (column, "echo_intensity"))
         && value > 255;
}

static void
check_table (const char *file)
{
  g_autofree char *folder = fixture_path ("mutated");
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *original = NULL;
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) columns = NULL;
  guint n = 0, n_found = 0, n_refused = 0;

  fixture_copy (fixture.unbroken, folder);
  g_assert_true (g_file_get_contents (path, &original, NULL, NULL));
  lines = g_strsplit (original, "\n", 2);
  columns = g_strsplit (lines[0], ",", -1);
  for (guint i = 0; columns[i] != NULL; i++)
    for (guint k = 0; k <= G_N_ELEMENTS (cells); k++)
      {
        if (n_found++ % EVERY != 0)
          continue;
        const char *cell = k < G_N_ELEMENTS (cells) ? cells[k] : NULL;
        g_autofree char *text = change_cell (original, i, cell);
        g_autofree char *what = g_strdup_printf ("%s %s ← %s", file, columns[i],
                                                 cell != NULL ? cell : "missing");
        g_autofree char *message = NULL;

        g_assert_true (g_file_set_contents (path, text, -1, NULL));
        message = try_run (folder, what);
        n++;
        n_refused += message != NULL;
        for (const char *p = message; p != NULL && *p != '\0'; p++)
          g_assert_false (g_ascii_iscntrl (*p)); /* it may reach a terminal */
        if (message != NULL
            && (strstr (message, file) == NULL
                || (g_strcmp0 (cell, "\"") != 0 && strstr (message, columns[i]) == NULL)))
          {
            g_test_message ("%s: “%s” does not name it", what, message);
            g_test_fail ();
          }
        if ((message == NULL) == is_wrong (columns[i], cell))
          {
            g_test_message ("%s: nothing was said, or without need", what);
            g_test_fail ();
          }
      }
  g_test_message ("%u changes of %s, %u refused", n, file, n_refused);
  fixture_remove (folder);
}

static void
test_tables (void)
{
  check_table (NMD_RUN_HISTORY);
  check_table (NMD_RUN_PREDICTIONS);
}

/* Counters that no training arrives at. */
static void
test_counters (void)
{
  static const char *const wrong[][2] = {
    { "averaging_from", "8e15" }, { "averaging_from", "3" },
    { "averaging_from", "-1" },   { "averaging_from", "0.5" },
    { "averaging_from", "0" },    { "next_epoch", "8e15" },
    { "next_epoch", "5" },        { "next_epoch", "-1" },
    { "next_epoch", "nan" },      { "step", "-1" },
    { "step", "1e300" },          { "step", "" },
    { "n_averaged", "2" },        { "n_averaged", "2e9" },
    { "best_epoch", "2" },        { "best_epoch", "-2" },
    { "best_loss", "x" },         { "best_epoch", "1.5" },
  };
  g_autofree char *folder = fixture_stopped ("counters");
  g_autofree char *path = g_build_filename (folder, NMD_RUN_LAST, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (NmdWeights) last = nmd_weights_load (path, &error);
      g_autofree char *before = NULL;
      g_autofree char *message = NULL;

      g_assert_no_error (error);
      before = g_strdup (nmd_weights_get_meta (last, wrong[i][0]));
      nmd_weights_set_meta (last, wrong[i][0], wrong[i][1]);
      g_assert_true (nmd_weights_save (last, path, &error));
      g_assert_false (
          nmd_train_resume (folder, NULL, fixture.dataset, NULL, NULL, NULL, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_test_message ("%s ← %s: %s", wrong[i][0], wrong[i][1], error->message);
      g_assert_nonnull (strstr (error->message, NMD_RUN_LAST));
      g_assert_nonnull (strstr (error->message, wrong[i][0]));
      g_clear_error (&error);
      nmd_weights_set_meta (last, wrong[i][0], before);
      g_assert_true (nmd_weights_save (last, path, &error));
    }
  fixture_resume (folder);
  fixture_assert_same_run (fixture.unbroken, folder);
}

/* A list of runs: newest first, then what cannot be read, with the reason. */
static void
test_list (void)
{
  g_autofree char *runs = fixture_path ("runs");
  g_autofree char *whole = g_build_filename (runs, "b", NULL);
  g_autofree char *bad = g_build_filename (runs, "a", NULL);
  g_autofree char *none = g_build_filename (runs, "c", NULL);
  g_autofree char *path = g_build_filename (bad, NMD_RUN_JSON, NULL);
  g_autofree char *deep = g_malloc0 (5000001);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) nothing = nmd_run_list ("/nonexistent", NULL);
  const NmdRunEntry *first, *second;

  g_assert_cmpuint (nothing->len, ==, 0);
  g_assert_true (nmd_file_make_folder (runs, NULL));
  g_assert_true (nmd_file_make_folder (none, NULL));
  fixture_copy (fixture.unbroken, whole);
  fixture_copy (fixture.unbroken, bad);
  memset (deep, '[', 5000000);
  g_assert_true (g_file_set_contents (path, deep, 5000000, NULL));
  list = nmd_run_list (runs, NULL);
  g_assert_cmpuint (list->len, ==, 2);
  first = list->pdata[0];
  second = list->pdata[1];
  g_assert_cmpint (first->state, ==, NMD_RUN_FINISHED);
  g_assert_cmpstr (first->folder, ==, whole);
  g_assert_null (first->problem);
  g_assert_cmpint (second->state, ==, NMD_RUN_DAMAGED);
  g_assert_null (second->run);
  g_assert_nonnull (strstr (second->problem, NMD_RUN_JSON));
  g_test_message ("%s", second->problem);
}

static void
test_changed (void)
{
  g_autofree char *folder = fixture_stopped ("changed");
  g_autofree char *other = fixture_make_data ("changed-data", 0);
  g_autofree char *images = g_path_get_dirname (other);
  g_autoptr (NmdDataset) same = fixture_import (other);
  g_autoptr (NmdDataset) changed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = nmd_run_open (folder, NULL);

  g_assert_true (nmd_run_check_dataset (run, same, &error)); /* moved, not changed */
  fixture_write_image (images, 3, 1, 1);
  changed = fixture_import (other);
  g_assert_false (nmd_train_resume (folder, NULL, changed, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_CHANGED);
  g_assert_nonnull (
      strstr (error->message, "1 image changed, the first is 03_1.png (its pixels)"));
}

static void
test_damaged (void)
{
  static const struct
  {
    const char *file;
    gssize keep;      /* bytes of it, −1: remove it */
    const char *text; /* or these instead */
  } cases[] = {
    { NMD_RUN_JSON, 100, NULL },
    { NMD_RUN_JSON, -1, NULL },
    { NMD_RUN_JSON, 0, "{\"format\": 1}" },
    { NMD_RUN_JSON, 0, "{\"format\": 2}" },
    { NMD_RUN_LAST, 3000, NULL },
    { NMD_RUN_LAST, 5, NULL },
    { NMD_RUN_LAST, 0, NULL },
    { NMD_RUN_HISTORY, -1, NULL },
    { NMD_RUN_HISTORY, 120, NULL },
    { NMD_RUN_HISTORY, 0, "epoch,seconds\n0,1\n" },
    { NMD_RUN_METRICS, 0, "[" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("damaged-%u", i);
      g_autofree char *folder = fixture_stopped (name);
      g_autofree char *path = g_build_filename (folder, cases[i].file, NULL);
      g_autofree char *bytes = NULL;
      g_autoptr (GError) error = NULL;

      if (cases[i].text != NULL)
        g_assert_true (nmd_file_write_text (path, cases[i].text, NULL));
      else if (cases[i].keep < 0)
        g_assert_cmpint (g_unlink (path), ==, 0);
      else
        {
          g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
          g_assert_true (nmd_file_write (path, bytes, (gsize)cases[i].keep, NULL));
        }
      g_assert_false (
          nmd_train_resume (folder, NULL, fixture.dataset, NULL, NULL, NULL, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].file));
      fixture_remove (folder);
    }
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/run-damage/changed", test_changed);
  g_test_add_func ("/run-damage/cut", test_damaged);
  g_test_add_func ("/run-damage/run-json", test_run_json);
  g_test_add_func ("/run-damage/metrics-json", test_metrics_json);
  g_test_add_func ("/run-damage/tables", test_tables);
  g_test_add_func ("/run-damage/counters", test_counters);
  g_test_add_func ("/run-damage/list", test_list);
  return fixture_close (g_test_run ());
}
