/* SPDX-License-Identifier: Apache-2.0
 *
 * Surfaces that end up as bytes, and the composed picture of an explanation.
 */
#include "config.h"

#include "ui/plot/nmd-figure.h"
#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <string.h>

#define MAX_SIDE 16384

gboolean
nmd_figure_format_of (const char *path, NmdFigureFormat *format)
{
  static const char *const endings[] = { ".png", ".svg", ".pdf" };

  g_return_val_if_fail (path != NULL && format != NULL, FALSE);
  *format = NMD_FIGURE_PNG;
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (strlen (path) >= 4
        && g_ascii_strcasecmp (path + strlen (path) - 4, endings[i]) == 0)
      {
        *format = (NmdFigureFormat)i;
        return TRUE;
      }
  return FALSE;
}

/* ---- Bytes */

static cairo_status_t
collect (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
append_number (GByteArray *bytes, guint32 value)
{
  guint32 big_endian = GUINT32_TO_BE (value);

  g_byte_array_append (bytes, (const guint8 *)&big_endian, 4);
}

/* CRC-32 as the PNG specification defines it (annex D). */
static guint32
checksum (const guint8 *data, gsize n)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < n; i++)
    {
      crc ^= data[i];
      for (int bit = 0; bit < 8; bit++)
        crc = crc & 1 ? 0xedb88320 ^ (crc >> 1) : crc >> 1;
    }
  return ~crc;
}

/* A tEXt chunk where the text is ASCII, iTXt (uncompressed, UTF-8) otherwise. */
static void
append_text_chunk (GByteArray *bytes, const char *key, const char *text)
{
  gboolean ascii = g_str_is_ascii (text);
  guint start = bytes->len;

  append_number (bytes, 0); /* length, below */
  g_byte_array_append (bytes, (const guint8 *)(ascii ? "tEXt" : "iTXt"), 4);
  g_byte_array_append (bytes, (const guint8 *)key, (guint)strlen (key) + 1);
  if (!ascii) /* not compressed, no language, no translated keyword */
    g_byte_array_append (bytes, (const guint8 *)"\0\0\0\0", 4);
  g_byte_array_append (bytes, (const guint8 *)text, (guint)strlen (text));
  guint32 length = GUINT32_TO_BE (bytes->len - start - 8);
  memcpy (bytes->data + start, &length, 4);
  append_number (bytes, checksum (bytes->data + start + 4, bytes->len - start - 4));
}

#define AFTER_HEADER 33 /* signature and IHDR */

static GByteArray *
add_texts (GByteArray *png, const char *const *texts)
{
  GByteArray *out = g_byte_array_sized_new (png->len + 1024);

  g_byte_array_append (out, png->data, MIN (png->len, AFTER_HEADER));
  for (int i = 0; texts[i] != NULL && texts[i + 1] != NULL; i += 2)
    append_text_chunk (out, texts[i], texts[i + 1]);
  if (png->len > AFTER_HEADER)
    g_byte_array_append (out, png->data + AFTER_HEADER, png->len - AFTER_HEADER);
  g_byte_array_unref (png);
  return out;
}

/* On paper a unit is 1/96 inch, 3/4 of a point. */
static cairo_surface_t *
make_surface (NmdFigureFormat format,
              double width,
              double height,
              double scale,
              const char *const *texts,
              GByteArray *bytes)
{
  cairo_surface_t *surface;

  switch (format)
    {
    case NMD_FIGURE_SVG:
      surface = cairo_svg_surface_create_for_stream (collect, bytes, width * 0.75,
                                                     height * 0.75);
      cairo_surface_set_device_scale (surface, 0.75, 0.75);
      return surface;
    case NMD_FIGURE_PDF:
      surface = cairo_pdf_surface_create_for_stream (collect, bytes, width * 0.75,
                                                     height * 0.75);
      cairo_surface_set_device_scale (surface, 0.75, 0.75);
      for (int i = 0; texts != NULL && texts[i] != NULL && texts[i + 1] != NULL; i += 2)
        if (strcmp (texts[i], "Title") == 0)
          cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE,
                                          texts[i + 1]);
      return surface;
    case NMD_FIGURE_PNG:
    default:
      surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)ceil (width * scale),
                                            (int)ceil (height * scale));
      cairo_surface_set_device_scale (surface, scale, scale);
      return surface;
    }
}

