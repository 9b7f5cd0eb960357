/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes and draws the most wrong images. Which they are is engine/report's.
 */
#include "ui/plot/nmd-run-report-private.h"

#include "engine/core/nmd-text.h"
#include "engine/eval/nmd-map.h"
#include "engine/model/nmd-predictor.h"

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

/* With a decimal point; "–" for NaN. */
static char *
number (double value, int decimals)
{
  char format[8], text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    return g_strdup ("–");
  g_snprintf (format, sizeof format, "%%.%df", decimals);
  return g_strdup (g_ascii_formatd (text, sizeof text, format, value));
}

char *
nmd_report_shares_to_text (const NmdMap *map)
{
  int percents[3];

  if (map->no_positive_evidence)
    return g_strdup ("no positive evidence");
  if (!isfinite (map->inside))
    return g_strdup ("no outline");
  nmd_map_get_percents (map, percents);
  return g_strdup_printf ("%d %% inside, %d %% on the edge, %d %% outside", percents[0],
                          percents[1], percents[2]);
}

/* "BB/…/a.png: label pathological, score 0.120, called healthy, echo intensity 75; map 60 % inside …" */
static char *
describe (const NmdRunFacts *facts, const NmdScore *score, const NmdMap *map)
{
  const NmdPassport *passport = nmd_run_get_passport (facts->run);
  g_autofree char *name = g_path_get_basename (score->image);
  g_autofree char *value = number (score->score, 3), *echo = number (score->echo, 0);
  g_autofree char *shares = nmd_report_shares_to_text (map);

  return g_strdup_printf ("%s: label %s, called %s, score %s, echo intensity %s. Map: %s",
                          name, passport->classes[score->label],
                          passport->classes[1 - score->label], value, echo, shares);
}

static gboolean
make_item (NmdReportImages *self,
           const NmdRunFacts *facts,
           NmdPredictor *predictor,
           const NmdScore *score,
           const NmdReportOptions *options,
           GError **error)
{
  NmdSample *sample = nmd_dataset_find (facts->dataset, score->image);
  Item *item = g_new0 (Item, 1);
  NmdDocumentFigure figure = { NULL, draw_item, item, WIDTH, 0 };
  NmdCardPicture picture;

  g_ptr_array_add (self->items, item);
  if (sample == NULL)
    {
      g_autofree char *shown = nmd_text_display (score->image);
      g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
                   "predictions.csv names %s, which is not in the data set", shown);
      return FALSE;
    }
  if (!nmd_sample_load (sample, &item->image, &item->mask, error))
    return FALSE;
  item->map = nmd_map_compute (predictor, item->image, item->mask, options->method,
                               1 - score->label, NULL, options->cancellable, error);
  if (item->map == NULL)
    return FALSE;
  if (self->layer == NULL && nmd_map_method_has_layer (options->method))
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

/* The maps of @rows, by the weights that the scores are of. */
static gboolean
make_items (NmdReportImages *self,
            const NmdRunFacts *facts,
            const GArray *rows,
            const NmdReportOptions *options,
            GError **error)
{
  g_autoptr (NmdModel) model = nmd_run_load_model (facts->run, facts->weights, error);
  NmdSession *session = NULL;
  NmdPredictor *predictor = NULL;
  gboolean done = FALSE;

  if (model == NULL)
    return FALSE;
  session = nmd_session_open (options->device, options->threads, error);
  if (session != NULL)
    predictor = nmd_predictor_new (session, model, 16, error);
  done = predictor != NULL;
  for (guint i = 0; i < rows->len && done; i++)
    {
      guint row = g_array_index (rows, guint, i);

      if (options->progress != NULL)
        options->progress (i / (double)rows->len, options->progress_data);
      done = !g_cancellable_set_error_if_cancelled (options->cancellable, error)
             && make_item (self, facts, predictor,
                           nmd_scores_get (facts->scores[facts->part], row), options,
                           error);
    }
  g_clear_pointer (&predictor, nmd_predictor_free);
  g_clear_pointer (&session, nmd_session_close);
  return done;
}

gboolean
nmd_report_images_make (NmdReportImages *self,
                        const NmdRunFacts *facts,
                        const NmdReportOptions *options,
                        GError **error)
{
  guint n_wrong = 0;
  g_autoptr (GArray) rows
      = nmd_run_facts_list_wrong (facts, NMD_CARD_WRONG_IMAGES, &n_wrong);

  self->items = g_ptr_array_new_with_free_func (item_free);
  self->pictures = g_array_new (FALSE, FALSE, sizeof (NmdCardPicture));
  self->figures = g_array_new (FALSE, FALSE, sizeof (NmdDocumentFigure));
  return rows->len == 0 || make_items (self, facts, rows, options, error);
}
