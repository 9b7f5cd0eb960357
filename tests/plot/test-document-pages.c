/* SPDX-License-Identifier: Apache-2.0
 *
 * A document's pages: where its figures come to stand.
 */
#include "ui/plot/nmd-document-pages.h"

#include <string.h>

#define PAGE_WIDTH 794.0 /* A4 in 1/96 inch */
#define PAGE_HEIGHT 1123.0

/* Where a figure was drawn, on the surface. */
typedef struct
{
  double x, y, right, bottom;
  guint n;
} Place;

static void
record (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gconstpointer data)
{
  Place *place = (Place *)data;

  place->x = rect->x, place->y = rect->y;
  place->right = rect->x + rect->width, place->bottom = rect->y + rect->height;
  cairo_user_to_device (cr, &place->x, &place->y);
  cairo_user_to_device (cr, &place->right, &place->bottom);
  place->n++;
}

static void
assert_on_page (const Place *place)
{
  g_assert_cmpuint (place->n, ==, 1);
  g_assert_cmpfloat (place->x, >=, 0);
  g_assert_cmpfloat (place->y, >=, 0);
  g_assert_cmpfloat (place->right, <=, PAGE_WIDTH);
  g_assert_cmpfloat (place->bottom, <=, PAGE_HEIGHT);
}

static GBytes *
render (const NmdDocument *document, const NmdDocumentFigure *figures, guint n)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = nmd_document_pages_render (document, figures, n, "A foot", &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), 4, "%PDF", 4);
  return bytes;
}

/* Wide ones go one below the other and over pages, narrow ones in pairs, a huge one is drawn smaller; each once. */
static void
test_figures (void)
{
  Place places[6] = { { 0 } };
  const NmdDocumentFigure figures[] = {
    { "a", record, &places[0], 600, 450 }, { "b", record, &places[1], 600, 450 },
    { "c", record, &places[2], 600, 450 }, { "d", record, &places[3], 320, 200 },
    { "e", record, &places[4], 320, 220 }, { "f", record, &places[5], 3000, 5000 },
  };
  g_autoptr (NmdDocument) document = nmd_document_new ();
  g_autoptr (GBytes) bytes = NULL;

  nmd_document_add (document, NMD_BLOCK_HEADING, "Figures");
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    nmd_document_add_figure (document, figures[i].name, "text");
  nmd_document_add_figure (document, "unknown", "A figure that nobody can draw");
  bytes = render (document, figures, G_N_ELEMENTS (figures));
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    assert_on_page (&places[i]);
  g_assert_cmpfloat (places[1].y, >=, places[0].bottom);
  g_assert_cmpfloat (places[2].y, <, places[1].y); /* the next page */
  g_assert_cmpfloat (places[3].y, ==, places[4].y);
  g_assert_cmpfloat (places[4].x, >=, places[3].right);
  g_assert_cmpfloat (places[3].y, >=, places[2].bottom);
}

/* A heading goes to the next page with the figure below it. */
static void
test_heading (void)
{
  Place places[2] = { { 0 } };
  const NmdDocumentFigure figures[]
      = { { "a", record, &places[0], 600, 500 }, { "b", record, &places[1], 600, 560 } };
  double alone = 0;

  for (guint with_heading = 0; with_heading < 2; with_heading++)
    {
      g_autoptr (NmdDocument) document = nmd_document_new ();
      g_autoptr (GBytes) bytes = NULL;

      places[0].n = places[1].n = 0;
      nmd_document_add_figure (document, "a", "text");
      if (with_heading)
        nmd_document_add (document, NMD_BLOCK_HEADING, "Figures");
      nmd_document_add_figure (document, "b", "text");
      bytes = render (document, figures, G_N_ELEMENTS (figures));
      if (!with_heading)
        alone = places[1].y; /* at the top of its page */
    }
  g_assert_cmpfloat (places[1].y, >, alone + 20);
  g_assert_cmpfloat (places[1].y, <, alone + 60);
}

/* A figure below a table that goes over pages stands where the table has ended. */
static void
test_table (void)
{
  static const char *const head[] = { "n", "what" };
  Place after[2] = { { 0 } };
  g_autofree char *word = g_strnfill (4000, 'w');

  for (guint i = 0; i < 2; i++)
    {
      const NmdDocumentFigure figure = { "mark", record, &after[i], 600, 20 };
      g_autoptr (NmdDocument) document = nmd_document_new ();
      g_autoptr (GBytes) bytes = NULL;

      nmd_document_add_table (document, "Rows", 2, head);
      for (guint row = 0; row < (i == 0 ? 3 : 200); row++)
        {
          const char *const cells[] = { "1", row == 1 ? word : "a" };

          nmd_document_add_row (document, cells);
        }
      nmd_document_add_figure (document, "mark", "");
      bytes = render (document, &figure, 1);
      assert_on_page (&after[i]);
    }
  g_assert_cmpfloat (after[0].y, >, 100); /* the long word took its lines */
  g_assert_cmpfloat (after[0].y, !=, after[1].y);
}

/* Texts of any length, in any script. */
static void
test_text (void)
{
  g_autoptr (NmdDocument) document = nmd_document_new ();
  g_autofree char *word = g_strnfill (30000, 'x');
  g_autoptr (GBytes) bytes = NULL;

  for (int kind = NMD_BLOCK_TITLE; kind < NMD_BLOCK_TABLE; kind++)
    {
      nmd_document_add (document, (NmdBlockKind)kind, "%s", "");
      nmd_document_add (document, (NmdBlockKind)kind, "%s", "Größe 筋肉 عضلة <b>&amp;");
    }
  nmd_document_add (document, NMD_BLOCK_TEXT, "%s", word);
  nmd_document_add (document, NMD_BLOCK_ITEM, "%s", word);
  bytes = render (document, NULL, 0);
  g_assert_cmpuint (g_bytes_get_size (bytes), >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document-pages/figures", test_figures);
  g_test_add_func ("/document-pages/table", test_table);
  g_test_add_func ("/document-pages/text", test_text);
  g_test_add_func ("/document-pages/heading", test_heading);
  return g_test_run ();
}