struct _NmdFigure
{
  NmdFigureFormat format;
  cairo_surface_t *surface;
  GByteArray *bytes; /* what the surface has written so far; NULL once encoded */
  char **texts;      /* of a PNG; nullable */
  double width, height, scale;
};

static gboolean
check_status (const NmdFigure *self, cairo_status_t status, GError **error)
{
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (
      error, NMD_ERROR,
      status == CAIRO_STATUS_NO_MEMORY ? NMD_ERROR_MEMORY : NMD_ERROR_UNSUPPORTED,
      "The figure of %.0f × %.0f pixels could not be made: %s", self->width * self->scale,
      self->height * self->scale, cairo_status_to_string (status));
  return FALSE;
}

NmdFigure *
nmd_figure_draw (NmdFigureFormat format,
                 double width,
                 double height,
                 double scale,
                 NmdFigureFunc draw,
                 gconstpointer data,
                 const NmdPlotStyle *style,
                 const char *const *texts,
                 GError **error)
{
  const NmdRect rect = { 0, 0, width, height };
  g_autoptr (NmdFigure) self = NULL;

  g_return_val_if_fail (draw != NULL && style != NULL, NULL);
  if (!(scale > 0) || !(width >= 1 && width * scale <= MAX_SIDE)
      || !(height >= 1 && height * scale <= MAX_SIDE))
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
          "A figure of %.0f × %.0f pixels is asked for, at most %d × %d can be made",
          width * scale, height * scale, MAX_SIDE, MAX_SIDE);
      return NULL;
    }
  self = g_new0 (NmdFigure, 1);
  self->format = format;
  self->width = width;
  self->height = height;
  self->scale = scale;
  self->bytes = g_byte_array_new ();
  self->surface = make_surface (format, width, height, scale, texts, self->bytes);
  if (format == NMD_FIGURE_PNG)
    self->texts = g_strdupv ((char **)texts);
  cairo_t *cr = cairo_create (self->surface);
  cairo_set_source_rgb (cr, style->background.red, style->background.green,
                        style->background.blue);
  cairo_paint (cr);
  draw (cr, &rect, style, data);
  const cairo_status_t status = cairo_status (cr);
  cairo_destroy (cr);
  return check_status (self, status, error) ? g_steal_pointer (&self) : NULL;
}

