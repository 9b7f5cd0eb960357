/* SPDX-License-Identifier: Apache-2.0
 *
 * DICOM files for the engine: loads the module, checks what it is given and what comes back, and makes grey
 * images of its frames. Decoding is the module's, the lists of elements are nmd-dicom-rules.c's.
 */
#include "config.h"

#include "engine/image/nmd-dicom.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-module.h"
#include "engine/core/nmd-text.h"
#include "engine/core/nmd-words.h"
#include "engine/image/nmd-dicom-private.h"
#include "engine/image/nmd-dicom-rules-private.h"
#include "engine/image/nmd-image-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE_BYTES ((gsize)512 << 20)
#define MAX_COPY_BYTES ((gsize)512 << 20)
#define MAX_FRAMES 65535
#define MAX_AREAS 64
#define MAX_LINES 2000
#define MAGIC_AT 128

struct _NmdDicom
{
  const NmdDicomModule *module;
  NmdDicomFile *file; /* under lock */
  GMutex lock;
  NmdDicomFacts facts;
  char *name;
  char *scanner;
  GPtrArray *header; /* of NmdDicomLine */
};

/* The module */

static const NmdDicomModule *
load (char **reason)
{
  gpointer entry = nmd_module_load ("nmd-dicom.so", "engine/image/dicom", HAVE_DICOM,
                                    "nmd_dicom_entry", reason);
  const char *problem = "The module nmd-dicom.so is from another version of this program";
  const NmdDicomModule *module = NULL;

  if (entry == NULL)
    return NULL;
  module = ((NmdDicomEntryPoint)entry) (&problem);
  if (module != NULL && module->version == NMD_DICOM_VERSION)
    return module;
  *reason = g_strdup (problem);
  return NULL;
}

static const NmdDicomModule *
get_module (const char **reason)
{
  static gsize once = 0;
  static const NmdDicomModule *module; /* both written once, before once is set */
  static char *problem;

  if (g_once_init_enter (&once))
    {
      module = load (&problem);
      g_once_init_leave (&once, 1);
    }
  *reason = problem;
  return module;
}

const char *
nmd_dicom_get_missing (void)
{
  const char *reason = NULL;

  return get_module (&reason) != NULL ? NULL : reason;
}

/* Opening */

/* Header texts are UTF-8, or in most files that are not, Latin-1. */
static char *
to_text (const char *value)
{
  g_autofree char *latin = g_utf8_validate (value, -1, NULL)
                               ? NULL
                               : g_convert (value, -1, "UTF-8", "ISO-8859-1", NULL, NULL,
                                            NULL); /* else shown as bytes */

  return nmd_text_display (latin != NULL ? latin : value);
}

gboolean
nmd_dicom_is (const guint8 *data, gsize length, const char *name)
{
  g_return_val_if_fail (data != NULL && name != NULL, FALSE);

  g_autofree char *lower = g_ascii_strdown (name, -1);
  return (length >= MAGIC_AT + 4 && memcmp (data + MAGIC_AT, "DICM", 4) == 0)
         || g_str_has_suffix (lower, ".dcm");
}

gboolean
nmd_dicom_is_file (const char *path)
{
  g_return_val_if_fail (path != NULL, FALSE);

  guint8 head[MAGIC_AT + 4];
  const int fd = nmd_file_open (path, NULL); /* whoever reads it says why */
  const gssize n = fd >= 0 ? pread (fd, head, sizeof head, 0) : 0;

  if (fd >= 0)
    close (fd);
  return n > 0 && nmd_dicom_is (head, (gsize)n, path);
}

static void
set_problem (const NmdDicomProblem *problem, const char *name, GError **error)
{
  static const NmdError codes[]
      = { NMD_ERROR_FORMAT, NMD_ERROR_UNSUPPORTED, NMD_ERROR_MEMORY };

  g_set_error (error, NMD_ERROR, codes[problem->trouble], "%s %s", name,
               nmd_word (problem->text));
}

