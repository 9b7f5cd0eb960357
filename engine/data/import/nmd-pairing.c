/* SPDX-License-Identifier: Apache-2.0
 *
 * The pairing of images and masks: every file gets a key, which an image shares with its masks.
 */
#include "engine/data/import/nmd-pairing-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Files. */

typedef enum
{
  FILE_IMAGE,
  FILE_MASK,     /* by its folder */
  FILE_BESIDE,   /* a mask by its suffix */
  FILE_ORIGINAL, /* of an image that is there too */
} FileRole;

typedef struct
{
  const char *path;           /* borrowed */
  FileRole role, folder_role; /* the latter by its folders alone */
  gboolean original;          /* lies in a folder of originals */
  gboolean named;             /* the caller says that it is an image */
  gboolean bystander;         /* the caller names images, not this */
  gboolean taken;             /* a mask that is of an image */
  const char *folder;         /* interned: name of its folder of masks, "" if none */
  char *dirs;       /* in lower case, without folders of masks and images: "benign/12/" */
  char *place;      /* its folder as it is, in lower case */
  char *stem;       /* file name in lower case without ending */
  GPtrArray *masks; /* of an image: File */
  const char *rule;
} File;

struct _NmdPairing
{
  GPtrArray *files;    /* File */
  GHashTable *by_path; /* path → File */
  GHashTable *images;  /* dirs + stem → File */
  GHashTable *masks;   /* dirs + stem, with and without suffix → GPtrArray of File */
  GHashTable *folders; /* every folder of the tree, in lower case */
  GPtrArray *lone, *originals;
  char *wish; /* in lower case */
  gboolean wish_is_suffix;
  char *wish_rule;
};

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->dirs);
  g_free (file->place);
  g_free (file->stem);
  g_clear_pointer (&file->masks, g_ptr_array_unref);
  g_free (file);
}

void
nmd_pairing_free (NmdPairing *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->files);
  g_hash_table_unref (self->by_path);
  g_hash_table_unref (self->images);
  g_hash_table_unref (self->masks);
  g_hash_table_unref (self->folders);
  g_ptr_array_unref (self->lone);
  g_ptr_array_unref (self->originals);
  g_free (self->wish);
  g_free (self->wish_rule);
  g_free (self);
}

/* Suffixes; the first ones say "mask" even where there is no image of the rest of the name. */
static const char *const suffixes[]
    = { "_mask", "-mask", "_segmentation", "_gt", "_seg", "_label", "_tumor", "_lesion" };
#define N_CLEAR 4

/* @stem without a number at its end: "a_mask_1", "a_mask-2", "a_mask (3)". */
static gsize
length_without_number (const char *stem)
{
  gsize n = strlen (stem), end = n;
  gboolean bracket = n > 0 && stem[n - 1] == ')';

  end -= bracket;
  while (end > 0 && g_ascii_isdigit (stem[end - 1]))
    end--;
  if (end == n - bracket)
    return n;
  if (bracket && (end == 0 || stem[--end] != '('))
    return n;
  if (end > 0 && strchr ("_- ", stem[end - 1]) != NULL)
    end--;
  return end;
}

/* @stem without @suffix and a number after it, or NULL. */
static char *
strip (const char *stem, const char *suffix)
{
  gsize lengths[2] = { strlen (stem), length_without_number (stem) };
  gsize n = strlen (suffix);

  for (guint i = 0; i < 2; i++)
    if (lengths[i] > n && strncmp (stem + lengths[i] - n, suffix, n) == 0)
      return g_strndup (stem, lengths[i] - n);
  return NULL;
}

/* The name that @stem has without the suffix or prefix of a mask, or NULL. @clear (out): it can be
 * nothing but a mask. */
static char *
strip_any (NmdPairing *self, const char *stem, gboolean *clear)
{
  char *rest = self->wish_is_suffix ? strip (stem, self->wish) : NULL;

  *clear = TRUE;
  for (guint i = 0; rest == NULL && i < G_N_ELEMENTS (suffixes); i++)
    {
      rest = strip (stem, suffixes[i]);
      *clear = i < N_CLEAR;
    }
  return rest;
}

