/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout and pages of a contact sheet. Which images are on it is the caller's.
 */
#include "config.h"

#include "ui/plot/nmd-contact-sheet.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

#include <cairo-pdf.h>

#define WIDTH 794.0 /* A4 in 1/96 inch */
#define HEIGHT 1123.0
#define MARGIN 44.0
#define COLUMNS 3
#define ROWS 4
#define PER_PAGE (COLUMNS * ROWS)
#define GAP 14.0
#define HEAD 56.0
#define FOOT 62.0
#define SHARPNESS 2.0 /* pixels of a picture a unit: 192 an inch */

struct _NmdContactSheet
{
  GByteArray *bytes;
  cairo_surface_t *surface;
  cairo_t *cr;
  NmdPlotStyle style;
  char *title;
  char *note;
  NmdColours colours;
  guint n, n_added;
};

static cairo_status_t
collect (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

NmdContactSheet *
nmd_contact_sheet_new (const char *title, const char *note, NmdColours colours, guint n)
{
  g_return_val_if_fail (title != NULL && note != NULL, NULL);
  g_return_val_if_fail (n > 0 && n <= NMD_CONTACT_SHEET_MAX, NULL);

  NmdContactSheet *self = g_new0 (NmdContactSheet, 1);

  self->bytes = g_byte_array_new ();
  self->surface = cairo_pdf_surface_create_for_stream (collect, self->bytes, WIDTH * 0.75,
                                                       HEIGHT * 0.75);
  cairo_surface_set_device_scale (self->surface, 0.75, 0.75);
  cairo_pdf_surface_set_metadata (self->surface, CAIRO_PDF_METADATA_TITLE, title);
  self->cr = cairo_create (self->surface);
  nmd_plot_style_init (&self->style, NMD_THEME_LIGHT, 1);
  self->title = g_strdup (title);
  self->note = g_strdup (note);
  self->colours = colours;
  self->n = n;
  return self;
}

void
nmd_contact_sheet_free (NmdContactSheet *self)
{
  if (self == NULL)
    return;
  cairo_destroy (self->cr);
  cairo_surface_finish (self->surface);
  cairo_surface_destroy (self->surface);
  g_byte_array_unref (self->bytes);
  g_free (self->title);
  g_free (self->note);
  g_free (self);
}

/* What stands once a page. */
static void
draw_page (NmdContactSheet *self)
{
  const NmdPlotStyle *style = &self->style;
  guint page = self->n_added / PER_PAGE + 1;
  guint n_pages = (self->n + PER_PAGE - 1) / PER_PAGE;
  const double wide = WIDTH - 2 * MARGIN, y = HEIGHT - MARGIN - FOOT + GAP;
  const NmdTextAttributes title = { .size = 1.25, .bold = TRUE, .max_width = wide };
  const NmdTextAttributes note
      = { .size = 0.85, .max_width = wide, .wrap = TRUE, .max_lines = 2 };
  const NmdTextAttributes right = { .size = 0.85, .x_align = 1 };
  const NmdRect bar = { MARGIN, y, wide * 0.5, nmd_overlay_get_bar_height (style) };
  /* Translators: page and number of pages of a document */
  g_autofree char *number = g_strdup_printf (_ ("%u of %u"), page, n_pages);
  const char *foot = _ ("A map shows where the network was sensitive, not where disease "
                        "is. For research and teaching, not a medical device.");

  nmd_text_draw (self->cr, style, self->title, &title, &style->foreground, MARGIN,
                 MARGIN);
  nmd_text_draw (self->cr, style, self->note, &note, &style->dim, MARGIN,
                 MARGIN + nmd_text_height (style) * 1.45);
  nmd_overlay_draw_bar (self->cr, self->colours, &bar, style);
  nmd_text_draw (self->cr, style, foot, &note, &style->foreground, MARGIN,
                 y + bar.height + 4);
  nmd_text_draw (self->cr, style, number, &right, &style->dim, WIDTH - MARGIN, y);
}

/* As pixels, so that a page is not as large as its images. */
static void
draw_picture (NmdContactSheet *self, const NmdOverlay *overlay, const NmdRect *rect)
{
  const NmdRect all = { 0, 0, rect->width, rect->height };
  cairo_surface_t *pixels
      = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)(rect->width * SHARPNESS),
                                    (int)(rect->height * SHARPNESS));
  cairo_t *cr = NULL;

  cairo_surface_set_device_scale (pixels, SHARPNESS, SHARPNESS);
  cr = cairo_create (pixels);
  nmd_overlay_draw (cr, overlay, &all, &self->style);
  cairo_destroy (cr);
  cairo_set_source_surface (self->cr, pixels, rect->x, rect->y);
  cairo_rectangle (self->cr, rect->x, rect->y, rect->width, rect->height);
  cairo_fill (self->cr);
  cairo_surface_destroy (pixels);
}

void
nmd_contact_sheet_add (NmdContactSheet *self, const NmdContactCell *cell)
{
  g_return_if_fail (self != NULL && cell != NULL && cell->name != NULL);
  g_return_if_fail (self->n_added < self->n);

  const NmdPlotStyle *style = &self->style;
  const guint place = self->n_added % PER_PAGE;
  const double width = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS;
  const double height = (HEIGHT - 2 * MARGIN - HEAD - FOOT) / ROWS;
  const double line = nmd_text_height (style) * 0.95;
  NmdRect rect
      = { MARGIN + place % COLUMNS * (width + GAP),
          MARGIN + HEAD + place / COLUMNS * height, width, height - 3 * line - GAP };
  NmdTextAttributes text = { .size = 0.85, .max_width = width };

  if (place == 0 && self->n_added > 0)
    cairo_show_page (self->cr);
  if (place == 0)
    draw_page (self);
  draw_picture (self, &cell->overlay, &rect);
  text.bold = text.cut_start = TRUE;
  nmd_text_draw (self->cr, style, cell->name, &text, &style->foreground, rect.x,
                 rect.y + rect.height + 2);
  text.bold = text.cut_start = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (cell->lines); i++)
    if (cell->lines[i] != NULL)
      nmd_text_draw (self->cr, style, cell->lines[i], &text, &style->foreground, rect.x,
                     rect.y + rect.height + 2 + (i + 1) * line);
  self->n_added++;
}

GBytes *
nmd_contact_sheet_finish (NmdContactSheet *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);

  cairo_status_t status = cairo_status (self->cr);
  cairo_surface_finish (self->surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (self->surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, NMD_ERROR,
                   status == CAIRO_STATUS_NO_MEMORY ? NMD_ERROR_MEMORY
                                                    : NMD_ERROR_UNSUPPORTED,
                   "The contact sheet of %u pictures could not be made: %s", self->n,
                   cairo_status_to_string (status));
      return NULL;
    }
  return g_bytes_new (self->bytes->data, self->bytes->len);
}
