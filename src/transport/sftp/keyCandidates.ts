import { readFile, stat } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import type { SftpOptions } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import { safeText } from '../../core/text.ts';
import { agentKeys, type AgentBlob, type AgentKey, type AgentKeys, type SignNamed } from './agent.ts';
import { certifiedKey, readCertificate } from './certificates.ts';
import { contractHome, expandHome, type SshEnvironment } from './environment.ts';
import { readPrivateKey, type KeyReading } from './keys.ts';
import { keyType } from './knownHosts.ts';
import { publicKey } from './opensshKey.ts';

/** A key that may open the server, before it is tried. */
export type KeyCandidate = { readonly kind: 'agent'; readonly label: string; readonly agentKey: AgentKey } | BlobCandidate | FileCandidate;

/** A certificate, or a key of a FIDO device: `ssh2` knows neither. `signer`: an agent, or the file of the private key. */
export interface BlobCandidate {
  readonly kind: 'blob';
  readonly label: string;
  readonly blob: Buffer;
  readonly signer: SignNamed | FileCandidate;
}

export interface FileCandidate {
  readonly kind: 'file';
  readonly label: string;
  readonly file: string;
  readonly content: Buffer;
  readonly reading: KeyReading;
}

export interface KeyCandidates {
  readonly candidates: readonly KeyCandidate[];
  /** What could not be used, in plain words, for the report of a failure. */
  readonly problems: readonly KeyProblem[];
}

export interface KeyProblem {
  readonly said: string;
  /** It is a key that the person's own `ssh` may be able to use. */
  readonly needsOpenssh: boolean;
}

/** Servers hang up after about six attempts (sshd's MaxAuthTries); one is left for a password. Keys that a host names always count in. */
const attempts = 5;
/** A private key is a few kilobytes. */
const largestFile = 256 * 1024;

/** A public key in a file in place of a private one: it chooses one of the agent's keys. */
type PublicHalf = FileCandidate & { readonly isPublicOnly?: boolean };

/**
 * The keys to try, in order: those that the host names (by the agent, where it holds them), then the agent's others; without named
 * keys the agent's, then the usual files. `onlyNamed`: none of the agent's that are not in those files as well (IdentitiesOnly).
 */
export async function keyCandidates(
  options: SftpOptions,
  environment: SshEnvironment,
  log: Log,
  { onlyNamed = false, certificateFiles = [] }: { readonly onlyNamed?: boolean; readonly certificateFiles?: readonly string[] } = {},
): Promise<KeyCandidates> {
  const named = options.privateKeys !== undefined;
  const paths = options.privateKeys?.map((path) => expandHome(path, environment.home)) ?? environment.defaultKeys;
  const [files, agent] = await Promise.all([
    Promise.all(paths.map((path) => readCandidate(path, environment.home, named))),
    agentKeys(options.agent, environment.home, log),
  ]);
  const problems = [
    ...files.filter((file) => file !== undefined && 'said' in file),
    ...(agent.problem === undefined ? [] : [problem(agent.problem)]),
  ];
  const usable = files.filter((file): file is PublicHalf => file !== undefined && !('said' in file));
  const others = onlyNamed ? [] : agent.keys.filter((key) => !usable.some((file) => holds(key, file)));
  const candidateOf = (file: PublicHalf): KeyCandidate | undefined =>
    agentCandidate(agent.keys.find((key) => holds(key, file))) ?? (file.isPublicOnly === true ? undefined : file);
  const fromFiles = usable.map(candidateOf).filter((candidate) => candidate !== undefined);
  for (const file of usable) {
    if (file.isPublicOnly === true && candidateOf(file) === undefined)
      problems.push(problem(t('{0} (the agent does not hold its private half)', file.label)));
  }
  const heldFirst = [...fromFiles.filter(({ kind }) => kind === 'agent'), ...others.map(agentCandidate)];
  const certified = await certifiedCandidates([...paths.map((path) => `${path}-cert.pub`), ...certificateFiles], agent, fromFiles);
  for (const file of certificateFiles)
    if (!certified.files.has(file)) problems.push(problem(t('certificate {0} (it is not there, or its key is not)', file)));
  const candidates = named
    ? [...fromFiles, ...others.map(agentCandidate).slice(0, Math.max(0, attempts - fromFiles.length))]
    : [...heldFirst, ...fromFiles.filter(({ kind }) => kind === 'file')].slice(0, attempts);
  const plain = candidates.filter((candidate) => candidate !== undefined);
  const special = [...certified.candidates, ...agentBlobs(agent.blobs, onlyNamed)];
  const all = [...special, ...plain];
  return { candidates: named ? all : all.slice(0, attempts), problems };
}