/* "benign" for a folder "benign_mask" beside a folder "benign"; NULL for others. */
static char *
class_of_folder (NmdPairing *self, const char *parent, const char *name)
{
  static const char *const ends[] = { "_mask",  "_masks", "-mask",  "-masks", " mask",
                                      " masks", "_gt",    "_label", "_labels" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (name, ends[i]))
      {
        g_autofree char *rest = g_strndup (name, strlen (name) - strlen (ends[i]));
        g_autofree char *beside = g_strconcat (parent, rest, "/", NULL);

        if (rest[0] != '\0' && g_hash_table_contains (self->folders, beside))
          return g_steal_pointer (&rest);
      }
  return NULL;
}

/* Whether the user named the folder @name, by its name or by a path that ends in it. */
static gboolean
is_wished (NmdPairing *self, const char *name)
{
  const char *last = NULL;

  if (self->wish == NULL || self->wish_is_suffix)
    return FALSE;
  last = strrchr (self->wish, '/');
  return g_ascii_strcasecmp (name, last != NULL ? last + 1 : self->wish) == 0;
}

/* Sorts the folders of @file's path into key and kind. @before (nullable): the file before it, often of
 * the same folder. */
static void
read_folders (NmdPairing *self, File *file, const File *before)
{
  g_auto (GStrv) parts = NULL, written = NULL;
  g_autoptr (GString) dirs = g_string_new (NULL), parent = g_string_new (NULL);

  if (before != NULL && strcmp (before->place, file->place) == 0)
    {
      file->role = file->named ? FILE_IMAGE : before->folder_role;
      file->folder_role = before->folder_role;
      file->original = before->original;
      file->folder = before->folder;
      file->dirs = g_strdup (before->dirs);
      return;
    }
  parts = g_strsplit (file->place, "/", -1);
  written = g_strsplit (file->path, "/", -1); /* with their case */
  file->folder = g_intern_static_string ("");
  for (guint i = 0; parts[i] != NULL && parts[i][0] != '\0'; i++)
    {
      NmdFolderKind kind = nmd_folder_get_kind (parts[i]);
      g_autofree char *class_name = class_of_folder (self, parent->str, parts[i]);

      if (is_wished (self, parts[i]))
        kind = NMD_FOLDER_MASKS;
      else if (class_name != NULL)
        g_string_append_printf (dirs, "%s/", class_name);
      else if (kind == NMD_FOLDER_PLAIN || kind == NMD_FOLDER_PART)
        g_string_append_printf (dirs, "%s/", parts[i]);
      if (kind == NMD_FOLDER_MASKS || class_name != NULL)
        {
          file->folder_role = FILE_MASK;
          /* folders CLASS_mask of several classes are one folder of masks */
          file->folder = g_intern_string (
              class_name != NULL ? parts[i] + strlen (class_name) : written[i]);
        }
      file->original |= kind == NMD_FOLDER_ORIGINALS;
      g_string_append_printf (parent, "%s/", parts[i]);
    }
  file->role = file->named ? FILE_IMAGE : file->folder_role;
  file->dirs = g_strdup (dirs->str);
}

static File *
file_new (const char *path)
{
  File *file = g_new0 (File, 1);
  g_autofree char *lower = g_utf8_strdown (path, -1);
  const char *slash = strrchr (lower, '/'), *name = slash != NULL ? slash + 1 : lower;
  const char *dot = strrchr (name, '.');

  file->path = path;
  file->role = FILE_IMAGE;
  file->place = g_strndup (lower, (gsize)(name - lower));
  file->stem
      = g_strndup (name, dot != NULL && dot > name ? (gsize)(dot - name) : strlen (name));
  return file;
}

static char *
key_of (const char *dirs, const char *stem)
{
  return g_strconcat (dirs, stem, NULL);
}

/* Every folder on the way to @file. */
static void
note_folders (NmdPairing *self, const File *file)
{
  for (const char *slash = strchr (file->place, '/'); slash != NULL;
       slash = strchr (slash + 1, '/'))
    {
      char *folder = g_strndup (file->place, (gsize)(slash + 1 - file->place));

      if (!g_hash_table_add (self->folders, folder))
        continue; /* the table freed it */
    }
}

static gboolean
is_folder_of_tree (NmdPairing *self, const char *name)
{
  GHashTableIter iter;
  gpointer folder;
  g_autofree char *end = g_strconcat ("/", name, "/", NULL);

  g_hash_table_iter_init (&iter, self->folders);
  while (g_hash_table_iter_next (&iter, &folder, NULL))
    if (g_str_has_suffix (folder, end) || strcmp (folder, end + 1) == 0)
      return TRUE;
  return FALSE;
}

