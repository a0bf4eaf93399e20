import assert from 'node:assert/strict';
import { readBytes } from '../../src/core/operations/readFile.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { memoryTrust, scriptedPrompts } from '../support/prompts.ts';
import { pattern } from './ground.ts';

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const size = 5_000_000;

describe('ciphers, with new keys after every megabyte', function () {
  this.timeout(60_000);
  for (const [cipher, mac] of [
    ['aes128-gcm@openssh.com', 'hmac-sha2-256'],
    ['aes256-gcm@openssh.com', 'hmac-sha2-256'],
    ['aes128-ctr', 'hmac-sha2-256-etm@openssh.com'],
    ['aes256-ctr', 'hmac-sha2-512'],
  ] as const) {
    describe(`${cipher}, ${mac}`, () => {
      let server: TestServer;
      let remote: Remote;
      before(async function () {
        const config = [`Ciphers ${cipher}`, `MACs ${mac}`, 'RekeyLimit 1M'];
        server = await requireServer(this, () => startOpenssh({ config }));
        remote = await connect(server.host, {
          ...{ prompts: scriptedPrompts({ ...server.secrets, admit: true }), trust: memoryTrust(), log: silent, profile: {} },
          ...{ learn() {}, signal: new AbortController().signal },
        });
      });
      after(async () => {
        await remote.close();
        await server.stop();
      });

      it('carry content both ways, and other calls meanwhile', async () => {
        assert.ok(remote.facts.description.endsWith(cipher), remote.facts.description);
        const path = `${server.rootOnServer}/content`;
        const content = pattern(size, 1);
        const ask = async (work: Promise<unknown>) => {
          const over = new AbortController();
          const end = work.finally(() => over.abort());
          while (!over.signal.aborted) await remote.stat(server.rootOnServer);
          return end;
        };
        await ask(remote.write(path, content, { disposition: 'create' }));
        const reading = readBytes(remote, path);
        await ask(reading);
        assert.ok(Buffer.from(await reading).equals(content));
      });
    });
  }
});
