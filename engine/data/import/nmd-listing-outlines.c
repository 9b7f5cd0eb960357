/* SPDX-License-Identifier: Apache-2.0
 *
 * Gives the samples of a listing the outlines that other tools drew: files of outlines are
 * looked for below the folder that was opened, and each of their images is matched with a
 * sample by name. The formats are engine/data/outlines'.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/import/nmd-place-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define MAX_DEPTH 7
#define ALL_LABELS "*"

/* A file of outlines. */
typedef struct
{
  char *path;   /* absolute */
  char *name;   /* relative to the folder that was opened */
  char *folder; /* likewise */
  NmdOutlines *outlines;
} File;

/* What a sample may get. */
typedef struct
{
  NmdSample *sample;
  char *place;         /* where its image lies, relative to the folder, without ending */
  const File *file;    /* of the best outline so far */
  NmdOutline *outline; /* borrowed */
  guint score;
  gboolean named;            /* a manifest names the file */
  NmdOutline *named_outline; /* borrowed: of it, the best so far */
  char *refused;             /* (nullable): why it cannot be used */
} Match;

typedef struct
{
  NmdListing *scan;
  const char *folder;
  GPtrArray *files;   /* File */
  GPtrArray *matches; /* Match, one a sample */
  GHashTable *stems;  /* file name without ending, folded → GPtrArray of Match */
  guint n_strange;    /* outlines of images that the data set does not have */
  char *strange;      /* the first of them */
} Outlines;

static void
file_free (gpointer data)
{
  File *self = data;

  g_free (self->path);
  g_free (self->name);
  g_free (self->folder);
  nmd_outlines_free (self->outlines);
  g_free (self);
}

static void
match_free (gpointer data)
{
  Match *self = data;

  g_free (self->place);
  g_free (self->refused);
  g_free (self);
}

static void
outlines_clear (Outlines *self)
{
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->matches, g_ptr_array_unref);
  g_clear_pointer (&self->stems, g_hash_table_unref);
  g_clear_pointer (&self->strange, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outlines, outlines_clear)

static void refuse (Match *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
refuse (Match *self, const char *format, ...)
{
  va_list args;

  if (self->refused != NULL)
    return;
  va_start (args, format);
  self->refused = g_strdup_vprintf (format, args);
  va_end (args);
}

/* Files. */

static Match *find_match (Outlines *self, const char *place, guint *score, Match **other);

/* A file that is damaged: its image cannot be used, whatever is said of it. */
static void
note_damaged (Outlines *self, const File *file, const GError *error)
{
  g_autofree char *place
      = nmd_place_normalise (file->folder, nmd_place_last_part (file->name));
  g_autofree char *shown = nmd_text_display (file->name);
  guint score = 0;
  Match *other = NULL, *match = find_match (self, place, &score, &other);

  nmd_import_report_leave_out_as (self->scan->report, shown, error->message);
  if (match != NULL && match->sample->mask_path == NULL)
    refuse (match, "Its outline cannot be used: %s", error->message);
}

static gboolean
add_file (Outlines *self, const char *path, const char *name, GError **error)
{
  File *file = g_new0 (File, 1);
  g_autoptr (GError) inner = NULL;

  file->path = g_strdup (path);
  file->name = g_strdup (name);
  file->folder = g_path_get_dirname (name);
  file->outlines = nmd_outlines_load (path, self->scan->cancellable, &inner);
  if (file->outlines != NULL)
    {
      g_ptr_array_add (self->files, file);
      return TRUE;
    }
  if (!g_error_matches (inner, NMD_ERROR, NMD_ERROR_UNSUPPORTED)
      && !g_error_matches (inner, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    note_damaged (self, file, inner);
  file_free (file);
  return !g_cancellable_set_error_if_cancelled (self->scan->cancellable, error);
}

/* Looks for files of outlines below @relative. */
static gboolean
list_files (Outlines *self, const char *relative, int depth, GError **error)
{
  g_autofree char *folder = g_build_filename (self->folder, relative, NULL);
  g_autoptr (GPtrArray) names
      = nmd_listing_names (folder, NULL, self->scan->cancellable, error);

  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *below = relative[0] == '\0'
                                   ? g_strdup (name)
                                   : g_strdup_printf ("%s/%s", relative, name);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (nmd_listing_is_image_name (name)) /* spares asking what it is */
        continue;
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          if (depth > 0 && !list_files (self, below, depth - 1, error))
            return FALSE;
        }
      else if (nmd_outlines_is_name (name) && !add_file (self, path, below, error))
        return FALSE;
    }
  return TRUE;
}

/* Matching. */

static void
index_samples (Outlines *self)
{
  const gsize n = strlen (self->folder);

  for (guint i = 0; i < self->scan->samples->len; i++)
    {
      NmdSample *sample = self->scan->samples->pdata[i];
      Match *match = g_new0 (Match, 1);
      const char *path = sample->image_path;
      GPtrArray *list = NULL;

      match->sample = sample;
      if (strncmp (path, self->folder, n) == 0)
        path += n + (path[n] == '/');
      match->place = nmd_place_normalise ("", path);
      g_ptr_array_add (self->matches, match);
      list = g_hash_table_lookup (self->stems, nmd_place_last_part (match->place));
      if (list == NULL)
        {
          list = g_ptr_array_new ();
          g_hash_table_insert (self->stems, g_strdup (nmd_place_last_part (match->place)),
                               list);
        }
      g_ptr_array_add (list, match);
    }
}

/* The sample whose place agrees best with @place, or NULL; @other (out) one that agrees as
 * well, or NULL. */
static Match *
find_match (Outlines *self, const char *place, guint *score, Match **other)
{
  GPtrArray *list = g_hash_table_lookup (self->stems, nmd_place_last_part (place));
  Match *best = NULL;

  *score = 0;
  *other = NULL;
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      Match *match = list->pdata[i];
      guint n = nmd_place_count_same (place, match->place);

      if (best != NULL && n == *score)
        *other = match;
      if (n <= *score)
        continue;
      best = match;
      *score = n;
      *other = NULL;
    }
  return best;
}