/** Certificates in files, with what signs for each: an agent, or the private key beside it. They go before plain keys, as with OpenSSH. */
async function certifiedCandidates(
  files: readonly string[],
  agent: AgentKeys,
  keys: readonly KeyCandidate[],
): Promise<{ readonly candidates: readonly BlobCandidate[]; readonly files: ReadonlySet<string> }> {
  const found = await Promise.all([...new Set(files)].map(readCertificate));
  const candidates = found.flatMap((certificate): BlobCandidate[] => {
    if (certificate === undefined) return [];
    const { keyBlob, blob, file } = certificate;
    const held =
      agent.keys.find(({ key }) => key.getPublicSSH().equals(keyBlob)) ?? agent.blobs.find((other) => other.blob.equals(keyBlob));
    const signer =
      held?.signNamed ?? keys.find((key): key is FileCandidate => key.kind === 'file' && publicBlob(key)?.equals(keyBlob) === true);
    return signer === undefined ? [] : [{ kind: 'blob', label: t('certificate {0}', file), blob, signer }];
  });
  const used = found.filter((certificate) => candidates.some(({ blob }) => blob === certificate?.blob));
  return { candidates, files: new Set(used.flatMap((certificate) => certificate?.file ?? [])) };
}

function agentBlobs(blobs: readonly AgentBlob[], onlyNamed: boolean): BlobCandidate[] {
  if (onlyNamed) return [];
  return blobs
    .filter(({ blob }) => isUsable(blob))
    .map(({ blob, comment, signNamed }) => ({
      ...{ kind: 'blob', blob, signer: signNamed },
      label: t('agent key {0}', safeText(comment, 60) || (keyType(blob) ?? '')),
    }));
}

/** Certificates, and keys of FIDO devices; what else an agent holds may be anything. */
function isUsable(blob: Buffer): boolean {
  return certifiedKey(blob) !== undefined || /^sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com$/.test(keyType(blob) ?? '');
}

function publicBlob({ reading }: FileCandidate): Buffer | undefined {
  const half = reading.kind === 'key' ? reading.key : reading.kind === 'locked' ? reading.publicKey : undefined;
  return half?.getPublicSSH();
}

async function readCandidate(path: string, home: string, named: boolean): Promise<PublicHalf | KeyProblem | undefined> {
  const label = t('key {0}', contractHome(path, home));
  try {
    if ((await stat(path)).size > largestFile) return named ? problem(t('{0} (it is not a private key)', label)) : undefined;
    const content = await readFile(path);
    const reading = await readPrivateKey(content);
    if (reading.kind === 'unusable')
      return publicOnly(path, label, content.toString('latin1')) ?? problem(t('{0} ({1})', label, reading.reason), reading.needsOpenssh);
    const half = reading.kind === 'locked' && reading.publicKey === undefined ? await publicHalf(path) : undefined;
    return { kind: 'file', label, file: path, content, reading: half === undefined ? reading : { kind: 'locked', publicKey: half } };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing && !named) return undefined;
    const beside = missing ? publicOnly(path, label, await readFile(`${path}.pub`, 'latin1').catch(() => '')) : undefined;
    if (beside !== undefined) return beside;
    return problem(missing ? t('{0} (the file is not there)', label) : t('{0} (the file can’t be read)', label));
  }
}

function problem(said: string, needsOpenssh = false): KeyProblem {
  return { said, needsOpenssh };
}

/** Undefined for what is no public key. */
function publicOnly(file: string, label: string, line: string): PublicHalf | undefined {
  const half = publicKey(Buffer.from(line.trim().split(/\s+/)[1] ?? '', 'base64'));
  if (half === undefined) return undefined;
  return { kind: 'file', label, file, content: Buffer.alloc(0), reading: { kind: 'locked', publicKey: half }, isPublicOnly: true };
}

/** The `.pub` file beside a private key. */
async function publicHalf(path: string): Promise<ParsedKey | undefined> {
  const line = await readFile(`${path}.pub`, 'utf8').catch(() => '');
  const blob = Buffer.from(line.trim().split(/\s+/)[1] ?? '', 'base64');
  return publicKey(blob);
}

function holds({ key }: AgentKey, file: FileCandidate): boolean {
  return publicBlob(file)?.equals(key.getPublicSSH()) ?? false;
}

function agentCandidate(agentKey: AgentKey): KeyCandidate;
function agentCandidate(agentKey: AgentKey | undefined): KeyCandidate | undefined;
function agentCandidate(agentKey: AgentKey | undefined): KeyCandidate | undefined {
  if (agentKey === undefined) return undefined;
  const { comment, type } = agentKey.key;
  return { kind: 'agent', label: t('agent key {0}', safeText(comment, 60) || type), agentKey };
}
