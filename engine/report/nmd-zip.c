/* SPDX-License-Identifier: Apache-2.0
 *
 * Zips of stored entries, written and read in one form.
 */
#include "config.h"

#include "engine/report/nmd-zip-private.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"

#include <string.h>
#include <zlib.h>

#define LOCAL_SIZE 30
#define CENTRAL_SIZE 46
#define END_SIZE 22
#define DATE 0x0021 /* 1980-01-01, the first that the form knows */

/* What the headers say of an entry. */
typedef struct
{
  const char *name;
  guint32 crc, size, offset;
} Entry;

gboolean
nmd_zip_check_name (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  g_autofree char *shown = nmd_text_display (name);

  if (strlen (name) > NMD_ZIP_MAX_NAME || strchr (name, '\\') != NULL
      || !g_utf8_validate (name, -1, NULL) || !g_str_equal (shown, name))
    return FALSE;
  for (char **part = parts; *part != NULL; part++)
    if (**part == '\0' || g_str_equal (*part, ".") || g_str_equal (*part, ".."))
      return FALSE;
  return parts[0] != NULL;
}

/* ---- Bytes of the form */

static void
put (GByteArray *out, guint32 value, guint n_bytes)
{
  for (guint i = 0; i < n_bytes; i++)
    {
      guint8 byte = (guint8)(value >> (8 * i));

      g_byte_array_append (out, &byte, 1);
    }
}

/* What a local and a central header have in common: version, flags (UTF-8 names), stored, time, date, CRC-32, sizes,
 * length of the name, no extra field. */
static void
put_facts (GByteArray *out, const Entry *entry)
{
  put (out, 20, 2);
  put (out, 0x0800, 2);
  put (out, 0, 2);
  put (out, 0, 2);
  put (out, DATE, 2);
  put (out, entry->crc, 4);
  put (out, entry->size, 4);
  put (out, entry->size, 4);
  put (out, (guint32)strlen (entry->name), 2);
  put (out, 0, 2);
}

static void
put_local (GByteArray *out, const Entry *entry)
{
  put (out, 0x04034b50, 4);
  put_facts (out, entry);
  g_byte_array_append (out, (const guint8 *)entry->name, (guint)strlen (entry->name));
}

static void
put_central (GByteArray *out, const Entry *entry)
{
  put (out, 0x02014b50, 4);
  put (out, 3 << 8 | 20, 2); /* made on Unix */
  put_facts (out, entry);
  put (out, 0, 2);              /* no comment */
  put (out, 0, 2);              /* disk */
  put (out, 0, 2);              /* internal attributes */
  put (out, 0100644u << 16, 4); /* a plain file, readable by all */
  put (out, entry->offset, 4);
  g_byte_array_append (out, (const guint8 *)entry->name, (guint)strlen (entry->name));
}

static void
put_directory (GByteArray *out, const GArray *entries, guint32 offset)
{
  guint start = out->len;
  guint32 size;

  for (guint i = 0; i < entries->len; i++)
    put_central (out, &g_array_index (entries, Entry, i));
  size = out->len - start;
  put (out, 0x06054b50, 4);
  put (out, 0, 2);
  put (out, 0, 2);
  put (out, entries->len, 2);
  put (out, entries->len, 2);
  put (out, size, 4);
  put (out, offset, 4);
  put (out, 0, 2);
}

static guint32
checksum (const guint8 *data, gsize size)
{
  return (guint32)crc32_z (0, data, size);
}

/* ---- Writing */

static GBytes *
get_bytes (const NmdListedFile *file, GCancellable *cancellable, GError **error)
{
  char *content = NULL;
  gsize length = 0;

  if (file->bytes != NULL)
    return g_bytes_ref (file->bytes);
  content = nmd_file_read (file->path, NMD_ZIP_MAX_BYTES, cancellable, &length, error);
  return content != NULL ? g_bytes_new_take (content, length) : NULL;
}

gboolean
nmd_zip_write (const GPtrArray *files,
               const char *path,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));

  g_return_val_if_fail (files->len <= NMD_ZIP_MAX_FILES, FALSE);
  for (guint i = 0; i < files->len; i++)
    {
      const NmdListedFile *file = files->pdata[i];
      g_autoptr (GBytes) bytes = get_bytes (file, cancellable, error);
      gsize size = 0;
      const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
      Entry entry = { file->name, 0, (guint32)size, out->len };

      if (bytes == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_return_val_if_fail (nmd_zip_check_name (file->name), FALSE);
      if (size > NMD_ZIP_MAX_BYTES - out->len - 65536)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                       "The pack is larger than the %d MiB that its zip may have; write "
                       "it as a folder",
                       (int)(NMD_ZIP_MAX_BYTES >> 20));
          return FALSE;
        }
      entry.crc = checksum (data, size);
      put_local (out, &entry);
      if (size > 0)
        g_byte_array_append (out, data, (guint)size);
      g_array_append_val (entries, entry);
    }
  put_directory (out, entries, out->len);
  return nmd_file_write (path, out->data, out->len, error);
}