static gboolean
check_facts (const NmdDicomFacts *facts, const char *name, GError **error)
{
  if (!nmd_image_check_size (name, facts->width, facts->height, error))
    return FALSE;
  if (facts->n_frames >= 1 && facts->n_frames <= MAX_FRAMES)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               nmd_word ("%s is a DICOM file of %ld frames; from 1 to %d can be read"),
               name, (long)facts->n_frames, MAX_FRAMES);
  return FALSE;
}

static void
line_free (gpointer data)
{
  NmdDicomLine *line = data;

  g_free (line->tag);
  g_free (line->name);
  g_free (line->value);
  g_free (line);
}

static void
take_entry (const NmdDicomEntry *entry, gpointer lines)
{
  NmdDicomLine *line = NULL;

  if (((GPtrArray *)lines)->len >= MAX_LINES)
    return;
  line = g_new0 (NmdDicomLine, 1);
  line->tag = g_strdup_printf ("(%04x,%04x)", entry->group, entry->element);
  line->name = nmd_text_display (entry->name);
  line->value = to_text (entry->value);
  line->depth = entry->depth;
  line->identifies = nmd_dicom_identifies (entry->group, entry->element, entry->vr);
  g_ptr_array_add (lines, line);
}

NmdDicom *
nmd_dicom_open (GBytes *bytes, const char *path, GError **error)
{
  g_return_val_if_fail (bytes != NULL && path != NULL, NULL);

  g_autofree char *name = nmd_text_display (path);
  const char *reason = NULL;
  const NmdDicomModule *module = get_module (&reason);
  NmdDicomShape shape = { 0 };
  NmdDicomProblem problem = { 0 };
  NmdDicomFacts facts = { 0 };
  NmdDicomFile *file = NULL;
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  if (module == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   nmd_word ("%s is a DICOM file, which needs a part that is missing "
                             "(%s); export its image as PNG"),
                   name, reason);
      return NULL;
    }
  if (!nmd_dicom_check (data, length, &shape, &problem)
      || (file = module->open (data, length, &shape, &facts, &problem)) == NULL)
    {
      set_problem (&problem, name, error);
      return NULL;
    }
  if (!check_facts (&facts, name, error))
    {
      module->close (file);
      return NULL;
    }
  g_autofree char *scanner = to_text (facts.scanner);
  NmdDicom *self = g_atomic_rc_box_new0 (NmdDicom);
  g_mutex_init (&self->lock);
  self->module = module;
  self->file = file;
  self->facts = facts;
  self->name = g_steal_pointer (&name);
  self->header = g_ptr_array_new_with_free_func (line_free);
  module->list (file, take_entry, self->header);
  self->scanner = g_strdup_printf ("%s %d × %d", *scanner != '\0' ? scanner : "?",
                                   (int)facts.width, (int)facts.height);
  return self;
}

NmdDicom *
nmd_dicom_open_file (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  gsize length = 0;
  char *data = nmd_file_read (path, MAX_FILE_BYTES, NULL, &length, error);
  g_autoptr (GBytes) bytes = data != NULL ? g_bytes_new_take (data, length) : NULL;

  return bytes != NULL ? nmd_dicom_open (bytes, path, error) : NULL;
}

static void
finalize (gpointer data)
{
  NmdDicom *self = data;

  self->module->close (self->file);
  g_mutex_clear (&self->lock);
  g_free (self->name);
  g_free (self->scanner);
  g_ptr_array_unref (self->header);
}

NmdDicom *
nmd_dicom_ref (NmdDicom *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

void
nmd_dicom_unref (NmdDicom *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, finalize);
}

guint
nmd_dicom_get_n_frames (const NmdDicom *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return (guint)self->facts.n_frames;
}

void
nmd_dicom_get_size (const NmdDicom *self, int *width, int *height)
{
  g_return_if_fail (self != NULL && width != NULL && height != NULL);

  *width = (int)self->facts.width;
  *height = (int)self->facts.height;
}

