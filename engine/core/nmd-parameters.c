/* SPDX-License-Identifier: Apache-2.0
 *
 * The parameter table and its values. What a parameter does is coded where it is used; the words
 * that users read about it stand here.
 */
#include "engine/core/nmd-parameters.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define PAPER N_ ("paper")
#define OURS_NO_FIGURE N_ ("ours: the paper gives no figure")
#define OURS_SEGMENT N_ ("ours: the paper takes outlines as given")

static const char *const backgrounds[] = { "keep", "black", "whole", NULL };
/* Multiples of 32, by which networks shrink their input. */
static const char *const sizes[]
    = { "64", "96", "128", "160", "192", "224", "256", "320", "384", "448", "512", NULL };
static const char *const thresholds[] = { "fixed", "validation", NULL };
static const char *const class_weights[] = { "none", "balanced", NULL };
static const char *const splits[]
    = { "paper", "threeway", "kfold", "image", "stated", NULL };

#define INT(name, group, title, help, unit, source, low, high, standard)                 \
  {                                                                                      \
    name, group, title, help, unit, source, NMD_PARAMETER_INT, low, high, standard, NULL \
  }
#define REAL(name, group, title, help, unit, source, low, high, standard)                \
  {                                                                                      \
    name, group, title, help, unit, source, NMD_PARAMETER_DOUBLE, low, high, standard,   \
        NULL                                                                             \
  }
/* Of a range that is open below: @low itself is refused. */
#define ABOVE(name, group, title, help, unit, source, low, high, standard)               \
  {                                                                                      \
    name, group, title, help, unit, source, NMD_PARAMETER_DOUBLE, low, high, standard,   \
        NULL, TRUE                                                                       \
  }
#define SWITCH(name, group, title, help, source)                                         \
  {                                                                                      \
    name, group, title, help, "", source, NMD_PARAMETER_SWITCH, 0, 1, 1, NULL            \
  }
#define CHOICE(name, group, title, help, source, choices, n, standard)                   \
  {                                                                                      \
    name, group, title, help, "", source, NMD_PARAMETER_CHOICE, 0, (n)-1, standard,      \
        choices                                                                          \
  }

