/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes outlines as labelme's and COCO's JSON. Formats: nmd-outlines-labelme.c and
 * nmd-outlines-coco.c, which read them.
 */
#include "engine/data/outlines/nmd-outlines-export.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-text.h"
#include "engine/image/nmd-mask-shapes.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-preprocess.h"

#include <glib/gstdio.h>
#include <string.h>

#define COCO_FILE "annotations.json"

typedef struct
{
  NmdDataset *dataset;
  NmdOutlinesFormat format;
  const char *folder, *label;
  NmdOutlinesCounts *counts;
  GString *images, *annotations; /* of COCO */
  GHashTable *written; /* names of labelme's files; of COCO's images, with their ids */
} Export;

/* @text as JSON, with its quotes. */
static void
append_text (GString *target, const char *text)
{
  g_autofree char *shown = nmd_text_display (text);
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), shown);
  g_autofree char *quoted = json_to_string (node, FALSE);

  g_string_append (target, quoted);
}

static gboolean
has_hole (GPtrArray *rings)
{
  for (guint i = 0; i < rings->len; i++)
    if (((NmdRing *)rings->pdata[i])->is_hole)
      return TRUE;
  return FALSE;
}

/* Corners "x,y" or "[x,y]"; they are whole numbers. */
static void
append_points (GString *target, const NmdRing *ring, const char *open, const char *close)
{
  const double *points = (const double *)(gpointer)ring->points->data;

  for (guint i = 0; i < ring->points->len; i += 2)
    g_string_append_printf (target, "%s%s%d,%d%s", i > 0 ? "," : "", open, (int)points[i],
                            (int)points[i + 1], close);
}

/* Where each mask of an image is a sample: the "#2" behind the image's name in the second's id, else NULL. */
static const char *
find_number (const NmdSample *sample)
{
  const char *number = strrchr (sample->id, '#');

  return number != NULL && !g_str_has_suffix (sample->image_path, number) ? number : NULL;
}

/* labelme. */

/* The way from the folder of the relative path @from below @folder to @to. */
static char *
relative_path (const char *folder, const char *from, const char *to)
{
  g_autofree char *base = g_canonicalize_filename (folder, NULL);
  g_autofree char *file = g_build_filename (base, from, NULL);
  g_autofree char *target = g_canonicalize_filename (to, NULL);
  g_auto (GStrv) a = g_strsplit (file, "/", -1), b = g_strsplit (target, "/", -1);
  GString *path = g_string_new (NULL);
  guint same = 0;

  while (a[same] != NULL && a[same + 1] != NULL && b[same] != NULL && b[same + 1] != NULL
         && strcmp (a[same], b[same]) == 0)
    same++;
  for (guint i = same; a[i] != NULL && a[i + 1] != NULL; i++)
    g_string_append (path, "../");
  for (guint i = same; b[i] != NULL; i++)
    g_string_append_printf (path, "%s%s", i > same ? "/" : "", b[i]);
  return g_string_free (path, FALSE);
}

static void
start_shape (Export *self, GString *text, const char *type)
{
  g_string_append (text, "\n    {\"label\": ");
  append_text (text, self->label);
  g_string_append_printf (text,
                          ", \"shape_type\": \"%s\", \"group_id\": null, \"description\":"
                          " \"\", \"flags\": {}, \"points\": [",
                          type);
}

static gboolean
append_mask (Export *self, GString *text, const NmdImage *mask, GError **error)
{
  g_autoptr (NmdImage) part = NULL;
  g_autoptr (GBytes) png = NULL;
  g_autofree char *base64 = NULL;
  NmdBox box;

  nmd_mask_get_bounds (mask, &box);
  part = nmd_image_new (box.x1 - box.x0, box.y1 - box.y0);
  for (int y = 0; y < part->height; y++)
    memcpy (part->pixels + (gsize)y * (gsize)part->width,
            mask->pixels + (gsize)(y + box.y0) * (gsize)mask->width + (gsize)box.x0,
            (gsize)part->width);
  png = nmd_image_to_png (part, 8, NULL, error);
  if (png == NULL)
    return FALSE;
  base64 = g_base64_encode (g_bytes_get_data (png, NULL), g_bytes_get_size (png));
  start_shape (self, text, "mask");
  g_string_append_printf (text, "[%d,%d],[%d,%d]], \"mask\": \"%s\"}", box.x0, box.y0,
                          box.x1 - 1, box.y1 - 1, base64);
  return TRUE;
}