GBytes *
nmd_figure_encode (NmdFigure *self, GError **error)
{
  cairo_status_t status = CAIRO_STATUS_SUCCESS;

  g_return_val_if_fail (self != NULL && self->bytes != NULL, NULL);
  if (self->format == NMD_FIGURE_PNG)
    status = cairo_surface_write_to_png_stream (self->surface, collect, self->bytes);
  cairo_surface_finish (self->surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (self->surface);
  if (!check_status (self, status, error))
    return NULL;
  if (self->texts != NULL)
    self->bytes = add_texts (self->bytes, (const char *const *)self->texts);
  return g_byte_array_free_to_bytes (g_steal_pointer (&self->bytes));
}

void
nmd_figure_free (NmdFigure *self)
{
  if (self == NULL)
    return;
  /* First: it may write once more when it goes. */
  cairo_surface_destroy (self->surface);
  if (self->bytes != NULL)
    g_byte_array_unref (self->bytes);
  g_strfreev (self->texts);
  g_free (self);
}

GBytes *
nmd_figure_render (NmdFigureFormat format,
                   double width,
                   double height,
                   double scale,
                   NmdFigureFunc draw,
                   gconstpointer data,
                   const NmdPlotStyle *style,
                   const char *const *texts,
                   GError **error)
{
  g_autoptr (NmdFigure) self
      = nmd_figure_draw (format, width, height, scale, draw, data, style, texts, error);

  return self != NULL ? nmd_figure_encode (self, error) : NULL;
}

/* ---- Explanation */

#define PICTURE_WIDTH 460

static const char *
class_word (const NmdExplainFigure *figure, int label)
{
  if (figure->classes[label] != NULL && *figure->classes[label] != '\0')
    return figure->classes[label];
  return label == 1 ? _ ("positive") : _ ("negative");
}

/* Without one there is nothing to set beside the image. */
static gboolean
has_map (const NmdExplainFigure *figure)
{
  return figure->overlay.map != NULL;
}

static void
add_scores_lines (GPtrArray *lines, const NmdExplainFigure *figure)
{
  const NmdMap *map = figure->overlay.map;
  char a[32], b[32];

  if (figure->overlay.not_meaningful != NULL)
    g_ptr_array_add (lines, g_strdup (figure->overlay.not_meaningful));
  if (map != NULL && figure->show_score)
    g_ptr_array_add (
        lines,
        g_strdup_printf (
            _ ("Score %s for “%s” (between 0 and 1; not a probability of disease)"),
            g_ascii_formatd (a, sizeof a, "%.2f", map->score), class_word (figure, 1)));
  if (map != NULL && figure->show_score && figure->fit != NULL
      && figure->overlay.not_meaningful == NULL)
    g_ptr_array_add (lines, g_strdup_printf (_ ("Note: %s"), figure->fit));
  if (map != NULL && figure->show_score && figure->overlay.mask == NULL)
    g_ptr_array_add (
        lines, g_strdup (_ ("No outline: the whole frame was scored, as in training")));
  if (map != NULL && figure->show_score)
    ;
  else if (figure->fit != NULL)
    g_ptr_array_add (lines, g_strdup_printf (_ ("No score: %s"), figure->fit));
  else if (map != NULL && figure->overlay.mask == NULL)
    g_ptr_array_add (lines, g_strdup (_ ("No score: there is no outline on this scan")));
  if (isfinite (figure->echo_mean))
    g_ptr_array_add (
        lines, g_strdup_printf (_ ("Echo intensity %s ± %s grey levels in the outline"),
                                g_ascii_formatd (a, sizeof a, "%.1f", figure->echo_mean),
                                g_ascii_formatd (b, sizeof b, "%.1f", figure->echo_sd)));
  if (figure->grey_note != NULL)
    g_ptr_array_add (lines, g_strdup (figure->grey_note));
  if (map == NULL)
    return;
  g_autofree char *quoted = g_strdup_printf ("“%s”", class_word (figure, map->target));
  const char *target = figure->hide_class ? _ ("the predicted class") : quoted;
  const char *part = figure->part != NULL ? figure->part : _ ("unknown");
  const char *method = _ (nmd_map_method_get_title (map->method));
  /* Translators: method, class, the network's layer, its cells, part of the data set */
  if (nmd_map_method_has_layer (map->method))
    g_ptr_array_add (
        lines,
        g_strdup_printf (_ ("%s for %s, layer %s, %d × %d cells; image part: %s"), method,
                         target, map->layer, map->grid_width, map->grid_height, part));
  else
    g_ptr_array_add (
        lines, g_strdup_printf (_ ("%s for %s, at the %s, %d × %d cells; image part: %s"),
                                method, target, _ ("input"), map->grid_width,
                                map->grid_height, part));
  if (map->no_positive_evidence)
    g_ptr_array_add (
        lines,
        g_strdup (
            nmd_map_method_has_layer (map->method)
                ? _ ("No positive evidence: nothing in this layer speaks for this class")
                : _ ("No positive evidence: nothing in this image speaks for this "
                     "class")));
  else if (isfinite (map->inside))
    {
      int percents[3];

      nmd_map_get_percents (map, percents);
      g_ptr_array_add (
          lines, g_strdup_printf (
                     _ ("Of the map: %d %% inside the outline, %d %% at its edge (± 2 "
                        "%% of the box), %d %% outside"),
                     percents[0], percents[1], percents[2]));
    }
}

/* Everything that the picture says in words, NULL-terminated; the last is the caveat. */
static GPtrArray *
make_lines (const NmdExplainFigure *figure)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  add_scores_lines (lines, figure);
  if (figure->model != NULL)
    g_ptr_array_add (lines, g_strdup (figure->model));
  g_ptr_array_add (
      lines,
      g_strconcat (
          figure->overlay.synthetic ? _ ("SYNTHETIC picture. ") : "",
          has_map (figure)
              ? _ ("A map shows where the network was sensitive, not where disease is. ")
              : "",
          _ ("For research and teaching, not a medical device."), NULL));
  return lines;
}

