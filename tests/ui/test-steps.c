/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of preprocessing on the page Data: settings are tried by keys, taken over by a click, and the last picture
 * is bit for bit what a training hands the network, one that classifies or one that finds outlines. And thumbnails that
 * are scrolled away are not read.
 */
#include "engine/data/nmd-batch.h"
#include "tests/ui/hand.h"
#include "ui/pages/nmd-preprocessing.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <math.h>
#include <string.h>

#define SUBJECTS 4
#define EPOCH 3
#define TENSOR (3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE)

static NmdPreview *last; /* a copy of the answer */
static guint n_answers;

static void
on_preview (NmdExplanationSession *session, NmdPreview *preview, gpointer data)
{
  nmd_preview_free (last);
  last = g_new0 (NmdPreview, 1);
  last->scan = g_object_ref (preview->scan);
  last->draw = preview->draw;
  last->lambda = preview->lambda;
  g_set_object (&last->partner, preview->partner);
  last->task = preview->task;
  last->size = preview->size;
  last->tensor = g_memdup2 (preview->tensor,
                            3 * (gsize)last->size * (gsize)last->size * sizeof (float));
  for (int i = 0; i < NMD_N_STAGES; i++)
    {
      if (preview->stages[i].mask != NULL)
        last->stages[i].mask = nmd_image_ref (preview->stages[i].mask);
      last->stages[i].prompts = preview->stages[i].prompts;
      last->stages[i].image = nmd_image_ref (preview->stages[i].image);
      last->stages[i].mean = preview->stages[i].mean;
    }
  n_answers++;
}

static gboolean
has_answer (void)
{
  return n_answers > 0;
}

static GtkWidget *
window (void)
{
  return GTK_WIDGET (screen.window);
}

static gboolean
is_ready (void)
{
  return screen_has_dataset () && screen_has_scan () && has_answer ();
}

static void
test_open (void)
{
  g_autofree char *path = screen_write_cohort ("cohort", SUBJECTS);

  screen_open (1280, 800);
  g_signal_connect (screen.explanation, "preview", G_CALLBACK (on_preview), NULL);
  screen_xdotool ("mousemove 5 5");
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (is_ready, 60));
  screen_pause (0.3);
}

/* The picture is the display of the tensor. */
static void
assert_picture (void)
{
  const NmdImage *image = last->stages[NMD_STAGE_INPUT].image;

  for (int i = 0; i < NMD_INPUT_SIZE * NMD_INPUT_SIZE; i++)
    g_assert_cmpint (
        image->pixels[i], ==,
        lrint (CLAMP (((double)last->tensor[i] * 0.229 + 0.485) * 255, 0, 255)));
}

static void
ask (NmdSample *partner, const NmdParameters *parameters)
{
  const NmdPreviewRequest request = { EPOCH, partner, NAN };

  n_answers = 0;
  nmd_explanation_session_ask_preview_of (screen.explanation, &request, parameters);
  g_assert_true (screen_wait (has_answer, 20));
  g_assert_cmpint (last->draw, ==, EPOCH);
}

/* One batch of an epoch of training with all images: row k is of the image order[k], mixed with partners[k]. */
static void
test_bits (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  const guint n = nmd_dataset_get_n (dataset);
  g_autoptr (NmdParameters) parameters = nmd_parameters_copy (
      nmd_recipe_session_get_of (screen.recipe, NMD_TASK_CLASSIFY));
  g_autofree guint *order = g_new (guint, n);
  g_autofree guint *partners = g_new (guint, n);
  g_autofree float *images = g_new (float, (gsize)n *TENSOR);
  g_autofree float *targets = g_new (float, 2 * (gsize)n);
  NmdRandom stream;
  guint k = 0;

  for (guint i = 0; i < n; i++)
    order[i] = partners[i] = i;
  nmd_parameters_set (parameters, "batch", n, NULL);
  g_autoptr (NmdBatches) batches = nmd_batches_new (dataset, order, n, parameters);
  g_assert_cmpuint (nmd_batches_start_epoch (batches, EPOCH), ==, 1);
  g_assert_true (nmd_batches_next (batches, 0, images, targets, NULL));
  const guint64 seed = (guint64)nmd_parameters_get (parameters, "seed");
  nmd_random_init_for (&stream, seed, "order", EPOCH, "");
  nmd_random_shuffle (&stream, order, n);
  nmd_random_init_for (&stream, seed, "mixup", EPOCH, "0");
  const double a = nmd_parameters_get (parameters, "mixup");
  const double lambda = nmd_random_beta (&stream, a, a);
  nmd_random_shuffle (&stream, partners, n);
  while (nmd_dataset_get (dataset, order[k]) != last->scan->sample)
    k++;
  g_assert_cmpuint (partners[k], !=, k);
  ask (nmd_dataset_get (dataset, order[partners[k]]), parameters);
  g_assert_cmpfloat (last->lambda, ==, lambda);
  g_assert_true (last->partner == nmd_dataset_get (dataset, order[partners[k]]));
  g_assert_cmpmem (last->tensor, TENSOR * sizeof (float), images + (gsize)k * TENSOR,
                   TENSOR * sizeof (float));
  assert_picture ();

  /* without Mixup: the augmented image alone */
  nmd_parameters_set (parameters, "mixup", 0, NULL);
  ask (NULL, parameters);
  g_assert_cmpfloat (last->lambda, ==, 1);
  assert_picture ();
}

