import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fingerprintOf, lookUp, parseKnownHosts } from '../../../../src/transport/sftp/knownHosts.ts';
import { sshString } from '../../../../src/transport/sftp/wire.ts';
import { removeFolder, temporaryFolder } from '../../../servers/folder.ts';
import { makeKey } from '../../../servers/keys.ts';
import { printedBy } from '../../../servers/program.ts';
import { chosenSeed, randomFrom, weighted, type Random } from '../../../torture/random.ts';

const files = 400;
const linesInFile = 60;
const atOnce = 4;

const names = [
  ...['a', 'ab', 'a.b', 'example.com', 'www.example.com', 'host-1', 'host_2', 'xn--mnchen-3ya.example', 'bücher.example', 'a'.repeat(200)],
  ...['192.0.2.1', '192.0.2.17', '::1', '2001:db8::1', 'fe80::1%eth0', '[a.b]:2222', '[example.com]:22', '[example.com]:2222'],
  ...['[192.0.2.1]:22022', '[::1]:2222', '[2001:db8::1]:22', '*', '!a', 'a,b', '|1|x'],
];

const pick = <T>(random: Random, of: readonly T[]): T => of[Math.floor(random() * of.length)]!;

/** A key of its own for each line, so that a fingerprint names the line. */
function newKey(random: Random): { readonly type: string; readonly blob: Buffer } {
  const bytes = (count: number): Buffer => Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)));
  if (random() < 0.8) return { type: 'ssh-ed25519', blob: Buffer.concat([sshString('ssh-ed25519'), sshString(bytes(32))]) };
  const modulus = Buffer.concat([Buffer.from([0, 0xc1]), bytes(255)]);
  return { type: 'ssh-rsa', blob: Buffer.concat([sshString('ssh-rsa'), sshString(Buffer.from([1, 0, 1])), sshString(modulus)]) };
}

function pattern(random: Random): string {
  const name = pick(random, names);
  const at = Math.floor(random() * (name.length + 1));
  switch (weighted(random, { plain: 5, star: 3, question: 3, upper: 2, prefix: 1, empty: 0.3, stars: 0.5, long: 0.3, other: 1 })) {
    case 'plain':
      return name;
    case 'star':
      return `${name.slice(0, at)}*${name.slice(at + Math.floor(random() * 6))}`;
    case 'question':
      return `${name.slice(0, at)}?${name.slice(at + 1)}`;
    case 'upper':
      return name.toUpperCase();
    case 'prefix':
      return name.slice(0, at);
    case 'empty':
      return '';
    case 'stars':
      return pick(random, ['*', '**', '*.*', '?*', '*?*', '[*]:*', '[*', '*:22*']);
    case 'long':
      return pick(
        random,
        [1021, 1022, 1023, 1024, 3000].map((length) => '*'.repeat(length)),
      );
    case 'other':
      return `${name}${pick(random, ['.', ':22', '\u00a0', '\v', '\r', '\u00df', '|'])}`;
  }
}

