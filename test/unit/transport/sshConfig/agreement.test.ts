import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { assembleAlgorithms } from '../../../../src/core/sshConfig/algorithmList.ts';
import type { Keyword } from '../../../../src/core/sshConfig/keywords.ts';
import { resolveSshConfig, type SshAnswers } from '../../../../src/core/sshConfig/resolution.ts';
import { expandPath, tokensFor } from '../../../../src/core/sshConfig/settings.ts';
import { askOpenssh, findOpenssh } from '../../../../src/transport/sshConfig/opensshProgram.ts';
import { sourcesOf, sshConfigWorld } from '../../../../src/transport/sshConfig/world.ts';
import { removeFolder, temporaryFolder } from '../../../servers/folder.ts';
import { makeConfig, type MadeConfig } from '../../../support/sshConfigs.ts';
import { chosenSeed, randomFrom } from '../../../torture/random.ts';

/** Our reading of a configuration against `ssh -G`, on configurations made at random. `FERRY_SEED` repeats a run. */

const count = 120;
const lists = {
  ciphers: 'cipher',
  macs: 'mac',
  kexalgorithms: 'kex',
  hostkeyalgorithms: 'HostKeyAlgorithms',
  pubkeyacceptedalgorithms: 'PubkeyAcceptedAlgorithms',
};
const filledIn: readonly Keyword[] = ['identityagent', 'userknownhostsfile', 'globalknownhostsfile'];

describe('sshConfig: our reading and that of ssh -G', () => {
  const folder = temporaryFolder('ssh-config');
  let ssh = '';
  let usual = new Map<string, readonly string[]>();
  const all = new Map<string, readonly string[]>();

  before(async function () {
    const found = await findOpenssh();
    if (found === undefined) {
      this.skip();
      return;
    }
    ssh = found;
    for (const [keyword, query] of Object.entries(lists)) all.set(keyword, print(['-Q', query]).split('\n').filter(Boolean));
    usual = new Map(
      print(['-G', '-F', 'none', '--', 'x'])
        .split('\n')
        .map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1)]),
    );
  });
  after(() => removeFolder(folder));

  const print = (args: readonly string[]) => spawnSync(ssh, args, { encoding: 'utf8' }).stdout;

  it(`agree on ${count} configurations`, async function () {
    this.timeout(120_000);
    const seed = chosenSeed();
    console.log(`      seed ${seed}`);
    let refused = 0;
    for (let number = 0; number < count; number++) {
      const own = join(folder, String(number));
      mkdirSync(own);
      const made = makeConfig(randomFrom(seed + number), own);
      for (const [name, text] of Object.entries(made.files)) writeFileSync(join(own, name), text, { mode: 0o600 });
      const theirs = await askOpenssh(ssh, made, join(own, 'config')).catch((error: unknown) => String(error));
      if (typeof theirs === 'string') {
        assert.match(theirs, /jumphost loop|Bad configuration|bad configuration|hostname contains invalid/, theirs);
        refused++;
        continue;
      }
      assert.deepEqual(comparable(await ours(made, own), made), comparable(theirs, made), `seed ${seed + number}\n${show(made)}`);
    }
    assert.ok(refused < count / 10, `ssh refused ${refused}`);
  });

  it('agree where a file of the person’s choice includes others by relative names', async () => {
    const own = join(folder, 'relative');
    mkdirSync(own);
    // Beside the file nothing is looked for.
    writeFileSync(join(own, 'beside.conf'), 'Host *\n  User beside\n', { mode: 0o600 });
    writeFileSync(join(own, 'far.conf'), 'Host *\n  Port 2244\n', { mode: 0o600 });
    const lines = ['Include beside.conf', `Include ${relative(join(homedir(), '.ssh'), own)}/f?r.conf`, 'Host *', '  User last'];
    writeFileSync(join(own, 'config'), lines.join('\n'), { mode: 0o600 });
    const sources = sourcesOf(join(own, 'config'));
    const here = sshConfigWorld({ sources, executes: false, warn: (message) => assert.fail(message) });
    const asked = { host: 'box' };
    const [theirs, mine] = await Promise.all([askOpenssh(ssh, asked, join(own, 'config')), resolveSshConfig(asked, here)]);
    for (const answers of [theirs, mine]) assert.deepEqual(answers.get('user'), ['last']);
    assert.deepEqual(mine.get('port'), theirs.get('port'));
    // Through a folder that is not there no relative name leads anywhere.
    if (existsSync(join(homedir(), '.ssh'))) assert.deepEqual(mine.get('port'), ['2244']);
  });

  const world = (own: string) =>
    sshConfigWorld({
      sources: [{ file: join(own, 'config'), folder: own, own: true }],
      executes: true,
      warn: (message) => assert.fail(message),
    });
  const ours = (made: MadeConfig, own: string) => resolveSshConfig(made, world(own));

  /** In the words of `ssh -G`, all that it would print. */
  function comparable(answers: SshAnswers, made: MadeConfig): Record<string, readonly string[]> {
    const here = world(folder);
    const tokens = tokensFor(answers, made.host, here);
    const entries = [...answers].map(([keyword, values]): [string, readonly string[]] => {
      const names = all.get(keyword);
      const [value = ''] = values;
      if (names !== undefined) return [keyword, assembleAlgorithms(value, (usual.get(keyword)?.[0] ?? '').split(','), names)];
      if (filledIn.includes(keyword)) return [keyword, values.map((each) => expandPath(each, tokens, here) ?? each)];
      return [keyword, values];
    });
    const none = (keyword: string, values: readonly string[]) =>
      (keyword === 'proxyjump' || keyword === 'proxycommand') && values[0]?.toLowerCase() === 'none';
    return Object.fromEntries(
      entries
        .filter(
          ([keyword, values]) =>
            !none(keyword, values) && (usual.get(keyword) ?? []).join(' ') !== values.join(keyword in lists ? ',' : ' '),
        )
        .filter(([keyword]) => keyword !== 'canonicalizehostname')
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    );
  }
});

function show({ files, host, user, port }: MadeConfig): string {
  const texts = Object.entries(files).map(([name, text]) => `--- ${name}\n${text}`);
  return [`${host} ${user ?? ''} ${port ?? ''}`, ...texts].join('\n');
}
