/* SPDX-License-Identifier: Apache-2.0
 *
 * Safetensors files, read with every size checked before it is used, and written whole.
 * The format: 8 bytes header length (little endian), the header as JSON {name: {dtype,
 * shape, data_offsets}}, then the data without holes. What the names mean is for others.
 */
#include "engine/nn/nmd-weights.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json-value.h"
#include "engine/core/nmd-text.h"
#include "engine/nn/nmd-foreign-weights-private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE (G_GUINT64_CONSTANT (4) << 30)
#define MAX_HEADER (32u << 20)
#define MAX_REASON 300 /* bytes of an error's text */
#define METADATA "__metadata__"
/* Values converted at a time. */
#define CHUNK 65536

typedef enum
{
  F32,
  F16,
  BF16,
  F64,
  I64,
  OTHER, /* from here on: listed, but not loaded */
} Dtype;

static const struct
{
  const char *name;
  guint size;
} dtypes[] = {
  { "F32", 4 }, { "F16", 2 },  { "BF16", 2 },    { "F64", 8 },
  { "I64", 8 }, { "BOOL", 1 }, { "U8", 1 },      { "I8", 1 },
  { "I16", 2 }, { "U16", 2 },  { "I32", 4 },     { "U32", 4 },
  { "U64", 8 }, { "C64", 8 },  { "F8_E4M3", 1 }, { "F8_E5M2", 1 },
};

typedef struct
{
  const char *name; /* borrowed from the header */
  guint dtype;      /* row of dtypes */
  int n_dims;
  guint64 dims[NMD_WEIGHTS_MAX_DIMS], count;
  guint64 begin, end;
} Entry;

typedef struct
{
  const char *path;
  char *title; /* "Weights file PATH: its header", for the errors of JSON */
  FILE *file;
  guint64 header_length, data_length;
  JsonNode *header;
  GArray *entries; /* of Entry, in the header's order */
} Reader;

static void
reader_clear (Reader *self)
{
  if (self->file != NULL)
    fclose (self->file);
  g_clear_pointer (&self->header, json_node_unref);
  g_clear_pointer (&self->entries, g_array_unref);
  g_free (self->title);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static gboolean refuse (const Reader *self, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
refuse (const Reader *self, GError **error, const char *format, ...)
{
  g_autofree char *reason = NULL, *shown = NULL, *path = nmd_text_display (self->path);
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  /* names are the file's: they may be of any length and hold anything */
  shown = nmd_text_display_length (reason, strlen (reason), MAX_REASON);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "Weights file %s: %s", path, shown);
  return FALSE;
}

static gboolean
read_bytes (const Reader *self, gpointer data, gsize length, GError **error)
{
  int code;

  errno = 0;
  if (fread (data, 1, length, self->file) == length)
    return TRUE;
  code = errno;
  if (feof (self->file) || code == 0)
    return refuse (self, error, "it ends too early");
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               "Cannot read weights file %s: %s", self->path, g_strerror (code));
  return FALSE;
}

/* Header */

/* Refuses what another program wrote in a format of its own; leaves the file at its beginning. */
static gboolean
check_foreign (const Reader *self, GError **error)
{
  guchar head[NMD_FOREIGN_WEIGHTS_HEAD];
  const gsize n = fread (head, 1, sizeof head, self->file);
  g_autofree char *reason = nmd_foreign_weights_explain (self->path, head, n);
  g_autofree char *path = nmd_text_display (self->path);

  rewind (self->file);
  if (reason != NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "Weights file %s: %s", path, reason);
  return reason == NULL;
}