/* clang-format off */
static const NmdParameterInfo table[] = {
  REAL ("roi-margin", "preprocessing", N_ ("Margin around the outline"),
        N_ ("The box around the outline is widened on each side by this share of the side."),
        N_ ("share of the side"), N_ ("reconstruction: the paper shows a margin without a figure"), 0, 1, 0.1),
  CHOICE ("background", "preprocessing", N_ ("Outside the outline"),
          N_ ("Keep the image outside the outline, or set it to black; the paper describes both. Whole: the "
          "whole frame, no box around the outline, to show what the box is worth."),
          PAPER, backgrounds, 3, 0),
  SWITCH ("median", "preprocessing", N_ ("Median filter"),
          N_ ("A 5 × 5 median filter removes isolated bright and dark pixels of speckle."), PAPER),
  SWITCH ("clahe", "preprocessing", N_ ("Local contrast (CLAHE)"),
          N_ ("Contrast-limited adaptive histogram equalisation, tile by tile."), PAPER),
  REAL ("clahe-clip", "preprocessing", N_ ("CLAHE clip limit"),
        N_ ("Largest slope of a tile's grey-level mapping; larger means more contrast."),
        "", PAPER, 0.1, 40, 2.0),
  INT ("clahe-tiles", "preprocessing", N_ ("CLAHE tiles"),
       N_ ("Number of tiles along each side of the image."), N_ ("tiles"), PAPER, 1, 32, 8),

  SWITCH ("crop", "augmentation", N_ ("Random crop"),
          N_ ("Each training image is a random part of the box, resized to the input size."), PAPER),
  REAL ("crop-area", "augmentation", N_ ("Smallest crop"),
        N_ ("Smallest share of the image's area that a random crop keeps; the largest is 1."),
        N_ ("share of the area"), PAPER, 0.05, 1, 0.8),
  REAL ("crop-aspect", "augmentation", N_ ("Largest aspect ratio of a crop"),
        N_ ("The ratio of width to height of a crop lies between this and its inverse."),
        "", N_ ("reconstruction: the usual range of a random resized crop"), 1, 4, 4.0 / 3.0),
  REAL ("flip", "augmentation", N_ ("Horizontal flip"),
        N_ ("Probability that a training image is mirrored left to right."), N_ ("probability"), PAPER, 0, 1, 0.5),
  REAL ("brightness", "augmentation", N_ ("Brightness"),
        N_ ("Training images are multiplied by a factor drawn from 1 − this to 1 + this."),
        "", PAPER, 0, 1, 0.2),
  REAL ("contrast", "augmentation", N_ ("Contrast"),
        N_ ("Contrast is changed by a factor drawn from 1 − this to 1 + this."), "", PAPER, 0, 1, 0.2),
  REAL ("saturation", "augmentation", N_ ("Saturation"),
        N_ ("In the paper's list; it does nothing to a grey image."), "", PAPER, 0, 1, 0.2),
  REAL ("mixup", "augmentation", N_ ("Mixup"),
        N_ ("Pairs of training images are blended with a share drawn from Beta(a, a); 0 switches it off."),
        N_ ("a"), PAPER, 0, 10, 0.2),
  REAL ("rotation", "augmentation", N_ ("Rotation"),
        N_ ("Training images are turned by an angle drawn between this to the left and to the right."),
        N_ ("degrees"), OURS_SEGMENT, 0, 45, 15),
  REAL ("scale", "augmentation", N_ ("Scale"),
        N_ ("Training images are enlarged by a factor drawn from 1 − this to 1 + this."), "", OURS_SEGMENT, 0, 0.5, 0.2),
  REAL ("gamma", "augmentation", N_ ("Gamma"),
        N_ ("Grey x in [0, 1] becomes x to a power drawn between 1 + this and its inverse, evenly in logarithm."),
        "", OURS_SEGMENT, 0, 1, 0.2),
  REAL ("speckle", "augmentation", N_ ("Speckle noise"),
        N_ ("Each pixel is multiplied by 1 + noise; the noise's standard deviation is drawn from 0 to this."),
        "", N_ ("ours: multiplicative, as speckle is"), 0, 0.5, 0.1),
  SWITCH ("prompts", "augmentation", N_ ("Prompts"),
          N_ ("Boxes and clicks are simulated in training, so that the network also follows those of a user."), OURS_SEGMENT),
  REAL ("unprompted", "augmentation", N_ ("Images without prompts"),
        N_ ("Share of the training images that get neither a box nor clicks."), N_ ("share"), OURS_SEGMENT, 0, 1, 0.75),
  REAL ("box-jitter", "augmentation", N_ ("Jitter of the box"),
        N_ ("Each side of a simulated box is moved by up to this share of the box's side."),
        N_ ("share of the side"), OURS_SEGMENT, 0, 0.5, 0.1),
  INT ("clicks", "augmentation", N_ ("Most clicks"), N_ ("Largest number of simulated clicks in a training image."),
       N_ ("clicks"), OURS_SEGMENT, 0, 16, 3),

  CHOICE ("size", "outline", N_ ("Input size"),
          N_ ("The longer side of the frame becomes this many pixels."), OURS_SEGMENT, sizes, 11, 6),
  REAL ("outline-threshold", "outline", N_ ("Threshold of the outline"),
        N_ ("Pixels belong to the outline from this value of the network's output."), "", OURS_SEGMENT, 0.01, 0.99, 0.5),
  CHOICE ("threshold-from", "outline", N_ ("Choice of the threshold"),
          N_ ("The threshold is fixed, or chosen after training: the highest mean Dice of the validation part."),
          OURS_SEGMENT, thresholds, 2, 0),
  SWITCH ("mirror", "outline", N_ ("Average with the mirror image"),
          N_ ("The network also outlines the mirrored image; the mean of both answers counts."), OURS_SEGMENT),
  SWITCH ("largest-part", "outline", N_ ("Largest part only"),
          N_ ("Of several parts the largest one is the outline."), OURS_SEGMENT),
  SWITCH ("fill-holes", "outline", N_ ("Fill holes"), N_ ("Holes inside the outline belong to it."), OURS_SEGMENT),

  CHOICE ("split", "split", N_ ("Split"),
          N_ ("How images are divided: paper (two parts by muscle), threeway (three parts by subject), "
          "kfold (by subject, each part is tested once), image (ignores subjects; only to show leakage), "
          "stated (the parts that the data set states by a column or by folders)."),
          N_ ("ours: three parts by subject keep the test part out of every choice"), splits, 5, 1),
  INT ("folds", "split", N_ ("Folds"), N_ ("Number of parts of a k-fold split."), N_ ("folds"),
       OURS_NO_FIGURE, 3, 20, 5),
  INT ("fold", "split", N_ ("Fold"), N_ ("Which part of a k-fold split is tested, counted from 0."), "",
       OURS_NO_FIGURE, 0, 19, 0),
  REAL ("validation-share", "split", N_ ("Validation beside a fold"),
        N_ ("With folds, the share of the subjects outside the tested fold that validates; 0: the next fold "
        "validates."), N_ ("share of the subjects"), OURS_NO_FIGURE, 0, 0.5, 0),

  INT ("epochs", "recipe", N_ ("Epochs"), N_ ("Passes over the training images."), N_ ("epochs"), PAPER, 1, 10000, 100),
  INT ("batch", "recipe", N_ ("Batch size"), N_ ("Images in one step of training."), N_ ("images"), PAPER, 2, 1024, 32),
  ABOVE ("lr", "recipe", N_ ("Learning rate"), N_ ("Step size of the Adam optimiser."), "", PAPER, 0, 1, 1e-3),
  REAL ("beta1", "recipe", N_ ("Adam β1"), N_ ("Decay rate of the running mean of gradients."), "", PAPER, 0, 0.9999, 0.9),
  REAL ("beta2", "recipe", N_ ("Adam β2"), N_ ("Decay rate of the running mean of squared gradients."),
        "", PAPER, 0, 0.999999, 0.999),
  REAL ("epsilon", "recipe", N_ ("Adam ε"), N_ ("Keeps the optimiser from dividing by zero."),
        "", PAPER, 1e-30, 1, 1e-8), /* less is no normal number, which the processor backend takes for 0 */
  REAL ("weight-decay", "recipe", N_ ("Weight decay"), N_ ("L2 penalty on all weights, added to the gradient."),
        "", PAPER, 0, 1, 1e-5),
  REAL ("label-smoothing", "recipe", N_ ("Label smoothing"),
        N_ ("Share of the target that is spread evenly over the classes."), N_ ("share"), PAPER, 0, 0.9, 0.1),
  CHOICE ("class-weights", "recipe", N_ ("Class weights"),
          N_ ("Weigh the loss by class where one is rare: balanced gives class c the weight n/(2·n_c), with n "
          "training images of which n_c are of it."),
          N_ ("ours: the paper has none; King and Zeng 2001, scikit-learn's “balanced”"), class_weights, 2, 0),
  SWITCH ("dropout", "recipe", N_ ("Dropout"),
          N_ ("Dropout before the classifier in training, in networks that have it by design "
          "(GhostNet 0.2, the others none)."),
          N_ ("the networks' own; the paper does not mention it")),
  INT ("patience", "recipe", N_ ("Patience"),
       N_ ("Epochs without a lower validation loss after which averaging starts early; 0 switches this off."),
       N_ ("epochs"), N_ ("ours: the paper stops early without a figure"), 0, 10000, 15),
  INT ("seed", "recipe", N_ ("Seed"), N_ ("Seed of all random numbers; the same seed gives the same run."),
       "", N_ ("ours"), 0, 9007199254740991.0, 1),
  INT ("limit", "recipe", N_ ("Limit for trials"),
       N_ ("Use only this many subjects of each class, for a quick trial; 0 uses all."),
       N_ ("subjects of each class"), N_ ("ours"), 0, 1000000, 0),

  REAL ("average-start", "averaging", N_ ("Start of averaging"),
        N_ ("Share of the epochs after which averaging of the weights starts."), N_ ("share of the epochs"), PAPER, 0, 1, 0.75),
  ABOVE ("average-lr", "averaging", N_ ("Learning rate of averaging"),
        N_ ("Learning rate at the end of annealing, while weights are averaged."), "", PAPER, 0, 1, 5e-4),
  INT ("average-anneal", "averaging", N_ ("Annealing"),
       N_ ("Epochs over which the learning rate falls to that of averaging along a cosine."),
       N_ ("epochs"), N_ ("reconstruction: the usual value of this schedule (SWALR)"), 1, 1000, 5),
};
/* clang-format on */

