/* SPDX-License-Identifier: Apache-2.0
 *
 * The module nmd-dicom.so: DICOM files through DCMTK, behind the functions of nmd-dicom-private.h. Only
 * files that nmd_dicom_check() has walked through come here. DCMTK's messages go nowhere; what its
 * decompressors warn of makes a frame damaged. No exception leaves this file.
 */
#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dcdeftag.h"
#include "dcmtk/dcmdata/dcdict.h"
#include "dcmtk/dcmdata/dcfilefo.h"
#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/dcmdata/dcmetinf.h"
#include "dcmtk/dcmdata/dcitem.h"
#include "dcmtk/dcmdata/dcostrmb.h"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcrledrg.h"
#include "dcmtk/dcmdata/dcuid.h"
#include "dcmtk/dcmimage/diregist.h"
#include "dcmtk/dcmimgle/dcmimage.h"
#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpls/djdecode.h"
#include "dcmtk/oflog/appender.h"
#include "dcmtk/oflog/oflog.h"
#include "dcmtk/oflog/spi/logevent.h"

#include "engine/image/nmd-dicom-private.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <glib/gi18n-lib.h>
#include <memory>
#include <new>
#include <string>

struct NmdDicomFile
{
  DcmFileFormat format;
  NmdDicomFacts facts;
  DcmDataset *set () { return format.getDataset (); }
};

