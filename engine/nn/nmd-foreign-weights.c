/* SPDX-License-Identifier: Apache-2.0
 *
 * Weights files that are not safetensors, named so that people can convert them. Nothing in them
 * is read: a pickle may hold any program.
 */
#include "engine/nn/nmd-foreign-weights-private.h"
#include "engine/core/nmd-text.h"

#include <string.h>

#define ZIP "PK\003\004"
#define HDF5 "\211HDF\r\n\032\n"
#define ZIP_NAME 30 /* offset of the first entry's name */

static gboolean
begins (const guchar *head, gsize length, const char *magic, gsize n)
{
  return length >= n && memcmp (head, magic, n) == 0;
}

static gboolean
has_suffix_of_pytorch (const char *path)
{
  static const char *const suffixes[] = { ".pth", ".pt", ".ckpt", ".bin", ".pth.tar" };
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (lower, suffixes[i]))
      return TRUE;
  return FALSE;
}

/* PyTorch's zip begins with FOLDER/data.pkl; TorchScript's with other names. */
static gboolean
is_pytorch_zip (const char *path, const guchar *head, gsize length)
{
  static const char *const names[]
      = { "/data.pkl", "/.format_version", "/constants.pkl", "/version" };
  gsize n;

  if (has_suffix_of_pytorch (path))
    return TRUE;
  if (length < ZIP_NAME)
    return FALSE;
  n = MIN ((gsize)head[26] | (gsize)head[27] << 8, length - ZIP_NAME);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const gsize m = strlen (names[i]);

      if (n > m && memcmp (head + ZIP_NAME + n - m, names[i], m) == 0)
        return TRUE;
    }
  return FALSE;
}

/* A pickle of protocol 2 and later: PROTO, its number, LONG1, EMPTY_DICT, GLOBAL, MARK or FRAME. They
 * might also be the length of a safetensors header, which has zeros behind it and then "{". */
static gboolean
is_pickle (const guchar *head, gsize length)
{
  return length > 8 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5 && head[2] != 0
         && strchr ("\x8a}c(\x95", head[2]) != NULL && head[8] != '{';
}

/* @path as a Python literal; NULL if that is not one line of plain characters. */
static char *
quote (const char *path)
{
  if (!g_utf8_validate (path, -1, NULL))
    return NULL;
  for (const char *c = path; *c != '\0'; c++)
    if ((guchar)*c < ' ' || *c == 0x7f || strchr ("'\"\\$`!", *c) != NULL)
      return NULL;
  return g_strdup_printf ("'%s'", path);
}

/* The line for a shell. weights_only: nothing but tensors is unpickled. Clones, since tensors that
 * share memory are refused by save_file(). */
static char *
convert_line (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *from = quote (base), *stem = NULL, *to = NULL;
  const char *dot = strrchr (base, '.');

  stem = g_strndup (base, dot != NULL ? (gsize)(dot - base) : strlen (base));
  to = from != NULL ? g_strdup_printf ("'%s.safetensors'", stem) : NULL;
  return g_strdup_printf ("python3 -c \"import torch, safetensors.torch as s; "
                          "d = torch.load(%s, map_location='cpu', weights_only=True); "
                          "d = d.get('state_dict', d.get('model', d)); "
                          "s.save_file({k: v.clone().contiguous() for k, v in d.items() "
                          "if torch.is_tensor(v)}, %s)\"",
                          from != NULL ? from : "'FILE'",
                          to != NULL ? to : "'FILE.safetensors'");
}

char *
nmd_foreign_weights_explain (const char *path, const guchar *head, gsize length)
{
  const gboolean zip = begins (head, length, ZIP, strlen (ZIP));
  g_autofree char *line = NULL;

  if (begins (head, length, HDF5, strlen (HDF5)))
    return g_strdup ("it is an HDF5 file, as Keras writes; safetensors files with the "
                     "names of a PyTorch module are read");
  if (zip && !is_pytorch_zip (path, head, length))
    return g_strdup ("it is a zip archive, not a safetensors file");
  if (!zip && !is_pickle (head, length))
    return NULL;
  line = convert_line (path);
  return g_strdup_printf (
      "it is a PyTorch file (%s), which is not read because it can run "
      "programs; where PyTorch is, convert it to safetensors with %s",
      zip ? "a zip with a pickle" : "a pickle", line);
}