typedef struct
{
  double margin, heading, picture_width, picture_height, bar, captions;
} ExplainLayout;

/* @width is that of the whole figure. */
static void
lay_out_explain (const NmdExplainFigure *figure,
                 const NmdPlotStyle *style,
                 double width,
                 ExplainLayout *self)
{
  const NmdImage *image = figure->overlay.image;
  g_autoptr (GPtrArray) lines = make_lines (figure);
  NmdTextAttributes at = { .wrap = TRUE };

  *self = (ExplainLayout){ .margin = style->font_size * 1.2 };
  self->heading = nmd_text_height (style) * 1.6;
  self->picture_width
      = has_map (figure) ? (width - 3 * self->margin) / 2 : width - 2 * self->margin;
  self->picture_width = MAX (self->picture_width, 8);
  self->picture_height = image != NULL
                             ? self->picture_width * image->height / image->width
                             : self->picture_width * 0.75;
  self->picture_height = CLAMP (self->picture_height, self->picture_width * 0.4,
                                self->picture_width * 1.5);
  self->bar = nmd_overlay_get_bar_height (style) * 1.15;
  at.max_width = MAX (width - 2 * self->margin, 8);
  for (guint i = 0; i < lines->len; i++)
    {
      double height;

      nmd_text_measure (style, lines->pdata[i], &at, NULL, &height);
      self->captions += height + style->font_size * 0.25;
    }
}

void
nmd_figure_explain_get_size (const NmdExplainFigure *figure,
                             const NmdPlotStyle *style,
                             double *width,
                             double *height)
{
  ExplainLayout layout;

  g_return_if_fail (figure != NULL && style != NULL);
  *width = (has_map (figure) ? 2 * PICTURE_WIDTH + style->font_size * 1.2 : PICTURE_WIDTH)
           + 2 * style->font_size * 1.2;
  lay_out_explain (figure, style, *width, &layout);
  *height = ceil (layout.margin * 2 + layout.heading + layout.picture_height + layout.bar
                  + layout.captions + style->font_size * 0.4);
}

/* "outline" and "region" as they are drawn, under the left picture. */
static void
draw_line_keys (cairo_t *cr,
                const NmdExplainFigure *figure,
                const NmdRect *rect,
                const NmdPlotStyle *style)
{
  NmdTextAttributes at = { .y_align = 0.5 };
  double x = rect->x, y = rect->y + rect->height / 2, em = style->font_size, width;
  gboolean shown[2]
      = { figure->overlay.show_outline && figure->overlay.mask != NULL,
          figure->overlay.show_box
              && (figure->overlay.box != NULL || figure->overlay.map != NULL) };
  static const char *const words[2]
      = { N_ ("outline"), N_ ("region of interest (network input)") };

  for (int i = 0; i < 2; i++)
    {
      if (!shown[i])
        continue;
      cairo_new_path (cr);
      cairo_move_to (cr, x + 2, y);
      cairo_line_to (cr, x + em * 2, y);
      cairo_set_line_width (cr, 5);
      cairo_set_source_rgb (cr, 0.15, 0.15, 0.15);
      cairo_stroke_preserve (cr);
      cairo_set_line_width (cr, 1.75);
      if (i == 0)
        cairo_set_source_rgb (cr, NMD_OVERLAY_OUTLINE);
      else
        {
          cairo_set_source_rgb (cr, NMD_OVERLAY_BOX);
          cairo_set_dash (cr, (double[]){ 5, 4 }, 2, 0);
        }
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
      nmd_text_measure (style, _ (words[i]), &at, &width, NULL);
      nmd_text_draw (cr, style, _ (words[i]), &at, &style->foreground, x + em * 2.5, y);
      x += em * 4 + width;
    }
}