#define N_ROWS G_N_ELEMENTS (table)

/* Rows that one task alone has, and rows whose default differs between them; all others are for both. */
static const struct
{
  const char *name;
  gboolean is_for[NMD_N_TASKS];
  double segment; /* default of segmentation; NaN: that of the table */
} by_task[] = {
  { "roi-margin", { TRUE, FALSE }, NAN },
  { "background", { TRUE, FALSE }, NAN },
  { "crop-aspect", { TRUE, FALSE }, NAN },
  { "saturation", { TRUE, FALSE }, NAN },
  { "mixup", { TRUE, FALSE }, NAN },
  { "label-smoothing", { TRUE, FALSE }, NAN },
  { "class-weights", { TRUE, FALSE }, NAN },
  { "dropout", { TRUE, FALSE }, NAN },
  { "rotation", { FALSE, TRUE }, NAN },
  { "scale", { FALSE, TRUE }, NAN },
  { "gamma", { FALSE, TRUE }, NAN },
  { "speckle", { FALSE, TRUE }, NAN },
  { "prompts", { FALSE, TRUE }, NAN },
  { "unprompted", { FALSE, TRUE }, NAN },
  { "box-jitter", { FALSE, TRUE }, NAN },
  { "clicks", { FALSE, TRUE }, NAN },
  { "size", { FALSE, TRUE }, NAN },
  { "outline-threshold", { FALSE, TRUE }, NAN },
  { "threshold-from", { FALSE, TRUE }, NAN },
  { "mirror", { FALSE, TRUE }, NAN },
  { "largest-part", { FALSE, TRUE }, NAN },
  { "fill-holes", { FALSE, TRUE }, NAN },
  /* an outline is found on what the machine shows */
  { "median", { TRUE, TRUE }, 0 },
  { "clahe", { TRUE, TRUE }, 0 },
  { "batch", { TRUE, TRUE }, 8 },
  /* three times the classifiers': higher Dice after as many epochs on the demo cohort */
  { "lr", { TRUE, TRUE }, 3e-3 },
  /* few images: training needs them more than the choice of an epoch does */
  { "validation-share", { TRUE, TRUE }, 0.1 },
  { "average-start", { TRUE, TRUE }, 0.6 },
};