function hashed(random: Random): string {
  const name = pick(random, names);
  const salt = Buffer.from(Array.from({ length: 20 }, () => Math.floor(random() * 256)));
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  const whole = `|1|${salt.toString('base64')}|${hash}`;
  const short = salt.subarray(0, 19);
  switch (weighted(random, { right: 12, upper: 1, magic: 1, cut: 1, unpadded: 1, more: 1, short: 1, list: 1, strange: 1 })) {
    case 'right':
      return whole;
    case 'upper':
      return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name.toUpperCase()).digest('base64')}`;
    case 'magic':
      return whole.replace('|1|', '|2|');
    case 'cut':
      return whole.slice(0, Math.floor(random() * whole.length));
    case 'unpadded':
      return whole.replaceAll('=', '');
    case 'more':
      return `${whole}|x`;
    case 'short':
      return `|1|${short.toString('base64')}|${createHmac('sha1', short).update(name).digest('base64')}`;
    case 'list':
      return `${whole},${name}`;
    case 'strange':
      return whole.replace(/[A-Z]/, '-');
  }
}

function line(random: Random): string {
  const { type, blob } = newKey(random);
  const blank = (): string => weighted(random, { ' ': 12, '\t': 2, '  ': 1, ' \t ': 1 });
  const list = Array.from(
    { length: 1 + Math.floor(random() ** 3 * 5) },
    () => `${random() < 0.12 ? '!' : ''}${random() < 0.02 ? '!' : ''}${pattern(random)}`,
  );
  const host = random() < 0.25 ? hashed(random) : list.join(',');
  const marker = weighted(random, {
    ...{ '': 30, '@revoked ': 4, '@cert-authority ': 4, '@revoked\t': 1, '@cert-authority  \t': 1, '@other ': 1, '@Revoked ': 1 },
    ...{ '@revoked @cert-authority ': 1, '@ ': 0.5, '@revoked': 0.5 },
  });
  const base64 = blob.toString('base64');
  const key = weighted(random, {
    [`${type}${blank()}${base64}`]: 40,
    [`${type}${blank()}${base64.slice(0, -3)}`]: 1,
    [`${type}${blank()}${base64.slice(0, 30)}`]: 1,
    [`${type}${blank()}${base64.replace(/[A-Z]/, '*')}`]: 1,
    [`${type}${blank()}${Buffer.concat([blob, Buffer.alloc(3)]).toString('base64')}`]: 1,
    [`${type === 'ssh-rsa' ? 'ssh-ed25519' : 'ssh-rsa'}${blank()}${base64}`]: 1,
    [`ssh-other${blank()}${base64}`]: 1,
    [type]: 1,
    [`${type} `]: 1,
    '': 1,
    '# nothing': 1,
    '1024 35 123456789': 1,
  });
  const start = weighted(random, { '': 20, ' ': 1, '\t ': 1, '#': 0.5, ' # ': 0.5, '\r': 0.2, '\v': 0.2, '\u00a0': 0.2 });
  const end = weighted(random, { '': 10, ' comment': 3, '\tsome body@home': 1, '\r': 3, ' \r': 1, ' # x': 1, ' ': 1, '\0x': 0.3 });
  return random() < 0.03 ? pick(random, ['', ' ', '\t', '\r', '#', '@', ',', '|']) : `${start}${marker}${host}${blank()}${key}${end}`;
}

describe('known_hosts, read by Ferry and by ssh-keygen -F', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = temporaryFolder('agreement')));
  after(() => removeFolder(folder));

  /** `marker fingerprint` of each line that ssh-keygen finds for `name`, sorted; empty where it exits with 1. */
  async function bySshKeygen(name: string, file: string): Promise<string[]> {
    const run = promisify(execFile)('ssh-keygen', ['-l', '-F', name, '-f', file], { encoding: 'latin1', maxBuffer: 2 ** 24 });
    const printed = await run.then(
      ({ stdout }) => stdout,
      (error: unknown) => {
        const { code, stdout } = error as { code?: unknown; stdout?: string };
        assert.equal(code, 1, String(error));
        assert.equal(stdout, '');
        return '';
      },
    );
    const found = [...printed.matchAll(/^# Host .* found: line \d+ ?(CA|REVOKED|)\n(?:.*? )?(SHA256:\S+)/gm)];
    return found.map(([, marker, fingerprint]) => `${marker!} ${fingerprint!}`).sort();
  }

  async function byFerry(name: string, file: string, text: string): Promise<{ keys: string[]; authority: boolean }> {
    const { keys, revoked, certificateAuthority } = await lookUp([parseKnownHosts(file, text)], name, 22);
    return {
      keys: [...keys.map(({ fingerprint }) => ` ${fingerprint}`), ...revoked.map(({ fingerprint }) => `REVOKED ${fingerprint}`)].sort(),
      authority: certificateAuthority,
    };
  }

  it(`agree on ${files} files of ${linesInFile} lines`, async () => {
    const seed = chosenSeed();
    const random = randomFrom(seed);
    let found = 0;
    const one = async (index: number): Promise<void> => {
      const file = join(folder, String(index));
      const text = Array.from({ length: linesInFile }, () => line(random)).join('\n');
      const name = pick(random, names).toLowerCase();
      writeFileSync(file, text);
      const theirs = await bySshKeygen(name, file);
      const ours = await byFerry(name, file, text);
      const told = `FERRY_SEED=${seed}, file ${index}, ${name}:\n${JSON.stringify(text.split('\n'), undefined, 1)}`;
      assert.deepEqual(
        ours.keys,
        theirs.filter((key) => !key.startsWith('CA')),
        told,
      );
      assert.equal(
        ours.authority,
        theirs.some((key) => key.startsWith('CA')),
        told,
      );
      found += theirs.length;
    };
    for (let index = 0; index < files; index += atOnce) {
      await Promise.all(Array.from({ length: atOnce }, (_, lane) => one(index + lane)));
    }
    assert.ok(found > files, `${found} lines found: too few to tell anything`);
  });

  it('agree on a file that ssh-keygen itself hashed', async () => {
    const file = join(folder, 'hashed');
    const plain = names.filter((name) => !/[*!,|]/.test(name));
    const { publicLine } = makeKey(folder, 'ed25519');
    writeFileSync(file, plain.map((name) => `${name} ${publicLine}\n`).join(''));
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const text = printedBy('cat', [file]);
    assert.match(text, /^\|1\|/);
    for (const name of [...plain, 'example.org', '[a.b]:22'])
      assert.deepEqual((await byFerry(name.toLowerCase(), file, text)).keys, await bySshKeygen(name.toLowerCase(), file), name);
    assert.equal(` ${fingerprintOf(Buffer.from(publicLine.split(' ')[1]!, 'base64'))}`, (await byFerry('a.b', file, text)).keys[0]);
  });
});
