#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the golden files of outlines: shapes of random numbers, and what the tools themselves make of
them.

    pip install numpy pillow pycocotools roifile; pip install --no-deps labelme
    outlines.py FOLDER IJ_JAR        # ij.jar of ImageJ 1.53t (Debian: libij-java), java 11 or later

polygons.json                   COCO: random polygons of 3 to 24 corners on 48 × 40 pixels, a third of them
                                with whole numbers, a third outside the frame in part
polygons-pycocotools.json       the same as pycocotools.mask decodes them, as COCO run lengths
polygons-labelme.json           as labelme.utils.shape.shape_to_mask fills them
polygons-imagej.json            as ImageJ's PolygonRoi fills them
labelme.json                    as labelme's LabelFile.save() writes it, one shape of each kind
coco.json                       polygons, plain and compressed run lengths, two categories
cvat.xml                        by CVAT's documentation
*.roi, rois.zip                 by ImageJ's RoiEncoder; roifile.roi by roifile
expected.json                   COCO: the masks of single files, by ImageJ, pycocotools or numpy
"""
import base64
import io
import json
import os
import subprocess
import sys
import tempfile
import types
import zipfile
from unittest import mock

import numpy as np
import PIL.Image
import pycocotools.mask as coco_mask
import roifile

W, H, N = 48, 40, 60

# labelme's window and detectors are not needed here.
for name in ['onnxruntime', 'osam', 'loguru', 'tifffile', 'qtpy', 'PyQt5', 'PyQt6', 'PySide6', 'skimage', 'cmap']:
    try:
        __import__(name)
    except ImportError:
        for part in ['', '.QtCore', '.QtGui', '.QtWidgets', '.apis', '.types', '._models', '.measure']:
            sys.modules[name + part] = mock.MagicMock()
import labelme._label_file as label_file  # noqa: E402
from labelme.utils.shape import shape_to_mask  # noqa: E402

JAVA = r'''
import ij.*; import ij.gui.*; import ij.io.*; import ij.process.*;
import java.awt.geom.*; import java.io.*; import java.nio.file.*; import java.util.*;
public class Masks {
  static void mask (Roi roi, String name) throws Exception {
    ByteProcessor ip = new ByteProcessor (48, 40);
    ip.setValue (255);
    ip.fill (roi);
    Files.write (Paths.get (name), (byte[]) ip.getPixels ());
  }
  static void save (Roi roi, String name) throws Exception {
    RoiEncoder.save (roi, name + ".roi");
    mask (new RoiDecoder (name + ".roi").getRoi (), name + ".raw");
  }
  public static void main (String[] args) throws Exception {
    int k = 0;
    for (String line : Files.readAllLines (Paths.get ("polygons.txt"))) {
      String[] f = line.trim ().split (" ");
      float[] x = new float[f.length / 2], y = new float[f.length / 2];
      for (int i = 0; i < x.length; i++) { x[i] = Float.parseFloat (f[2*i]); y[i] = Float.parseFloat (f[2*i+1]); }
      mask (new PolygonRoi (x, y, x.length, Roi.POLYGON), "polygon-" + k++ + ".raw");
    }
    save (new PolygonRoi (new int[] {5, 30, 41, 20, 9}, new int[] {3, 1, 20, 33, 25}, 5, Roi.POLYGON), "polygon");
    save (new PolygonRoi (new float[] {5.3f, 30.1f, 41.7f, 20.4f, 9.9f}, new float[] {3.2f, 1.6f, 20.5f, 33.3f, 25.1f}, 5, Roi.FREEROI), "freehand");
    save (new PolygonRoi (new int[] {-4, 30, 60, 20}, new int[] {3, -6, 20, 50}, 4, Roi.TRACED_ROI), "traced");
    save (new Roi (7, 4, 20, 13), "rect");
    save (new Roi (7.3, 4.6, 20.5, 13.7), "rect-fine");
    save (new OvalRoi (6, 5, 31, 22), "oval");
    save (new OvalRoi (6.4, 5.2, 30.7, 22.9), "oval-fine");
    save (new EllipseRoi (8, 9, 40, 29, 0.5), "ellipse");
    save (new RotatedRectRoi (8, 9, 40, 29, 11), "turned-rect");
    save (new Line (1, 2, 30, 31), "line");
    save (new PointRoi (9, 9), "point");
    ShapeRoi a = new ShapeRoi (new PolygonRoi (new int[] {2, 44, 44, 2}, new int[] {2, 2, 36, 36}, 4, Roi.POLYGON));
    ShapeRoi b = new ShapeRoi (new PolygonRoi (new int[] {10, 30, 20}, new int[] {8, 10, 30}, 3, Roi.POLYGON));
    save (a.not (b), "composite");
    ShapeRoi curved = new ShapeRoi (new OvalRoi (6, 5, 31, 22));
    save (new ShapeRoi (new Path2D.Double (new Ellipse2D.Double (6, 5, 31, 22))), "curves");
    PolygonRoi s = new PolygonRoi (new int[] {5, 30, 41, 20, 9}, new int[] {3, 1, 20, 33, 25}, 5, Roi.POLYGON);
    s.fitSpline ();
    save (s, "spline");
    RoundRectRoi ();
    Roi named = new PolygonRoi (new int[] {5, 30, 41}, new int[] {3, 1, 20}, 3, Roi.POLYGON);
    named.setName ("Muscle \u00e4"); save (named, "named");
    Roi slice = new Roi (7, 4, 20, 13); slice.setPosition (3); save (slice, "slice");
  }
  static void RoundRectRoi () throws Exception {
    Roi r = new Roi (7, 4, 20, 13, 8); save (r, "rounded");
  }
}
'''


def run_lengths(mask, compressed=True):
    rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    if compressed:
        return {'size': [int(v) for v in rle['size']], 'counts': rle['counts'].decode()}
    flat = mask.astype(np.uint8).flatten(order='F')
    counts, value, run = [], 0, 0
    for v in flat:
        if v != value:
            counts.append(run)
            value, run = v, 0
        run += 1
    return {'size': [mask.shape[0], mask.shape[1]], 'counts': counts + [run]}


def coco(masks, names, categories=('muscle',)):
    """A COCO file of one annotation an image; masks are segmentations."""
    return {'images': [{'id': i + 1, 'file_name': n, 'width': W, 'height': H} for i, n in enumerate(names)],
            'annotations': [{'id': i + 1, 'image_id': i + 1, 'category_id': 1, 'iscrowd': 0, 'segmentation': m}
                            for i, m in enumerate(masks)],
            'categories': [{'id': i + 1, 'name': c} for i, c in enumerate(categories)]}


def write(folder, name, data):
    with open(os.path.join(folder, name), 'w') as f:
        json.dump(data, f, separators=(',', ':'))
        f.write('\n')


def polygons():
    rng = np.random.default_rng(14)
    result = []
    for k in range(N):
        n = int(rng.integers(3, 25))
        low, high = (-8, 56) if k % 3 == 2 else (1, 39)
        p = rng.uniform(low, high, (n, 2))
        if k % 2:  # a star without crossings
            angle = np.sort(rng.uniform(0, 2 * np.pi, n))
            r = rng.uniform(5, 19, n)
            p = np.stack([24 + r * np.cos(angle), 20 + r * np.sin(angle)], 1)
        result.append(np.round(p, 0 if k % 3 == 0 else 1))
    return result


def imagej(folder, jar, shapes):
    """Masks of the polygons; .roi files with their own masks."""
    with tempfile.TemporaryDirectory() as work:
        with open(work + '/Masks.java', 'w') as f:
            f.write(JAVA)
        with open(work + '/polygons.txt', 'w') as f:
            f.writelines(' '.join(repr(float(v)) for v in p.flatten()) + '\n' for p in shapes)
        subprocess.run(['java', '-Djava.awt.headless=true', '-cp', jar, 'Masks.java'], cwd=work, check=True)
        read = {}
        for name in sorted(os.listdir(work)):
            if name.endswith('.raw'):
                read[name[:-4]] = np.fromfile(work + '/' + name, np.uint8).reshape(H, W) > 0
            if name.endswith('.roi'):
                with open(work + '/' + name, 'rb') as f, open(os.path.join(folder, name), 'wb') as g:
                    g.write(f.read())
        return [read['polygon-%d' % k] for k in range(len(shapes))], {k: v for k, v in read.items()
                                                                     if not k.startswith('polygon-')}


def labelme_file(folder):
    m = np.zeros((9, 11), bool)
    m[2:7, 1:10] = True
    m[4, 5] = False
    shapes = [('polygon', [[5.5, 3.25], [30, 1], [41.5, 20], [20, 33]], 'muscle', None),
              ('rectangle', [[30, 30], [22.5, 24.5]], 'muscle', None),
              ('circle', [[12, 12], [15, 16]], 'fat', None),
              ('mask', [[33, 5], [43, 13]], 'muscle', m),
              ('linestrip', [[0, 0], [5, 5], [9, 1]], 'fascia', None),
              ('point', [[4, 4]], 'fascia', None)]
    made = [dict(label=l, points=p, group_id=None, description='', shape_type=t, flags={},
                 mask=None if a is None else base64.b64encode(png(a)).decode()) for t, p, l, a in shapes]
    file = label_file.LabelFile() if hasattr(label_file, 'LabelFile') else None
    path = os.path.join(folder, 'labelme.json')
    if file is not None:
        file.save(filename=path, shapes=made, image_path='..\\scans\\A_1.PNG', image_height=H, image_width=W,
                  image_data=None, other_data={}, flags={})
    else:
        label_file.save_label_file(path, shapes=made, image_path='..\\scans\\A_1.PNG', image_height=H,
                                   image_width=W, image_data=None, flags={}, other_data={})
    full = np.zeros((H, W), bool)
    full[5:14, 33:44] = m
    return full


def png(mask):
    data = io.BytesIO()
    PIL.Image.fromarray(mask.astype(np.uint8) * 255).save(data, 'PNG')
    return data.getvalue()


def cvat_file(folder):
    m = np.zeros((6, 9), bool)
    m[1:5, 2:8] = True
    m[3, 4] = False
    counts, value, run = [], False, 0
    for v in m.flatten():
        if v != value:
            counts.append(run)
            value, run = v, 0
        run += 1
    counts.append(run)
    with open(os.path.join(folder, 'cvat.xml'), 'w') as f:
        f.write(f'''<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><name>arms</name><labels><label><name>muscle</name></label></labels></task></meta>
  <image id="0" name="scans/A_1.png" width="{W}" height="{H}">
    <polygon label="muscle" source="manual" occluded="0" points="5.50,3.25;30.00,1.00;41.50,20.00;20.00,33.00" z_order="0">
      <attribute name="side">left</attribute>
    </polygon>
    <mask label="muscle" source="manual" occluded="0" rle="{', '.join(map(str, counts))}" left="31" top="30" width="9" height="6" z_order="0">
    </mask>
    <polyline label="fascia" source="manual" occluded="0" points="1.00,1.00;5.00,5.00" z_order="0"></polyline>
  </image>
  <image id="1" name="scans/A_2.png" width="{W}" height="{H}">
    <ellipse label="muscle" source="manual" occluded="0" cx="20.50" cy="18.00" rx="12.50" ry="7.00" rotation="30.0" z_order="0"></ellipse>
    <box label="fat" source="manual" occluded="0" xtl="2.00" ytl="3.00" xbr="9.00" ybr="8.00" z_order="0"></box>
  </image>
  <image id="2" name="scans/A_3.png" width="{W}" height="{H}">
  </image>
</annotations>
''')
    full = np.zeros((H, W), bool)
    full[30:36, 31:40] = m
    return full


def main():
    folder, jar = sys.argv[1], os.path.abspath(sys.argv[2])
    os.makedirs(folder, exist_ok=True)
    shapes = polygons()
    names = ['%d.png' % k for k in range(N)]
    write(folder, 'polygons.json', coco([[[float(v) if v % 1 else int(v) for v in p.flatten()]] for p in shapes],
                                        names))
    by_coco = [coco_mask.decode(coco_mask.frPyObjects([list(p.flatten())], H, W))[:, :, 0] > 0 for p in shapes]
    by_labelme = [shape_to_mask((H, W), p.tolist(), 'polygon') for p in shapes]
    by_imagej, rois = imagej(folder, jar, shapes)
    for tool, masks in (('pycocotools', by_coco), ('labelme', by_labelme), ('imagej', by_imagej)):
        write(folder, 'polygons-%s.json' % tool, coco([run_lengths(m) for m in masks], names))

    in_labelme, in_cvat = labelme_file(folder), cvat_file(folder)
    both = coco([run_lengths(by_coco[1]), run_lengths(by_coco[3], False),
                 [list(map(float, shapes[5].flatten())), [0, 0, 9, 0, 9, 9]], []],
                ['a.jpg', 'b/c.PNG', 'd.png', 'e.png'], ('muscle', 'fat'))
    both['annotations'].append({'id': 9, 'image_id': 1, 'category_id': 2, 'iscrowd': 1,
                                'segmentation': run_lengths(by_coco[7], False), 'bbox': [0, 0, 1, 1]})
    both['info'] = {'description': 'a } in "quotes" \\ and ]'}
    write(folder, 'coco.json', both)

    roifile.ImagejRoi.frompoints([[5, 3], [30, 1], [41, 20], [20, 33]], name='fat').tofile(
        os.path.join(folder, 'roifile.roi'))
    with zipfile.ZipFile(os.path.join(folder, 'rois.zip'), 'w', zipfile.ZIP_DEFLATED) as z:
        for name in ('polygon', 'oval', 'named', 'line'):
            z.write(os.path.join(folder, name + '.roi'), zipfile.ZipInfo(name + '.roi').filename)
    rois['labelme-mask'], rois['cvat-mask'] = in_labelme, in_cvat
    rois['coco-1'], rois['coco-3'], rois['coco-7'] = by_coco[1], by_coco[3], by_coco[7]
    keys = sorted(rois)
    write(folder, 'expected.json', coco([run_lengths(rois[k]) for k in keys], keys))


main()
