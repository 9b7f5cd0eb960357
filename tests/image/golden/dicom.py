#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Makes the DICOM files in tests/image/golden/dicom: a pattern of 36 × 24 pixels, written by pydicom 3 and highdicom, and
# compressed by DCMTK's own tools (Debian: dcmtk). Nothing in them is a picture of anybody. test-dicom.c has the
# pattern as a formula. Usage: dicom.py FOLDER
import io
import os
import subprocess
import sys

import highdicom
import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import convert_color_space
from pydicom.sequence import Sequence
from pydicom.uid import (ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian,
                         JPEG2000Lossless, JPEGBaseline8Bit)

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
H, W = 24, 36
yy, xx = np.mgrid[0:H, 0:W]
grey = ((xx * 7 + yy * 5) % 256).astype(np.uint8)
rgb = np.stack([grey] * 3, -1).copy()
rgb[2:6, 3:12] = [200, 30, 90]


def path(name):
    return os.path.join(out, name + '.dcm')


def base(syntax=ExplicitVRLittleEndian, frames=1):
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = '1.2.840.10008.5.1.4.1.1.6.1'
    meta.MediaStorageSOPInstanceUID = '1.2.3.4'
    d = Dataset()
    d.file_meta = meta
    d.SOPClassUID = meta.MediaStorageSOPClassUID
    d.SOPInstanceUID = '1.2.3.4'
    d.StudyInstanceUID = '1.2.3.5'
    d.SeriesInstanceUID = '1.2.3.6'
    d.PatientName = 'Secret^Person'
    d.PatientID = 'ID-4711'
    d.PatientBirthDate = '19700102'
    d.StudyDate = '20200304'
    d.InstitutionName = 'Hidden Hospital'
    d.ReferringPhysicianName = 'Doctor^Who'
    d.DeviceSerialNumber = 'SN99'
    d.ImageComments = 'Comment on Secret'
    d.Manufacturer = 'Esaote'
    d.ManufacturerModelName = 'MyLab'
    d.Modality = 'US'
    d.Rows = H
    d.Columns = W
    if frames > 1:
        d.NumberOfFrames = frames
        d.FrameTime = '50'
    block = d.private_block(0x0011, 'ACME', create=True)
    block.add_new(0x01, 'LO', 'Private secret')
    return d


def mono(d, pixels, stored=8, allocated=8, signed=0, kind='MONOCHROME2'):
    d.SamplesPerPixel = 1
    d.PhotometricInterpretation = kind
    d.BitsAllocated, d.BitsStored, d.HighBit = allocated, stored, stored - 1
    d.PixelRepresentation = signed
    d.PixelData = pixels.tobytes() + (b'\0' if pixels.nbytes % 2 else b'')
    return d


def colour(d, data, kind, planar=0):
    d.SamplesPerPixel = 3
    d.PhotometricInterpretation = kind
    d.PlanarConfiguration = planar
    d.BitsAllocated = d.BitsStored = 8
    d.HighBit = 7
    d.PixelRepresentation = 0
    d.PixelData = data
    return d


def compressed(d, data):
    d.PixelData = encapsulate([data])
    d['PixelData'].is_undefined_length = True
    return d


def region(x0, y0, x1, y1, dx, dy, units=3, kind=1):
    r = Dataset()
    r.RegionSpatialFormat = kind
    r.RegionDataType = 1
    r.RegionFlags = 0
    r.RegionLocationMinX0, r.RegionLocationMinY0 = x0, y0
    r.RegionLocationMaxX1, r.RegionLocationMaxY1 = x1, y1
    r.PhysicalUnitsXDirection = r.PhysicalUnitsYDirection = units
    r.PhysicalDeltaX, r.PhysicalDeltaY = dx, dy
    return r


def save(d, name):
    d.save_as(path(name), enforce_file_format=True)


def dcmtk(tool, *arguments):
    subprocess.run([tool, *arguments], check=True)


def regions():
    # the second is a spectrum: seconds along x
    return Sequence([region(2, 3, 30, 20, 0.01, 0.02), region(0, 0, 35, 2, 0.5, 0.5, units=4, kind=3)])


for name, syntax in (('grey8', ExplicitVRLittleEndian), ('implicit', ImplicitVRLittleEndian)):
    d = mono(base(syntax), grey)
    d.SequenceOfUltrasoundRegions = regions()
    save(d, name)
save(mono(base(ExplicitVRBigEndian), (grey.astype(np.uint16) * 16).astype('>u2'), 12, 16), 'big')
save(mono(base(), grey, kind='MONOCHROME1'), 'mono1')
save(mono(base(), grey.astype(np.uint16) * 16, 12, 16), 'grey12')
d = mono(base(), (grey.astype(np.int16) * 10 - 1000).astype(np.int16), 16, 16, 1)
d.RescaleSlope, d.RescaleIntercept, d.RescaleType = '2', '-100', 'US'
d.WindowCenter, d.WindowWidth = '500', '1500'
save(d, 'window16')
d = mono(base(), grey)
d.WindowCenter, d.WindowWidth = '128', '256'
save(d, 'window8')
d.WindowCenter, d.WindowWidth, d.VOILUTFunction = '100', '100', 'LINEAR_EXACT'
save(d, 'exact')