static gboolean
open_file (Reader *self, GError **error)
{
  struct stat status;
  guint64 length;
  const int fd = nmd_file_open (self->path, error);

  if (fd < 0)
    return FALSE;
  self->file = fdopen (fd, "rb");
  if (self->file == NULL || fstat (fd, &status) != 0)
    {
      const int code = errno;

      if (self->file == NULL)
        close (fd);
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                   "Cannot open weights file %s: %s", self->path, g_strerror (code));
      return FALSE;
    }
  if (!check_foreign (self, error))
    return FALSE;
  if ((guint64)status.st_size > MAX_FILE)
    return refuse (self, error,
                   "it has %" G_GUINT64_FORMAT " bytes, at most 4 GiB are read",
                   (guint64)status.st_size);
  if (status.st_size < 8)
    return refuse (self, error,
                   "it has %" G_GUINT64_FORMAT " bytes, too few for a header",
                   (guint64)status.st_size);
  if (!read_bytes (self, &length, sizeof length, error))
    return FALSE;
  self->header_length = GUINT64_FROM_LE (length);
  if (self->header_length > MAX_HEADER
      || self->header_length > (guint64)status.st_size - 8)
    return refuse (self, error,
                   "its header claims %" G_GUINT64_FORMAT
                   " bytes, the file has %" G_GUINT64_FORMAT,
                   self->header_length, (guint64)status.st_size);
  self->data_length = (guint64)status.st_size - 8 - self->header_length;
  return TRUE;
}

static gboolean
parse_header (Reader *self, GError **error)
{
  g_autofree char *text = g_malloc (self->header_length + 1);
  g_autofree char *path = nmd_text_display (self->path);

  if (!read_bytes (self, text, self->header_length, error))
    return FALSE;
  self->title = g_strdup_printf ("Weights file %s: its header", path);
  self->header = nmd_json_parse (text, self->header_length, self->title, error);
  return self->header != NULL;
}

/* The member @name: at most @most whole numbers ≥ 0; their number goes to @n. */
static gboolean
read_list (const NmdJsonValue *tensor,
           const char *name,
           guint64 *values,
           guint most,
           guint *n,
           GError **error)
{
  NmdJsonValue list;

  if (!nmd_json_get_array (tensor, name, NMD_JSON_REQUIRED, &list, n, error))
    return FALSE;
  if (*n > most)
    return nmd_json_value_refuse (&list, NULL, error,
                                  "has %u elements, at most %u are read", *n, most);
  for (guint i = 0; i < *n; i++)
    {
      const NmdJsonValue item = nmd_json_value_element (&list, i);
      gint64 value = 0;

      if (!nmd_json_get_int (&item, NULL, NMD_JSON_REQUIRED, 0, G_MAXINT64, &value,
                             error))
        return FALSE;
      values[i] = (guint64)value;
    }
  return TRUE;
}

static gboolean
read_dtype (const NmdJsonValue *tensor, Entry *entry, GError **error)
{
  const char *text = NULL;

  if (!nmd_json_get_text (tensor, "dtype", NMD_JSON_REQUIRED, &text, error))
    return FALSE;
  for (entry->dtype = 0; entry->dtype < G_N_ELEMENTS (dtypes); entry->dtype++)
    if (g_str_equal (dtypes[entry->dtype].name, text))
      return TRUE;
  return nmd_json_value_refuse (tensor, "dtype", error, "is “%.20s”: it is not known",
                                text);
}

static gboolean
read_shape (const Reader *self, const NmdJsonValue *tensor, Entry *entry, GError **error)
{
  guint n = 0;

  if (!read_list (tensor, "shape", entry->dims, NMD_WEIGHTS_MAX_DIMS, &n, error))
    return FALSE;
  entry->n_dims = (int)n;
  entry->count = 1;
  for (int i = 0; i < entry->n_dims; i++)
    if (entry->dims[i] > G_MAXINT32
        || !g_uint64_checked_mul (&entry->count, entry->count, entry->dims[i])
        || entry->count > MAX_FILE)
      return refuse (self, error, "tensor %s has an impossible shape", entry->name);
  return TRUE;
}

