/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes and draws the most wrong images. Which they are is engine/report's.
 */
#include "app/nmd-report-images.h"

#include "app/nmd-command.h"
#include "engine/eval/nmd-map.h"

#include <math.h>

#define WIDTH 324.0 /* two of them beside each other on a page */
#define BETWEEN 6.0
#define CAPTION 58.0 /* with the bar */

typedef struct
{
  char *name, *text;
  NmdImage *image, *mask; /* mask (nullable) */
  NmdMap *map;
  gboolean synthetic;
} Item;

static void
item_free (gpointer data)
{
  Item *self = data;

  g_free (self->name);
  g_free (self->text);
  g_clear_pointer (&self->image, nmd_image_unref);
  g_clear_pointer (&self->mask, nmd_image_unref);
  g_clear_pointer (&self->map, nmd_map_unref);
  g_free (self);
}

void
nmd_report_images_clear (NmdReportImages *self)
{
  g_free (self->layer);
  g_clear_pointer (&self->pictures, g_array_unref);
  g_clear_pointer (&self->figures, g_array_unref);
  g_clear_pointer (&self->items, g_ptr_array_unref);
}

/* The image with its outline, the map over it, the bar, and the text under both. */
static void
draw_item (cairo_t *cr,
           const NmdRect *rect,
           const NmdPlotStyle *style,
           gconstpointer data)
{
  const Item *self = data;
  const NmdPlotNote note = { NULL, self->text };
  const double bar = nmd_overlay_get_bar_height (style);
  NmdPlotStyle small = *style;
  NmdRect rest = *rect, left, right, below;
  NmdOverlay overlay = NMD_OVERLAY_INIT;

  small.font_size = style->font_size * 0.78;
  nmd_plot_note (cr, &note, &rest, &small);
  left = rest;
  left.width = (rest.width - BETWEEN) / 2;
  left.height = rest.height - bar - 2;
  right = left;
  right.x += left.width + BETWEEN;
  below = (NmdRect){ right.x, right.y + right.height + 2, right.width, bar };
  overlay.image = self->image;
  overlay.mask = self->mask;
  overlay.synthetic = self->synthetic;
  overlay.box = &self->map->box;
  nmd_overlay_draw (cr, &overlay, &left, &small);
  overlay.map = self->map;
  nmd_overlay_draw (cr, &overlay, &right, &small);
  nmd_overlay_draw_bar (cr, NMD_COLOURS_UNIFORM, &below, &small);
}

/* "BB/…/a.png: label pathological, score 0.120, called healthy, echo intensity 75; map 60 % inside …" */
static char *
describe (const NmdRunFacts *facts, const NmdScore *score, const NmdMap *map)
{
  const NmdPassport *passport = nmd_run_get_passport (facts->run);
  g_autofree char *name = g_path_get_basename (score->image);
  g_autofree char *shares
      = map->no_positive_evidence ? g_strdup ("no positive evidence")
        : isnan (map->inside)
            ? g_strdup ("no outline")
            : g_strdup_printf ("%s %% inside, %s %% on the edge, %s %% outside",
                               nmd_command_number (100 * map->inside, 0),
                               nmd_command_number (100 * map->edge, 0),
                               nmd_command_number (100 * map->outside, 0));

  return g_strdup_printf (
      "%s: label %s, called %s, score %s, echo intensity %s. Map: %s", name,
      passport->classes[score->label], passport->classes[1 - score->label],
      nmd_command_number (score->score, 3), nmd_command_number (score->echo, 0), shares);
}

static gboolean
make_item (NmdReportImages *self,
           const NmdRunFacts *facts,
           const NmdOpenedRun *opened,
           const NmdScore *score,
           NmdMapMethod method,
           GError **error)
{
  NmdSample *sample = nmd_dataset_find (facts->dataset, score->image);
  Item *item = g_new0 (Item, 1);
  NmdDocumentFigure figure = { NULL, draw_item, item, WIDTH, 0 };
  NmdCardPicture picture;

  g_ptr_array_add (self->items, item);
  if (sample == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
                   "predictions.csv names %s, which is not in the data set",
                   nmd_command_shown (score->image));
      return FALSE;
    }
  if (!nmd_sample_load (sample, &item->image, &item->mask, error))
    return FALSE;
  item->map
      = nmd_map_compute (opened->predictor, item->image, item->mask, method,
                         1 - score->label, NULL, nmd_command_get_cancellable (), error);
  if (item->map == NULL)
    return FALSE;
  if (self->layer == NULL && nmd_map_method_has_layer (method))
    self->layer = g_strdup (item->map->layer);
  item->synthetic = sample->is_synthetic;
  item->name = g_strdup_printf ("wrong-%02u", self->items->len);
  item->text = describe (facts, score, item->map);
  figure.name = item->name;
  figure.height
      = CLAMP ((WIDTH - BETWEEN) / 2 * item->image->height / MAX (item->image->width, 1),
               60, 300)
        + CAPTION;
  picture = (NmdCardPicture){ item->name, item->text };
  g_array_append_val (self->figures, figure);
  g_array_append_val (self->pictures, picture);
  return TRUE;
}

gboolean
nmd_report_images_make (NmdReportImages *self,
                        const NmdRunFacts *facts,
                        NmdMapMethod method,
                        const NmdComputeOptions *compute,
                        GError **error)
{
  guint n_wrong = 0;
  g_autoptr (GArray) rows
      = nmd_run_facts_list_wrong (facts, NMD_CARD_WRONG_IMAGES, &n_wrong);
  NmdComputeOptions options = *compute;
  g_auto (NmdOpenedRun) opened = { 0 };

  self->items = g_ptr_array_new_with_free_func (item_free);
  self->pictures = g_array_new (FALSE, FALSE, sizeof (NmdCardPicture));
  self->figures = g_array_new (FALSE, FALSE, sizeof (NmdDocumentFigure));
  if (rows->len == 0)
    return TRUE;
  options.weights = facts->weights;
  if (!nmd_opened_run_open (&opened, nmd_run_get_folder (facts->run), &options, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      guint row = g_array_index (rows, guint, i);

      nmd_command_progress (i / (double)rows->len, "maps of the most wrong images");
      if (!make_item (self, facts, &opened,
                      nmd_scores_get (facts->scores[facts->part], row), method, error))
        return FALSE;
    }
  nmd_command_progress_done ();
  return TRUE;
}
