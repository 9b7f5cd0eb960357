# SPDX-License-Identifier: Apache-2.0
# Writes event-file.inc, the bytes that test-event-file.c expects, with tensorboard's own protocol buffers and
# record writer:  python3 event-file.py > event-file.inc
# With a run's event file as an argument it prints what tensorboard's reader finds in it.
import io
import sys

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

if len(sys.argv) > 1:
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader

    for raw in RawEventFileLoader(sys.argv[1]).Load():
        event = event_pb2.Event.FromString(raw)
        print(event.step, event.wall_time, event.file_version,
              {v.tag: v.simple_value for v in event.summary.value})
    sys.exit()


def scalars(time, step, **values):
    summary = summary_pb2.Summary(
        value=[summary_pb2.Summary.Value(tag=t.replace("__", "/"), simple_value=v) for t, v in values.items()])
    return event_pb2.Event(wall_time=time, step=step, summary=summary)


class Kept(io.BytesIO):
    def close(self):
        pass


out = Kept()
writer = RecordWriter(out)
for event in (event_pb2.Event(wall_time=1700000000, file_version="brain.Event:2"),
              scalars(1700000012.5, 0, loss__train=0.6931471805599453, learning_rate=0.001),
              scalars(1700000400.25, 300, loss__train=-1.5)):
    writer.write(event.SerializeToString())
text = out.getvalue().hex()
for i in range(0, len(text), 80):
    print('"%s"' % text[i:i + 80])
