/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal's files: claims by link(), records by rename(). What a cell is nobody here knows.
 */
#include "config.h"

#include "engine/experiment/nmd-journal.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json-value.h"
#include "engine/core/nmd-text.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOUCH_SECONDS 15
#define MAX_CLAIMS 100000

struct _NmdJournal
{
  char *folder;
  char *host;     /* name, boot and namespace: processes with equal ones see each other */
  char *cell;     /* held; NULL: none */
  char *claim;    /* its file */
  guint number;   /* of the claim */
  gint64 touched; /* monotonic */
};

static char *
read_line (const char *path)
{
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL)) /* not on this system: no word */
    return g_strdup ("");
  return g_strstrip (text);
}

/* Processes are compared only where one kernel numbers both. */
static char *
describe_host (void)
{
  g_autofree char *boot = read_line ("/proc/sys/kernel/random/boot_id");
  g_autofree char *space = g_file_read_link ("/proc/self/ns/pid", NULL);

  return g_strdup_printf ("%s %s %s", g_get_host_name (), boot,
                          space != NULL ? space : "");
}

/* When process @pid began, in the kernel's ticks; "" if there is none. So that another process of the same
 * number is not taken for it. */
static char *
describe_process (gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  g_autofree char *text = read_line (path);
  const char *rest = strrchr (text, ')'); /* the name before it may hold anything */
  g_auto (GStrv) words = g_strsplit (rest != NULL ? rest : "", " ", -1);

  return g_strdup (g_strv_length (words) > 20 ? words[20] : "");
}

NmdJournal *
nmd_journal_open (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "journal", NULL);
  NmdJournal *self;

  if (!nmd_file_make_folder (path, error))
    return NULL;
  self = g_new0 (NmdJournal, 1);
  self->folder = g_steal_pointer (&path);
  self->host = describe_host ();
  return self;
}

void
nmd_journal_free (NmdJournal *self)
{
  if (self == NULL)
    return;
  nmd_journal_release (self);
  g_free (self->folder);
  g_free (self->host);
  g_free (self);
}

static char *
claim_path (const NmdJournal *self, const char *cell, guint number)
{
  return g_strdup_printf ("%s/%s.claim-%u", self->folder, cell, number);
}

static char *
done_path (const NmdJournal *self, const char *cell)
{
  return g_strdup_printf ("%s/%s.done", self->folder, cell);
}

/* The highest claim on @cell, 0 for none. A folder that cannot be read has none, and claiming fails. */
static guint
find_claim (const NmdJournal *self, const char *cell)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  g_autofree char *prefix = g_strconcat (cell, ".claim-", NULL);
  const gsize length = strlen (prefix);
  const char *name;
  guint highest = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      guint64 number;

      if (strncmp (name, prefix, length) == 0
          && g_ascii_string_to_unsigned (name + length, 10, 1, MAX_CLAIMS, &number, NULL))
        highest = MAX (highest, (guint)number);
    }
  return highest;
}

/* Whether the process that @node names may still be at work, as far as this machine can tell. *@known: it
 * can. */
static gboolean
is_alive (const NmdJournal *self, JsonNode *node, gboolean *known)
{
  NmdJsonValue top = nmd_json_value_top (node, "claim");
  const char *host = NULL, *began = NULL;
  gint64 pid = 0;
  g_autofree char *now = NULL;

  *known = FALSE;
  if (!nmd_json_get_text (&top, "host", NMD_JSON_REQUIRED, &host, NULL)
      || !nmd_json_get_text (&top, "began", NMD_JSON_REQUIRED, &began, NULL)
      || !nmd_json_get_int (&top, "process", NMD_JSON_REQUIRED, 1, G_MAXINT32, &pid, NULL)
      || strcmp (host, self->host) != 0)
    return TRUE;
  now = describe_process (pid);
  *known = TRUE;
  if (*began == '\0') /* no /proc here */
    return kill ((pid_t)pid, 0) == 0 || errno != ESRCH;
  return strcmp (began, now) == 0;
}

/* Seconds on the file server's clock since the file was touched; 0 where that cannot be told. */
static double
get_age (const NmdJournal *self, const char *path)
{
  g_autofree char *probe = g_strdup_printf ("%s/.clock.XXXXXX", self->folder);
  struct stat then, now;
  int fd = g_mkstemp (probe);
  double age = 0;

  if (fd < 0)
    return 0;
  if (write (fd, "", 1) == 1 && fsync (fd) == 0 && fstat (fd, &now) == 0
      && stat (path, &then) == 0)
    age = (double)now.st_mtim.tv_sec - (double)then.st_mtim.tv_sec;
  close (fd);
  unlink (probe);
  return age;
}

/* What claim @number says: HELD; FREE, its holder is dead; DONE stands for a file that is gone. */
static NmdCellState
look_at_claim (const NmdJournal *self, const char *cell, guint number)
{
  g_autofree char *path = claim_path (self, cell, number);
  g_autoptr (JsonNode) node = NULL;
  gboolean known = FALSE, held;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NMD_CELL_DONE;
  node = nmd_json_load (path, NULL); /* what is no claim goes by its age */
  held = node == NULL || is_alive (self, node, &known);
  if (!known)
    held = get_age (self, path) < NMD_JOURNAL_STALE_SECONDS;
  return held ? NMD_CELL_HELD : NMD_CELL_FREE;
}

/* *@number: the highest claim, 0 for none. Where the cell is free, it is a dead holder's, or there is none: the
 * next number is free to take, whoever else looks at the same time. */
