/* SPDX-License-Identifier: Apache-2.0
 *
 * The confusion matrix.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

typedef struct
{
  NmdRect cells[4]; /* by NmdCell */
  double left, top; /* room of row and column headings; 0 without */
  NmdRect inner;
} NmdMatrixLayout;

static const char *
class_word (const NmdMatrixPlot *plot, int label)
{
  if (plot->classes[label] != NULL && *plot->classes[label] != '\0')
    return plot->classes[label];
  return label == 1 ? _ ("positive") : _ ("negative");
}

/* A short word where the class's own does not fit: half a word says less. */
static const char *
fitting_word (const NmdMatrixPlot *plot,
              int label,
              double room,
              const NmdPlotStyle *style)
{
  double width;

  nmd_text_measure (style, class_word (plot, label), NULL, &width, NULL);
  return width <= room ? class_word (plot, label) : label == 1 ? _ ("pos.") : _ ("neg.");
}

static gboolean
lay_out (const NmdMatrixPlot *plot,
         const NmdRect *rect,
         const NmdPlotStyle *style,
         NmdMatrixLayout *self)
{
  static const NmdCell order[2][2]
      = { { NMD_CELL_TP, NMD_CELL_FN }, { NMD_CELL_FP, NMD_CELL_TN } };
  double em = style->font_size, line = nmd_text_height (style), gap = 3, width, height;
  gboolean labels = rect->width >= 14 * em && rect->height >= 8 * em;

  *self = (NmdMatrixLayout){ 0 };
  self->inner = (NmdRect){ rect->x + em * 0.5, rect->y + em * 0.25, rect->width - em,
                           rect->height - em * 0.75 };
  if (!labels)
    self->inner
        = (NmdRect){ rect->x + 1, rect->y + 1, rect->width - 2, rect->height - 2 };
  else
    {
      double words[2], short_word;

      nmd_text_measure (style, class_word (plot, 0), NULL, &words[0], NULL);
      nmd_text_measure (style, class_word (plot, 1), NULL, &words[1], NULL);
      nmd_text_measure (style, _ ("truth"), NULL, &short_word, NULL);
      self->left = MAX (words[0], words[1]) + em * 0.7;
      if (self->left > self->inner.width * 0.36)
        self->left = short_word + em * 0.7;
      self->top = line * (plot->title != NULL ? 3.3 : 2.1);
    }
  width = (self->inner.width - self->left - gap) / 2;
  height = (self->inner.height - self->top - gap) / 2;
  if (width < 3 || height < 3)
    return FALSE;
  for (int row = 0; row < 2; row++)
    for (int column = 0; column < 2; column++)
      self->cells[order[row][column]]
          = (NmdRect){ self->inner.x + self->left + column * (width + gap),
                       self->inner.y + self->top + row * (height + gap), width, height };
  return TRUE;
}

