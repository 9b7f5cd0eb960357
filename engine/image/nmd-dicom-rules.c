/* SPDX-License-Identifier: Apache-2.0
 *
 * The two lists of nmd-dicom-rules-private.h. What is done with them is others' business.
 */
#include "engine/image/nmd-dicom-rules-private.h"

#include <stdlib.h>
#include <string.h>

/* Whole groups of persons, visits, requests, procedures and studies are in nmd_dicom_identifies(); these are the
 * rest of the profile's table that ultrasound uses. In order. */
static const guint32 identifying[] = {
  0x00020003, 0x00020016, 0x00020026, 0x00020027, 0x00020028, 0x00020100, 0x00020102,
  0x00080014, 0x00080015, 0x00080018, 0x00080050, 0x00080054, 0x00080058, 0x00080080,
  0x00080081, 0x00080082, 0x00080090, 0x00080092, 0x00080094, 0x00080096, 0x0008009c,
  0x0008009d, 0x00080201, 0x00081010, 0x00081030, 0x0008103e, 0x00081040, 0x00081041,
  0x00081048, 0x00081049, 0x00081050, 0x00081052, 0x00081060, 0x00081062, 0x00081070,
  0x00081072, 0x00081080, 0x00081084, 0x00081110, 0x00081111, 0x00081120, 0x00081140,
  0x00081155, 0x00081195, 0x00082111, 0x00082112, 0x00083010, 0x00084000, 0x00120010,
  0x00120020, 0x00120021, 0x00120030, 0x00120031, 0x00120040, 0x00120042, 0x00120050,
  0x00120060, 0x00120071, 0x00120072, 0x00120081, 0x00120082, 0x00181000, 0x00181002,
  0x00181004, 0x00181005, 0x00181007, 0x00181008, 0x00181009, 0x00181010, 0x00181018,
  0x00181030, 0x00181400, 0x00181800, 0x00184000, 0x00189424, 0x0018a003, 0x0020000d,
  0x0020000e, 0x00200010, 0x00200052, 0x00200200, 0x00203401, 0x00203406, 0x00204000,
  0x00209158, 0x00209161, 0x00209164, 0x00281199, 0x00281214, 0x00284000, 0x00880140,
  0x00880200, 0x00880904, 0x00880906, 0x00880910, 0x00880912, 0x04000100, 0x04000402,
  0x04000403, 0x04000404, 0x04000550, 0x04000561, 0x04000600, 0x20300020, 0xfffafffa,
};

/* In order. The regions' own elements are 0018,6011 to 0018,6060. */
static const guint32 staying[] = {
  0x00080008,                         /* image type */
  0x00080060,                         /* modality */
  0x00080070,                         /* manufacturer */
  0x00081090,                         /* its model name */
  0x00082124, 0x0008212a,             /* stages and views of a stress test */
  0x00082142, 0x00082143, 0x00082144, /* trim, display rate */
  0x00180040,                         /* cine rate */
  0x00180072,                         /* effective duration */
  0x00181063, 0x00181065, 0x00181066, /* frame time, frame time vector, frame delay */
  0x00181242, 0x00181244, 0x00185000, 0x00185010, 0x00185012, 0x00185020,
  0x00185021, 0x00185022, 0x00185024, 0x00185026, 0x00185027, 0x00185028,
  0x00185029, 0x00185050, /* power, transducer, depth */
  0x00186011, 0x00186012, 0x00186014, 0x00186016, 0x00186018, 0x0018601a,
  0x0018601c, 0x0018601e, 0x00186020, 0x00186022, 0x00186024, 0x00186026,
  0x00186028, 0x0018602a, 0x0018602c, 0x0018602e, 0x00186030, 0x00186031,
  0x00186032, 0x00186034, 0x00186036, 0x00280009, /* frame increment pointer */
  0x00280030,                                     /* pixel spacing */
  0x00280301,                                     /* burnt-in annotation */
  0x00280a02, 0x00280a04,                         /* how it was calibrated */
  0x00282110, 0x00282112, 0x00282114,             /* lossy compression */
  0x00289110,                                     /* pixel measures */
  0x52009229, 0x52009230, /* what is shared by frames, and what is not */
};

static int
compare (gconstpointer a, gconstpointer b)
{
  const guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

  return (x > y) - (x < y);
}

static gboolean
is_in (const guint32 *list, gsize n, guint16 group, guint16 element)
{
  const guint32 tag = (guint32)group << 16 | element;

  return bsearch (&tag, list, n, sizeof tag, compare) != NULL;
}

gboolean
nmd_dicom_identifies (guint16 group, guint16 element, const char *vr)
{
  static const guint16 groups[]
      = { 0x0010, 0x0032, 0x0038, 0x0040, 0x4000, 0x4008, 0x5000 };

  g_return_val_if_fail (vr != NULL, TRUE);
  if (group % 2 != 0 || (group & 0xff00) == 0x5000 || (group & 0xff00) == 0x6000)
    return TRUE; /* private; curves and overlays may be writing */
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (group == groups[i])
      return TRUE;
  for (const char *p = "PNDADTTM"; *p != '\0'; p += 2)
    if (strncmp (p, vr, 2) == 0)
      return TRUE;
  return is_in (identifying, G_N_ELEMENTS (identifying), group, element);
}

gboolean
nmd_dicom_may_stay (guint16 group, guint16 element)
{
  return is_in (staying, G_N_ELEMENTS (staying), group, element)
         && !nmd_dicom_identifies (group, element, "");
}
