import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { PairedStream } from '../../../../src/transport/sftp/pairedStream.ts';

describe('a pair of streams as one', () => {
  function pair() {
    const [source, sink] = [new PassThrough(), new PassThrough()];
    let released = 0;
    return { source, sink, stream: new PairedStream(source, sink, () => (released += 1)), released: () => released };
  }

  it('passes on both ways, and gives what came before the end', async () => {
    const { source, sink, stream } = pair();
    stream.write('to');
    assert.equal(String((await once(sink, 'data'))[0]), 'to');
    source.end('from');
    const chunks = await stream.toArray();
    assert.equal(Buffer.concat(chunks as Buffer[]).toString(), 'from');
  });

  it('survives a break while nobody listens, and releases once', async () => {
    const { source, stream, released } = pair();
    source.destroy(new Error('broken'));
    await new Promise<void>((resolve) => stream.on('close', resolve));
    stream.destroy();
    assert.deepEqual([stream.destroyed, released()], [true, 1]);
  });
});