void
nmd_figure_draw_explain (cairo_t *cr,
                         const NmdRect *rect,
                         const NmdPlotStyle *style,
                         gconstpointer data)
{
  const NmdExplainFigure *figure = data;
  NmdOverlay plain = figure->overlay;
  g_autoptr (GPtrArray) lines = make_lines (figure);
  ExplainLayout layout;
  NmdRect left, right, bar;
  double y;

  if (!nmd_plot_begin (cr, rect, style))
    return;
  lay_out_explain (figure, style, rect->width, &layout);
  left = (NmdRect){ rect->x + layout.margin,
                    rect->y + layout.margin * 0.7 + layout.heading, layout.picture_width,
                    layout.picture_height };
  right = left;
  if (has_map (figure))
    right.x += layout.picture_width + layout.margin;
  NmdTextAttributes heading
      = { .bold = TRUE, .size = 1.1, .max_width = rect->width - 2 * layout.margin };

  nmd_text_draw (cr, style, figure->image_name != NULL ? figure->image_name : _ ("Image"),
                 &heading, &style->foreground, left.x, rect->y + layout.margin * 0.7);
  plain.map = NULL;
  plain.not_meaningful = NULL;
  if (plain.box == NULL && figure->overlay.map != NULL)
    plain.box = &figure->overlay.map->box;
  nmd_overlay_draw (cr, &plain, &left, style);
  if (has_map (figure))
    nmd_overlay_draw (cr, &figure->overlay, &right, style);
  bar = (NmdRect){ right.x, right.y + right.height, right.width, layout.bar };
  if (figure->overlay.map != NULL && !figure->overlay.map->no_positive_evidence)
    nmd_overlay_draw_bar (cr, figure->overlay.colours, &bar, style);
  bar.x = left.x;
  draw_line_keys (cr, figure, &bar, style);
  y = bar.y + bar.height + style->font_size * 0.2;
  for (guint i = 0; i < lines->len; i++)
    {
      NmdTextAttributes at
          = { .wrap = TRUE, .max_width = rect->width - 2 * layout.margin };
      gboolean warn = i == 0 && figure->overlay.not_meaningful != NULL;
      double height;

      nmd_text_measure (style, lines->pdata[i], &at, NULL, &height);
      nmd_text_draw (cr, style, lines->pdata[i], &at,
                     warn                  ? &style->warning
                     : i + 1 == lines->len ? &style->dim
                                           : &style->foreground,
                     left.x, y);
      y += height + style->font_size * 0.25;
    }
  nmd_plot_end (cr);
}

NmdFigure *
nmd_figure_explain (const NmdExplainFigure *figure,
                    NmdFigureFormat format,
                    double scale,
                    const NmdPlotStyle *style,
                    GError **error)
{
  g_autoptr (GPtrArray) lines = NULL;
  g_autofree char *description = NULL;
  const char *texts[7] = { "Title", NULL, "Description", NULL, NULL, NULL, NULL };
  double width, height;

  g_return_val_if_fail (figure != NULL && style != NULL, NULL);
  lines = make_lines (figure);
  g_ptr_array_add (lines, NULL);
  description = g_strjoinv ("\n", (char **)lines->pdata);
  texts[1] = figure->image_name != NULL ? figure->image_name : "Image";
  texts[3] = description;
  if (figure->overlay.synthetic)
    texts[4] = "Source", texts[5] = "SYNTHETIC";
  nmd_figure_explain_get_size (figure, style, &width, &height);
  return nmd_figure_draw (format, width, height, scale, nmd_figure_draw_explain, figure,
                          style, texts, error);
}