save(colour(base(), rgb.tobytes(), 'RGB'), 'rgb')
save(colour(base(), rgb.transpose(2, 0, 1).tobytes(), 'RGB', 1), 'planar')
ybr = convert_color_space(rgb, 'RGB', 'YBR_FULL')
save(colour(base(), ybr.tobytes(), 'YBR_FULL'), 'ybr')
halved = np.zeros((H, W // 2, 4), np.uint8)
halved[..., 0], halved[..., 1] = ybr[:, 0::2, 0], ybr[:, 1::2, 0]
halved[..., 2], halved[..., 3] = ybr[:, 0::2, 1], ybr[:, 0::2, 2]
save(colour(base(), halved.tobytes(), 'YBR_FULL_422'), 'ybr422')
d = mono(base(), grey, kind='PALETTE COLOR')
for name, f in (('Red', lambda v: v), ('Green', lambda v: 255 - v), ('Blue', lambda v: v // 2)):
    setattr(d, name + 'PaletteColorLookupTableDescriptor', [256, 0, 16])
    setattr(d, name + 'PaletteColorLookupTableData',
            np.array([f(v) * 257 for v in range(256)], '<u2').tobytes())
save(d, 'palette')

cine = np.stack([np.roll(grey, k, 1) for k in range(5)])
d = mono(base(frames=5), cine)
groups = []
for k in range(5):
    group = Dataset()
    group.SequenceOfUltrasoundRegions = Sequence([region(0, 0, W - 1, H - 1, 0.01 * (k + 1), 0.01 * (k + 1))])
    groups.append(group)
d.PerFrameFunctionalGroupsSequence = Sequence(groups)
save(d, 'cine')

for source, target, tool, *options in (
        ('cine', 'cine-rle', 'dcmcrle'), ('rgb', 'rgb-rle', 'dcmcrle'),
        ('cine', 'cine-jls', 'dcmcjpls'), ('rgb', 'rgb-jls', 'dcmcjpls'), ('grey12', 'grey12-jls', 'dcmcjpls'),
        ('grey8', 'near-jls', 'dcmcjpls', '+en', '+md', '3'),
        ('cine', 'cine-jll', 'dcmcjpeg', '+e1'), ('rgb', 'rgb-jll', 'dcmcjpeg', '+e1'),
        ('grey12', 'grey12-jll', 'dcmcjpeg', '+e1'),
        ('rgb', 'rgb-jpg', 'dcmcjpeg', '+eb', '+q', '95'),
        ('rgb', 'rgb-jpgrgb', 'dcmcjpeg', '+eb', '+cr', '+q', '95'),
        ('cine', 'cine-jpg', 'dcmcjpeg', '+eb', '+q', '95'),
        ('grey12', 'grey12-jpg', 'dcmcjpeg', '+ee', '+q', '95')):
    dcmtk(tool, *options, path(source), path(target))

stream = io.BytesIO()
Image.fromarray(rgb).save(stream, 'JPEG', quality=95)
jpeg = stream.getvalue()
with open(os.path.join(out, 'pattern.jpg'), 'wb') as f:
    f.write(jpeg)
dcmtk('img2dcm', os.path.join(out, 'pattern.jpg'), path('img2dcm'))
os.remove(os.path.join(out, 'pattern.jpg'))
# A file that says RGB and holds the YCbCr of a JFIF.
save(compressed(colour(base(JPEGBaseline8Bit), b'', 'RGB'), jpeg), 'liar')
save(compressed(mono(base(JPEG2000Lossless), grey), b'x' * 100), 'j2k')
save(compressed(colour(base(JPEGBaseline8Bit), b'', 'YBR_FULL_422'), jpeg[:len(jpeg) * 2 // 3] + b'\0'), 'cut')
# Its entropy-coded data are damaged, its markers are not.
damaged = bytearray(jpeg)
for i in range(len(damaged) - 400, len(damaged) - 300):
    damaged[i] = 0x55
save(compressed(colour(base(JPEGBaseline8Bit), b'', 'YBR_FULL_422'), bytes(damaged)), 'broken')
save(mono(base(), grey[:-3]), 'short')

sc = highdicom.sc.SCImage(
    pixel_array=grey, photometric_interpretation='MONOCHROME2', bits_allocated=8, coordinate_system='PATIENT',
    study_instance_uid='1.2.3.5', series_instance_uid='1.2.3.6', sop_instance_uid='1.2.3.4', series_number=1,
    instance_number=1, manufacturer='highdicom', patient_orientation=('L', 'P'), pixel_spacing=(0.2, 0.1))
sc.save_as(path('highdicom'))