/* Image and outline of a batch of a training for outlines, and what the cards show of it. */
static void
test_outline_bits (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  const guint n = nmd_dataset_get_n (dataset);
  g_autoptr (NmdParameters) parameters
      = nmd_parameters_copy (nmd_recipe_session_get_of (screen.recipe, NMD_TASK_SEGMENT));
  g_autofree guint *order = g_new (guint, n);
  guint k = 0, found = 0;
  NmdRandom stream;

  for (guint i = 0; i < n; i++)
    order[i] = i;
  nmd_parameters_set (parameters, "batch", n, NULL);
  nmd_parameters_set (parameters, "unprompted", 0, NULL);
  nmd_parameters_set (parameters, "median", 1, NULL);
  g_assert_true (nmd_parameters_set_text (parameters, "size", "128", NULL));
  g_autoptr (NmdBatches) batches = nmd_batches_new (dataset, order, n, parameters);
  const gsize image = nmd_batches_get_image_size (batches), target = image / 3;
  g_autofree float *images = g_new (float, n *image);
  g_autofree float *targets = g_new (float, n *target);
  g_assert_cmpuint (nmd_batches_start_epoch (batches, EPOCH), ==, 1);
  g_assert_true (nmd_batches_next (batches, 0, images, targets, NULL));
  nmd_random_init_for (&stream, (guint64)nmd_parameters_get (parameters, "seed"), "order",
                       EPOCH, "");
  nmd_random_shuffle (&stream, order, n);
  while (nmd_dataset_get (dataset, order[k]) != last->scan->sample)
    k++;
  ask (NULL, parameters);
  g_assert_cmpint (last->task, ==, NMD_TASK_SEGMENT);
  g_assert_cmpint (last->size, ==, 128);
  g_assert_cmpmem (last->tensor, image * sizeof (float), images + k * image,
                   image * sizeof (float));
  const NmdStageView *shown = &last->stages[NMD_STAGE_INPUT];
  for (gsize i = 0; i < target; i++)
    {
      g_assert_cmpint (shown->mask->pixels[i] != 0, ==, targets[k * target + i] != 0);
      g_assert_cmpint (shown->image->pixels[i], ==,
                       lrint (((double)last->tensor[i] + 0.5) * 255));
      found += shown->mask->pixels[i] != 0;
    }
  g_assert_cmpuint (found, >, 0);
  g_assert_true (shown->prompts.has_box || shown->prompts.n_clicks > 0);
  g_assert_cmpfloat (last->stages[NMD_STAGE_MEDIAN].mean, !=,
                     last->stages[NMD_STAGE_RESIZE].mean);
  g_assert_cmpfloat (last->stages[NMD_STAGE_CLAHE].mean, ==,
                     last->stages[NMD_STAGE_MEDIAN].mean);
}

/* The button of the settings of a step. */
static GtkWidget *
button_of (GtkWidget *widget, const char *step)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (GTK_IS_MENU_BUTTON (widget)
      && g_strcmp0 (gtk_widget_get_tooltip_text (widget), step) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = button_of (child, step);
  return found;
}

static GtkWidget *popover;

static gboolean
is_open (void)
{
  return gtk_widget_get_mapped (popover);
}

static double clip_wanted, mean_before;