static void
draw_hatching (cairo_t *cr, const NmdRect *r, const NmdRgba *colour)
{
  cairo_save (cr);
  cairo_rectangle (cr, r->x, r->y, r->width, r->height);
  cairo_clip (cr);
  nmd_rgba_set (cr, colour);
  cairo_set_line_width (cr, 1);
  for (double x = r->x - r->height; x < r->x + r->width; x += 9)
    {
      cairo_move_to (cr, x, r->y + r->height);
      cairo_rel_line_to (cr, r->height, -r->height);
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* What fits into a cell, decided once for all four so that they look alike. */
typedef struct
{
  double big; /* size of the count */
  gboolean digits, name;
  int rate; /* 0 none, 1 "88.8 %", 2 "88.8 % of 80" */
} CellText;

static CellText
choose_text (const NmdMatrixPlot *plot,
             const NmdMatrixLayout *layout,
             const NmdPlotStyle *style)
{
  const NmdRect *r = &layout->cells[NMD_CELL_TP];
  gboolean labels = layout->top > 0;
  double em = style->font_size, line = nmd_text_height (style), digits, rate;
  CellText self
      = { .big = labels
                     ? CLAMP (MIN (r->height / (em * 4.2), r->width / (em * 4.5)), 1, 2.2)
                     : 1 };
  NmdTextAttributes number = { .size = self.big, .bold = TRUE }, small = { .size = 0.9 };
  g_autofree char *most
      = g_strdup_printf ("%u", MAX (MAX (plot->tp, plot->tn), MAX (plot->fp, plot->fn)));
  /* Translators: a share of so many images, in a field of a matrix */
  g_autofree char *longest = g_strdup_printf (
      _ ("%s %% of %u"), "88.8", MAX (plot->tp + plot->fn, plot->tn + plot->fp));

  nmd_text_measure (style, most, &number, &digits, NULL);
  self.digits = digits <= r->width - 2 && line <= r->height;
  if (labels && r->height > line * (self.big + 1.1))
    {
      nmd_text_measure (style, longest, &small, &rate, NULL);
      self.rate = rate <= r->width - em ? 2 : 0;
      nmd_text_measure (style, "88.8 %", &small, &rate, NULL);
      if (self.rate == 0 && rate <= r->width - 4)
        self.rate = 1;
    }
  self.name
      = labels && (r->width > digits + em * 5.5 || r->height > line * (self.big + 4));
  return self;
}

static void
draw_cell_text (cairo_t *cr,
                const NmdRect *r,
                const NmdPlotStyle *style,
                const CellText *text,
                const NmdRgba *ink,
                const char *short_name,
                guint count,
                guint row)
{
  double em = style->font_size, line = nmd_text_height (style),
         middle = r->y + r->height / 2;
  NmdTextAttributes number
      = { .size = text->big, .bold = TRUE, .x_align = 0.5, .y_align = 0.5 };
  NmdTextAttributes small = { .size = 0.9, .x_align = 0.5, .y_align = 0.5 };
  NmdTextAttributes corner = { .size = 0.85, .bold = TRUE };
  g_autofree char *digits = g_strdup_printf ("%u", count), *share = NULL;
  char percent[32];

  if (!text->digits)
    return;
  nmd_text_draw (cr, style, digits, &number, ink, r->x + r->width / 2,
                 middle - (text->rate > 0 ? line * 0.5 : 0));
  if (text->rate > 0 && row > 0)
    {
      nmd_text_number (style, percent, sizeof percent, "%.1f", 100.0 * count / row);
      share = text->rate == 2 ? g_strdup_printf (_ ("%s %% of %u"), percent, row)
                              : g_strdup_printf (_ ("%s %%"), percent);
      nmd_text_draw (cr, style, share, &small, ink, r->x + r->width / 2,
                     middle + line * text->big * 0.55);
    }
  if (text->name)
    nmd_text_draw (cr, style, short_name, &corner, ink, r->x + em * 0.4,
                   r->y + em * 0.25);
}

static void
draw_cell (cairo_t *cr,
           const NmdMatrixPlot *plot,
           NmdCell cell,
           const NmdRect *r,
           const NmdPlotStyle *style,
           const CellText *text)
{
  static const char *const short_names[] = { "TN", "FP", "FN", "TP" };
  guint counts[] = { plot->tn, plot->fp, plot->fn, plot->tp };
  guint row = cell == NMD_CELL_TP || cell == NMD_CELL_FN ? plot->tp + plot->fn
                                                         : plot->tn + plot->fp;
  gboolean right = cell == NMD_CELL_TP || cell == NMD_CELL_TN;
  double share = row > 0 ? (double)counts[cell] / row : 0;
  NmdRgba paper = style->background, fill, ink, faint;

  paper.alpha = 1;
  fill = nmd_rgba_mix (&paper, &style->series[right ? 0 : 1], 0.08 + 0.72 * share);
  ink = nmd_rgba_ink (&fill);
  faint = nmd_rgba_alpha (&ink, 0.16);
  cairo_rectangle (cr, r->x, r->y, r->width, r->height);
  nmd_rgba_set (cr, &fill);
  cairo_fill (cr);
  if (!right)
    draw_hatching (cr, r, &faint);
  draw_cell_text (cr, r, style, text, &ink, short_names[cell], counts[cell], row);
  if (plot->have_selection && plot->selected == cell)
    {
      nmd_rgba_set (cr, &style->foreground);
      cairo_set_line_width (cr, 3);
      cairo_rectangle (cr, r->x + 1.5, r->y + 1.5, r->width - 3, r->height - 3);
      cairo_stroke (cr);
    }
}

static void
draw_headings (cairo_t *cr,
               const NmdMatrixPlot *plot,
               const NmdMatrixLayout *layout,
               const NmdPlotStyle *style)
{
  const NmdRect *tp = &layout->cells[NMD_CELL_TP];
  double em = style->font_size, line = nmd_text_height (style);
  NmdTextAttributes bold = { .bold = TRUE, .max_width = layout->inner.width };
  NmdTextAttributes column = { .x_align = 0.5, .y_align = 1, .max_width = tp->width };
  NmdTextAttributes row
      = { .x_align = 1, .y_align = 0.5, .max_width = layout->left - em * 0.4 };
  NmdTextAttributes axis
      = { .size = 0.9, .x_align = 0.5, .y_align = 1, .max_width = 2 * tp->width };
  NmdTextAttributes corner
      = { .size = 0.9, .x_align = 1, .y_align = 1, .max_width = layout->left - em * 0.4 };

  if (plot->title != NULL)
    nmd_text_draw (cr, style, plot->title, &bold, &style->foreground, layout->inner.x,
                   layout->inner.y);
  nmd_text_draw (cr, style, _ ("predicted"), &axis, &style->dim, tp->x + tp->width + 1.5,
                 tp->y - line * 1.02);
  nmd_text_draw (cr, style, _ ("truth"), &corner, &style->dim, tp->x - em * 0.4,
                 tp->y - line * 0.05);
  for (int label = 0; label < 2; label++)
    {
      const NmdRect *cell = &layout->cells[label == 1 ? NMD_CELL_TP : NMD_CELL_TN];

      nmd_text_draw (cr, style, fitting_word (plot, label, tp->width, style), &column,
                     &style->foreground, cell->x + cell->width / 2, tp->y - line * 0.05);
      nmd_text_draw (cr, style,
                     fitting_word (plot, label, layout->left - em * 0.4, style), &row,
                     &style->foreground, tp->x - em * 0.4, cell->y + cell->height / 2);
    }
}

void
nmd_plot_matrix (cairo_t *cr,
                 const NmdMatrixPlot *plot,
                 const NmdRect *rect,
                 const NmdPlotStyle *style)
{
  NmdMatrixLayout layout;

  g_return_if_fail (cr != NULL && plot != NULL && rect != NULL && style != NULL);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  if (plot->tp + plot->tn + plot->fp + plot->fn == 0)
    nmd_plot_empty (cr, rect, style, plot->title, plot->empty);
  else if (lay_out (plot, rect, style, &layout))
    {
      CellText text = choose_text (plot, &layout, style);

      for (int cell = 0; cell < 4; cell++)
        draw_cell (cr, plot, (NmdCell)cell, &layout.cells[cell], style, &text);
      if (layout.top > 0)
        draw_headings (cr, plot, &layout, style);
    }
  nmd_plot_end (cr);
}

NmdCell
nmd_plot_matrix_cell_at (const NmdMatrixPlot *plot,
                         const NmdRect *rect,
                         const NmdPlotStyle *style,
                         double x,
                         double y)
{
  NmdMatrixLayout layout;

  g_return_val_if_fail (plot != NULL && rect != NULL && style != NULL, NMD_CELL_NONE);
  if (plot->tp + plot->tn + plot->fp + plot->fn == 0
      || !lay_out (plot, rect, style, &layout))
    return NMD_CELL_NONE;
  for (int cell = 0; cell < 4; cell++)
    {
      const NmdRect *r = &layout.cells[cell];

      if (x >= r->x && x < r->x + r->width && y >= r->y && y < r->y + r->height)
        return (NmdCell)cell;
    }
  return NMD_CELL_NONE;
}