namespace
{

/* Counts what the decompressors warn of: a JPEG cut short is filled up with grey and only a warning
 * tells. */
thread_local unsigned int n_warnings;

class Counter : public dcmtk::log4cplus::Appender
{
public:
  ~Counter () override { destructorImpl (); }
  void close () override {}

protected:
  void append (const dcmtk::log4cplus::spi::InternalLoggingEvent &event) override
  {
    if (event.getLogLevel () >= dcmtk::log4cplus::WARN_LOG_LEVEL)
      n_warnings++;
  }
};

gboolean
fail (NmdDicomProblem *problem, NmdDicomTrouble trouble, const char *text)
{
  problem->trouble = trouble;
  g_strlcpy (problem->text, text, sizeof problem->text);
  return FALSE;
}

/* A binary number of the header; 0 where it is missing. */
double
number (DcmItem *item, const DcmTagKey &key)
{
  DcmElement *element = nullptr;
  Float64 real = 0;
  Uint16 small = 0;
  Uint32 large = 0;
  Sint32 whole = 0;

  if (item->findAndGetElement (key, element).bad () || element == nullptr)
    return 0;
  if (element->getFloat64 (real).good ())
    return real;
  if (element->getUint16 (small).good ())
    return small;
  if (element->getUint32 (large).good ())
    return large;
  return element->getSint32 (whole).good () ? whole : 0;
}

OFString
text (DcmItem *item, const DcmTagKey &key)
{
  OFString value;
  return item->findAndGetOFString (key, value).good () ? value : OFString ();
}

/* One number of several, as text: "0.01\\0.02". */
double
decimal (DcmItem *item, const DcmTagKey &key, unsigned long place)
{
  Float64 value = 0;
  return item->findAndGetFloat64 (key, value, place).good () ? value : 0;
}

void
read_facts (NmdDicomFile *file)
{
  DcmDataset *set = file->set ();
  NmdDicomFacts *facts = &file->facts;
  const E_TransferSyntax form = set->getOriginalXfer ();
  Sint32 n_frames = 1;
  const OFString photometric = text (set, DCM_PhotometricInterpretation);
  const OFString maker = text (set, DCM_Manufacturer);
  const OFString model = text (set, DCM_ManufacturerModelName);

  facts->width = static_cast<gint64> (number (set, DCM_Columns));
  facts->height = static_cast<gint64> (number (set, DCM_Rows));
  if (set->tagExists (DCM_NumberOfFrames)
      && set->findAndGetSint32 (DCM_NumberOfFrames, n_frames).bad ())
    n_frames = 0;
  facts->n_frames = n_frames;
  facts->samples = photometric == "MONOCHROME1" || photometric == "MONOCHROME2" ? 1 : 3;
  facts->is_lossy = text (set, DCM_LossyImageCompression) == "01" || form == EXS_JPEGProcess1
                    || form == EXS_JPEGProcess2_4 || form == EXS_JPEGProcess6_8
                    || form == EXS_JPEGProcess10_12 || form == EXS_JPEGLSLossy;
  const double times[] = { decimal (set, DCM_FrameTime, 0), decimal (set, DCM_FrameTimeVector, 1),
                           1000 / number (set, DCM_CineRate), 1000 / number (set, DCM_RecommendedDisplayFrameRate) };
  for (const double ms : times)
    if (!(facts->frame_ms > 0) && std::isfinite (ms))
      facts->frame_ms = ms;
  g_snprintf (facts->scanner, sizeof facts->scanner, "%s%s%s", maker.c_str (),
              !maker.empty () && !model.empty () ? " " : "", model.c_str ());
}

/* DCMTK fills up what is missing; here all pixels that the header speaks of have to be there. */
gboolean
check_pixels (NmdDicomFile *file, NmdDicomProblem *problem)
{
  DcmDataset *set = file->set ();
  const NmdDicomFacts *facts = &file->facts;
  DcmElement *element = nullptr;
  const double n = static_cast<double> (facts->n_frames);

  if (set->findAndGetElement (DCM_PixelData, element).bad () || element == nullptr)
    return fail (problem, NMD_DICOM_IS_UNSUPPORTED, N_ ("is a DICOM file without an image"));
  const E_TransferSyntax written = set->getOriginalXfer ();
  if (written != EXS_LittleEndianImplicit && written != EXS_LittleEndianExplicit
      && written != EXS_BigEndianExplicit)
    {
      DcmPixelSequence *sequence = nullptr;
      DcmPixelData *pixels = dynamic_cast<DcmPixelData *> (element);
      const DcmRepresentationParameter *parameter = nullptr;
      E_TransferSyntax form = EXS_Unknown;

      if (pixels == nullptr)
        return fail (problem, NMD_DICOM_IS_DAMAGED, N_ ("is a damaged DICOM file: no pixels"));
      pixels->getOriginalRepresentationKey (form, parameter);
      if (pixels->getEncapsulatedRepresentation (form, parameter, sequence).bad ()
          || static_cast<double> (sequence->card ()) - 1 < n)
        return fail (problem, NMD_DICOM_IS_DAMAGED,
                     N_ ("is a damaged DICOM file: it has fewer frames than it says"));
      return TRUE;
    }
  const double samples = number (set, DCM_SamplesPerPixel);
  const bool is_halved = text (set, DCM_PhotometricInterpretation).find ("422") != OFString_npos;
  const double bits = number (set, DCM_BitsAllocated) * (is_halved ? 2.0 : samples);
  const double bytes = std::floor (
      (static_cast<double> (facts->width * facts->height) * bits * n + 7) / 8);
  if (!(element->getLength () >= bytes))
    return fail (problem, NMD_DICOM_IS_DAMAGED,
                 N_ ("is a damaged DICOM file: it has fewer pixels than it says"));
  return TRUE;
}

NmdDicomFile *
open_bytes (const guint8 *data,
            gsize length,
            const NmdDicomShape *shape,
            NmdDicomFacts *facts,
            NmdDicomProblem *problem)
{
  std::unique_ptr<NmdDicomFile> file (new NmdDicomFile ());
  DcmInputBufferStream stream;
  OFCondition done = EC_Normal;

  stream.setBuffer (data, static_cast<offile_off_t> (length));
  stream.setEos ();
  if (shape->start > 0)
    {
      file->format.transferInit ();
      done = file->format.read (stream, EXS_Unknown, EGL_noChange, DCM_MaxReadLength);
      file->format.transferEnd ();
    }
  else
    {
      const bool is_implicit = shape->form == NMD_DICOM_IMPLICIT;
      file->set ()->transferInit ();
      done = file->set ()->read (stream, is_implicit ? EXS_LittleEndianImplicit : EXS_LittleEndianExplicit);
      file->set ()->transferEnd ();
    }
  if (done.bad ())
    {
      fail (problem, NMD_DICOM_IS_DAMAGED, (OFString ("is a damaged DICOM file: ") + done.text ()).c_str ());
      return nullptr;
    }
  read_facts (file.get ());
  if (!check_pixels (file.get (), problem))
    return nullptr;
  *facts = file->facts;
  return file.release ();
}

/* Values of the frame after the modality transformation, in whatever type they are. */
template <typename Value>
void
to_grey (const void *values, gsize n, double low, double width, bool is_inverse, guint8 *pixels)
{
  const Value *value = static_cast<const Value *> (values);

  for (gsize i = 0; i < n; i++)
    {
      const double y = std::floor ((static_cast<double> (value[i]) - low) * 255 / width + 0.5);
      const guint8 grey = static_cast<guint8> (y > 0 ? (y < 255 ? y : 255) : 0);
      pixels[i] = is_inverse ? static_cast<guint8> (255 - grey) : grey;
    }
}

/* The linear function that a window, or without one the range of stored values, means (PS3.3, C.11.2.1.2
 * and C.11.2.1.3.2). */
bool
get_line (DicomImage &image, bool is_exact, double *low, double *range)
{
  double centre = 0, width = 0, high = 0;

  if (image.getWindowCount () > 0)
    {
      if (!image.setWindow (0ul) || !image.getWindow (centre, width))
        return false;
      *low = centre - width / 2; /* of both kinds */
      width -= is_exact ? 0 : 1;
      if (width <= 0) /* a step */
        width = 1e-6;
    }
  else
    {
      if (!image.getMinMaxValues (*low, high, 1))
        return false;
      width = high - *low;
    }
  *range = width;
  return std::isfinite (*low) && width > 0;
}

gboolean
render_grey (DicomImage &image, bool is_exact, guint8 *pixels, gsize length, NmdDicomProblem *problem)
{
  const DiPixel *inner = image.getInterData ();
  const bool is_inverse = image.getPhotometricInterpretation () == EPI_Monochrome1;
  double low = 0, width = 1;

  if (image.getVoiLutFunction () == EFV_Sigmoid
      || (image.getWindowCount () == 0 && image.getVoiLutCount () > 0))
    {
      const bool is_set = image.getWindowCount () > 0 ? image.setWindow (0ul) != 0
                                                      : image.setVoiLut (0ul) != 0;
      return (is_set && image.getOutputData (pixels, length, 8, 0, 0))
             || fail (problem, NMD_DICOM_IS_UNSUPPORTED,
                      N_ ("is a DICOM file whose grey levels cannot be worked out"));
    }
  if (inner == nullptr || inner->getCount () < length || !get_line (image, is_exact, &low, &width))
    return fail (problem, NMD_DICOM_IS_UNSUPPORTED,
                 N_ ("is a DICOM file whose grey levels cannot be worked out"));
  const EP_Representation kind = inner->getRepresentation ();
  const auto run = [&] (auto zero) {
    to_grey<decltype (zero)> (inner->getData (), length, low, width, is_inverse, pixels);
  };
  if (kind == EPR_Uint8)
    run (Uint8 ());
  else if (kind == EPR_Sint8)
    run (Sint8 ());
  else if (kind == EPR_Uint16)
    run (Uint16 ());
  else if (kind == EPR_Sint16)
    run (Sint16 ());
  else if (kind == EPR_Uint32)
    run (Uint32 ());
  else
    run (Sint32 ());
  return TRUE;
}

/* DCMTK's own conversion cuts fractions off and makes grey slightly coloured (PS3.3, C.7.6.3.1.2). */
void
to_rgb (guint8 *pixels, gsize length)
{
  for (gsize i = 0; i + 2 < length; i += 3)
    {
      const double y = pixels[i], cb = pixels[i + 1] - 128.0, cr = pixels[i + 2] - 128.0;
      const double rgb[3] = { y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb };
      for (int k = 0; k < 3; k++)
        pixels[i + k] = static_cast<guint8> (rgb[k] > 0 ? (rgb[k] < 255 ? rgb[k] + 0.5 : 255) : 0);
    }
}

gboolean
render (NmdDicomFile *file, guint frame, guint8 *pixels, gsize length, NmdDicomProblem *problem)
{
  const bool is_full = text (file->set (), DCM_PhotometricInterpretation).find ("YBR_FULL") == 0;
  n_warnings = 0;
  DicomImage image (file->set (), file->set ()->getOriginalXfer (),
                    CIF_UsePartialAccessToPixelData | CIF_NeverAccessEmbeddedOverlays
                        | (is_full ? CIF_KeepYCbCrColorModel : 0),
                    frame, 1);

  if (image.getStatus () == EIS_MemoryFailure)
    return fail (problem, NMD_DICOM_NEEDS_MEMORY, N_ ("needs more memory than there is"));
  if (image.getStatus () != EIS_Normal)
    return fail (problem, NMD_DICOM_IS_DAMAGED,
                 N_ ("is a DICOM file whose pixels cannot be decoded: they are damaged or contradict its header"));
  if (n_warnings > 0)
    return fail (problem, NMD_DICOM_IS_DAMAGED, N_ ("is a damaged DICOM file: its compressed pixels have errors"));
  if (static_cast<gint64> (image.getWidth ()) != file->facts.width
      || static_cast<gint64> (image.getHeight ()) != file->facts.height
      || (image.isMonochrome () != 0) != (file->facts.samples == 1))
    return fail (problem, NMD_DICOM_IS_DAMAGED, N_ ("is a damaged DICOM file: its header contradicts itself"));
  if (file->facts.samples == 1)
    return render_grey (image, text (file->set (), DCM_VOILUTFunction) == "LINEAR_EXACT", pixels, length, problem);
  if (!image.getOutputData (pixels, length, 8, 0, 0))
    return fail (problem, NMD_DICOM_IS_DAMAGED, N_ ("is a DICOM file whose colours cannot be decoded"));
  if (image.getPhotometricInterpretation () == EPI_YBR_Full
      || image.getPhotometricInterpretation () == EPI_YBR_Full_422)
    to_rgb (pixels, length);
  return TRUE;
}

/* Calibrated areas: those of the frame's own functional groups, else of the shared ones, else of the whole file;
 * of each the ultrasound regions, else the spacing of pixels. */

guint
areas_of (DcmItem *item, const NmdDicomFacts *facts, NmdDicomArea *areas, guint most)
{
  DcmItem *region = nullptr, *measures = item;
  guint n = 0;

  for (signed long i = 0; n < most
                          && item->findAndGetSequenceItem (DCM_SequenceOfUltrasoundRegions, region, i).good ();
       i++)
    {
      const double dx = std::fabs (number (region, DCM_PhysicalDeltaX));
      const double dy = std::fabs (number (region, DCM_PhysicalDeltaY));
      const bool is_picture = !region->tagExists (DCM_RegionSpatialFormat)
                              || number (region, DCM_RegionSpatialFormat) == 1.0;

      if (is_picture && number (region, DCM_PhysicalUnitsXDirection) == 3.0
          && number (region, DCM_PhysicalUnitsYDirection) == 3.0)
        areas[n++] = { number (region, DCM_RegionLocationMinX0), number (region, DCM_RegionLocationMinY0),
                       number (region, DCM_RegionLocationMaxX1), number (region, DCM_RegionLocationMaxY1),
                       dx, dy };
    }
  if (n > 0 || item->tagExists (DCM_SequenceOfUltrasoundRegions))
    return n;
  item->findAndGetSequenceItem (DCM_PixelMeasuresSequence, measures, 0);
  const double row_mm = decimal (measures != nullptr ? measures : item, DCM_PixelSpacing, 0);
  const double column_mm = decimal (measures != nullptr ? measures : item, DCM_PixelSpacing, 1);
  if (row_mm > 0 && column_mm > 0 && most > 0)
    areas[n++] = { 0, 0, static_cast<double> (facts->width - 1), static_cast<double> (facts->height - 1),
                   column_mm / 10, row_mm / 10 };
  return n;
}

guint
find_areas (NmdDicomFile *file, guint frame, NmdDicomArea *areas, guint most)
{
  DcmItem *item = nullptr;
  guint n = 0;

  if (file->set ()->findAndGetSequenceItem (DCM_PerFrameFunctionalGroupsSequence, item, frame).good ())
    n = areas_of (item, &file->facts, areas, most);
  if (n == 0
      && file->set ()->findAndGetSequenceItem (DCM_SharedFunctionalGroupsSequence, item, 0).good ())
    n = areas_of (item, &file->facts, areas, most);
  return n > 0 ? n : areas_of (file->set (), &file->facts, areas, most);
}

/* The header as lines */

void
describe (DcmElement *element, NmdDicomEntry *entry, OFString *value)
{
  const DcmEVR vr = element->ident ();
  OFString part;

  if (vr == EVR_SQ)
    *value = "";
  else if (element->getTag ().getXTag () == DCM_PixelData || element->getLength () > 4096
           || vr == EVR_OB || vr == EVR_OW || vr == EVR_UN || vr == EVR_ox)
    {
      char bytes[40];
      g_snprintf (bytes, sizeof bytes, "(%u bytes)", static_cast<unsigned int> (element->getLength ()));
      *value = bytes;
    }
  else if (element->getOFStringArray (part).good ())
    *value = part.substr (0, 200);
  g_strlcpy (entry->vr, DcmVR (vr).getValidVRName (), sizeof entry->vr);
}

void
list_item (DcmItem *item, guint depth, NmdDicomEntryFunc func, gpointer user_data)
{
  for (DcmObject *object = item->nextInContainer (nullptr); object != nullptr;
       object = item->nextInContainer (object))
    {
      DcmElement *element = OFreinterpret_cast (DcmElement *, object);
      NmdDicomEntry entry = {};
      OFString value;
      DcmTag tag = element->getTag ();
      const OFString name = tag.getTagName ();

      describe (element, &entry, &value);
      entry.group = tag.getGroup ();
      entry.element = tag.getElement ();
      entry.depth = depth;
      entry.name = name.c_str ();
      entry.value = value.c_str ();
      func (&entry, user_data);
      if (element->ident () != EVR_SQ)
        continue;
      DcmSequenceOfItems *sequence = OFreinterpret_cast (DcmSequenceOfItems *, element);
      for (unsigned long i = 0; i < sequence->card (); i++)
        list_item (sequence->getItem (i), depth + 1, func, user_data);
    }
}

/* A copy without names. Elements are made anew from the values of those that may stay: nothing else of the
 * file, no private element and no text that is not on the list, can come along. */

bool
keep_item (DcmItem *from, DcmItem *to, NmdDicomKeepFunc keep)
{
  for (DcmObject *object = from->nextInContainer (nullptr); object != nullptr;
       object = from->nextInContainer (object))
    {
      const DcmTag tag = object->getTag ();
      if (!keep (tag.getGroup (), tag.getElement ()) || object->ident () == EVR_UN)
        continue;
      if (object->ident () != EVR_SQ)
        {
          std::unique_ptr<DcmObject> copy (object->clone ());
          if (to->insert (OFreinterpret_cast (DcmElement *, copy.get ()), OFTrue).bad ())
            return false;
          copy.release ();
          continue;
        }
      DcmSequenceOfItems *sequence = OFreinterpret_cast (DcmSequenceOfItems *, object);
      for (unsigned long i = 0; i < sequence->card (); i++)
        {
          DcmItem *item = nullptr;
          if (to->findOrCreateSequenceItem (tag, item, -2).bad () || !keep_item (sequence->getItem (i), item, keep))
            return false;
        }
    }
  return true;
}

bool
put_picture (DcmDataset *set, const NmdDicomCopy *copy)
{
  const char *photometric = copy->samples == 1 ? "MONOCHROME2" : "RGB";
  const struct
  {
    DcmTagKey key;
    int value;
  } numbers[] = { { DCM_SamplesPerPixel, copy->samples }, { DCM_Rows, copy->height }, { DCM_Columns, copy->width },
                  { DCM_BitsAllocated, 8 }, { DCM_BitsStored, 8 }, { DCM_HighBit, 7 },
                  { DCM_PixelRepresentation, 0 }, { DCM_PlanarConfiguration, 0 } };
  bool ok = set->putAndInsertString (DCM_PhotometricInterpretation, photometric).good ();

  for (const auto &entry : numbers)
    if (entry.key != DCM_PlanarConfiguration || copy->samples > 1)
      ok = ok && set->putAndInsertUint16 (entry.key, static_cast<Uint16> (entry.value)).good ();
  if (copy->n_frames > 1)
    ok = ok && set->putAndInsertString (DCM_NumberOfFrames, std::to_string (copy->n_frames).c_str ()).good ();
  return ok
         && set->putAndInsertUint8Array (DCM_PixelData, copy->pixels,
                                         static_cast<unsigned long> (copy->length))
                .good ();
}

const char *
class_of (const NmdDicomCopy *copy)
{
  return copy->n_frames == 1    ? UID_SecondaryCaptureImageStorage
         : copy->samples == 1 ? UID_MultiframeGrayscaleByteSecondaryCaptureImageStorage
                              : UID_MultiframeTrueColorSecondaryCaptureImageStorage;
}

bool
put_code (DcmDataset *set, const char *code, const char *meaning)
{
  DcmItem *item = nullptr;
  return set->findOrCreateSequenceItem (DCM_DeidentificationMethodCodeSequence, item, -2).good ()
         && item->putAndInsertString (DCM_CodeValue, code).good ()
         && item->putAndInsertString (DCM_CodingSchemeDesignator, "DCM").good ()
         && item->putAndInsertString (DCM_CodeMeaning, meaning).good ();
}

/* PS3.15, table E.1-1: what must be there is there and empty, identifiers are new ones. */
bool
put_identity (DcmDataset *set, const NmdDicomFacts &facts, const NmdDicomCopy *copy)
{
  static const DcmTagKey empty[]
      = { DCM_StudyDate, DCM_StudyTime, DCM_AccessionNumber, DCM_ReferringPhysicianName, DCM_PatientName,
          DCM_PatientID, DCM_PatientBirthDate, DCM_PatientSex, DCM_StudyID, DCM_PatientOrientation };
  const OFString modality = text (set, DCM_Modality);
  const struct
  {
    DcmTagKey key;
    const char *value;
  } texts[] = {
    { DCM_Modality, modality.empty () ? "US" : modality.c_str () },
    { DCM_SOPClassUID, class_of (copy) },
    { DCM_SOPInstanceUID, copy->image_uid },
    { DCM_StudyInstanceUID, copy->study_uid },
    { DCM_SeriesInstanceUID, copy->series_uid },
    { DCM_SeriesNumber, "1" },
    { DCM_InstanceNumber, "1" },
    { DCM_ConversionType, "WSD" },
    { DCM_PatientIdentityRemoved, "YES" },
    { DCM_DeidentificationMethod, copy->method },
    { DCM_LongitudinalTemporalInformationModified, "REMOVED" },
  };
  bool ok = true;

  for (const DcmTagKey &key : empty)
    ok = ok && set->insertEmptyElement (key).good ();
  for (const auto &entry : texts)
    ok = ok && set->putAndInsertString (entry.key, entry.value).good ();
  ok = ok && (!copy->is_blackened || set->putAndInsertString (DCM_BurnedInAnnotation, "NO").good ());
  ok = ok && (!facts.is_lossy || set->putAndInsertString (DCM_LossyImageCompression, "01").good ());
  return ok && put_code (set, "113100", "Basic Application Confidentiality Profile")
         && (!copy->is_blackened || put_code (set, "113101", "Clean Pixel Data Option"));
}

GBytes *
to_bytes (DcmFileFormat *format, gsize length, NmdDicomProblem *problem)
{
  const gsize room = length + (1u << 20);
  std::unique_ptr<guint8, decltype (&g_free)> buffer (static_cast<guint8 *> (g_try_malloc (room)), g_free);
  DcmOutputBufferStream stream (buffer.get (), static_cast<offile_off_t> (room));
  void *start = nullptr;
  offile_off_t written = 0;

  if (buffer == nullptr)
    {
      fail (problem, NMD_DICOM_NEEDS_MEMORY, N_ ("needs more memory than there is"));
      return nullptr;
    }
  format->transferInit ();
  const OFCondition done = format->write (stream, EXS_LittleEndianExplicit, EET_ExplicitLength, nullptr,
                                          EGL_recalcGL, EPD_withoutPadding);
  format->transferEnd ();
  if (done.bad ())
    {
      fail (problem, NMD_DICOM_IS_UNSUPPORTED, (OFString ("cannot be copied: ") + done.text ()).c_str ());
      return nullptr;
    }
  stream.flushBuffer (start, written);
  return g_bytes_new_take (g_realloc (buffer.release (), static_cast<gsize> (written)),
                           static_cast<gsize> (written));
}

GBytes *
make_copy (NmdDicomFile *file, const NmdDicomCopy *copy, NmdDicomKeepFunc keep, NmdDicomProblem *problem)
{
  DcmFileFormat format;
  DcmDataset *set = format.getDataset ();

  if (!keep_item (file->set (), set, keep) || !put_identity (set, file->facts, copy) || !put_picture (set, copy))
    {
      fail (problem, NMD_DICOM_IS_UNSUPPORTED, N_ ("cannot be copied: an element of its header is not valid"));
      return nullptr;
    }
  return to_bytes (&format, copy->length, problem);
}

/* The table: each function keeps DCMTK's exceptions inside. */

template <typename Result, typename Work>
Result
guarded (NmdDicomProblem *problem, Work work)
{
  try
    {
      return work ();
    }
  catch (const std::bad_alloc &)
    {
      if (problem != nullptr)
        fail (problem, NMD_DICOM_NEEDS_MEMORY, N_ ("needs more memory than there is"));
    }
  catch (...)
    {
      if (problem != nullptr)
        fail (problem, NMD_DICOM_IS_DAMAGED, N_ ("is a damaged DICOM file"));
    }
  return Result ();
}

NmdDicomFile *
open_file (const guint8 *data, gsize length, const NmdDicomShape *shape, NmdDicomFacts *facts,
           NmdDicomProblem *problem)
{
  return guarded<NmdDicomFile *> (problem, [=] { return open_bytes (data, length, shape, facts, problem); });
}

void
close_file (NmdDicomFile *file)
{
  guarded<gboolean> (nullptr, [=] { delete file; return TRUE; });
}

gboolean
read_frame (NmdDicomFile *file, guint frame, guint8 *pixels, gsize length, NmdDicomProblem *problem)
{
  return guarded<gboolean> (problem, [=] { return render (file, frame, pixels, length, problem); });
}

guint
get_areas (NmdDicomFile *file, guint frame, NmdDicomArea *areas, guint most)
{
  return guarded<guint> (nullptr, [=] { return find_areas (file, frame, areas, most); });
}

void
list (NmdDicomFile *file, NmdDicomEntryFunc func, gpointer user_data)
{
  guarded<gboolean> (nullptr, [=] {
    list_item (file->format.getMetaInfo (), 0, func, user_data);
    return list_item (file->set (), 0, func, user_data), TRUE;
  });
}

GBytes *
write_copy (NmdDicomFile *file, const NmdDicomCopy *copy, NmdDicomKeepFunc keep, NmdDicomProblem *problem)
{
  return guarded<GBytes *> (problem, [=] { return make_copy (file, copy, keep, problem); });
}

const NmdDicomModule table = { NMD_DICOM_VERSION, open_file, close_file, read_frame, get_areas, list, write_copy };

/* Gives back what DCMTK holds; when the program ends. */
void
clean_up ()
{
  DcmRLEDecoderRegistration::cleanup ();
  DJLSDecoderRegistration::cleanup ();
  DJDecoderRegistration::cleanup ();
}

void
set_up ()
{
  dcmtk::log4cplus::Logger root = dcmtk::log4cplus::Logger::getRoot ();
  dcmtk::log4cplus::Logger jpeg = dcmtk::log4cplus::Logger::getInstance ("dcmtk.dcmjpeg");

  OFLog::configure (OFLogger::OFF_LOG_LEVEL);
  root.removeAllAppenders ();
  jpeg.setLogLevel (dcmtk::log4cplus::WARN_LOG_LEVEL);
  jpeg.setAdditivity (false);
  jpeg.addAppender (dcmtk::log4cplus::SharedAppenderPtr (new Counter ()));
  DcmRLEDecoderRegistration::registerCodecs ();
  DJLSDecoderRegistration::registerCodecs ();
  /* Files that say RGB and hold YCbCr are common; the JPEG stream knows. */
  DJDecoderRegistration::registerCodecs (EDC_guessLossyOnly);
  std::atexit (clean_up);
}

} // namespace

extern "C" __attribute__ ((visibility ("default"))) const NmdDicomModule *nmd_dicom_entry (const char **problem);

extern "C" const NmdDicomModule *
nmd_dicom_entry (const char **problem)
{
  try
    {
      set_up ();
      if (dcmDataDict.isDictionaryLoaded ())
        return &table;
      *problem = "DCMTK's dictionary is missing";
    }
  catch (...)
    {
      *problem = "DCMTK cannot be started";
    }
  return nullptr;
}