/* ---- Reading */

static guint32
get (const guint8 *data, guint n_bytes)
{
  guint32 value = 0;

  for (guint i = 0; i < n_bytes; i++)
    value |= (guint32)data[i] << (8 * i);
  return value;
}

#define refuse(error, path, ...)                                                         \
  nmd_zip_refuse (error, NMD_ERROR_FORMAT, path, __VA_ARGS__)

gboolean
nmd_zip_refuse (GError **error, int code, const char *path, const char *format, ...)
{
  g_autofree char *shown = nmd_text_display (path), *why = NULL;
  va_list arguments;

  va_start (arguments, format);
  why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, NMD_ERROR, code, "%s: %s", shown, why);
  return FALSE;
}

/* The entry at *@at of the @length bytes @data; *@at is moved behind it. */
static gboolean
read_entry (GPtrArray *files,
            GArray *entries,
            GBytes *all,
            gsize *at,
            const char *path,
            GError **error)
{
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (all, &length), *head = data + *at;
  gsize rest = length - *at, n_name = rest >= LOCAL_SIZE ? get (head + 26, 2) : 0;
  gsize size = rest >= LOCAL_SIZE ? get (head + 18, 4) : 0;
  g_autoptr (GByteArray) wanted = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  Entry entry = { 0 };

  if (rest < LOCAL_SIZE || n_name > NMD_ZIP_MAX_NAME || n_name > rest - LOCAL_SIZE
      || size > rest - LOCAL_SIZE - n_name)
    return refuse (error, path, "entry %u is cut short or damaged", entries->len + 1);
  name = g_strndup ((const char *)head + LOCAL_SIZE, n_name);
  if (strlen (name) != n_name || !nmd_zip_check_name (name))
    {
      g_autofree char *shown = nmd_text_display (name);

      return refuse (error, path, "the entry “%s” has a name that no pack has", shown);
    }
  if (entries->len >= NMD_ZIP_MAX_FILES)
    return refuse (error, path, "more than %d entries", NMD_ZIP_MAX_FILES);
  bytes = g_bytes_new_from_bytes (all, *at + LOCAL_SIZE + n_name, size);
  nmd_file_list_add_bytes (files, name, bytes);
  entry.name = ((const NmdListedFile *)files->pdata[files->len - 1])->name;
  entry.size = (guint32)size;
  entry.offset = (guint32)*at;
  entry.crc = checksum (head + LOCAL_SIZE + n_name, size);
  if (entry.crc != get (head + 14, 4))
    return refuse (error, path, "%s was changed: its checksum differs", name);
  put_local (wanted, &entry);
  if (memcmp (head, wanted->data, wanted->len) != 0)
    return refuse (error, path, "the header of %s was changed", name);
  g_array_append_val (entries, entry);
  *at += LOCAL_SIZE + n_name + size;
  return TRUE;
}

GPtrArray *
nmd_zip_read (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) files = nmd_file_list_new ();
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (GByteArray) directory = g_byte_array_new ();
  g_autoptr (GBytes) all = NULL;
  gsize length = 0, at = 0;
  char *content = nmd_file_read (path, NMD_ZIP_MAX_BYTES, cancellable, &length, error);
  const guint8 *data;

  if (content == NULL)
    return NULL;
  all = g_bytes_new_take (content, length);
  data = g_bytes_get_data (all, NULL);
  if (length < 4 || get (data, 4) != 0x04034b50)
    {
      refuse (error, path, "it does not begin as a zip of nmd does");
      return NULL;
    }
  while (length - at >= 4 && get (data + at, 4) == 0x04034b50)
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !read_entry (files, entries, all, &at, path, error))
      return NULL;
  put_directory (directory, entries, (guint32)at);
  if (length - at != directory->len
      || memcmp (data + at, directory->data, length - at) != 0)
    {
      refuse (error, path,
              "its table of contents was changed, cut short, or written by another "
              "program; a pack that was zipped anew has to be unpacked first");
      return NULL;
    }
  return g_steal_pointer (&files);
}