/* Index in by_task, or -1. */
static int
find_task_row (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (by_task); i++)
    if (strcmp (by_task[i].name, name) == 0)
      return (int)i;
  return -1;
}

gboolean
nmd_parameter_is_for (const NmdParameterInfo *info, NmdTask task)
{
  int row;

  g_return_val_if_fail (info != NULL && (guint)task < NMD_N_TASKS, FALSE);

  row = find_task_row (info->name);
  return row < 0 || by_task[row].is_for[task];
}

double
nmd_parameter_get_standard (const NmdParameterInfo *info, NmdTask task)
{
  int row;

  g_return_val_if_fail (info != NULL, NAN);

  row = find_task_row (info->name);
  return task == NMD_TASK_SEGMENT && row >= 0 && !isnan (by_task[row].segment)
             ? by_task[row].segment
             : info->standard;
}

struct _NmdParameters
{
  gatomicrefcount references;
  NmdTask task;
  double values[N_ROWS];
};

const NmdParameterInfo *
nmd_parameters_list (guint *n)
{
  if (n != NULL)
    *n = N_ROWS;
  return table;
}

/* Row of @name or -1. */
static int
find (const char *name)
{
  for (guint i = 0; i < N_ROWS; i++)
    if (strcmp (table[i].name, name) == 0)
      return (int)i;
  return -1;
}

static int
find_known (const char *name)
{
  int row = find (name);

  if (row < 0)
    g_error ("There is no parameter “%s”", name);
  return row;
}

NmdParameters *
nmd_parameters_new (void)
{
  return nmd_parameters_new_for (NMD_TASK_CLASSIFY);
}

NmdParameters *
nmd_parameters_new_for (NmdTask task)
{
  NmdParameters *self = g_new0 (NmdParameters, 1);

  g_atomic_ref_count_init (&self->references);
  self->task = task;
  for (guint i = 0; i < N_ROWS; i++)
    self->values[i] = nmd_parameter_get_standard (&table[i], task);
  return self;
}

