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

  it('leaves it to `ended` why it ends, whatever broke, and asks it once', async () => {
    const [source, sink] = [new PassThrough(), new PassThrough()];
    let asked = 0;
    const stream = new PairedStream(
      source,
      sink,
      () => {},
      () => (asked += 1),
    );
    sink.destroy(new Error('EPIPE'));
    const written = new Promise((resolve) => stream.write('to', resolve));
    const closed = once(source, 'close');
    source.end('last words');
    assert.equal(String((await once(stream, 'data'))[0]), 'last words');
    await closed;
    assert.deepEqual([stream.destroyed, asked], [false, 1]);
    const reason = new Error('why');
    stream.destroy(reason);
    assert.equal(await written, reason);
    assert.equal(stream.errored, reason);
  });
});