static gboolean
read_entry (const Reader *self,
            const NmdJsonValue *top,
            const char *name,
            Entry *entry,
            GError **error)
{
  NmdJsonValue tensor;
  guint64 offsets[2];
  guint n = 0;

  entry->name = name;
  if (*name == '\0')
    return refuse (self, error, "a tensor has no name");
  if (!nmd_json_get_object (top, name, NMD_JSON_REQUIRED, &tensor, error)
      || !read_dtype (&tensor, entry, error) || !read_shape (self, &tensor, entry, error)
      || !read_list (&tensor, "data_offsets", offsets, 2, &n, error))
    return FALSE;
  if (n != 2)
    return nmd_json_value_refuse (&tensor, "data_offsets", error,
                                  "has %u elements, 2 are expected", n);
  entry->begin = offsets[0];
  entry->end = offsets[1];
  if (entry->begin > entry->end || entry->end > self->data_length)
    return refuse (self, error,
                   "tensor %s lies at bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                   ", the data has %" G_GUINT64_FORMAT,
                   name, entry->begin, entry->end, self->data_length);
  if (entry->end - entry->begin != entry->count * dtypes[entry->dtype].size)
    return refuse (
        self, error,
        "tensor %s has %" G_GUINT64_FORMAT " bytes, its shape needs %" G_GUINT64_FORMAT,
        name, entry->end - entry->begin, entry->count * dtypes[entry->dtype].size);
  return TRUE;
}

static gboolean
read_meta (const NmdJsonValue *top, NmdWeights *weights, GError **error)
{
  JsonObjectIter iter;
  const char *key, *text = NULL;
  JsonNode *node;
  NmdJsonValue meta;

  if (!nmd_json_get_object (top, METADATA, NMD_JSON_REQUIRED, &meta, error))
    return FALSE;
  json_object_iter_init_ordered (&iter, json_node_get_object (meta.node));
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      if (!nmd_json_get_text (&meta, key, NMD_JSON_REQUIRED, &text, error))
        return FALSE;
      nmd_weights_set_meta (weights, key, text);
    }
  return TRUE;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = *(Entry *const *)a, *y = *(Entry *const *)b;

  if (x->begin != y->begin)
    return x->begin > y->begin ? 1 : -1;
  return (x->end > y->end) - (x->end < y->end); /* those without values first */
}

/* Tensors have to follow each other without overlaps or holes, as the format says. */
static gboolean
check_layout (const Reader *self, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  const Entry *last = NULL;
  guint64 end = 0;

  for (guint i = 0; i < self->entries->len; i++)
    g_ptr_array_add (sorted, &g_array_index (self->entries, Entry, i));
  g_ptr_array_sort (sorted, compare_entries);
  for (guint i = 0; i < sorted->len; i++)
    {
      const Entry *entry = sorted->pdata[i];

      if (entry->begin < end)
        return refuse (self, error, "tensors %s and %s overlap", last->name, entry->name);
      if (entry->begin > end)
        return refuse (self, error, "there is a hole before tensor %s", entry->name);
      last = entry;
      end = entry->end;
    }
  return end == self->data_length
         || refuse (self, error,
                    "its tensors end at byte %" G_GUINT64_FORMAT
                    ", the data has %" G_GUINT64_FORMAT,
                    end, self->data_length);
}

/* Values */

/* IEEE 754 binary16 */
static float
from_half (guint16 h)
{
  const int exponent = (h >> 10) & 31, fraction = h & 1023;
  const float sign = (h & 0x8000) != 0 ? -1.0f : 1.0f;

  if (exponent == 31)
    return fraction != 0 ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * ldexpf ((float)fraction, -24);
  return sign * ldexpf ((float)(fraction + 1024), exponent - 25);
}

static float
from_bits (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static void
convert (guint dtype, const guchar *bytes, float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      guint16 two;
      guint32 four;
      guint64 eight;
      double wide;

      switch (dtype)
        {
        case F32:
          memcpy (&four, bytes + 4 * i, 4);
          values[i] = from_bits (GUINT32_FROM_LE (four));
          break;
        case F64:
          memcpy (&eight, bytes + 8 * i, 8);
          eight = GUINT64_FROM_LE (eight);
          memcpy (&wide, &eight, 8);
          values[i] = (float)wide;
          break;
        default:
          memcpy (&two, bytes + 2 * i, 2);
          two = GUINT16_FROM_LE (two);
          values[i] = dtype == F16 ? from_half (two) : from_bits ((guint32)two << 16);
        }
    }
}

