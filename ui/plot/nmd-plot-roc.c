/* SPDX-License-Identifier: Apache-2.0
 *
 * The ROC: curve, band, rival, earlier epochs, threshold handle.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

#define BAND_ALPHA 0.18

typedef struct
{
  NmdFrame frame;
  char *lines[2]; /* network, rival */
} NmdRocLayout;

static void
roc_layout_clear (NmdRocLayout *self)
{
  g_free (self->lines[0]);
  g_free (self->lines[1]);
}

char *
nmd_roc_interval_text (const NmdPlotStyle *style, double auc, const NmdInterval *ci)
{
  const NmdMeasure measure = { .value = auc, .ci_subject = *ci };
  g_autofree char *text = nmd_measure_interval_to_text (&measure);

  if (style->decimal == '\0' || style->decimal == '.')
    return g_steal_pointer (&text);
  g_strdelimit (text, ",", ';');
  return g_strdelimit (g_steal_pointer (&text), ".", style->decimal);
}

/* "network AUC 0.903 [0.87, 0.93], by subject"; @level 1 leaves out the note, 2 the
 * interval, 3 the word AUC. */
static char *
auc_text (const NmdPlotStyle *style,
          const char *title,
          double auc,
          const NmdInterval *ci,
          const char *note,
          int level)
{
  GString *text = g_string_new (title);
  char buffer[32];

  if (!isfinite (auc))
    return g_string_free (text, FALSE);
  g_string_append_printf (text, "%s %s", level < 3 ? " AUC" : "",
                          nmd_text_number (style, buffer, sizeof buffer, "%.3f", auc));
  if (level < 2 && ci != NULL && isfinite (ci->low) && isfinite (ci->high))
    {
      g_autofree char *interval = nmd_roc_interval_text (style, auc, ci);

      g_string_append_printf (text, " %s", interval);
    }
  if (level < 1 && note != NULL && *note != '\0')
    g_string_append_printf (text, ", %s", note);
  return g_string_free (text, FALSE);
}

/* The longest wording that fits into @room. */
static char *
fitting_text (const char *title,
              double auc,
              const NmdInterval *ci,
              const char *note,
              double room,
              const NmdPlotStyle *style)
{
  for (int level = 0;; level++)
    {
      char *text = auc_text (style, title, auc, ci, note, level);
      double width;

      nmd_text_measure (style, text, NULL, &width, NULL);
      if (width <= room || level == 3)
        return text;
      g_free (text);
    }
}

static gboolean
has_curve (const NmdRoc *roc)
{
  return roc != NULL && roc->n >= 2;
}

static gboolean
lay_out (const NmdRocPlot *plot,
         const NmdRect *rect,
         const NmdPlotStyle *style,
         NmdRocLayout *self)
{
  NmdFrameRequest request = { 0,
                              1,
                              0,
                              1,
                              .square = TRUE,
                              .title = plot->title,
                              .x_title = _ ("1 − specificity"),
                              .y_title = _ ("sensitivity") };
  double room = rect->width - 3 * style->font_size;

  *self = (NmdRocLayout){ 0 };
  if (!(rect->width >= 4 && rect->height >= 4)
      || !(has_curve (plot->roc) || has_curve (plot->rival)))
    return FALSE;
  if (has_curve (plot->roc))
    {
      self->lines[0] = fitting_text (
          plot->network_title != NULL ? plot->network_title : _ ("network"), plot->auc,
          &plot->auc_ci, plot->auc_note, room, style);
      nmd_frame_add_key (&self->frame, NMD_KEY_LINE, &style->series[0], self->lines[0]);
    }
  if (has_curve (plot->roc) && plot->roc->band_low != NULL && plot->band_title != NULL)
    {
      NmdRgba band = nmd_rgba_alpha (&style->series[0], BAND_ALPHA);

      nmd_frame_add_key (&self->frame, NMD_KEY_AREA, &band, plot->band_title);
    }
  if (plot->rival != NULL || isfinite (plot->rival_auc))
    {
      /* alone it is what the note is about */
      const char *note = has_curve (plot->roc) ? NULL : plot->auc_note;

      self->lines[1]
          = fitting_text (plot->rival_title != NULL ? plot->rival_title : _ ("rival"),
                          plot->rival_auc, &plot->rival_ci, note, room, style);
      nmd_frame_add_key (&self->frame, NMD_KEY_DASHED, &style->series[2], self->lines[1]);
    }
  return nmd_frame_layout (&self->frame, &request, rect, style);
}

