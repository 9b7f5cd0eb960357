/* SPDX-License-Identifier: Apache-2.0
 *
 * A quick look's choice of epochs and images, on made-up data sets: a fast machine, a slow one, a
 * data set too large and one with few subjects; and that a step can be measured.
 */
#include "engine/train/nmd-quick-look.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <math.h>

/* @n subjects of each label, every one with @per images; only what a split looks at. */
static NmdDataset *
make_dataset (guint n, guint per)
{
  g_autoptr (GPtrArray) samples = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint subject = 0; subject < 2 * n; subject++)
    for (guint i = 0; i < per; i++)
      {
        g_autofree char *id = g_strdup_printf ("%05u_%u.png", subject, i);
        NmdSample *sample = nmd_sample_new (id);

        g_free (sample->subject);
        g_free (sample->unit);
        sample->subject = g_strdup_printf ("s%u", subject);
        sample->unit = g_strdup (sample->subject);
        sample->label = (int)(subject % 2);
        g_ptr_array_add (samples, sample);
      }
  return nmd_dataset_new ("made-up", samples);
}

/* Images of each label that a training by @choice has. */
static void
count (NmdDataset *dataset, const NmdQuickLook *choice, guint n[2])
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdSplit) split = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_parameters_set (parameters, "limit", choice->limit, &error));
  g_assert_true (nmd_parameters_set (parameters, "epochs", choice->epochs, &error));
  split = nmd_split_new (dataset, parameters, &error);
  g_assert_no_error (error);
  n[0] = n[1] = 0;
  for (guint i = 0; i < split->n; i++)
    if (split->parts[i] == NMD_PART_TRAIN)
      n[nmd_dataset_get (dataset, i)->label == 1]++;
}

static void
test_choice (void)
{
  static const struct
  {
    guint n, per;
    double seconds; /* of a step */
    int epochs;     /* −1: not this test's business */
    gboolean all;   /* images */
  } cases[] = {
    { 27, 10, 0.2, 30, TRUE },   /* the demo cohort on a fast machine */
    { 530, 2, 0.2, 12, TRUE },   /* 1,480 training images */
    { 530, 2, 1.0, 6, FALSE },   /* the same on a slow one: fewer images */
    { 530, 2, 14.0, 6, FALSE },  /* down to 32 of them */
    { 530, 1, 60.0, 2, FALSE },  /* then fewer epochs, as few as two */
    { 530, 1, 1e4, 2, FALSE },   /* whatever it takes */
    { 10, 1, 1e4, 2, TRUE },     /* a data set that has no more */
    { 530, 25, 8.0, -1, FALSE }, /* many images of each subject */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (NmdDataset) dataset = make_dataset (cases[i].n, cases[i].per);
      g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
      g_autoptr (GError) error = NULL;
      NmdQuickLook choice, again;
      guint n[2];

      g_assert_true (
          nmd_quick_look_choose (dataset, parameters, cases[i].seconds, &choice, &error));
      g_assert_no_error (error);
      count (dataset, &choice, n);
      g_test_message ("%u: %d epochs, limit %d, %u + %u images, %.0f s", i, choice.epochs,
                      choice.limit, n[0], n[1], choice.seconds);
      if (cases[i].epochs >= 0)
        g_assert_cmpint (choice.epochs, ==, cases[i].epochs);
      g_assert_cmpint (choice.limit == 0, ==, cases[i].all);
      g_assert_cmpuint (choice.n_train, ==, n[0] + n[1]);
      if (!cases[i].all)
        {
          g_assert_cmpuint (n[0] + n[1], >=, NMD_QUICK_LOOK_FEWEST_IMAGES);
          g_assert_cmpuint (MIN (n[0], n[1]), >=, NMD_QUICK_LOOK_FEWEST_OF_CLASS);
        }
      /* it fits wherever it can: at the floors it takes what it takes */
      if (choice.epochs > NMD_QUICK_LOOK_FEWEST_EPOCHS)
        g_assert_cmpfloat (choice.seconds, <=, NMD_QUICK_LOOK_SECONDS);
      g_assert_true (
          nmd_quick_look_choose (dataset, parameters, cases[i].seconds, &again, NULL));
      g_assert_cmpmem (&choice, sizeof choice, &again, sizeof again);
    }
}

/* A data set that cannot be split says why, as the training would. */
static void
test_refused (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset (1, 3);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (GError) error = NULL;
  NmdQuickLook choice;

  g_assert_false (nmd_quick_look_choose (dataset, parameters, 1, &choice, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
}

static void
test_measure (void)
{
  g_autofree char *folder = fixture_path ("measured");
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GError) error = NULL;
  double seconds = 0;

  g_assert_true (nmd_quick_look_measure (settings, &seconds, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (seconds, >, 0);
  g_assert_cmpfloat (seconds, <, 60);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/quick-look/choice", test_choice);
  g_test_add_func ("/quick-look/refused", test_refused);
  g_test_add_func ("/quick-look/measure", test_measure);
  return fixture_close (g_test_run ());
}