NmdTask
nmd_parameters_get_task (const NmdParameters *self)
{
  return self->task;
}

NmdParameters *
nmd_parameters_copy (const NmdParameters *self)
{
  NmdParameters *copy = nmd_parameters_new_for (self->task);

  memcpy (copy->values, self->values, sizeof copy->values);
  return copy;
}

NmdParameters *
nmd_parameters_ref (NmdParameters *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
nmd_parameters_unref (NmdParameters *self)
{
  if (self != NULL && g_atomic_ref_count_dec (&self->references))
    g_free (self);
}

double
nmd_parameters_get (const NmdParameters *self, const char *name)
{
  return self->values[find_known (name)];
}

int
nmd_parameters_get_int (const NmdParameters *self, const char *name)
{
  return (int)CLAMP (nmd_parameters_get (self, name), G_MININT, G_MAXINT);
}

gboolean
nmd_parameters_get_switch (const NmdParameters *self, const char *name)
{
  return nmd_parameters_get (self, name) != 0;
}

const char *
nmd_parameters_get_choice (const NmdParameters *self, const char *name)
{
  int row = find_known (name);

  g_return_val_if_fail (table[row].kind == NMD_PARAMETER_CHOICE, "");

  return table[row].choices[(int)self->values[row]];
}

static char *
value_to_text (int row, double value)
{
  char buffer[NMD_NUMBER_LENGTH];

  switch (table[row].kind)
    {
    case NMD_PARAMETER_SWITCH:
      return g_strdup (value != 0 ? "on" : "off");
    case NMD_PARAMETER_CHOICE:
      return g_strdup (table[row].choices[(int)value]);
    default:
      return g_strdup (nmd_number_format (buffer, value));
    }
}

char *
nmd_parameters_to_text (const NmdParameters *self, const char *name)
{
  int row = find_known (name);

  return value_to_text (row, self->values[row]);
}

static int
find_or_fail (const char *name, GError **error)
{
  int row = find (name);

  if (row < 0)
    {
      g_autofree char *shown = nmd_text_display_length (name, strlen (name), 60);

      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "There is no parameter “%s”",
                   shown);
    }
  return row;
}

char *
nmd_parameter_range_to_text (const NmdParameterInfo *info)
{
  g_autoptr (GString) text = NULL;

  g_return_val_if_fail (info != NULL, NULL);

  text = g_string_new (NULL);
  switch (info->kind)
    {
    case NMD_PARAMETER_SWITCH:
      g_string_append (text, "on or off");
      break;
    case NMD_PARAMETER_CHOICE:
      for (guint i = 0; info->choices[i] != NULL; i++)
        g_string_append_printf (text, "%s%s",
                                i == 0                         ? ""
                                : info->choices[i + 1] == NULL ? " or "
                                                               : ", ",
                                info->choices[i]);
      break;
    default:
      g_string_append (text, info->is_open_below ? "above " : "");
      nmd_number_append (text, info->minimum);
      g_string_append (text, " to ");
      nmd_number_append (text, info->maximum);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* "Batch size must be 2 to 1024, not @got". */
static gboolean
refuse (int row, const char *got, GError **error)
{
  g_autofree char *range = nmd_parameter_range_to_text (&table[row]);
  g_autofree char *shown = nmd_text_display_length (got, strlen (got), 60);

  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s must be %s, not %s",
               table[row].title, range, shown);
  return FALSE;
}

static gboolean
set_row (NmdParameters *self, int row, double value, GError **error)
{
  const NmdParameterInfo *info = &table[row];
  char buffer[NMD_NUMBER_LENGTH];

  if (!nmd_parameter_is_for (info, self->task))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "The task %s has no parameter “%s”", nmd_task_get_name (self->task),
                   info->name);
      return FALSE;
    }
  if (!(value >= info->minimum && value <= info->maximum)
      || (info->is_open_below && value <= info->minimum))
    return refuse (row, nmd_number_format (buffer, value), error);
  if (info->kind != NMD_PARAMETER_DOUBLE && value != floor (value))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s must be a whole number, not %s", info->title,
                   nmd_number_format (buffer, value));
      return FALSE;
    }
  self->values[row] = value;
  return TRUE;
}

