import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RemoteError } from '../../../../src/core/errors.ts';
import { silentLog } from '../../../../src/core/log.ts';
import { opensshError } from '../../../../src/transport/openssh/opensshErrors.ts';
import { OpensshProcess } from '../../../../src/transport/openssh/opensshProcess.ts';
import { temporaryFolder } from '../../../servers/folder.ts';
import { eventually } from '../../../support/eventually.ts';

/** Its log is what follows `-E`. */
const beginning = [
  '#!/bin/sh',
  'while [ "$1" != -E ]; do shift; done',
  'echo "ssh: connect to host 127.0.0.1 port 9: Connection refused" > "$2"',
];

/** The end of an `ssh` and of its input and output come to light in any order: what it says itself counts. */
describe('an ssh that ends', () => {
  async function reasonOf(lines: readonly string[]): Promise<RemoteError> {
    const folder = temporaryFolder('ssh-end', { mode: 0o700 });
    const [program, ready] = [join(folder, 'ssh'), join(folder, 'ready')];
    const script = [...beginning, ...lines].join('\n').replace('READY', `: > '${ready}'`);
    writeFileSync(program, `${script}\n`, { mode: 0o700 });
    const process = new OpensshProcess({
      ...{ program, options: [], destination: 'host', environment: {}, folder, log: silentLog },
      explain: ({ messages }, beside) => opensshError({ address: 'host', port: 22, user: 'ann', isOpen: false, messages, beside }),
    });
    const failed = once(process.channel, 'error');
    await eventually(() => assert.ok(existsSync(ready)));
    // Nobody takes it any more, or soon.
    process.channel.write('INIT');
    process.channel.resume();
    const [error] = (await failed) as [RemoteError];
    await process.ended;
    return error;
  }

  const ways: Readonly<Record<string, readonly string[]>> = {
    'at once': ['READY', 'exit 255'],
    'after its input': ['exec 0<&-', 'READY', 'sleep 20'],
    'after its output': ['exec 1>&-', 'READY', 'sleep 20'],
    'after both': ['exec 0<&- 1>&-', 'READY', 'sleep 20'],
  };

  for (const [way, lines] of Object.entries(ways))
    it(`${way} says why`, async () => {
      const { code, message } = await reasonOf(lines);
      assert.deepEqual([code, message], ['Unreachable', 'Nothing answers at 127.0.0.1, port 9.']);
    });
});
