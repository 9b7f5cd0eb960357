/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts card, figures and images together and draws them. What the card says is
 * engine/report's, how a page looks ui/plot's.
 */
#include "ui/plot/nmd-run-report.h"

#include "engine/report/nmd-checklist.h"
#include "engine/report/nmd-run-card.h"
#include "ui/plot/nmd-document-pages.h"
#include "ui/plot/nmd-run-figures.h"
#include "ui/plot/nmd-run-report-private.h"

#define CHART_HEIGHT 450.0

/* What the figures of nmd_run_figures_list() show, by their names. */
static const char *
describe_figure (const char *name)
{
  static const char *const texts[][2] = {
    { "loss", "Training and validation loss over the epochs" },
    { "roc", "ROC curve with its band, the rival and the threshold" },
    { "confusion", "Confusion matrix" },
    { "scores", "Score and echo intensity of each image" },
    { "reliability", "Reliability: observed share of positives by tenths" },
    { "decision", "Decision curve: net benefit by threshold probability" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (name, texts[i][0]))
      return texts[i][1];
  return name;
}

/* Everything that is drawn, and the document that it is drawn for. */
typedef struct
{
  NmdRunFigures *figures;
  NmdReportImages images;
  GArray *drawn;  /* NmdDocumentFigure */
  GArray *charts; /* NmdCardPicture */
  NmdDocument *document;
  const char *maps; /* (nullable): their method */
} Report;

static void
report_clear (Report *self)
{
  g_clear_pointer (&self->document, nmd_document_free);
  g_clear_pointer (&self->drawn, g_array_unref);
  g_clear_pointer (&self->charts, g_array_unref);
  nmd_report_images_clear (&self->images);
  g_clear_pointer (&self->figures, nmd_run_figures_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Report, report_clear)

static gboolean
add_charts (Report *self, const NmdRunFacts *facts, GError **error)
{
  guint n = 0;
  const NmdFigureFile *files = nmd_run_figures_list (&n);

  self->figures = nmd_run_figures_new (facts->run, facts->part,
                                       &facts->results->threshold.rule, error);
  if (self->figures == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      /* two of them on a page */
      const NmdDocumentFigure figure = { files[i].name, files[i].draw, self->figures,
                                         MIN (files[i].width + 40, NMD_DOCUMENT_WIDTH),
                                         MIN (files[i].height, CHART_HEIGHT) };
      const NmdCardPicture picture = { files[i].name, describe_figure (files[i].name) };

      g_array_append_val (self->drawn, figure);
      g_array_append_val (self->charts, picture);
    }
  return TRUE;
}

/* Why there are no images of the most wrong ones; NULL if there are. */
static char *
explain_missing (const NmdRunFacts *facts, gboolean with_images)
{
  if (!with_images)
    return g_strdup ("Images were left out of this report as it was asked for");
  if (facts->dataset == NULL)
    return g_strdup_printf ("No images and no maps: %s",
                            facts->dataset_missing != NULL ? facts->dataset_missing
                                                           : "the data set is not there");
  return NULL;
}

static gboolean
compose (Report *self,
         const NmdRunFacts *facts,
         const NmdReportOptions *options,
         GError **error)
{
  g_autofree char *missing = explain_missing (facts, options->with_images);
  NmdCardPictures pictures = { .images_missing = missing };

  self->drawn = g_array_new (FALSE, FALSE, sizeof (NmdDocumentFigure));
  self->charts = g_array_new (FALSE, FALSE, sizeof (NmdCardPicture));
  if (!add_charts (self, facts, error))
    return FALSE;
  if (missing == NULL)
    {
      if (!nmd_report_images_make (&self->images, facts, options, error))
        return FALSE;
      g_array_append_vals (self->drawn, self->images.figures->data,
                           self->images.figures->len);
      pictures.images = (const NmdCardPicture *)(const void *)self->images.pictures->data;
      pictures.n_images = self->images.pictures->len;
      pictures.layer = self->images.layer;
      if (pictures.n_images > 0)
        pictures.method = nmd_map_method_get_title (options->method);
    }
  pictures.charts = (const NmdCardPicture *)(const void *)self->charts->data;
  pictures.n_charts = self->charts->len;
  self->maps = pictures.method;
  self->document = nmd_run_card_new (facts, &pictures);
  nmd_checklists_add (self->document, facts, self->maps);
  return TRUE;
}

static gboolean
add_pictures (GPtrArray *files, const Report *report, const char *folder, GError **error)
{
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  for (guint i = 0; i < report->drawn->len; i++)
    {
      const NmdDocumentFigure *figure
          = &g_array_index (report->drawn, NmdDocumentFigure, i);
      g_autofree char *name = g_strdup_printf ("%s/%s.png", folder, figure->name);
      g_autoptr (GBytes) bytes
          = nmd_figure_render (NMD_FIGURE_PNG, figure->width, figure->height, 2,
                               figure->draw, figure->data, &style, NULL, error);

      if (bytes == NULL)
        return FALSE;
      nmd_file_list_add_bytes (files, name, bytes);
    }
  return TRUE;
}

static gboolean
add_pdf (GPtrArray *files,
         const Report *report,
         const NmdRunFacts *facts,
         const char *stem,
         GError **error)
{
  g_autofree char *name = g_strconcat (stem, ".pdf", NULL);
  g_autofree char *foot
      = g_strdup_printf ("Model card of the run %s%s", facts->name,
                         facts->results->synthetic ? ". " NMD_SYNTHETIC : "");
  g_autoptr (GBytes) bytes = nmd_document_pages_render (
      report->document, (const NmdDocumentFigure *)(const void *)report->drawn->data,
      report->drawn->len, foot, error);

  if (bytes == NULL)
    return FALSE;
  nmd_file_list_add_bytes (files, name, bytes);
  return TRUE;
}

static GPtrArray *
make (const NmdRunFacts *facts,
      const char *stem,
      const NmdReportOptions *options,
      GError **error)
{
  g_autoptr (GPtrArray) files = nmd_file_list_new ();
  const guint kinds = options->kinds;
  g_autofree char *base = g_path_get_basename (stem);
  g_autofree char *folder = g_strconcat (base, "-figures", NULL);
  g_auto (Report) report = { 0 };

  if (!compose (&report, facts, options, error))
    return NULL;
  if ((kinds & NMD_REPORT_FIGURES) != 0 && !add_pictures (files, &report, folder, error))
    return NULL;
  for (int i = 0; i < NMD_N_CHECKLISTS && (kinds & NMD_REPORT_CHECKLISTS) != 0; i++)
    {
      g_autofree char *text = nmd_checklist_to_csv ((NmdChecklist)i, facts, report.maps);
      g_autofree char *name = g_strdup_printf ("checklist-%s.csv",
                                               nmd_checklist_get_name ((NmdChecklist)i));

      nmd_file_list_add_text (files, name, text);
    }
  if ((kinds & NMD_REPORT_PDF) != 0 && !add_pdf (files, &report, facts, stem, error))
    return NULL;
  if ((kinds & NMD_REPORT_MARKDOWN) != 0)
    {
      g_autofree char *text = nmd_document_to_markdown (report.document, folder);
      g_autofree char *name = g_strconcat (stem, ".md", NULL);

      nmd_file_list_add_text (files, name, text);
    }
  return g_steal_pointer (&files);
}

/* The report's text is English, and so are its figures. */
GPtrArray *
nmd_run_report_make (const NmdRunFacts *facts,
                     const char *stem,
                     const NmdReportOptions *options,
                     GError **error)
{
  gboolean english = nmd_plot_speak_english (TRUE);
  GPtrArray *files = make (facts, stem, options, error);

  nmd_plot_speak_english (english);
  return files;
}