/* The sample of an outline: by the image that the file names, as seen from the file and by
 * itself; where none has such a name, a file of one image goes by its own. */
static Match *
find_sample (
    Outlines *self, const File *file, NmdOutline *outline, guint *score, Match **other)
{
  const char *image = nmd_outline_get_image (outline);
  g_autofree char *seen = nmd_place_normalise (file->folder, image),
                  *alone = nmd_place_normalise ("", image);
  g_autofree char *own
      = nmd_place_normalise (file->folder, nmd_place_last_part (file->name));
  g_autofree char *short_name = nmd_place_without_roi (nmd_place_last_part (own)),
                  *short_place = NULL;
  const char *places[4] = { seen, alone, NULL, NULL };
  Match *match = NULL;

  short_place = g_strdup_printf ("%.*s%s", (int)(nmd_place_last_part (own) - own), own,
                                 short_name);
  if (file->outlines->is_per_image)
    {
      places[2] = own;
      places[3] = short_place;
    }
  for (guint i = 0; i < 4 && places[i] != NULL; i++)
    {
      guint n = 0;
      Match *rival = NULL, *found = find_match (self, places[i], &n, &rival);

      if (found == NULL || (match != NULL && (i >= 2 || n <= *score)))
        continue;
      match = found;
      *score = n;
      *other = rival;
    }
  return match;
}

/* Whether the image at @relative is there and holds other bytes than that of @match. */
static gboolean
is_other_image (Outlines *self, const char *relative, const Match *match)
{
  g_autofree char *path = nmd_file_resolve_inside (self->folder, relative, NULL);
  g_autofree char *there = NULL, *here = NULL;
  GStatBuf a, b;

  if (path == NULL || g_stat (path, &a) != 0 || !S_ISREG (a.st_mode)
      || g_stat (match->sample->image_path, &b) != 0)
    return FALSE;
  if (a.st_size != b.st_size)
    return TRUE;
  there = nmd_file_sha256 (path, self->scan->cancellable, NULL);
  here = nmd_file_sha256 (match->sample->image_path, self->scan->cancellable, NULL);
  return there != NULL && here != NULL && strcmp (there, here) != 0;
}

/* Whether the outline was drawn on an image that lies beside its file (as named, or of the
 * file's own name) and is not that of @match, which has the same name in another folder. */