/* A value that no sum survives: refused where it is read, with its place. */
static gboolean
check_finite (const Reader *self,
              const Entry *entry,
              const float *values,
              gsize n,
              gsize from,
              GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      return refuse (self, error,
                     "tensor %s holds %s (value %" G_GSIZE_FORMAT " of %" G_GUINT64_FORMAT
                     "); weights are finite numbers",
                     entry->name, isnan (values[i]) ? "NaN" : "infinity", from + i + 1,
                     entry->count);
  return TRUE;
}

static gboolean
read_values (const Reader *self, const Entry *entry, float *values, GError **error)
{
  const gsize count = entry->count, size = dtypes[entry->dtype].size;
  g_autofree guchar *bytes = g_malloc (MIN (count, CHUNK) * size);

  if (fseeko (self->file, (off_t)(8 + self->header_length + entry->begin), SEEK_SET) != 0)
    return refuse (self, error, "tensor %s cannot be reached", entry->name);
  for (gsize done = 0; done < count; done += CHUNK)
    {
      const gsize n = MIN (CHUNK, count - done);

      if (!read_bytes (self, bytes, n * size, error))
        return FALSE;
      convert (entry->dtype, bytes, values + done, n);
      if (!check_finite (self, entry, values + done, n, done, error))
        return FALSE;
    }
  return TRUE;
}

/* Header and layout; metadata goes to @meta. */
static gboolean
read_entries (Reader *self, NmdWeights *meta, GError **error)
{
  NmdJsonValue top;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!open_file (self, error) || !parse_header (self, error))
    return FALSE;
  self->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  top = nmd_json_value_top (self->header, self->title);
  json_object_iter_init_ordered (&iter, json_node_get_object (self->header));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      Entry entry = { 0 };

      if (g_str_equal (name, METADATA))
        {
          if (!read_meta (&top, meta, error))
            return FALSE;
          continue;
        }
      if (!read_entry (self, &top, name, &entry, error))
        return FALSE;
      g_array_append_val (self->entries, entry);
    }
  return check_layout (self, error);
}

/* What the file may hold but a network has no use for. */
static gboolean
check_loadable (const Reader *self, const Entry *entry, GError **error)
{
  if (entry->dtype >= OTHER)
    return refuse (self, error, "tensor %s has dtype %s; F32, F16, BF16 and F64 are read",
                   entry->name, dtypes[entry->dtype].name);
  if (entry->dtype == I64 && entry->count != 1)
    return refuse (self, error,
                   "tensor %s has dtype I64 and %" G_GUINT64_FORMAT
                   " values; only single ones are passed over",
                   entry->name, entry->count);
  if (entry->n_dims > NMD_MAX_DIMS)
    return refuse (self, error, "tensor %s has %d dimensions, at most %d are read",
                   entry->name, entry->n_dims, NMD_MAX_DIMS);
  if (entry->count < 1 || entry->count > G_MAXINT32)
    return refuse (self, error, "tensor %s has an impossible shape", entry->name);
  return TRUE;
}

NmdWeights *
nmd_weights_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_auto (Reader) reader = { .path = path };
  g_autoptr (NmdWeights) weights = nmd_weights_new ();

  if (!read_entries (&reader, weights, error))
    return NULL;
  for (guint i = 0; i < reader.entries->len; i++)
    if (!check_loadable (&reader, &g_array_index (reader.entries, Entry, i), error))
      return NULL;
  for (guint i = 0; i < reader.entries->len; i++)
    {
      const Entry *entry = &g_array_index (reader.entries, Entry, i);
      NmdShape shape = { MAX (entry->n_dims, 1), { 1, 1, 1, 1 } };

      for (int k = 0; k < entry->n_dims; k++)
        shape.dims[k] = (int)entry->dims[k];
      if (entry->dtype != I64
          && !read_values (&reader, entry, nmd_weights_add (weights, entry->name, &shape),
                           error))
        return NULL;
    }
  return g_steal_pointer (&weights);
}

static void
weights_entry_free (gpointer data)
{
  NmdWeightsEntry *self = data;

  g_free (self->name);
  g_free (self);
}

