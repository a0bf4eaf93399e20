import assert from 'node:assert/strict';
import type { Remote, RenameOptions } from '../../../../src/core/remote.ts';
import { extension, packetType, statusCode } from '../../../../src/transport/sftp/protocol.ts';
import { fails } from '../../../support/hostileSftp.ts';
import { ScriptedSftp } from '../../../support/scriptedSftp.ts';
import { openOn } from '../../../support/sftpServer.ts';

const file = 0o100644;

/** A server that follows links in LSTAT, as mod_sftp does. `links`: paths that READLINK tells the target of. */
async function inside(links: readonly string[], run: (remote: Remote, asked: () => string[]) => Promise<void>): Promise<void> {
  const server = new ScriptedSftp([extension.posixRename]);
  const asked: string[] = [];
  server.onRequest = ({ type, id, reader }) => {
    if (type === packetType.LSTAT || type === packetType.FSTAT) {
      asked.push('look');
      // The size and the permissions.
      server.reply(packetType.ATTRS, id, 5, 5n, file);
    } else if (type === packetType.READLINK) {
      if (links.includes(reader.text())) server.reply(packetType.NAME, id, 1, Buffer.from('/elsewhere'), Buffer.from(''), 0);
      else server.status(id, statusCode.FAILURE);
    } else if (type === packetType.OPEN) server.reply(packetType.HANDLE, id, Buffer.from('h'));
    else {
      if (type === packetType.EXTENDED) asked.push(reader.text());
      else if (type === packetType.RENAME) asked.push('RENAME');
      server.status(id, statusCode.OK);
    }
  };
  const remote = await openOn(server, { serverIdent: 'mod_sftp' });
  try {
    await run(remote, () => asked);
  } finally {
    await remote.close();
  }
}

describe('renaming on a server that takes what a link leads to for the link', () => {
  const rename = (remote: Remote, options: RenameOptions) => remote.rename('/from', '/to', options);

  it('looks at both before, and renames no link', async () => {
    await inside([], async (remote, asked) => {
      await rename(remote, { replace: true });
      assert.deepEqual(asked(), ['look', 'look', extension.posixRename]);
    });
    for (const link of ['/from', '/to'])
      await inside([link], async (remote, asked) => {
        await fails(rename(remote, { replace: true }), 'Unsupported');
        assert.deepEqual(asked(), ['look', 'look']);
      });
  });

  it('takes the word of who has just seen that both are files', () =>
    inside([], async (remote, asked) => {
      await rename(remote, { replace: true, areFiles: true });
      assert.deepEqual(asked(), [extension.posixRename]);
    }));

  it('looks all the same where nothing may be replaced', () =>
    inside([], async (remote) => {
      await fails(rename(remote, { replace: false, areFiles: true }), 'Exists');
    }));

  it('tells who fills a draft of a link that took the place of the file', () =>
    inside(['/to'], async (remote) => {
      const draft = await remote.draft?.('/.new');
      const filled = await draft?.fill(Buffer.from('hello'), { mode: undefined, watched: '/to' });
      assert.equal(filled?.own.kind, 'file');
      assert.equal(filled.watched?.kind, 'symlink');
    }));
});