static gboolean
is_of_another (Outlines *self,
               const File *file,
               const NmdOutline *outline,
               const Match *match)
{
  const char *image = nmd_outline_get_image (outline);
  const char *ending = strrchr (match->sample->image_path, '.');
  const char *last = nmd_place_last_part (file->name);
  const char *dot = strrchr (last, '.');
  g_autofree char *name = g_path_get_basename (image);
  g_autofree char *own
      = g_strdup_printf ("%.*s%s", (int)(dot - last), last, ending != NULL ? ending : "");
  const char *const names[] = { image, name, file->outlines->is_per_image ? own : NULL };
  g_autofree char *root = g_canonicalize_filename (self->folder, NULL);
  g_autofree char *folder = g_path_get_dirname (file->path);
  const gsize n = strlen (root);

  for (guint i = 0; i < G_N_ELEMENTS (names) && names[i] != NULL; i++)
    {
      g_autofree char *path = g_canonicalize_filename (names[i], folder), *place = NULL;

      if (strncmp (path, root, n) != 0 || path[n] != '/')
        continue;
      place = nmd_place_normalise ("", path + n + 1);
      if (strcmp (place, match->place) == 0)
        return FALSE;
      if (is_other_image (self, path + n + 1, match))
        return TRUE;
    }
  return FALSE;
}

static void
take_outline (Outlines *self, const File *file, NmdOutline *outline)
{
  guint score = 0;
  Match *other = NULL, *match = find_sample (self, file, outline, &score, &other);

  if (match == NULL || is_of_another (self, file, outline, match))
    {
      if (self->n_strange++ == 0)
        self->strange
            = g_strdup_printf ("%s in %s", nmd_outline_get_image (outline), file->name);
      return;
    }
  if (match->named && (other == NULL || other->named))
    return;
  if (other != NULL)
    {
      for (guint k = 0; k < 2; k++)
        if ((k == 0 ? match : other)->sample->mask_path == NULL)
          refuse (k == 0 ? match : other,
                  "The outline of “%s” in %s may be of it or of %s, which has the same "
                  "name",
                  nmd_outline_get_image (outline), file->name,
                  (k == 0 ? other : match)->sample->id);
      return;
    }
  if (match->outline != NULL && match->score == score)
    {
      if (match->sample->mask_path == NULL)
        refuse (match, "It has two outlines: “%s” in %s and “%s” in %s",
                nmd_outline_get_image (match->outline), match->file->name,
                nmd_outline_get_image (outline), file->name);
      return;
    }
  if (match->outline != NULL && match->score > score)
    return;
  match->file = file;
  match->outline = outline;
  match->score = score;
}

/* Of a file that a manifest names: the only outline, else the one whose image agrees best. */
static void
take_named (Match *match, const File *file)
{
  const GPtrArray *outlines = file->outlines->outlines;
  gboolean several = FALSE;

  match->file = file;
  if (outlines->len == 1 && file->outlines->is_per_image)
    match->outline = outlines->pdata[0];
  for (guint i = 0; match->outline == NULL && i < outlines->len; i++)
    {
      const char *image = nmd_outline_get_image (outlines->pdata[i]);
      g_autofree char *seen = nmd_place_normalise (file->folder, image);
      g_autofree char *alone = nmd_place_normalise ("", image);
      guint n = MAX (nmd_place_count_same (seen, match->place),
                     nmd_place_count_same (alone, match->place));

      several = n > 0 && n == match->score ? TRUE : n > match->score ? FALSE : several;
      if (n <= match->score)
        continue;
      match->score = n;
      match->named_outline = outlines->pdata[i];
    }
  if (match->outline == NULL)
    match->outline = match->named_outline;
  if (match->outline == NULL || several)
    refuse (match, "%s holds %s", file->name,
            several ? "several outlines that may be of it" : "no outline of it");
}

/* Manifests may name a file of outlines where a mask is expected. */
static gboolean
take_named_files (Outlines *self, GError **error)
{
  g_autoptr (GHashTable) files = g_hash_table_new (g_str_hash, g_str_equal);
  const gsize n = strlen (self->folder);

  for (guint i = 0; i < self->matches->len; i++)
    {
      Match *match = self->matches->pdata[i];
      g_autofree char *path = NULL;
      const File *file = NULL;

      if (match->sample->mask_path == NULL
          || !nmd_outlines_is_name (match->sample->mask_path))
        continue;
      path = g_steal_pointer (&match->sample->mask_path);
      match->named = TRUE;
      file = g_hash_table_lookup (files, path);
      if (file == NULL)
        {
          const guint before = self->files->len;
          const char *name = g_str_has_prefix (path, self->folder) ? path + n + 1 : path;

          if (!add_file (self, path, name, error))
            return FALSE;
          if (self->files->len == before)
            {
              refuse (match, "Its outline %s cannot be used", name);
              continue;
            }
          file = self->files->pdata[before];
          g_hash_table_insert (files, file->path, (gpointer)file);
        }
      take_named (match, file);
    }
  return TRUE;
}

