/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures of outlines as tiles. What they are is engine/eval's.
 */
#include "ui/pages/nmd-outline-tiles.h"

#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-tile-flow.h"

#include <glib/gi18n.h>
#include <math.h>

/* A value with what stands under it. */
typedef struct
{
  GtkLabel *value;
  GtkLabel *under;
} Tile;

enum
{
  TILE_DICE,
  TILE_IOU,
  TILE_HD95,
  TILE_MSD,
  TILE_ECHO,
  TILE_FAILED,
  N_TILES,
};

struct _NmdOutlineTiles
{
  GtkBox parent_instance;

  Tile tile[N_TILES];
};

G_DEFINE_FINAL_TYPE (NmdOutlineTiles, nmd_outline_tiles, GTK_TYPE_BOX)

static void
add_tiles (NmdOutlineTiles *self)
{
  const struct
  {
    const char *title, *help;
  } texts[N_TILES] = {
    { _ ("Dice"),
      _ ("Twice the common pixels over the pixels of both outlines; 1 is the same") },
    { _ ("IoU"), _ ("Common pixels over those in at least one outline") },
    { _ ("HD95, pixels"),
      _ ("95th percentile of the distances between the two borders") },
    { _ ("MSD, pixels"), _ ("Mean distance between the two borders") },
    { _ ("Echo intensity"), /* xgettext:no-c-format */ _ (
          "Proposed minus expert's: mean difference, and the limits "
          "within which 95 % of the "
          "images lie, in grey levels") },
    { _ ("Failed"), _ ("Images whose Dice is under 0.5; they are in every mean") },
  };

  GtkWidget *flow = nmd_tile_flow_new (N_TILES);

  gtk_box_append (GTK_BOX (self), flow);
  for (int i = 0; i < N_TILES; i++)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
      GtkWidget *labels[3]
          = { gtk_label_new (texts[i].title), gtk_label_new ("–"), gtk_label_new ("") };
      const char *const classes[3] = { "caption-heading", "nmd-figure", "caption" };
      for (int k = 0; k < 3; k++)
        {
          gtk_label_set_xalign (GTK_LABEL (labels[k]), 0);
          gtk_widget_add_css_class (labels[k], classes[k]);
          gtk_widget_add_css_class (labels[k], k != 1 ? "dim-label" : "numeric");
          gtk_box_append (GTK_BOX (box), labels[k]);
        }
      gtk_widget_add_css_class (labels[2], "numeric");
      self->tile[i] = (Tile){ GTK_LABEL (labels[1]), GTK_LABEL (labels[2]) };
      gtk_widget_set_tooltip_text (box, texts[i].help);
      gtk_flow_box_append (GTK_FLOW_BOX (flow), box);
    }
}

static void
set_tile (NmdOutlineTiles *self, int tile, const char *value, const char *under)
{
  gtk_label_set_text (self->tile[tile].value, value);
  gtk_label_set_text (self->tile[tile].under, under);
}

static void
show_measure (NmdOutlineTiles *self,
              int tile,
              const NmdOutlineResults *results,
              guint which)
{
  const NmdOutlineSummary *measure = &results->measures[which];
  int decimals = nmd_outline_measures[which].decimals;
  g_autofree char *value = nmd_format_number (measure->mean, decimals);
  g_autofree char *low = nmd_format_number (measure->ci_subject.low, decimals);
  g_autofree char *high = nmd_format_number (measure->ci_subject.high, decimals);
  g_autofree char *interval = isnan (measure->ci_subject.low)
                                  ? g_strdup (_ ("no interval"))
                                  : g_strdup_printf ("[%s, %s]", low, high);

  set_tile (self, tile, value, interval);
}

void
nmd_outline_tiles_show (NmdOutlineTiles *self, const NmdOutlineResults *results)
{
  g_return_if_fail (NMD_IS_OUTLINE_TILES (self) && results != NULL);

  const NmdAgreement *echo = &results->echo_by_image;
  g_autofree char *bias = nmd_format_number (echo->bias, 2);
  g_autofree char *low = nmd_format_number (echo->low, 1);
  g_autofree char *high = nmd_format_number (echo->high, 1);
  /* Translators: limits of agreement, from … to … */
  g_autofree char *limits = g_strdup_printf (_ ("%s to %s"), low, high);
  g_autofree char *failed = g_strdup_printf ("%u", results->n_failures);
  /* Translators: of so many images, in a tile */
  g_autofree char *of = g_strdup_printf (
      ngettext ("of %u image", "of %u images", results->n_images), results->n_images);

  show_measure (self, TILE_DICE, results, NMD_OUTLINE_DICE);
  show_measure (self, TILE_IOU, results, NMD_OUTLINE_IOU);
  show_measure (self, TILE_HD95, results, NMD_OUTLINE_HD95);
  show_measure (self, TILE_MSD, results, NMD_OUTLINE_MSD);
  set_tile (self, TILE_ECHO, bias, limits);
  set_tile (self, TILE_FAILED, failed, of);
}

static void
nmd_outline_tiles_class_init (NmdOutlineTilesClass *klass)
{
}

static void
nmd_outline_tiles_init (NmdOutlineTiles *self)
{
  add_tiles (self);
}