static NmdCellState
look (const NmdJournal *self, const char *cell, guint *number)
{
  g_autofree char *done = done_path (self, cell);
  NmdCellState state;

  do
    {
      if (g_file_test (done, G_FILE_TEST_EXISTS))
        return NMD_CELL_DONE;
      *number = find_claim (self, cell);
      if (*number == 0 || (g_strcmp0 (cell, self->cell) == 0 && *number == self->number))
        return NMD_CELL_FREE;
      state = look_at_claim (self, cell, *number);
    }
  while (state == NMD_CELL_DONE); /* given up meanwhile: what is there now? */
  return state;
}

NmdCellState
nmd_journal_get_state (NmdJournal *self, const char *cell)
{
  guint number;

  return look (self, cell, &number);
}

static char *
describe_claim (const NmdJournal *self)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *began = describe_process (getpid ());
  g_autofree char *token = g_uuid_string_random ();

  nmd_json_set_text (object, "host", self->host);
  json_object_set_int_member (object, "process", getpid ());
  json_object_set_string_member (object, "began", began);
  json_object_set_string_member (object, "token", token);
  json_node_take_object (node, object);
  return nmd_json_to_text (node);
}

static gboolean
fail (GError **error, const char *path, int code)
{
  g_autofree char *shown = nmd_text_display (path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               _ ("Could not write %s: %s"), shown, g_strerror (code));
  return FALSE;
}

/* Links a file of ours to the name that all want. Over NFS link() may fail although it was done: the number
 * of links tells. */
static gboolean
link_claim (NmdJournal *self, const char *path, gboolean *claimed, GError **error)
{
  g_autofree char *own = g_strdup_printf ("%s/.claim.XXXXXX", self->folder);
  g_autofree char *text = describe_claim (self);
  struct stat info;
  int fd = g_mkstemp (own), code = 0;

  *claimed = FALSE;
  if (fd < 0)
    return fail (error, path, errno);
  if (write (fd, text, strlen (text)) != (gssize)strlen (text) || fsync (fd) != 0)
    code = errno != 0 ? errno : EIO;
  if (close (fd) != 0 && code == 0)
    code = errno;
  if (code == 0)
    {
      const int linked = link (own, path) == 0 ? 0 : errno;

      *claimed = linked == 0 || (stat (own, &info) == 0 && info.st_nlink == 2);
      if (!*claimed && linked != EEXIST)
        code = linked;
    }
  unlink (own);
  return code == 0 || fail (error, path, code);
}

gboolean
nmd_journal_claim (NmdJournal *self, const char *cell, gboolean *claimed, GError **error)
{
  g_autofree char *path = NULL;
  guint number;

  g_return_val_if_fail (self != NULL && cell != NULL && claimed != NULL, FALSE);

  nmd_journal_release (self);
  *claimed = FALSE;
  if (look (self, cell, &number) != NMD_CELL_FREE)
    return TRUE;
  number++; /* of what was looked at; a later claim may be a living one's */
  path = claim_path (self, cell, number);
  if (!link_claim (self, path, claimed, error))
    return FALSE;
  if (!*claimed)
    return TRUE;
  self->cell = g_strdup (cell);
  self->claim = g_steal_pointer (&path);
  self->number = number;
  self->touched = g_get_monotonic_time ();
  if (nmd_journal_get_state (self, cell) == NMD_CELL_FREE)
    return TRUE;
  /* done between looking and linking */
  nmd_journal_release (self);
  *claimed = FALSE;
  return TRUE;
}

gboolean
nmd_journal_touch (NmdJournal *self)
{
  const gint64 now = g_get_monotonic_time ();

  g_return_val_if_fail (self != NULL, FALSE);

  if (self->cell == NULL || now - self->touched < TOUCH_SECONDS * G_USEC_PER_SEC)
    return TRUE;
  self->touched = now;
  /* the server's clock, not ours; a claim that is gone was taken over and cleared */
  if (utimensat (AT_FDCWD, self->claim, NULL, 0) != 0 && errno == ENOENT)
    return FALSE;
  return find_claim (self, self->cell) == self->number;
}

static void
forget (NmdJournal *self)
{
  g_clear_pointer (&self->cell, g_free);
  g_clear_pointer (&self->claim, g_free);
  self->number = 0;
}

void
nmd_journal_release (NmdJournal *self)
{
  if (self->cell != NULL)
    unlink (self->claim);
  forget (self);
}

/* Claims on a cell that is done say nothing any more. */
static void
clear_claims (NmdJournal *self, guint highest)
{
  for (guint number = 1; number <= highest; number++)
    {
      g_autofree char *path = claim_path (self, self->cell, number);

      unlink (path);
    }
}

gboolean
nmd_journal_finish (NmdJournal *self, JsonNode *record, GError **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (self != NULL && self->cell != NULL, FALSE);

  path = done_path (self, self->cell);
  if (find_claim (self, self->cell) != self->number)
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_BUSY,
          _ ("Another process has taken over %s: this one was not heard of for %d "
             "seconds"),
          self->cell, NMD_JOURNAL_STALE_SECONDS);
      forget (self);
      return FALSE;
    }
  if (!nmd_json_save (record, path, error))
    return FALSE;
  clear_claims (self, self->number);
  forget (self);
  return TRUE;
}

JsonNode *
nmd_journal_load (NmdJournal *self, const char *cell)
{
  g_autofree char *path = done_path (self, cell);

  return nmd_json_load (path, NULL); /* only its presence decides anything */
}