static gboolean
lacks_masks (Outlines *self)
{
  for (guint i = 0; i < self->matches->len; i++)
    {
      const Match *match = self->matches->pdata[i];

      if (match->sample->mask_path == NULL && !match->named)
        return TRUE;
    }
  return FALSE;
}

/* Labels. */

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* The labels of all matched outlines, sorted, with the number of images of each ("fat" → 12). */
static GPtrArray *
list_labels (Outlines *self, GHashTable *counts)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->matches->len; i++)
    {
      const Match *match = self->matches->pdata[i];
      g_autoptr (GPtrArray) own = NULL;

      if (match->outline == NULL || match->sample->mask_path != NULL)
        continue;
      own = nmd_outline_get_labels (match->outline);
      for (guint k = 0; k < own->len; k++)
        {
          g_autofree char *folded = g_utf8_casefold (own->pdata[k], -1);
          guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, folded));

          if (n == 0)
            g_ptr_array_add (labels, g_strdup (own->pdata[k]));
          g_hash_table_insert (counts, g_steal_pointer (&folded),
                               GUINT_TO_POINTER (n + 1));
        }
    }
  g_ptr_array_sort (labels, compare_texts);
  return labels;
}

/* What a label is called in a question and in its answer. */
static const char *
shown_label (const char *label)
{
  return label[0] != '\0' ? label : NMD_IMPORT_NO_LABEL;
}

static char *
quote_labels (GPtrArray *labels, GHashTable *counts)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < labels->len && i < 12; i++)
    {
      g_autofree char *folded = g_utf8_casefold (labels->pdata[i], -1);

      g_string_append_printf (text, "%s“%s” (%u)", i > 0 ? ", " : "",
                              shown_label (labels->pdata[i]),
                              GPOINTER_TO_UINT (g_hash_table_lookup (counts, folded)));
    }
  if (labels->len > 12)
    g_string_append_printf (text, " and %u more", labels->len - 12);
  return g_string_free (text, FALSE);
}

static gboolean
ask_label (GPtrArray *labels, GHashTable *counts, const char *wish, GError **error)
{
  g_autofree char *quoted = quote_labels (labels, counts);
  g_autoptr (GPtrArray) choices = g_ptr_array_new ();
  GError *question = NULL;

  for (guint i = 0; i < labels->len; i++)
    g_ptr_array_add (choices, (char *)shown_label (labels->pdata[i]));
  g_ptr_array_add (choices, (char *)ALL_LABELS);
  g_ptr_array_add (choices, NULL);
  if (wish == NULL)
    g_set_error (
        &question, NMD_ERROR, NMD_ERROR_NEEDS_OUTLINE_LABEL,
        _ ("Outlines of several labels are drawn in these images, %s: say which is "
           "to be measured, or “*” for all together"),
        quoted);
  else
    g_set_error (&question, NMD_ERROR, NMD_ERROR_NEEDS_OUTLINE_LABEL,
                 _ ("No outline has the label “%s”; the labels are %s"), wish, quoted);
  nmd_error_set_choices (question, (const char *const *)choices->pdata);
  g_propagate_error (error, question);
  return FALSE;
}

/* *@label NULL: all. */
static gboolean
choose_label (Outlines *self, const char *wish, const char **label, GError **error)
{
  g_autoptr (GHashTable) counts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) labels = list_labels (self, counts);
  g_autofree char *quoted = quote_labels (labels, counts);
  gboolean found = FALSE;

  *label = NULL;
  if (labels->len == 0 || (wish == NULL && labels->len == 1))
    return TRUE;
  for (guint i = 0; wish != NULL && i < labels->len; i++)
    found |= nmd_outline_same_label (shown_label (labels->pdata[i]), wish);
  if (wish != NULL && strcmp (wish, ALL_LABELS) == 0)
    {
      nmd_import_report_assume (self->scan->report,
                                "Outlines of all labels are united: %s", quoted);
      return TRUE;
    }
  if (!found)
    return ask_label (labels, counts, wish, error);
  *label = strcmp (wish, NMD_IMPORT_NO_LABEL) == 0 ? "" : wish;
  nmd_import_report_assume (
      self->scan->report,
      "Outlines with the label “%s” are measured; drawn are (in so many images) %s", wish,
      quoted);
  return TRUE;
}