static gboolean
has_clip (void)
{
  g_autoptr (NmdParameters) shown = nmd_preprocessing_get_parameters (
      NMD_PREPROCESSING (screen_find (window (), NMD_TYPE_PREPROCESSING, NULL)));

  return fabs (nmd_parameters_get (shown, "clahe-clip") - clip_wanted) < 1e-6;
}

static gboolean
has_other_mean (void)
{
  return last->stages[NMD_STAGE_CLAHE].mean != mean_before;
}

static double
recipe_clip (void)
{
  return nmd_parameters_get (nmd_recipe_session_get_of (screen.recipe, NMD_TASK_CLASSIFY),
                             "clahe-clip");
}

static gboolean
is_taken_over (void)
{
  return fabs (recipe_clip () - clip_wanted) < 1e-6
         && !screen_shows_part (window (), "Tried here only");
}

/* Keys on a slider change the pictures, not the recipe; the button takes it over. */
static void
test_try (void)
{
  GtkWidget *button = button_of (window (), "Settings: CLAHE");

  g_assert_nonnull (button);
  popover = GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (button)));
  nmd_explanation_session_ask_preview (screen.explanation, 0);
  screen_settle ();
  mean_before = last->stages[NMD_STAGE_CLAHE].mean;
  clip_wanted = recipe_clip () + 0.5;
  gtk_widget_child_focus (button, GTK_DIR_TAB_FORWARD);
  hand_key ("space");
  g_assert_true (screen_wait (is_open, 20));
  gtk_widget_grab_focus (screen_find (popover, GTK_TYPE_SCALE, NULL));
  hand_key ("Right Right Right Right Right");
  g_assert_true (screen_wait (has_clip, 20));
  g_assert_true (screen_wait (has_other_mean, 20));
  g_assert_cmpfloat (recipe_clip (), ==, 2);
  g_assert_true (screen_shows_part (window (), "Tried here only: CLAHE clip limit: 2.5"));
  hand_key ("Escape");
  screen_assert_fits (1024, 700);
  GtkWidget *use = screen_find (window (), GTK_TYPE_BUTTON, "_Use These in Training");
  g_assert_nonnull (use);
  gtk_widget_grab_focus (use);
  hand_key ("space");
  g_assert_true (screen_wait (is_taken_over, 20));
}

static gboolean
previews_outlines (void)
{
  return last->task == NMD_TASK_SEGMENT;
}

static gboolean
previews_scores (void)
{
  return !previews_outlines ();
}

static double
rotation_shown (void)
{
  return nmd_parameters_get (nmd_recipe_session_get_of (screen.recipe, NMD_TASK_SEGMENT),
                             "rotation");
}

static gboolean
is_rotation_taken (void)
{
  return rotation_shown () == 17 && !screen_shows_part (window (), "Tried here only");
}

static gboolean
tries_rotation (void)
{
  return screen_shows_part (window (), "Tried here only: Rotation: 17");
}

/* The same for outlines, with settings of their own. */
static void
test_try_outlines (void)
{
  GtkWidget *outlines = screen_find (window (), GTK_TYPE_TOGGLE_BUTTON, "_Outlines");

  g_assert_nonnull (outlines);
  gtk_widget_grab_focus (outlines);
  hand_key ("space");
  g_assert_true (screen_wait (previews_outlines, 20));
  screen_settle ();
  g_assert_true (screen_shows_part (window (), "256 × 256"));
  screen_assert_fits (1024, 700);
  g_assert_cmpfloat (rotation_shown (), ==, 15);
  GtkWidget *button = button_of (window (), "Settings: Augmented");
  g_assert_nonnull (button);
  popover = GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (button)));
  gtk_widget_child_focus (button, GTK_DIR_TAB_FORWARD);
  hand_key ("space");
  g_assert_true (screen_wait (is_open, 20));
  gtk_widget_grab_focus (
      gtk_widget_get_next_sibling (screen_find_label (popover, "Rotation")));
  hand_key ("Right Right");
  g_assert_true (screen_wait (tries_rotation, 20));
  g_assert_cmpfloat (rotation_shown (), ==, 15);
  hand_key ("Escape");
  GtkWidget *use = screen_find (window (), GTK_TYPE_BUTTON, "_Use These in Training");
  gtk_widget_grab_focus (use);
  hand_key ("space");
  g_assert_true (screen_wait (is_rotation_taken, 20));
  gtk_widget_grab_focus (screen_find (window (), GTK_TYPE_TOGGLE_BUTTON, "S_cores"));
  hand_key ("space");
  g_assert_true (screen_wait (previews_scores, 20));
}

