/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout of a document's pages. It is done twice: once to count the pages, once to draw.
 */
#include "config.h"

#include "ui/plot/nmd-document-pages.h"
#include "ui/plot/nmd-plot-words-private.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <string.h>

#define PAGE_WIDTH 794.0 /* A4 in 1/96 inch */
#define PAGE_HEIGHT 1123.0
#define MARGIN 64.0
#define BOTTOM (PAGE_HEIGHT - MARGIN - 20) /* the foot is under it */
#define TEXT_SIZE 11.5
#define CELL_SIZE 9.5
#define CELL_PAD 4.0
#define GAP 9.0

typedef struct
{
  cairo_t *cr;
  gboolean draws;
  const NmdPlotStyle *style;
  const NmdDocument *document;
  const NmdDocumentFigure *figures;
  guint n_figures;
  const char *foot;
  double y;
  guint page, n_pages;
} Pages;

static PangoLayout *
make_layout (
    const Pages *self, const char *text, double size, gboolean bold, double width)
{
  PangoLayout *layout = pango_cairo_create_layout (self->cr);
  PangoFontDescription *font = pango_font_description_from_string (self->style->font);

  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  if (bold)
    pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  if (width > 0)
    pango_layout_set_width (layout, (int)(width * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_text (layout, text, -1);
  return layout;
}

static double
layout_height (PangoLayout *layout)
{
  int high = 0;

  pango_layout_get_size (layout, NULL, &high);
  return high / (double)PANGO_SCALE;
}

static void
show (const Pages *self, PangoLayout *layout, const NmdRgba *colour, double x, double y)
{
  if (!self->draws)
    return;
  cairo_set_source_rgb (self->cr, colour->red, colour->green, colour->blue);
  cairo_move_to (self->cr, x, y);
  pango_cairo_show_layout (self->cr, layout);
}

static void
draw_foot (const Pages *self)
{
  g_autofree char *number
      = g_strdup_printf (_ ("Page %u of %u"), self->page, self->n_pages);
  g_autoptr (PangoLayout) left
      = make_layout (self, self->foot, 9, FALSE, NMD_DOCUMENT_WIDTH - 100);
  g_autoptr (PangoLayout) right = make_layout (self, number, 9, FALSE, 90);

  pango_layout_set_ellipsize (left, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (right, PANGO_ALIGN_RIGHT);
  show (self, left, &self->style->dim, MARGIN, PAGE_HEIGHT - MARGIN);
  show (self, right, &self->style->dim, PAGE_WIDTH - MARGIN - 90, PAGE_HEIGHT - MARGIN);
}

static void
next_page (Pages *self)
{
  draw_foot (self);
  if (self->draws)
    cairo_show_page (self->cr);
  self->page++;
  self->y = MARGIN;
}

/* Begins a page unless @height more units fit on this one. */
static void
need (Pages *self, double height)
{
  if (self->y + height > BOTTOM && self->y > MARGIN)
    next_page (self);
}

/* A paragraph, which may go on over pages. @first, @indent: of its left edge; @mark before its first line. */
static void
add_text (Pages *self,
          const char *text,
          double size,
          gboolean bold,
          const NmdRgba *colour,
          double indent,
          const char *mark)
{
  g_autoptr (PangoLayout) layout
      = make_layout (self, text, size, bold, NMD_DOCUMENT_WIDTH - indent);
  PangoLayoutIter *iter = pango_layout_get_iter (layout);
  gboolean first = TRUE;

  do
    {
      PangoRectangle line;
      double height, baseline;

      pango_layout_iter_get_line_extents (iter, NULL, &line);
      height = line.height / (double)PANGO_SCALE;
      need (self, height);
      baseline = self->y
                 + (pango_layout_iter_get_baseline (iter) - line.y) / (double)PANGO_SCALE;
      if (first && mark != NULL)
        {
          g_autoptr (PangoLayout) sign = make_layout (self, mark, size, bold, 0);

          show (self, sign, colour, MARGIN + indent - 12, self->y);
        }
      if (self->draws)
        {
          cairo_set_source_rgb (self->cr, colour->red, colour->green, colour->blue);
          cairo_move_to (self->cr, MARGIN + indent + line.x / (double)PANGO_SCALE,
                         baseline);
          pango_cairo_show_layout_line (self->cr,
                                        pango_layout_iter_get_line_readonly (iter));
        }
      self->y += height;
      first = FALSE;
    }
  while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
}

/* ---- Tables */

#define MAX_COLUMNS 16
#define SMALL_TABLE 260.0 /* high */

/* Widths of the columns: as the cells want it where that fits, else the wide ones share what the narrow ones
 * leave. */
static void
share_width (const Pages *self, const NmdBlock *block, double *widths)
{
  double wanted[MAX_COLUMNS] = { 0 }, rest = NMD_DOCUMENT_WIDTH;
  gboolean given[MAX_COLUMNS] = { FALSE };
  guint n = MIN (block->n_columns, MAX_COLUMNS), open = n;
  gboolean changed = TRUE;

  for (guint i = 0; i < block->cells->len; i++)
    {
      g_autoptr (PangoLayout) layout
          = make_layout (self, block->cells->pdata[i], CELL_SIZE, i < n, 0);
      int wide = 0;

      pango_layout_get_size (layout, &wide, NULL);
      wanted[i % n] = MAX (wanted[i % n], wide / (double)PANGO_SCALE + 2 * CELL_PAD + 1);
    }
  while (changed && open > 0)
    {
      double fair = rest / open;

      changed = FALSE;
      for (guint i = 0; i < n; i++)
        if (!given[i] && wanted[i] <= fair)
          {
            given[i] = changed = TRUE;
            widths[i] = wanted[i];
            rest -= wanted[i];
            open--;
          }
    }
  for (guint i = 0; i < n; i++)
    if (!given[i])
      widths[i] = rest / open;
}

static double
draw_row (const Pages *self, const NmdBlock *block, guint row, const double *widths)
{
  guint n = MIN (block->n_columns, MAX_COLUMNS);
  double height = 0, x = MARGIN;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PangoLayout) layout
          = make_layout (self, block->cells->pdata[row * block->n_columns + i], CELL_SIZE,
                         row == 0, widths[i] - 2 * CELL_PAD);

      height = MAX (height, layout_height (layout));
      show (self, layout, &self->style->foreground, x + CELL_PAD, self->y + 2);
      x += widths[i];
    }
  return height + 4;
}

static void
draw_rule (const Pages *self, double y, double weight)
{
  if (!self->draws)
    return;
  cairo_set_source_rgb (self->cr, self->style->dim.red, self->style->dim.green,
                        self->style->dim.blue);
  cairo_set_line_width (self->cr, weight);
  cairo_move_to (self->cr, MARGIN, y);
  cairo_line_to (self->cr, MARGIN + NMD_DOCUMENT_WIDTH, y);
  cairo_stroke (self->cr);
}

/* The height of a row without drawing it. */
static double
measure_row (const Pages *self, const NmdBlock *block, guint row, const double *widths)
{
  Pages blind = *self;

  blind.draws = FALSE;
  return draw_row (&blind, block, row, widths);
}

static void
add_table (Pages *self, const NmdBlock *block)
{
  guint n_rows = block->cells->len / block->n_columns;
  double widths[MAX_COLUMNS] = { 0 }, head = 0, all = 0;

  share_width (self, block, widths);
  for (guint row = 0; row < n_rows; row++)
    {
      all += measure_row (self, block, row, widths);
      if (row == MIN (n_rows - 1, 1))
        head = all;
    }
  /* a small table stays whole; of a large one the line above, the head and the first row */
  need (self, 20 + (all < SMALL_TABLE ? all : head));
  if (*block->text != '\0')
    {
      add_text (self, block->text, 10.5, TRUE, &self->style->foreground, 0, NULL);
      self->y += 3;
    }
  for (guint row = 0; row < n_rows; row++)
    {
      double height = measure_row (self, block, row, widths);

      if (row > 0 && self->y + height > BOTTOM)
        {
          next_page (self);
          self->y += draw_row (self, block, 0, widths);
          draw_rule (self, self->y, 0.8);
        }
      draw_row (self, block, row, widths);
      self->y += height;
      draw_rule (self, self->y, row == 0 ? 0.8 : 0.25);
    }
  self->y += GAP;
}

/* ---- Figures */

static const NmdDocumentFigure *
find_figure (const Pages *self, const NmdBlock *block)
{
  for (guint i = 0; i < self->n_figures && block->kind == NMD_BLOCK_FIGURE; i++)
    if (g_strcmp0 (self->figures[i].name, block->figure) == 0)
      return &self->figures[i];
  return NULL;
}

static gboolean
is_narrow (const NmdDocumentFigure *figure)
{
  return figure != NULL && figure->width <= NMD_DOCUMENT_WIDTH / 2 - 6;
}

static void
draw_figure (const Pages *self, const NmdDocumentFigure *figure, double x, double scale)
{
  const NmdRect rect = { 0, 0, figure->width, figure->height };

  if (!self->draws)
    return;
  cairo_save (self->cr);
  cairo_translate (self->cr, x, self->y);
  cairo_scale (self->cr, scale, scale);
  figure->draw (self->cr, &rect, self->style, figure->data);
  cairo_restore (self->cr);
}

/* The figure of block @i, and of the next one where both are narrow. Returns: blocks that were drawn. */
static guint
add_figure (Pages *self, guint i)
{
  const NmdBlock *block = nmd_document_get (self->document, i);
  const NmdDocumentFigure *figure = find_figure (self, block), *next = NULL;
  double scale = 1, height;

  if (figure == NULL)
    {
      add_text (self, block->text, TEXT_SIZE, FALSE, &self->style->foreground, 0, NULL);
      return 1;
    }
  if (is_narrow (figure) && i + 1 < nmd_document_get_n (self->document))
    next = find_figure (self, nmd_document_get (self->document, i + 1));
  if (!is_narrow (next))
    next = NULL;
  scale = MIN (
      1, MIN (NMD_DOCUMENT_WIDTH / figure->width, (BOTTOM - MARGIN) / figure->height));
  height = MAX (figure->height * scale, next != NULL ? next->height : 0);
  need (self, height);
  draw_figure (self, figure, MARGIN, scale);
  if (next != NULL)
    draw_figure (self, next, MARGIN + NMD_DOCUMENT_WIDTH / 2 + 6, 1);
  self->y += height + GAP;
  return next != NULL ? 2 : 1;
}

/* ---- Blocks */

/* How much of block @i has to stand on the page of the heading above it. */
static double
height_below (const Pages *self, guint i)
{
  const NmdDocumentFigure *figure = NULL;

  if (i < nmd_document_get_n (self->document))
    figure = find_figure (self, nmd_document_get (self->document, i));
  return figure == NULL ? 60
                        : figure->height
                              * MIN (1, MIN (NMD_DOCUMENT_WIDTH / figure->width,
                                             (BOTTOM - MARGIN - 40) / figure->height));
}

static void
add_heading (Pages *self, guint i)
{
  const NmdBlock *block = nmd_document_get (self->document, i);
  g_autofree char *text = g_strdup_printf ("%u. %s", block->number, block->text);

  self->y += self->y > MARGIN ? 10 : 0;
  need (self, 30 + height_below (self, i + 1)); /* not alone at the bottom */
  add_text (self, text, 16, TRUE, &self->style->foreground, 0, NULL);
  self->y += 5;
}

static guint
add_block (Pages *self, guint i)
{
  const NmdBlock *block = nmd_document_get (self->document, i);
  const NmdRgba *ink = &self->style->foreground;

  switch (block->kind)
    {
    case NMD_BLOCK_TITLE:
      add_text (self, block->text, 22, TRUE, ink, 0, NULL);
      self->y += GAP;
      break;
    case NMD_BLOCK_HEADING:
      add_heading (self, i);
      break;
    case NMD_BLOCK_SUBHEADING:
      need (self, 70);
      add_text (self, block->text, 13, TRUE, ink, 0, NULL);
      self->y += 4;
      break;
    case NMD_BLOCK_TEXT:
      add_text (self, block->text, TEXT_SIZE, FALSE, ink, 0, NULL);
      self->y += GAP;
      break;
    case NMD_BLOCK_WARNING:
      add_text (self, block->text, TEXT_SIZE, TRUE, &self->style->warning, 0, NULL);
      self->y += 4;
      break;
    case NMD_BLOCK_ITEM:
      add_text (self, block->text, TEXT_SIZE, FALSE, ink, 16, "•");
      self->y += 3;
      if (i + 1 < nmd_document_get_n (self->document)
          && nmd_document_get (self->document, i + 1)->kind != NMD_BLOCK_ITEM)
        self->y += GAP - 3;
      break;
    case NMD_BLOCK_TABLE:
      add_table (self, block);
      break;
    case NMD_BLOCK_FIGURE:
      return add_figure (self, i);
    }
  return 1;
}

static void
lay_out (Pages *self)
{
  self->page = 1;
  self->y = MARGIN;
  for (guint i = 0; i < nmd_document_get_n (self->document);)
    i += add_block (self, i);
  draw_foot (self);
}

/* Pages are begun by cairo_show_page() on the surface that nmd_figure_draw() has made. */
static void
draw_pages (cairo_t *cr,
            const NmdRect *rect,
            const NmdPlotStyle *style,
            gconstpointer data)
{
  Pages pages = *(const Pages *)data;

  pages.cr = cr;
  pages.style = style;
  lay_out (&pages);
  pages.n_pages = pages.page;
  pages.draws = TRUE;
  lay_out (&pages);
}

NmdFigure *
nmd_document_pages_draw (const NmdDocument *document,
                         const NmdDocumentFigure *figures,
                         guint n_figures,
                         const char *foot,
                         GError **error)
{
  const Pages pages = {
    .document = document, .figures = figures, .n_figures = n_figures, .foot = foot
  };
  const char *texts[] = { "Title", foot, NULL };
  NmdPlotStyle style;

  g_return_val_if_fail (document != NULL && foot != NULL, NULL);
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  return nmd_figure_draw (NMD_FIGURE_PDF, PAGE_WIDTH, PAGE_HEIGHT, 1, draw_pages, &pages,
                          &style, texts, error);
}

GBytes *
nmd_document_pages_render (const NmdDocument *document,
                           const NmdDocumentFigure *figures,
                           guint n_figures,
                           const char *foot,
                           GError **error)
{
  g_autoptr (NmdFigure) pages
      = nmd_document_pages_draw (document, figures, n_figures, foot, error);

  return pages != NULL ? nmd_figure_encode (pages, error) : NULL;
}