/* Files that a suffix makes masks: those beside an image of the rest of their name, and such that
 * say "mask" at any rate. */
static void
find_beside (NmdPairing *self)
{
  g_autoptr (GHashTable) here
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->files->len; i++)
    {
      File *file = self->files->pdata[i];

      if (file->role == FILE_IMAGE)
        g_hash_table_insert (here, key_of (file->place, file->stem), file);
    }
  for (guint i = 0; i < self->files->len; i++)
    {
      File *file = self->files->pdata[i];
      gboolean clear = FALSE;
      g_autofree char *rest = NULL, *key = NULL;

      if (file->role != FILE_IMAGE || file->named)
        continue;
      rest = strip_any (self, file->stem, &clear);
      key = rest != NULL ? key_of (file->place, rest) : NULL;
      if (key != NULL && (clear || g_hash_table_contains (here, key)))
        file->role = FILE_BESIDE;
    }
}

static void
add_mask (NmdPairing *self, char *key, File *file)
{
  GPtrArray *list = g_hash_table_lookup (self->masks, key);

  if (list == NULL)
    {
      list = g_ptr_array_new ();
      g_hash_table_insert (self->masks, key, list);
    }
  else
    g_free (key);
  g_ptr_array_add (list, file);
}

/* Images by key; an original gives way to an image of its key. */
static void
index_images (NmdPairing *self)
{
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->files->len; i++)
      {
        File *file = self->files->pdata[i];
        char *key = NULL;

        if (file->role != FILE_IMAGE || file->original != (pass == 1))
          continue;
        key = key_of (file->dirs, file->stem);
        if (!g_hash_table_contains (self->images, key))
          {
            g_hash_table_insert (self->images, key, file);
            continue;
          }
        g_free (key);
        if (pass == 1 && !file->named)
          {
            file->role = FILE_ORIGINAL;
            g_ptr_array_add (self->originals, (gpointer)file->path);
          }
      }
}

/* Masks of folders, by their whole name and, where no image is called so, without suffix or prefix. */
static void
index_masks (NmdPairing *self)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      File *file = self->files->pdata[i];
      g_autofree char *key = NULL, *rest = NULL;
      gboolean clear = FALSE, whole;

      if (file->role != FILE_MASK)
        continue;
      key = key_of (file->dirs, file->stem);
      whole = g_hash_table_contains (self->images, key);
      add_mask (self, g_steal_pointer (&key), file);
      if (whole)
        continue;
      rest = strip_any (self, file->stem, &clear);
      if (rest == NULL && g_str_has_prefix (file->stem, "mask_"))
        rest = g_strdup (file->stem + strlen ("mask_"));
      if (rest != NULL)
        add_mask (self, key_of (file->dirs, rest), file);
    }
}

/* Rules. */

static gboolean
refuse_shared (const File *mask, const File *a, const File *b, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "The mask %s could be of %s and of %s: give each class a folder of masks "
               "of its own, or name images so that no two are called the same",
               mask->path, a->path, b->path);
  return FALSE;
}

static gboolean
ask_folder (const File *image, const File *a, const File *b, GError **error)
{
  const char *const choices[] = { a->folder, b->folder, NULL };
  GError *question = g_error_new (
      NMD_ERROR, NMD_ERROR_NEEDS_MASKS,
      _ ("%s has a mask in %s and one in %s: say which folder holds the masks"),
      image->path, a->path, b->path);

  nmd_error_set_choices (question, choices);
  g_propagate_error (error, question);
  return FALSE;
}

