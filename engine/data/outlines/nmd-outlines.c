/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of outlines: which format one has, and its reader. Which image an outline belongs
 * to is engine/data/import's business.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/data/outlines/nmd-outlines-private.h"

#include <string.h>
#include <unistd.h>

#define MAX_SMALL (64u * 1024 * 1024) /* of a file of one image */

typedef gboolean (*Reader) (NmdOutlinesBuilder *self,
                            const char *text,
                            gsize length,
                            GError **error);

typedef struct
{
  const char *format;
  Reader read;
  gsize most; /* bytes */
  gboolean is_per_image;
} Format;

static const Format labelme = { "labelme", nmd_outlines_read_labelme, MAX_SMALL, TRUE };
static const Format coco
    = { "COCO", nmd_outlines_read_coco, NMD_OUTLINES_MAX_BYTES, FALSE };
static const Format cvat
    = { "CVAT", nmd_outlines_read_cvat, NMD_OUTLINES_MAX_BYTES, FALSE };
static const Format roi = { "ImageJ", nmd_outlines_read_roi, MAX_SMALL, TRUE };
static const Format roi_zip
    = { "ImageJ", nmd_outlines_read_roi_zip, NMD_OUTLINES_MAX_BYTES, TRUE };

static const Format *
not_outlines (const char *name, const char *what, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED, "%s holds no outlines%s", name,
               what);
  return NULL;
}

static gboolean
has_member (GArray *pieces, const char *name, char first)
{
  const gsize length = strlen (name);

  for (guint i = 0; i < pieces->len; i++)
    {
      const NmdJsonPiece *piece = &g_array_index (pieces, NmdJsonPiece, i);

      if (piece->name_length == length && memcmp (piece->name, name, length) == 0
          && piece->length > 0 && piece->value[0] == first)
        return TRUE;
    }
  return FALSE;
}

static const Format *
find_json (const char *text, gsize length, const char *name, GError **error)
{
  g_autoptr (GArray) members = nmd_json_cut (text, length, name, error);

  if (members == NULL)
    return NULL;
  if (has_member (members, "shapes", '[') && has_member (members, "imagePath", '"'))
    return &labelme;
  if (has_member (members, "images", '[') && has_member (members, "annotations", '['))
    return &coco;
  return not_outlines (name, "", error);
}

static const Format *
find_xml (const char *text, gsize length, const char *name, GError **error)
{
  const gsize near = MIN (length, 64 * 1024);

  if (g_strstr_len (text, (gssize)near, "<annotations") == NULL)
    return not_outlines (name,
                         g_strstr_len (text, (gssize)near, "<annotation") != NULL
                             ? ": Pascal VOC's XML has boxes only, its masks are in "
                               "SegmentationClass"
                             : "",
                         error);
  if (g_strstr_len (text, (gssize)length, "<track") != NULL)
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_FORMAT,
          "%s is “CVAT for video”, which numbers frames and does not name images; "
          "export it as “CVAT for images 1.1”",
          name);
      return NULL;
    }
  return &cvat;
}

/* By the first bytes; @text and @length move behind a byte order mark and blanks. */
static const Format *
find_format (const char **text, gsize *length, const char *name, GError **error)
{
  static const char mark[3] = { '\xef', '\xbb', '\xbf' };

  if (*length >= 4 && memcmp (*text, "Iout", 4) == 0)
    return &roi;
  if (*length >= 4 && memcmp (*text, "PK\003\004", 4) == 0)
    return &roi_zip;
  if (*length >= 3 && memcmp (*text, mark, 3) == 0)
    {
      *text += 3;
      *length -= 3;
    }
  while (*length > 0 && strchr (" \t\r\n", **text) != NULL && **text != '\0')
    {
      (*text)++;
      (*length)--;
    }
  if (*length > 0 && **text == '{')
    return find_json (*text, *length, name, error);
  if (*length > 0 && **text == '<')
    return find_xml (*text, *length, name, error);
  return not_outlines (name, "", error);
}

/* Images that have points and lines only are as good as not drawn on. */
static void
drop_undrawn (NmdOutlinesBuilder *self)
{
  GPtrArray *outlines = self->result->outlines;
  GPtrArray *kept = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_outline_unref);

  for (guint i = 0; i < outlines->len; i++)
    if (nmd_outline_count (outlines->pdata[i], NULL) > 0
        || !g_hash_table_contains (self->no_area, outlines->pdata[i]))
      g_ptr_array_add (kept, nmd_outline_ref (outlines->pdata[i]));
  g_ptr_array_unref (outlines);
  self->result->outlines = kept;
}

/* @text has a NUL behind its end. */
static NmdOutlines *
load (const char *text,
      gsize length,
      const char *name,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (NmdOutlines) self = g_new0 (NmdOutlines, 1);
  g_autofree char *shown = nmd_text_display (name);
  g_autoptr (GHashTable) no_area = g_hash_table_new (NULL, NULL);
  NmdOutlinesBuilder builder = { self, shown, cancellable, 0, no_area };
  const Format *format = NULL;

  self->outlines = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_outline_unref);
  format = find_format (&text, &length, shown, error);
  if (format == NULL)
    return NULL;
  if (length > format->most)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is larger than %u MiB", shown,
                   (guint)(format->most >> 20));
      return NULL;
    }
  self->format = format->format;
  self->is_per_image = format->is_per_image;
  if (!format->read (&builder, text, length, error))
    return NULL;
  drop_undrawn (&builder);
  return g_steal_pointer (&self);
}

/* A zip that does not begin with a .roi is another's, and may be large: FALSE for it. */
static gboolean
may_hold_rois (const char *path)
{
  guint8 start[30 + 512] = { 0 };            /* local header and name: APPNOTE 4.3.7 */
  const int fd = nmd_file_open (path, NULL); /* the reader says why */
  const ssize_t n = fd >= 0 ? read (fd, start, sizeof start - 1) : 0;
  const gsize length = start[26] | (gsize)start[27] << 8;

  if (fd >= 0)
    close (fd);
  if (n < 30 || memcmp (start, "PK\003\004", 4) != 0)
    return TRUE;
  start[MIN (30 + length, sizeof start - 1)] = '\0';
  return g_str_has_suffix ((const char *)start + 30, ".roi")
         || g_str_has_suffix ((const char *)start + 30, ".ROI")
         || g_str_has_suffix ((const char *)start + 30, "/");
}

NmdOutlines *
nmd_outlines_load (const char *path, GCancellable *cancellable, GError **error)
{
  gsize length = 0;
  g_autofree char *name = g_path_get_basename (path), *text = NULL;

  if (!may_hold_rois (path))
    {
      g_autofree char *shown = nmd_text_display (name);

      not_outlines (shown, "", error);
      return NULL;
    }
  text = nmd_file_read (path, NMD_OUTLINES_MAX_BYTES, cancellable, &length, error);
  return text != NULL ? load (text, length, name, cancellable, error) : NULL;
}

NmdOutlines *
nmd_outlines_load_bytes (GBytes *bytes,
                         const char *name,
                         GCancellable *cancellable,
                         GError **error)
{
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = g_malloc (length + 1);

  if (length > 0)
    memcpy (text, data, length);
  text[length] = '\0';
  return load (text, length, name, cancellable, error);
}

void
nmd_outlines_free (NmdOutlines *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->outlines);
  g_free (self);
}

gboolean
nmd_outlines_is_name (const char *name)
{
  static const char *const endings[] = { ".json", ".xml", ".roi", ".zip" };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i]))
      return TRUE;
  return FALSE;
}