gboolean
nmd_parameters_set (NmdParameters *self, const char *name, double value, GError **error)
{
  int row = find_or_fail (name, error);

  return row >= 0 && set_row (self, row, value, error);
}

/* Switches take the words that people type; choices take their names. */
static gboolean
word_to_value (int row, const char *text, double *value)
{
  static const char *const on[] = { "on", "true", "yes", "1", NULL };
  static const char *const off[] = { "off", "false", "no", "0", NULL };

  if (table[row].kind == NMD_PARAMETER_SWITCH)
    {
      g_autofree char *lower = g_ascii_strdown (text, -1);

      *value = g_strv_contains (on, lower);
      return *value != 0 || g_strv_contains (off, lower);
    }
  for (guint i = 0; table[row].choices[i] != NULL; i++)
    if (strcmp (table[row].choices[i], text) == 0)
      {
        *value = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
nmd_parameters_set_text (NmdParameters *self,
                         const char *name,
                         const char *text,
                         GError **error)
{
  int row = find_or_fail (name, error);
  g_autofree char *word = g_strstrip (g_strdup (text));
  double value;

  if (row < 0)
    return FALSE;
  if (table[row].kind == NMD_PARAMETER_SWITCH || table[row].kind == NMD_PARAMETER_CHOICE)
    {
      if (!word_to_value (row, word, &value))
        {
          g_autofree char *quoted = g_strdup_printf ("“%s”", word);

          return refuse (row, quoted, error);
        }
    }
  else if (!nmd_number_parse (word, &value, NULL)) /* our own sentence says more */
    {
      g_autofree char *quoted = g_strdup_printf ("“%s”", word);

      return refuse (row, quoted, error);
    }
  return set_row (self, row, value, error);
}

JsonNode *
nmd_parameters_to_json (const NmdParameters *self)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  for (guint i = 0; i < N_ROWS; i++)
    switch (nmd_parameter_is_for (&table[i], self->task) ? (int)table[i].kind : -1)
      {
      case NMD_PARAMETER_INT:
        json_object_set_int_member (object, table[i].name, (gint64)self->values[i]);
        break;
      case NMD_PARAMETER_DOUBLE:
        json_object_set_double_member (object, table[i].name, self->values[i]);
        break;
      case NMD_PARAMETER_SWITCH:
        json_object_set_boolean_member (object, table[i].name, self->values[i] != 0);
        break;
      case NMD_PARAMETER_CHOICE:
        json_object_set_string_member (object, table[i].name,
                                       table[i].choices[(int)self->values[i]]);
        break;
      }
  json_node_take_object (node, object);
  return node;
}

static gboolean
set_member (NmdParameters *self, const char *name, JsonNode *value, GError **error)
{
  int row = find_or_fail (name, error);
  GType type;

  if (row < 0)
    return FALSE;
  type = JSON_NODE_HOLDS_VALUE (value) ? json_node_get_value_type (value) : G_TYPE_NONE;
  if (type == G_TYPE_STRING && table[row].kind == NMD_PARAMETER_CHOICE)
    return nmd_parameters_set_text (self, name, json_node_get_string (value), error);
  if (type == G_TYPE_BOOLEAN && table[row].kind == NMD_PARAMETER_SWITCH)
    return set_row (self, row, json_node_get_boolean (value), error);
  if ((type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
      && (table[row].kind == NMD_PARAMETER_INT
          || table[row].kind == NMD_PARAMETER_DOUBLE))
    return set_row (self, row, json_node_get_double (value), error);
  return refuse (row, "a value of another kind", error);
}

gboolean
nmd_parameters_from_json (NmdParameters *self, JsonNode *node, GError **error)
{
  g_autoptr (NmdParameters) fresh = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "Parameters must be a JSON object");
      return FALSE;
    }
  fresh = nmd_parameters_copy (self); /* all of them or none */
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &value))
    if (!set_member (fresh, name, value, error))
      {
        g_autofree char *shown = nmd_text_display_length (name, strlen (name), 60);

        g_prefix_error (error, "%s: ", shown);
        return FALSE;
      }
  memcpy (self->values, fresh->values, sizeof self->values);
  return TRUE;
}