/* Gives @masks to @image. */
static gboolean
take (NmdPairing *self,
      File *image,
      GPtrArray *masks,
      const char *rule,
      GHashTable *owners,
      GError **error)
{
  const gboolean named = self->wish != NULL && !self->wish_is_suffix;

  for (guint i = 0; masks != NULL && i < masks->len; i++)
    {
      File *mask = masks->pdata[i], *first = NULL;
      File *owner = g_hash_table_lookup (owners, mask);

      if (named && mask->role == FILE_MASK && !is_wished (self, mask->folder))
        continue;
      if (owner != NULL && owner != image && owner->bystander && image->bystander)
        continue;
      if (owner != NULL && owner != image)
        return refuse_shared (mask, owner, image, error);
      if (image->masks == NULL)
        image->masks = g_ptr_array_new ();
      first = image->masks->len > 0 ? image->masks->pdata[0] : mask;
      if (first->folder != mask->folder && image->bystander)
        continue;
      if (first->folder != mask->folder)
        return ask_folder (image, first, mask, error);
      if (owner == NULL)
        g_ptr_array_add (image->masks, mask);
      g_hash_table_insert (owners, mask, image);
      mask->taken = TRUE;
      image->rule = rule;
    }
  return TRUE;
}

static gboolean
find_same_path (
    NmdPairing *self, File *image, const char *rule, GHashTable *owners, GError **error)
{
  g_autofree char *key = key_of (image->dirs, image->stem);

  return take (self, image, g_hash_table_lookup (self->masks, key), rule, owners, error);
}

/* Folders of masks higher up: without the last folders of the image's path, or without its first. */
static gboolean
find_shared (
    NmdPairing *self, File *image, const char *rule, GHashTable *owners, GError **error)
{
  g_autofree char *dirs = g_strdup (image->dirs);
  const char *below = strchr (image->dirs, '/');
  g_autofree char *key
      = below != NULL && below[1] != '\0' ? key_of (below + 1, image->stem) : NULL;

  if (key != NULL
      && !take (self, image, g_hash_table_lookup (self->masks, key), rule, owners, error))
    return FALSE;
  while (image->masks == NULL && dirs[0] != '\0')
    {
      char *last;

      dirs[strlen (dirs) - 1] = '\0';
      last = strrchr (dirs, '/');
      (last != NULL ? last + 1 : dirs)[0] = '\0';
      g_free (key);
      key = key_of (dirs, image->stem);
      if (!take (self, image, g_hash_table_lookup (self->masks, key), rule, owners,
                 error))
        return FALSE;
    }
  return TRUE;
}

/* The table of masks beside images, by folder and name without suffix. */
static GHashTable *
index_beside (NmdPairing *self, gboolean wished)
{
  GHashTable *beside = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                              (GDestroyNotify)g_ptr_array_unref);

  for (guint i = 0; i < self->files->len; i++)
    {
      File *file = self->files->pdata[i];
      gboolean clear;
      g_autofree char *rest = NULL;
      GPtrArray *list;
      char *key;

      if (file->role != FILE_BESIDE)
        continue;
      rest = wished ? strip (file->stem, self->wish)
                    : strip_any (self, file->stem, &clear);
      if (rest == NULL)
        continue;
      key = key_of (file->place, rest);
      list = g_hash_table_lookup (beside, key);
      if (list == NULL)
        {
          list = g_ptr_array_new ();
          g_hash_table_insert (beside, key, list);
        }
      else
        g_free (key);
      g_ptr_array_add (list, file);
    }
  return beside;
}

typedef gboolean (*FindFunc) (
    NmdPairing *self, File *image, const char *rule, GHashTable *owners, GError **error);

