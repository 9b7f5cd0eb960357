/* SPDX-License-Identifier: Apache-2.0
 *
 * The devices there are, their names, and which backend drives one.
 */
#include "engine/backend/nmd-device.h"

#include "engine/backend/nmd-device-private.h"

#include <string.h>

static const NmdBackend *const backends[] = {
  &nmd_backend_cpu,
  &nmd_backend_reference,
};

void
nmd_device_free (NmdDevice *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->title);
  g_free (self->description);
  g_free (self->unavailable);
  g_free (self);
}

static NmdDevice *
find_device (GPtrArray *devices, const char *name)
{
  for (guint i = 0; i < devices->len; i++)
    if (g_strcmp0 (((NmdDevice *)devices->pdata[i])->name, name) == 0)
      return devices->pdata[i];
  return NULL;
}

static void
add_device (GPtrArray *devices,
            const char *name,
            const char *description,
            const char *unavailable)
{
  NmdDevice *device = g_new0 (NmdDevice, 1);

  device->name = g_strdup (name);
  device->title = g_strdup (description);
  device->description = g_strdup (description);
  device->unavailable = g_strdup (unavailable);
  g_ptr_array_add (devices, device);
}

/* Appends what @backend drives; @owners (nullable) gets the backend of each. */
static void
probe_backend (const NmdBackend *backend, GPtrArray *devices, GPtrArray *owners)
{
  guint first = devices->len;

  backend->probe (devices);
  for (guint i = first; i < devices->len; i++)
    ((NmdDevice *)devices->pdata[i])->numerics = backend->numerics;
  while (owners != NULL && owners->len < devices->len)
    g_ptr_array_add (owners, (gpointer)backend);
}

static void
probe_cuda (GPtrArray *devices, GPtrArray *owners)
{
  const char *reason = NULL;
  const NmdBackend *backend = nmd_cuda_module_get (&reason);

  if (backend != NULL)
    probe_backend (backend, devices, owners);
  else
    add_device (devices, "cuda", "NVIDIA graphics card", reason);
  while (owners != NULL && owners->len < devices->len)
    g_ptr_array_add (owners, NULL);
}

/* All devices; @owners (nullable) gets the backend of each, NULL where none drives it.
 * Loading NVIDIA's libraries takes a while: only if @with_cuda. */
static GPtrArray *
probe_all (GPtrArray *owners, gboolean with_cuda)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_device_free);

  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    probe_backend (backends[i], devices, owners);
  if (with_cuda)
    probe_cuda (devices, owners);
  return devices;
}

GPtrArray *
nmd_devices_list (void)
{
  return probe_all (NULL, TRUE);
}

/* Numerics */

const char *const nmd_numerics_names[] = { "strict", "fast", "bf16", NULL };

char *
nmd_device_split (const char *device, const char **numerics)
{
  g_return_val_if_fail (device != NULL && numerics != NULL, NULL);

  const char *slash = strchr (device, '/');

  *numerics = NULL;
  for (guint i = 0; nmd_numerics_names[i] != NULL; i++)
    if (strcmp (slash != NULL ? slash + 1 : "strict", nmd_numerics_names[i]) == 0)
      *numerics = nmd_numerics_names[i];
  return slash != NULL ? g_strndup (device, (gsize)(slash - device)) : g_strdup (device);
}

static char *
with_numerics (const char *device, const char *numerics, GError **error)
{
  g_autofree char *name = NULL, *joined = NULL;
  const char *had, *wanted;

  if (numerics == NULL)
    return g_strdup (device);
  name = nmd_device_split (device, &had);
  joined = g_strconcat (name, "/", numerics, NULL);
  g_clear_pointer (&name, g_free);
  name = nmd_device_split (joined, &wanted);
  if (wanted == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Unknown numerics “%s”: " NMD_NUMERICS_FORMS " expected", numerics);
      return NULL;
    }
  if (strchr (device, '/') != NULL && had != wanted)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Device %s conflicts with numerics %s", device, wanted);
      return NULL;
    }
  return wanted == nmd_numerics_names[0] ? g_steal_pointer (&name)
                                         : g_steal_pointer (&joined);
}

/* What is a device's name, on this machine or another. */
static gboolean
is_device_name (const char *text)
{
  static const char *const names[] = { "cpu", "reference", "reference64", "cuda" };
  g_autofree char *name = g_strndup (text, strcspn (text, "/"));

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return TRUE;
  return g_str_has_prefix (name, "cuda:");
}

char *
nmd_device_choose (const char *device, const char *numerics, GError **error)
{
  const char *name = device != NULL ? device : NMD_DEVICE_DEFAULT;

  if (is_device_name (name))
    return with_numerics (name, numerics, error);
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               "Unknown device “%s”: " NMD_DEVICE_FORMS " expected", name);
  return NULL;
}

static gboolean
has_numerics (const NmdBackend *backend, const char *word)
{
  return g_str_equal (word, nmd_numerics_names[0])
         || (backend->numerics != NULL && g_strv_contains (backend->numerics, word));
}

static const NmdDevice *
find_or_refuse (GPtrArray *devices, const char *name, GError **error)
{
  const char *wanted = strcmp (name, "cuda:0") == 0 ? "cuda" : name;
  const NmdDevice *found = find_device (devices, wanted);
  g_autoptr (GString) names = NULL;

  if (found != NULL)
    return found;
  /* where no card can be used, the reason says more than that there is no card N */
  found = g_str_has_prefix (wanted, "cuda:") ? find_device (devices, "cuda") : NULL;
  if (found != NULL && found->unavailable != NULL)
    return found;
  names = g_string_new (NULL);
  for (guint i = 0; i < devices->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            ((NmdDevice *)devices->pdata[i])->name);
  if (!g_str_has_prefix (wanted, "cuda"))
    g_string_append (names, ", cuda");
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               "Unknown device “%s”: this computer has %s", name, names->str);
  return NULL;
}

gboolean
nmd_device_find (const char *device, NmdDeviceChoice *choice, GError **error)
{
  const char *numerics;
  g_autofree char *name = nmd_device_split (device, &numerics);
  g_autoptr (GPtrArray) owners = g_ptr_array_new ();
  g_autoptr (GPtrArray) devices = probe_all (owners, g_str_has_prefix (name, "cuda"));
  const NmdDevice *found = find_or_refuse (devices, name, error);
  const NmdBackend *backend;
  guint i;

  if (found == NULL)
    return FALSE;
  if (found->unavailable != NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_DEVICE, "Device %s cannot be used: %s",
                   name, found->unavailable);
      return FALSE;
    }
  if (!g_ptr_array_find (devices, found, &i))
    g_return_val_if_reached (FALSE);
  backend = owners->pdata[i];
  if (numerics == NULL || !has_numerics (backend, numerics))
    {
      g_autofree char *others = backend->numerics != NULL
                                    ? g_strjoinv (" and ", (char **)backend->numerics)
                                    : NULL;

      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Device %s has no numerics “%s”; it has strict%s%s", name,
                   strchr (device, '/') + 1, others != NULL ? ", " : " ones only",
                   others != NULL ? others : "");
      return FALSE;
    }
  choice->backend = backend;
  choice->numerics = numerics;
  choice->name = with_numerics (found->name, numerics, error);
  choice->description = g_strdup_printf ("%s, %s numerics", found->description, numerics);
  return choice->name != NULL;
}

void
nmd_device_choice_clear (NmdDeviceChoice *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->description, g_free);
}
