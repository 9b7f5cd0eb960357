/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures as tiles. What they are is engine/eval's.
 */
#include "ui/pages/nmd-measure-tiles.h"

#include "ui/session/nmd-result-words.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-tile-flow.h"

#include <glib/gi18n.h>
#include <math.h>

/* One measure. */
typedef struct
{
  GtkLabel *value;
  GtkLabel *interval;
} Tile;

enum
{
  TILE_AUC,
  TILE_SENSITIVITY,
  TILE_SPECIFICITY,
  TILE_ACCURACY,
  TILE_PPV,
  TILE_NPV,
  TILE_F1,
  TILE_BRIER,
  N_TILES,
};

struct _NmdMeasureTiles
{
  GtkBox parent_instance;

  Tile tiles[N_TILES];
};

G_DEFINE_FINAL_TYPE (NmdMeasureTiles, nmd_measure_tiles, GTK_TYPE_BOX)

static void
add_tiles (NmdMeasureTiles *self)
{
  const struct
  {
    const char *title, *help;
  } texts[N_TILES] = {
    { _ ("AUC"),
      _ ("Chance that a random positive scores higher than a random negative") },
    { _ ("Sensitivity"), _ ("Share of the positives classified as positive") },
    { _ ("Specificity"), _ ("Share of the negatives classified as negative") },
    { _ ("Accuracy"), _ ("Share of all classified correctly") },
    { _ ("PPV"),
      _ ("Share of those called positive that are positive, at the share of positives "
         "in this part") },
    { _ ("NPV"),
      _ ("Share of those called negative that are negative, at the share of positives "
         "in this part") },
    { _ ("F1"), _ ("Harmonic mean of sensitivity and PPV") },
    { _ ("Brier"), _ ("Mean squared distance of score and label; lower is better") },
  };

  GtkWidget *flow = nmd_tile_flow_new (N_TILES);

  gtk_box_append (GTK_BOX (self), flow);
  for (int i = 0; i < N_TILES; i++)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
      GtkWidget *title = gtk_label_new (texts[i].title);
      self->tiles[i].value = GTK_LABEL (gtk_label_new ("–"));
      self->tiles[i].interval = GTK_LABEL (gtk_label_new (""));
      gtk_widget_add_css_class (title, "caption-heading");
      gtk_widget_add_css_class (title, "dim-label");
      gtk_widget_add_css_class (GTK_WIDGET (self->tiles[i].value), "nmd-figure");
      gtk_widget_add_css_class (GTK_WIDGET (self->tiles[i].value), "numeric");
      gtk_widget_add_css_class (GTK_WIDGET (self->tiles[i].interval), "caption");
      gtk_widget_add_css_class (GTK_WIDGET (self->tiles[i].interval), "numeric");
      gtk_widget_add_css_class (GTK_WIDGET (self->tiles[i].interval), "dim-label");
      gtk_label_set_xalign (GTK_LABEL (title), 0);
      gtk_label_set_xalign (self->tiles[i].value, 0);
      gtk_label_set_xalign (self->tiles[i].interval, 0);
      gtk_widget_set_tooltip_text (box, texts[i].help);
      gtk_box_append (GTK_BOX (box), title);
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->tiles[i].value));
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->tiles[i].interval));
      gtk_flow_box_append (GTK_FLOW_BOX (flow), box);
    }
}

static void
show_tile (NmdMeasureTiles *self, int tile, const NmdMeasure *measure)
{
  g_autofree char *value = nmd_format_number (measure->value, 2);
  g_autofree char *missing = nmd_words_of_missing (measure);
  g_autofree char *interval = nmd_words_of_interval (&measure->ci_subject);
  GtkLabel *label = self->tiles[tile].interval;

  gtk_label_set_text (self->tiles[tile].value, value);
  gtk_label_set_text (label, missing != NULL ? _ ("no interval") : interval);
  gtk_widget_set_tooltip_text (GTK_WIDGET (label), missing);
  if (missing == NULL && !isnan (measure->ci_subject.low) && !isnan (measure->ci.low))
    {
      g_autofree char *image = nmd_format_interval (measure->ci.low, measure->ci.high);
      /* Translators: two 95 % intervals of a measure */
      g_autofree char *tip = g_strdup_printf (
          _ ("95 %% interval over subjects: %s\nas if all images were independent: %s"),
          interval, image);
      gtk_widget_set_tooltip_text (GTK_WIDGET (label), tip);
    }
}

void
nmd_measure_tiles_show (NmdMeasureTiles *self, const NmdMetrics *m)
{
  g_return_if_fail (NMD_IS_MEASURE_TILES (self) && m != NULL);

  show_tile (self, TILE_AUC, &m->auc);
  show_tile (self, TILE_SENSITIVITY, &m->sensitivity);
  show_tile (self, TILE_SPECIFICITY, &m->specificity);
  show_tile (self, TILE_ACCURACY, &m->accuracy);
  show_tile (self, TILE_PPV, &m->ppv);
  show_tile (self, TILE_NPV, &m->npv);
  show_tile (self, TILE_F1, &m->f1);
  show_tile (self, TILE_BRIER, &m->brier);
}

static void
show_rate (NmdMeasureTiles *self, int tile, double part, double whole)
{
  g_autofree char *value = nmd_format_number (whole > 0 ? part / whole : NAN, 2);

  gtk_label_set_text (self->tiles[tile].value, value);
  gtk_label_set_text (self->tiles[tile].interval, "…");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->tiles[tile].interval), NULL);
}

void
nmd_measure_tiles_show_counts (
    NmdMeasureTiles *self, guint tp, guint fn, guint fp, guint tn)
{
  g_return_if_fail (NMD_IS_MEASURE_TILES (self));

  show_rate (self, TILE_SENSITIVITY, tp, tp + fn);
  show_rate (self, TILE_SPECIFICITY, tn, tn + fp);
  show_rate (self, TILE_ACCURACY, tp + tn, tp + fn + fp + tn);
  show_rate (self, TILE_PPV, tp, tp + fp);
  show_rate (self, TILE_NPV, tn, tn + fn);
  show_rate (self, TILE_F1, 2.0 * tp, 2.0 * tp + fp + fn);
}

static void
nmd_measure_tiles_class_init (NmdMeasureTilesClass *klass)
{
}

static void
nmd_measure_tiles_init (NmdMeasureTiles *self)
{
  add_tiles (self);
}