static void
trace (cairo_t *cr, const NmdRoc *roc, const NmdFrame *frame)
{
  for (guint i = 0; i < roc->n; i++)
    cairo_line_to (cr, nmd_frame_x (frame, roc->fpr[i]),
                   nmd_frame_y (frame, roc->tpr[i]));
}

static void
draw_band (cairo_t *cr,
           const NmdRoc *roc,
           const NmdFrame *frame,
           const NmdPlotStyle *style)
{
  NmdRgba colour = nmd_rgba_alpha (&style->series[0], BAND_ALPHA);

  if (roc->band_low == NULL || roc->band_high == NULL)
    return;
  for (guint i = 0; i < roc->n; i++)
    cairo_line_to (cr, nmd_frame_x (frame, roc->fpr[i]),
                   nmd_frame_y (frame, roc->band_high[i]));
  for (guint i = roc->n; i-- > 0;)
    cairo_line_to (cr, nmd_frame_x (frame, roc->fpr[i]),
                   nmd_frame_y (frame, roc->band_low[i]));
  cairo_close_path (cr);
  nmd_rgba_set (cr, &colour);
  cairo_fill (cr);
}

static void
draw_lines (cairo_t *cr,
            const NmdRocPlot *plot,
            const NmdFrame *frame,
            const NmdPlotStyle *style)
{
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, (double[]){ 1, 3 }, 2, 0);
  nmd_rgba_set (cr, &style->dim);
  cairo_move_to (cr, nmd_frame_x (frame, 0), nmd_frame_y (frame, 0));
  cairo_line_to (cr, nmd_frame_x (frame, 1), nmd_frame_y (frame, 1));
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  if (has_curve (plot->roc))
    draw_band (cr, plot->roc, frame, style);
  for (guint i = 0; i < plot->n_earlier; i++)
    {
      /* fading into the past */
      NmdRgba faint
          = nmd_rgba_alpha (&style->series[0], 0.08 + 0.22 * (i + 1) / plot->n_earlier);

      nmd_rgba_set (cr, &faint);
      trace (cr, plot->earlier[i], frame);
      cairo_stroke (cr);
    }
  if (plot->rival != NULL)
    {
      nmd_rgba_set (cr, &style->series[2]);
      cairo_set_line_width (cr, style->line_width);
      cairo_set_dash (cr, (double[]){ 6, 3 }, 2, 0);
      trace (cr, plot->rival, frame);
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
    }
  if (!has_curve (plot->roc))
    return;
  nmd_rgba_set (cr, &style->series[0]);
  cairo_set_line_width (cr, style->line_width * 1.25);
  trace (cr, plot->roc, frame);
  cairo_stroke (cr);
}

/* The operating point of "positive iff score ≥ threshold": the last corner at or above
 * it. */
static guint
operating_point (const NmdRoc *roc, double threshold)
{
  guint at = 0;

  for (guint i = 1; i < roc->n; i++)
    if (roc->threshold[i] >= threshold)
      at = i;
  return at;
}

static void
draw_handle (cairo_t *cr,
             const NmdRocPlot *plot,
             const NmdFrame *frame,
             const NmdPlotStyle *style)
{
  guint i;
  double x, y;

  if (isnan (plot->threshold) || !has_curve (plot->roc))
    return;
  i = operating_point (plot->roc, plot->threshold);
  x = nmd_frame_x (frame, plot->roc->fpr[i]);
  y = nmd_frame_y (frame, plot->roc->tpr[i]);
  cairo_new_path (cr);
  cairo_arc (cr, x, y, style->font_size * 0.48, 0, 2 * G_PI);
  nmd_rgba_set (cr, &style->accent);
  cairo_fill_preserve (cr);
  cairo_set_line_width (cr, 1.5);
  cairo_set_source_rgb (cr, style->background.red, style->background.green,
                        style->background.blue);
  cairo_stroke (cr);
}