double
nmd_dicom_get_frame_ms (const NmdDicom *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->facts.frame_ms > 0 ? CLAMP (self->facts.frame_ms, 5, 1000) : 40;
}

const char *
nmd_dicom_get_scanner (const NmdDicom *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->scanner;
}

/* Frames */

/* One of the file's areas as whole pixels of the frame. FALSE: it is none. */
static gboolean
take_area (const NmdDicomArea *area, const NmdImage *image, NmdRegion *region)
{
  const double x0 = MAX (area->x0, 0), y0 = MAX (area->y0, 0);
  const double x1 = MIN (area->x1 + 1, image->width);
  const double y1 = MIN (area->y1 + 1, image->height);

  if (!(x0 < x1 && y0 < y1 && area->cm_x > 0 && area->cm_y > 0 && isfinite (area->cm_x)
        && isfinite (area->cm_y)))
    return FALSE;
  *region = (NmdRegion){ { (int)x0, (int)y0, (int)x1, (int)y1 }, area->cm_x, area->cm_y };
  return TRUE;
}

static void
add_regions (NmdDicom *self, guint frame, NmdImage *image)
{
  NmdDicomArea areas[MAX_AREAS];
  const guint n = self->module->get_areas (self->file, frame - 1, areas, MAX_AREAS);

  image->regions = n > 0 ? g_new0 (NmdRegion, n) : NULL;
  for (guint i = 0; i < n; i++)
    if (take_area (&areas[i], image, &image->regions[image->n_regions]))
      image->n_regions++;
}

static gboolean
check_frame (const NmdDicom *self, guint frame, GError **error)
{
  if (frame >= 1 && frame <= self->facts.n_frames)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               nmd_word ("%s has no frame %u: its last is %d"), self->name, frame,
               (int)self->facts.n_frames);
  return FALSE;
}

static gboolean
decode (NmdDicom *self, guint frame, guint8 *pixels, gsize length, GError **error)
{
  NmdDicomProblem problem = { 0 };

  if (self->module->read_frame (self->file, frame - 1, pixels, length, &problem))
    return TRUE;
  set_problem (&problem, self->name, error);
  return FALSE;
}

static gboolean
out_of_memory (const NmdDicom *self, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
               nmd_word ("Not enough memory to read %s: %d × %d pixels"), self->name,
               (int)self->facts.width, (int)self->facts.height);
  return FALSE;
}

static gboolean
decode_colours (NmdDicom *self, guint frame, NmdImage *image, GError **error)
{
  const gsize n = (gsize)image->width * (gsize)image->height;
  g_autofree guint8 *rgb = g_try_malloc (3 * n);

  if (rgb == NULL)
    return out_of_memory (self, error);
  if (!decode (self, frame, rgb, 3 * n, error))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (!nmd_image_store (image, i, rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]))
      return out_of_memory (self, error);
  return TRUE;
}

NmdImage *
nmd_dicom_read_frame (NmdDicom *self, guint frame, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (!check_frame (self, frame, error))
    return NULL;
  g_autoptr (NmdImage) image = nmd_image_try_new (self->name, (int)self->facts.width,
                                                  (int)self->facts.height, error);
  gboolean done = FALSE;

  if (image == NULL)
    return NULL;
  g_mutex_lock (&self->lock);
  done = self->facts.samples == 1
             ? decode (self, frame, image->pixels,
                       (gsize)image->width * (gsize)image->height, error)
             : decode_colours (self, frame, image, error);
  if (done)
    add_regions (self, frame, image);
  g_mutex_unlock (&self->lock);
  image->is_lossy = self->facts.is_lossy;
  return done ? g_steal_pointer (&image) : NULL;
}

/* The header */

GPtrArray *
nmd_dicom_get_header (NmdDicom *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_ptr_array_ref (self->header);
}

/* A copy without names */