GPtrArray *
nmd_weights_list (const char *path, NmdWeights *meta, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_auto (Reader) reader = { .path = path };
  g_autoptr (NmdWeights) own = meta != NULL ? nmd_weights_ref (meta) : nmd_weights_new ();
  GPtrArray *list;

  if (!read_entries (&reader, own, error))
    return NULL;
  list = g_ptr_array_new_with_free_func (weights_entry_free);
  for (guint i = 0; i < reader.entries->len; i++)
    {
      const Entry *entry = &g_array_index (reader.entries, Entry, i);
      NmdWeightsEntry *made = g_new0 (NmdWeightsEntry, 1);

      made->name = g_strdup (entry->name);
      made->dtype = dtypes[entry->dtype].name;
      made->n_dims = entry->n_dims;
      for (int k = 0; k < entry->n_dims; k++)
        made->dims[k] = (gint64)entry->dims[k];
      made->count = (gint64)entry->count;
      made->bytes = (gint64)(entry->end - entry->begin);
      g_ptr_array_add (list, made);
    }
  return list;
}

/* Writing */

static void
build_meta (const NmdWeights *self, JsonBuilder *builder)
{
  g_auto (GStrv) keys = nmd_weights_list_meta (self);

  json_builder_set_member_name (builder, METADATA);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "format");
  json_builder_add_string_value (builder, "pt");
  for (guint i = 0; keys[i] != NULL; i++)
    {
      if (g_str_equal (keys[i], "format"))
        continue;
      json_builder_set_member_name (builder, keys[i]);
      json_builder_add_string_value (builder, nmd_weights_get_meta (self, keys[i]));
    }
  json_builder_end_object (builder);
}

/* The header's JSON; @length gets the bytes of all tensors. */
static char *
build_header (const NmdWeights *self, guint64 *length)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  *length = 0;
  json_builder_begin_object (builder);
  build_meta (self, builder);
  for (guint i = 0; i < nmd_weights_get_n (self); i++)
    {
      const char *name = nmd_weights_get_name (self, i);
      NmdShape shape;

      nmd_weights_get (self, name, &shape);
      json_builder_set_member_name (builder, name);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "dtype");
      json_builder_add_string_value (builder, "F32");
      json_builder_set_member_name (builder, "shape");
      json_builder_begin_array (builder);
      for (int k = 0; k < shape.n_dims; k++)
        json_builder_add_int_value (builder, shape.dims[k]);
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "data_offsets");
      json_builder_begin_array (builder);
      json_builder_add_int_value (builder, (gint64)*length);
      *length += 4 * (guint64)nmd_shape_count (&shape);
      json_builder_add_int_value (builder, (gint64)*length);
      json_builder_end_array (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

gboolean
nmd_weights_save (const NmdWeights *self, const char *path, GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL, FALSE);

  guint64 data_length = 0;
  g_autofree char *header = build_header (self, &data_length);
  const gsize text_length = strlen (header);
  const gsize header_length = (text_length + 7) / 8 * 8; /* data aligned to 8 bytes */
  g_autofree guchar *bytes = NULL;
  guint64 little = GUINT64_TO_LE ((guint64)header_length);
  guchar *p;

  if (data_length > MAX_FILE - MAX_HEADER || header_length > MAX_HEADER)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Weights of %" G_GUINT64_FORMAT " bytes are too large for file %s",
                   data_length, path);
      return FALSE;
    }
  bytes = g_malloc (8 + header_length + data_length);
  memcpy (bytes, &little, 8);
  memcpy (bytes + 8, header, text_length);
  memset (bytes + 8 + text_length, ' ', header_length - text_length);
  p = bytes + 8 + header_length;
  for (guint i = 0; i < nmd_weights_get_n (self); i++)
    {
      NmdShape shape;
      const float *values
          = nmd_weights_get (self, nmd_weights_get_name (self, i), &shape);

      for (gsize k = 0; k < nmd_shape_count (&shape); k++, p += 4)
        {
          guint32 bits;

          memcpy (&bits, &values[k], 4);
          bits = GUINT32_TO_LE (bits);
          memcpy (p, &bits, 4);
        }
    }
  return nmd_file_write (path, bytes, 8 + header_length + data_length, error);
}