/* The threshold's value stands in the empty triangle under the diagonal. */
static void
draw_threshold_text (cairo_t *cr,
                     const NmdRocPlot *plot,
                     const NmdFrame *frame,
                     const NmdPlotStyle *style)
{
  NmdTextAttributes at = {
    .size = 0.9, .x_align = 1, .y_align = 1, .max_width = frame->plot.width * 0.62
  };
  g_autofree char *text = NULL;
  char number[3][32];
  guint i;

  if (isnan (plot->threshold) || !has_curve (plot->roc) || !frame->labels
      || frame->plot.width < style->font_size * 14)
    return;
  i = operating_point (plot->roc, plot->threshold);
  nmd_text_number (style, number[0], sizeof number[0], "%.2f", plot->threshold);
  nmd_text_number (style, number[1], sizeof number[1], "%.2f", plot->roc->tpr[i]);
  nmd_text_number (style, number[2], sizeof number[2], "%.2f", 1 - plot->roc->fpr[i]);
  text = g_strdup_printf (_ ("threshold %s\nsensitivity %s\nspecificity %s"), number[0],
                          number[1], number[2]);
  nmd_text_draw (cr, style, text, &at, &style->dim,
                 frame->plot.x + frame->plot.width - style->font_size * 0.5,
                 frame->plot.y + frame->plot.height - style->font_size * 0.4);
}

void
nmd_plot_roc (cairo_t *cr,
              const NmdRocPlot *plot,
              const NmdRect *rect,
              const NmdPlotStyle *style)
{
  NmdRocLayout layout;

  g_return_if_fail (cr != NULL && plot != NULL && rect != NULL && style != NULL);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  if (lay_out (plot, rect, style, &layout))
    {
      nmd_frame_draw (cr, &layout.frame, style);
      draw_threshold_text (cr, plot, &layout.frame, style);
      nmd_frame_clip (cr, &layout.frame, style->font_size * 0.6);
      draw_lines (cr, plot, &layout.frame, style);
      draw_handle (cr, plot, &layout.frame, style);
    }
  else
    nmd_plot_empty (cr, rect, style, plot->title, plot->empty);
  roc_layout_clear (&layout);
  nmd_plot_end (cr);
}

gboolean
nmd_plot_roc_handle (const NmdRocPlot *plot,
                     const NmdRect *rect,
                     const NmdPlotStyle *style,
                     double *x,
                     double *y)
{
  NmdRocLayout layout;
  gboolean found;

  g_return_val_if_fail (plot != NULL && rect != NULL && style != NULL, FALSE);
  found = lay_out (plot, rect, style, &layout) && has_curve (plot->roc)
          && !isnan (plot->threshold);
  if (found)
    {
      guint i = operating_point (plot->roc, plot->threshold);

      *x = nmd_frame_x (&layout.frame, plot->roc->fpr[i]);
      *y = nmd_frame_y (&layout.frame, plot->roc->tpr[i]);
    }
  roc_layout_clear (&layout);
  return found;
}

gboolean
nmd_plot_roc_threshold_at (const NmdRocPlot *plot,
                           const NmdRect *rect,
                           const NmdPlotStyle *style,
                           double x,
                           double y,
                           double *threshold)
{
  double nearest = G_MAXDOUBLE;
  NmdRocLayout layout;
  gboolean found;

  g_return_val_if_fail (plot != NULL && rect != NULL && style != NULL, FALSE);
  found = lay_out (plot, rect, style, &layout) && has_curve (plot->roc);
  for (guint i = 1; found && i < plot->roc->n; i++) /* corner 0 has threshold +inf */
    {
      double distance = hypot (nmd_frame_x (&layout.frame, plot->roc->fpr[i]) - x,
                               nmd_frame_y (&layout.frame, plot->roc->tpr[i]) - y);

      if (distance < nearest)
        {
          nearest = distance;
          *threshold = plot->roc->threshold[i];
        }
    }
  roc_layout_clear (&layout);
  return found && nearest < G_MAXDOUBLE;
}

double
nmd_plot_roc_step (const NmdRoc *roc, double threshold, int by)
{
  g_return_val_if_fail (roc != NULL, threshold);
  if (!has_curve (roc))
    return threshold;
  /* corner 0 has threshold +inf */
  const int at = CLAMP ((int)operating_point (roc, threshold) + by, 1, (int)roc->n - 1);
  return roc->threshold[at];
}