/* A random identifier that names nobody: 2.25 and a random number (PS3.5, B.2). */
static char *
make_uid (void)
{
  GString *digits = g_string_new (NULL);

  g_string_append_printf (digits, "2.25.%u", g_random_int_range (1, 10));
  for (int i = 0; i < 37; i++)
    g_string_append_c (digits, (char)('0' + g_random_int_range (0, 10)));
  return g_string_free (digits, FALSE);
}

static void
blacken (guint8 *pixels, int width, int height, int samples, const NmdBox *black)
{
  const int x0 = CLAMP (black->x0, 0, width), x1 = CLAMP (black->x1, x0, width);
  const int y1 = CLAMP (black->y1, 0, height);

  for (int y = CLAMP (black->y0, 0, height); y < y1; y++)
    memset (pixels + ((gsize)y * (gsize)width + (gsize)x0) * (gsize)samples, 0,
            (gsize)(x1 - x0) * (gsize)samples);
}

static gboolean
decode_all (NmdDicom *self,
            guint8 *pixels,
            gsize frame_bytes,
            const NmdBox *black,
            GCancellable *cancellable,
            GError **error)
{
  const NmdDicomFacts *facts = &self->facts;

  for (guint i = 0; i < facts->n_frames; i++)
    {
      guint8 *frame = pixels + i * frame_bytes;

      gboolean done = FALSE;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_mutex_lock (&self->lock); /* others may read frames between */
      done = decode (self, i + 1, frame, frame_bytes, error);
      g_mutex_unlock (&self->lock);
      if (!done)
        return FALSE;
      if (black != NULL)
        blacken (frame, (int)facts->width, (int)facts->height, facts->samples, black);
    }
  return TRUE;
}

static GBytes *
write_copy (NmdDicom *self,
            const guint8 *pixels,
            gsize length,
            gboolean is_blackened,
            GError **error)
{
  g_autofree char *study = make_uid (), *series = make_uid (), *picture = make_uid ();
  NmdDicomProblem problem = { 0 };
  const NmdDicomCopy copy = {
    .pixels = pixels,
    .length = length,
    .width = (int)self->facts.width,
    .height = (int)self->facts.height,
    .n_frames = (int)self->facts.n_frames,
    .samples = self->facts.samples,
    .is_blackened = is_blackened,
    .study_uid = study,
    .series_uid = series,
    .image_uid = picture,
    .method = "NMD Assist " NMD_VERSION ", PS3.15 basic profile",
  };
  GBytes *bytes = NULL;

  g_mutex_lock (&self->lock);
  bytes = self->module->write_copy (self->file, &copy, nmd_dicom_may_stay, &problem);
  g_mutex_unlock (&self->lock);
  if (bytes == NULL)
    set_problem (&problem, self->name, error);
  return bytes;
}

GBytes *
nmd_dicom_copy_without_names (NmdDicom *self,
                              const NmdBox *black,
                              GCancellable *cancellable,
                              GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);

  const NmdDicomFacts *facts = &self->facts;
  const gsize frame_bytes
      = (gsize)facts->width * (gsize)facts->height * (gsize)facts->samples;
  gsize length = 0;
  g_autofree guint8 *pixels = NULL;
  GBytes *bytes = NULL;

  if (!g_size_checked_mul (&length, frame_bytes, (gsize)facts->n_frames)
      || length > MAX_COPY_BYTES)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   nmd_word ("%s has more than %d MiB of pixels: save single frames as "
                             "PNG"),
                   self->name, (int)(MAX_COPY_BYTES >> 20));
      return NULL;
    }
  pixels = g_try_malloc (length + 1); /* an even number is written */
  if (pixels == NULL)
    return out_of_memory (self, error) ? NULL : NULL;
  if (decode_all (self, pixels, frame_bytes, black, cancellable, error))
    bytes = write_copy (self, pixels, length, black != NULL, error);
  return bytes;
}