static gboolean
median_is_off (void)
{
  return last->stages[NMD_STAGE_MEDIAN].mean == last->stages[NMD_STAGE_RESIZE].mean;
}

/* Thumbnails */

static int n_blocked;
static gboolean released;
static GMutex lock;
static GCond cond;

static gpointer
block_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&lock);
  n_blocked++;
  while (!released)
    g_cond_wait (&cond, &lock);
  g_mutex_unlock (&lock);
  return NULL;
}

static void
on_unblocked (GObject *source, GAsyncResult *result, gpointer data)
{
  (void)nmd_job_finish (NMD_JOB (source), result, NULL);
}

static gboolean
is_blocked (void)
{
  g_mutex_lock (&lock);
  const gboolean both = n_blocked == 2;
  g_mutex_unlock (&lock);
  return both;
}

/* Nothing is read of images that were scrolled away before their turn came. */
static void
test_thumbnails (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  GtkWidget *thumbnails[8];

  screen_settle ();
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (NmdJob) job
          = nmd_job_start (NMD_THREAD_POOL, NULL, "Blocking", block_func, NULL, NULL,
                           NULL, NULL, on_unblocked, NULL);
    }
  g_assert_true (screen_wait (is_blocked, 20));
  nmd_thumbnail_cache_clear ();
  for (int i = 0; i < 8; i++)
    {
      thumbnails[i] = g_object_ref_sink (nmd_thumbnail_new (64));
      nmd_thumbnail_set_sample (NMD_THUMBNAIL (thumbnails[i]),
                                nmd_dataset_get (dataset, (guint)i));
      /* all but one are scrolled away */
      if (i > 0)
        nmd_thumbnail_set_sample (NMD_THUMBNAIL (thumbnails[i]), NULL);
    }
  g_mutex_lock (&lock);
  released = TRUE;
  g_cond_broadcast (&cond);
  g_mutex_unlock (&lock);
  screen_settle ();
  g_assert_cmpuint (nmd_thumbnail_cache_get_n (), ==, 1);
  for (int i = 0; i < 8; i++)
    g_object_unref (thumbnails[i]);
}

static gboolean
median_is_on (void)
{
  return !median_is_off ();
}

static gboolean
shows_no_kernel (void)
{
  return !screen_shows_part (window (), "kernel 5 × 5");
}

/* A switch is tried too, and given up again. */
static void
test_switch (void)
{
  GtkWidget *toggle = screen_find (screen_find (window (), NMD_TYPE_PREPROCESSING, NULL),
                                   GTK_TYPE_SWITCH, NULL);
  const NmdParameters *recipe
      = nmd_recipe_session_get_of (screen.recipe, NMD_TASK_CLASSIFY);

  g_assert_false (median_is_off ());
  g_assert_true (screen_shows_part (window (), "kernel 5 × 5 pixels, fixed"));
  gtk_widget_grab_focus (toggle);
  hand_key ("space");
  g_assert_true (screen_wait (median_is_off, 20));
  g_assert_true (nmd_parameters_get_switch (recipe, "median"));
  g_assert_true (screen_wait (shows_no_kernel, 20));
  GtkWidget *back = screen_find (window (), GTK_TYPE_BUTTON, "_As in Training");
  gtk_widget_grab_focus (back);
  hand_key ("space");
  g_assert_true (screen_wait (median_is_on, 20));
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (toggle)));
  nmd_preview_free (last);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  if (!screen_xdotool ("mousemove 5 5"))
    {
      g_print ("1..0 # SKIP xdotool is not here\n");
      return screen_end (0);
    }
  g_test_add_func ("/steps/open", test_open);
  g_test_add_func ("/steps/bits", test_bits);
  g_test_add_func ("/steps/outline-bits", test_outline_bits);
  g_test_add_func ("/steps/try", test_try);
  g_test_add_func ("/steps/try-outlines", test_try_outlines);
  g_test_add_func ("/steps/thumbnails", test_thumbnails);
  g_test_add_func ("/steps/switch", test_switch);
  return screen_end (g_test_run ());
}