/* "scans/a.png" → "scans/a.json"; "scans/a.png.json" where another image has that name but
 * for the ending, "scans/a.png#2.json" of an image's second mask where each is a sample. */
static char *
labelme_name (Export *self, const NmdSample *sample)
{
  static const char *const endings[]
      = { ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".dcm" };
  const char *dot = strrchr (sample->id, '.'), *slash = strrchr (sample->id, '/');
  g_autofree char *stem = NULL;

  if (dot == NULL || (slash != NULL && dot < slash))
    return g_strconcat (sample->id, ".json", NULL);
  stem = g_strndup (sample->id, (gsize)(dot - sample->id));
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *other = g_strconcat (stem, endings[i], NULL);

      if (strcmp (other, sample->id) != 0
          && nmd_dataset_find (self->dataset, other) != NULL)
        return g_strconcat (sample->id, ".json", NULL);
    }
  return g_strconcat (stem, ".json", NULL);
}

/* No two samples have one file. */
static char *
new_labelme_name (Export *self, const NmdSample *sample)
{
  char *name = find_number (sample) == NULL ? labelme_name (self, sample) : NULL;

  if (name == NULL || g_hash_table_contains (self->written, name))
    {
      g_free (name);
      name = g_strconcat (sample->id, ".json", NULL);
    }
  g_hash_table_add (self->written, g_strdup (name));
  return name;
}

static gboolean
write_labelme (Export *self,
               const NmdSample *sample,
               const NmdImage *mask,
               GPtrArray *rings,
               GError **error)
{
  g_autofree char *name = new_labelme_name (self, sample);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *image = relative_path (self->folder, name, sample->image_path);
  g_autoptr (GString) text
      = g_string_new ("{\n  \"version\": \"5.5.0\",\n  \"flags\": {},\n  \"shapes\": [");

  if (has_hole (rings) && !append_mask (self, text, mask, error))
    return FALSE;
  for (guint i = 0; !has_hole (rings) && i < rings->len; i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      start_shape (self, text, "polygon");
      append_points (text, rings->pdata[i], "[", "]");
      g_string_append (text, "]}");
    }
  g_string_append (text, "\n  ],\n  \"imagePath\": ");
  append_text (text, image);
  g_string_append_printf (
      text,
      ",\n  \"imageData\": null,\n  \"imageHeight\": %d,\n  \"imageWidth\": %d\n}\n",
      mask->height, mask->width);
  return nmd_file_make_folder (parent, error)
         && nmd_file_write_text (path, text->str, error);
}

/* COCO. */

/* Runs of unset and set pixels in turn, down the columns. */
static void
append_runs (GString *target, const NmdImage *mask)
{
  gboolean set = FALSE;
  guint run = 0;

  for (int x = 0; x < mask->width; x++)
    for (int y = 0; y < mask->height; y++)
      {
        if ((mask->pixels[(gsize)y * (gsize)mask->width + (gsize)x] != 0) != set)
          {
            g_string_append_printf (target, "%u,", run);
            set = !set;
            run = 0;
          }
        run++;
      }
  g_string_append_printf (target, "%u", run);
}

/* The id of @sample's image, which is written for the first of its masks. */
static guint
add_coco_image (Export *self, const NmdSample *sample, const NmdImage *mask)
{
  const char *number = find_number (sample);
  g_autofree char *file = number != NULL
                              ? g_strndup (sample->id, (gsize)(number - sample->id))
                              : g_strdup (sample->id);
  guint id = GPOINTER_TO_UINT (g_hash_table_lookup (self->written, file));

  if (id > 0)
    return id;
  id = g_hash_table_size (self->written) + 1;
  g_string_append_printf (self->images,
                          "%s\n{\"id\": %u, \"file_name\": ", id > 1 ? "," : "", id);
  append_text (self->images, file);
  g_string_append_printf (self->images, ", \"width\": %d, \"height\": %d}", mask->width,
                          mask->height);
  g_hash_table_insert (self->written, g_steal_pointer (&file), GUINT_TO_POINTER (id));
  return id;
}

