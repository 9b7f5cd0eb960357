/* SPDX-License-Identifier: Apache-2.0
 *
 * Labels of one table and scores of another, joined by the names of images.
 */
#include "engine/eval/nmd-scores.h"
#include "tests/eval/fixture.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *folder, *labels, *scores, *more;
} Tables;

static void
setup (Tables *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("nmd-join-XXXXXX", NULL);
  self->labels = g_build_filename (self->folder, "labels.csv", NULL);
  self->scores = g_build_filename (self->folder, "scores.csv", NULL);
  self->more = g_build_filename (self->folder, "more.csv", NULL);
}

static void
teardown (Tables *self, gconstpointer data)
{
  g_unlink (self->labels);
  g_unlink (self->scores);
  g_unlink (self->more);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->labels);
  g_free (self->scores);
  g_free (self->more);
}

static NmdScores *
load (Tables *self, const NmdScoresSettings *settings, gboolean third, GError **error)
{
  const char *const paths[]
      = { self->scores, self->labels, third ? self->more : NULL, NULL };

  return nmd_scores_load (paths, settings, NULL, error);
}

/* The rows' order is that of the scores, not of the labels. */
static void
test_names (Tables *self, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  const NmdScoresSettings settings = { .notes = notes };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScores) scores = NULL;

  g_file_set_contents (
      self->labels,
      "image,label,subject\nc.png,1,P3\na.png,0,P1\nb.png,1,P2\nz.png,0,P9\n", -1, NULL);
  g_file_set_contents (self->scores, "image,score\na.png,0.1\nx.png,0.5\nb.png,0.9\n", -1,
                       NULL);
  g_file_set_contents (self->more, "image;score\nc.png;0,75\n", -1, NULL);
  scores = load (self, &settings, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_scores_get_n (scores), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const NmdScore *score = nmd_scores_get (scores, i);

      g_assert_cmpstr (score->image, ==, i == 0 ? "a.png" : i == 1 ? "b.png" : "c.png");
      g_assert_cmpstr (score->subject, ==, i == 0 ? "P1" : i == 1 ? "P2" : "P3");
      g_assert_cmpint (score->label, ==, i > 0);
      g_assert_cmpfloat (score->score, ==, i == 0 ? 0.1 : i == 1 ? 0.9 : 0.75);
    }
  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_cmpstr (
      notes->pdata[0], ==,
      "Labels and scores were joined by the names of images: 3; 1 with a score "
      "and no label were left out: x.png; 1 with a label and no score were left "
      "out: z.png");
}

/* Folders, endings and case, where no name is the same. */
static void
test_short_names (Tables *self, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  NmdScoresSettings settings
      = { .notes = notes, .label_column = "truth", .part = "test" };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScores) scores = NULL;

  g_file_set_contents (self->labels,
                       "image,truth,part\nImages\\A_1.png,control,test\nImages/b_2.png,"
                       "patient,test\nc,patient,train\n",
                       -1, NULL);
  g_file_set_contents (self->scores, "image,score\na_1,0.1\nb_2,0.9\nc.jpg,1\n", -1,
                       NULL);
  scores = load (self, &settings, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_scores_get_n (scores), ==, 2);
  g_assert_cmpint (nmd_scores_get (scores, 0)->label, ==, 0);
  g_assert_cmpint (nmd_scores_get (scores, 1)->label, ==, 1);
  g_assert_nonnull (strstr (notes->pdata[0], "without folder and ending of images: 3"));

  g_file_set_contents (self->labels, "image,truth\nx/a_1.png,1\ny/a_1.png,0\n", -1, NULL);
  g_assert_null (load (self, &settings, FALSE, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "a_1.png"));
}

/* Tables that cannot be joined. */
static void
test_refused (Tables *self, gconstpointer data)
{
  static const struct
  {
    const char *labels, *scores;
    int code;
    const char *said;
  } cases[] = {
    { "image,label\na,1\nb,0\n", "image,score\nc,0.5\nd,0.5\n", NMD_ERROR_FORMAT,
      "no label were left out: c, d" },
    { "image,label\na,1\na,0\n", "image,score\na,0.5\n", NMD_ERROR_FORMAT,
      "row 3: image “a” is in" },
    { "image,label\na,1\nb,0\n", "image,score\na,0.5\na,0.6\n", NMD_ERROR_FORMAT,
      "row 3: image “a”" },
    { "image,label\na,1\nb,maybe\n", "image,score\na,0.5\nb,0.5\n",
      NMD_ERROR_NEEDS_POSITIVE, "labels.csv, row 3: the label “maybe”" },
    { "name,label\na,1\n", "image,score\na,0.5\n", NMD_ERROR_FORMAT, "image" },
    { "image,label\na,1\n", "name,score\na,0.5\n", NMD_ERROR_FORMAT, "image" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_file_set_contents (self->labels, cases[i].labels, -1, NULL);
      g_file_set_contents (self->scores, cases[i].scores, -1, NULL);
      g_assert_null (load (self, NULL, FALSE, &error));
      g_assert_error (error, NMD_ERROR, cases[i].code);
      if (strstr (error->message, cases[i].said) == NULL)
        g_error ("case %u: “%s” does not say “%s”", i, error->message, cases[i].said);
    }
  {
    g_autoptr (GError) error = NULL;

    g_file_set_contents (self->labels, "image,label\na,1\n", -1, NULL);
    g_file_set_contents (self->scores, "image,score\na,0.5\n", -1, NULL);
    g_file_set_contents (self->more, "image,label,score\nb,0,0.5\n", -1, NULL);
    g_assert_null (load (self, NULL, TRUE, &error));
    g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  }
}

/* 1 in a column "healthy" is the negative class: that is asked. */
static void
test_inverted (Tables *self, gconstpointer data)
{
  NmdScoresSettings settings = { .label_column = "healthy" };
  const char *const paths[] = { self->scores, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScores) scores = NULL;

  g_file_set_contents (self->scores, "image,healthy,score\na,1,0.1\nb,0,0.9\n", -1, NULL);
  g_assert_null (nmd_scores_load (paths, &settings, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE);
  g_assert_nonnull (strstr (error->message, "healthy"));
  g_clear_error (&error);
  settings.positive = "0";
  scores = nmd_scores_load (paths, &settings, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nmd_scores_get (scores, 0)->label, ==, 0);
  g_assert_cmpint (nmd_scores_get (scores, 1)->label, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/join/names", Tables, NULL, setup, test_names, teardown);
  g_test_add ("/join/short-names", Tables, NULL, setup, test_short_names, teardown);
  g_test_add ("/join/refused", Tables, NULL, setup, test_refused, teardown);
  g_test_add ("/join/inverted", Tables, NULL, setup, test_inverted, teardown);
  return g_test_run ();
}