/* Giving. */

static void
give (Outlines *self, Match *match, const char *label)
{
  NmdSample *sample = match->sample;
  const guint n = nmd_outline_count (match->outline, label);
  const gboolean by_path = strchr (match->place, '/') == NULL || match->score > 1;
  g_autofree char *rule = nmd_import_report_format (
      self->scan->report,
      by_path ? N_ ("outlines in %s files, by the path of the image")
              : N_ ("outlines in %s files, by the name of the image"),
      match->file->outlines->format);

  sample->mask_path = g_strdup (match->file->path);
  sample->outline = nmd_outline_ref (match->outline);
  sample->outline_label = g_strdup (label);
  if (n > 1)
    sample->problems |= NMD_PROBLEM_MERGED_MASKS;
  if (!match->named) /* the manifest's are counted by its own rule */
    nmd_import_report_pair (self->scan->report, rule, MAX (n, 1));
}

/* Hands out the outlines and takes samples away that cannot be used. */
static void
give_all (Outlines *self, const char *label)
{
  GPtrArray *samples = g_ptr_array_new_with_free_func (g_object_unref);
  const char *both = NULL;
  guint n_both = 0;

  for (guint i = 0; i < self->matches->len; i++)
    {
      Match *match = self->matches->pdata[i];

      if (match->refused != NULL)
        {
          nmd_import_report_leave_out_as (self->scan->report, match->sample->id,
                                          match->refused);
          continue;
        }
      if (match->outline != NULL && match->sample->mask_path == NULL)
        give (self, match, label);
      else if (match->outline != NULL && n_both++ == 0)
        both = match->sample->id;
      g_ptr_array_add (samples, g_object_ref (match->sample));
    }
  if (n_both > 0)
    nmd_import_report_assume (self->scan->report,
                              "%u images have a mask and an outline, the first is %s: "
                              "the mask is taken",
                              n_both, both);
  g_ptr_array_unref (self->scan->samples);
  self->scan->samples = samples;
}

static void
say_rest (Outlines *self)
{
  NmdImportReport *report = self->scan->report;
  GPtrArray *passed_over = report->passed_over;
  guint n_no_area = 0;

  for (guint i = 0; i < self->files->len; i++)
    {
      const File *file = self->files->pdata[i];

      n_no_area += file->outlines->n_no_area;
      for (guint k = 0; k < passed_over->len; k++)
        if (g_str_has_suffix (file->name, passed_over->pdata[k]))
          {
            g_ptr_array_remove_index (passed_over, k); /* it was read after all */
            break;
          }
    }
  if (n_no_area > 0)
    nmd_import_report_assume (report,
                              "%u points, lines or boxes in files of outlines have no "
                              "area and are not used",
                              n_no_area);
  if (self->n_strange > 0)
    nmd_import_report_assume (report,
                              "%u outlines are of images that are not here, the first of "
                              "%s",
                              self->n_strange, self->strange);
}

gboolean
nmd_listing_outlines (NmdListing *scan,
                      const char *folder,
                      const NmdImportSettings *settings,
                      GError **error)
{
  g_auto (Outlines) self = { .scan = scan, .folder = folder };
  const char *label = NULL;
  guint n_named = 0;

  self.files = g_ptr_array_new_with_free_func (file_free);
  self.matches = g_ptr_array_new_with_free_func (match_free);
  self.stems = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify)g_ptr_array_unref);
  index_samples (&self);
  if (!take_named_files (&self, error))
    return FALSE;
  n_named = self.files->len;
  if (lacks_masks (&self) && !list_files (&self, "", MAX_DEPTH, error))
    return FALSE;
  for (guint i = n_named; i < self.files->len; i++)
    {
      const File *file = self.files->pdata[i];

      for (guint k = 0; k < file->outlines->outlines->len; k++)
        take_outline (&self, file, file->outlines->outlines->pdata[k]);
    }
  if (!choose_label (&self, settings != NULL ? settings->outline_label : NULL, &label,
                     error))
    return FALSE;
  give_all (&self, label);
  say_rest (&self);
  return TRUE;
}