/* One rule for all images that have no mask yet. */
static gboolean
apply (
    NmdPairing *self, FindFunc find, const char *rule, GHashTable *owners, GError **error)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      File *image = self->files->pdata[i];

      if (image->role == FILE_IMAGE && image->masks == NULL
          && !find (self, image, rule, owners, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
apply_suffix (NmdPairing *self,
              gboolean wished,
              const char *rule,
              GHashTable *owners,
              GError **error)
{
  g_autoptr (GHashTable) beside = index_beside (self, wished);

  for (guint i = 0; i < self->files->len; i++)
    {
      File *image = self->files->pdata[i];
      g_autofree char *key = NULL;

      if (image->role != FILE_IMAGE || image->masks != NULL)
        continue;
      key = key_of (image->place, image->stem);
      if (!take (self, image, g_hash_table_lookup (beside, key), rule, owners, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_wish (NmdPairing *self, const char *wish, GError **error)
{
  for (guint i = 0; self->wish != NULL && i < self->files->len; i++)
    if (((File *)self->files->pdata[i])->rule == self->wish_rule)
      return TRUE;
  if (self->wish == NULL)
    return TRUE;
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS,
      _ ("No image has a mask by “%s”: that is neither a folder with masks nor a "
         "suffix of their names"),
      wish);
  return FALSE;
}

static gboolean
apply_rules (NmdPairing *self, const char *wish, GError **error)
{
  g_autoptr (GHashTable) owners = g_hash_table_new (NULL, NULL);
  const gboolean named = self->wish != NULL && !self->wish_is_suffix;
  const struct
  {
    FindFunc find;
    const char *rule;
  } rules[] = {
    { find_same_path,
      named ? self->wish_rule : N_ ("the same name in a folder of masks") },
    { find_shared, named ? self->wish_rule
                         : N_ ("the same name in a folder of masks that classes share") },
  };

  if (self->wish_is_suffix && !apply_suffix (self, TRUE, self->wish_rule, owners, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (!apply (self, rules[i].find, rules[i].rule, owners, error))
      return FALSE;
  return apply_suffix (self, FALSE, N_ ("the same name with a suffix in the same folder"),
                       owners, error)
         && check_wish (self, wish, error);
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const File *x = *(File *const *)a, *y = *(File *const *)b;

  return strcmp (x->path, y->path);
}

/* Masks become paths, sorted; what nobody took is listed. */
static void
finish (NmdPairing *self)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      File *file = self->files->pdata[i];

      if ((file->role == FILE_MASK || file->role == FILE_BESIDE) && !file->taken)
        g_ptr_array_add (self->lone, (gpointer)file->path);
      if (file->masks == NULL)
        continue;
      g_ptr_array_sort (file->masks, compare_files);
      for (guint k = 0; k < file->masks->len; k++)
        file->masks->pdata[k] = (gpointer)((File *)file->masks->pdata[k])->path;
    }
}

static void
set_wish (NmdPairing *self, const char *wish)
{
  if (wish == NULL || wish[0] == '\0')
    return;
  self->wish = g_utf8_strdown (wish, -1);
  g_strdelimit (self->wish, "\\", '/');
  while (g_str_has_suffix (self->wish, "/"))
    self->wish[strlen (self->wish) - 1] = '\0';
  self->wish_is_suffix = !is_folder_of_tree (self, self->wish);
  self->wish_rule = g_strdup_printf (self->wish_is_suffix ? "the suffix “%s” as asked"
                                                          : "the folder “%s” as asked",
                                     wish);
}

NmdPairing *
nmd_pairing_new (GPtrArray *files, GHashTable *images, const char *wish, GError **error)
{
  g_autoptr (NmdPairing) self = g_new0 (NmdPairing, 1);

  g_return_val_if_fail (files != NULL, NULL);

  self->files = g_ptr_array_new_with_free_func (file_free);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->images = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->masks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify)g_ptr_array_unref);
  self->folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->lone = g_ptr_array_new ();
  self->originals = g_ptr_array_new ();
  for (guint i = 0; i < files->len; i++)
    {
      File *file = file_new (files->pdata[i]);

      file->named = images != NULL && g_hash_table_contains (images, file->path);
      file->bystander = images != NULL && !file->named;
      g_ptr_array_add (self->files, file);
      g_hash_table_insert (self->by_path, (gpointer)file->path, file);
      note_folders (self, file);
    }
  set_wish (self, wish);
  for (guint i = 0; i < self->files->len; i++)
    read_folders (self, self->files->pdata[i], i > 0 ? self->files->pdata[i - 1] : NULL);
  find_beside (self);
  index_images (self);
  index_masks (self);
  if (!apply_rules (self, wish, error))
    return NULL;
  finish (self);
  return g_steal_pointer (&self);
}

gboolean
nmd_pairing_is_image (NmdPairing *self, const char *path)
{
  File *file = g_hash_table_lookup (self->by_path, path);

  return file != NULL && file->role == FILE_IMAGE;
}

const GPtrArray *
nmd_pairing_find (NmdPairing *self, const char *path, const char **rule)
{
  File *file = g_hash_table_lookup (self->by_path, path);

  if (rule != NULL)
    *rule = file != NULL ? file->rule : NULL;
  return file != NULL ? file->masks : NULL;
}

const GPtrArray *
nmd_pairing_get_lone (NmdPairing *self)
{
  return self->lone;
}

const GPtrArray *
nmd_pairing_get_originals (NmdPairing *self)
{
  return self->originals;
}