static void
add_coco (Export *self, const NmdSample *sample, const NmdImage *mask, GPtrArray *rings)
{
  const guint image = add_coco_image (self, sample, mask);
  const guint id = self->counts->n_images;
  GString *text = self->annotations;
  gint64 area = 0;
  NmdBox box;

  if (!nmd_mask_get_bounds (mask, &box))
    return;
  for (gsize i = 0; i < (gsize)mask->width * (gsize)mask->height; i++)
    area += mask->pixels[i] != 0;
  g_string_append_printf (text,
                          "%s\n{\"id\": %u, \"image_id\": %u, \"category_id\": 1, "
                          "\"iscrowd\": 0, \"area\": %" G_GINT64_FORMAT
                          ", \"bbox\": [%d,%d,%d,%d], \"segmentation\": ",
                          text->len > 0 ? "," : "", id, image, area, box.x0, box.y0,
                          box.x1 - box.x0, box.y1 - box.y0);
  if (has_hole (rings))
    {
      g_string_append_printf (text, "{\"size\": [%d,%d], \"counts\": [", mask->height,
                              mask->width);
      append_runs (text, mask);
      g_string_append (text, "]}}");
      return;
    }
  for (guint i = 0; i < rings->len; i++)
    {
      g_string_append (text, i > 0 ? ",[" : "[[");
      append_points (text, rings->pdata[i], "", "");
      g_string_append_c (text, ']');
    }
  g_string_append (text, "]}");
}

static gboolean
write_coco (Export *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, COCO_FILE, NULL);
  g_autoptr (GString) text = g_string_new ("{\"info\": {\"description\": ");

  append_text (text, nmd_dataset_get_title (self->dataset));
  g_string_append (text, "},\n\"categories\": [{\"id\": 1, \"name\": ");
  append_text (text, self->label);
  g_string_append (text, ", \"supercategory\": \"\"}],\n\"images\": [");
  g_string_append_len (text, self->images->str, (gssize)self->images->len);
  g_string_append (text, "\n],\n\"annotations\": [");
  g_string_append_len (text, self->annotations->str, (gssize)self->annotations->len);
  g_string_append (text, "\n]}\n");
  return nmd_file_write (path, text->str, text->len, error);
}

static gboolean
export_sample (Export *self, NmdSample *sample, GError **error)
{
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autoptr (GPtrArray) rings = NULL;

  if ((sample->problems & NMD_PROBLEM_NO_MASK) != 0)
    {
      self->counts->n_no_mask++;
      return TRUE;
    }
  if (!nmd_sample_load (sample, &image, &mask, error))
    return FALSE;
  if (mask == NULL)
    {
      self->counts->n_empty++;
      mask = nmd_image_new (image->width, image->height);
    }
  self->counts->n_images++;
  rings = nmd_mask_list_rings (mask);
  self->counts->n_holes += has_hole (rings);
  if (self->format == NMD_OUTLINES_LABELME)
    return write_labelme (self, sample, mask, rings, error);
  add_coco (self, sample, mask, rings);
  return TRUE;
}

/* Half an export looks like a whole one. */
static void
remove_written (const Export *self)
{
  GHashTableIter iter;
  gpointer name;

  if (self->format == NMD_OUTLINES_COCO) /* its only file is written last */
    return;
  g_hash_table_iter_init (&iter, self->written);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      char *parent = g_path_get_dirname (path);

      g_unlink (path);
      /* and the folders that it was the last in */
      while (strlen (parent) > strlen (self->folder) && g_rmdir (parent) == 0)
        {
          char *above = g_path_get_dirname (parent);

          g_free (parent);
          parent = above;
        }
      g_free (parent);
    }
}

gboolean
nmd_outlines_export (NmdDataset *dataset,
                     NmdOutlinesFormat format,
                     const char *folder,
                     const char *label,
                     void (*progress) (double fraction, gpointer user_data),
                     gpointer user_data,
                     GCancellable *cancellable,
                     NmdOutlinesCounts *counts,
                     GError **error)
{
  g_autoptr (GString) images = g_string_new (NULL), annotations = g_string_new (NULL);
  g_autoptr (GHashTable) written
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Export self = { dataset, format, folder, label, counts, images, annotations, written };
  const guint n = nmd_dataset_get_n (dataset);

  *counts = (NmdOutlinesCounts){ 0 };
  if (!nmd_file_is_empty_folder (folder))
    {
      g_autofree char *shown = nmd_text_display (folder);

      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   "%s is not empty: outlines go into a new or empty folder", shown);
      return FALSE;
    }
  if (!nmd_file_make_folder (folder, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !export_sample (&self, nmd_dataset_get (dataset, i), error))
        {
          remove_written (&self);
          return FALSE;
        }
      if (progress != NULL)
        progress ((i + 1.0) / n, user_data);
    }
  return format != NMD_OUTLINES_COCO || write_coco (&self, error);
}
