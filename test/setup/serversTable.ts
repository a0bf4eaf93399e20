import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckResult, ContractReport } from '../contract/report.ts';
import { inRepository } from './commands.ts';

const reportFolder = inRepository('dist', 'contract');
/** Results of other tests that run on these servers. */
const others = ['matrix.json', 'torture.json'];

/** Reasons that say something of the test, not of what the server offers. */
const aboutTheTest = [
  /^no password is asked for/,
  /^the server takes changes/,
  /^permissions do not bind/,
  /^names are /,
  /lacks a character of it$/,
  /answers a wrong password after/,
];

/** What is missing, in few words. */
const inWords: readonly (readonly [RegExp, string])[] = [
  [/^the server is read-only/, 'changes'],
  [/has no chmod$/, 'changing permissions'],
  [/has no chgrp$/, 'changing the group'],
  [/has no setMtime$/, 'setting times'],
  [/has no symlink$/, 'making links'],
  [/has no readLink$/, 'reading links'],
  [/has no copyOnServer$/, 'copying on the server'],
  [/has no space$/, 'free space'],
  [/can not write into a file$/, 'writing into a file without cutting it'],
  [/can not create exclusively$/, 'creating a file only if there is none'],
  [/replaces such bytes/, 'names that are not UTF-8'],
  [/no folder with an asterisk/, '`*` in names of folders'],
  [/^Pure-FTPd drops/, 'control characters, and blanks at the ends of names'],
  [/names with a backslash/, 'backslashes in names'],
  [/writes through no link/, 'writing through links'],
  [/^links are hidden/, 'links (hidden)'],
  [/^links are followed/, 'links (shown as what they lead to)'],
];

async function readReports(): Promise<ContractReport[]> {
  const names = (await readdir(reportFolder)).filter((name) => name.endsWith('.json') && !others.includes(name));
  const files = await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(reportFolder, name), 'utf8')) as object));
  // The figures of the torture are beside them.
  const reports = files.filter((file): file is ContractReport => 'checks' in file);
  const place = ({ protocol, server }: ContractReport): string => `${protocol === 'sftp' ? 1 : 2} ${server.toLowerCase()}`;
  return reports.sort((one, other) => place(one).localeCompare(place(other)));
}

function row(report: ContractReport, known: readonly string[]): string {
  const { server, version, protocol, checks } = report;
  const [name = server, ...mode] = server.split(', ');
  const count = (result: CheckResult): string => String(Object.values(checks).filter((each) => each === result).length);
  const missing = notOffered(report).filter((words) => !known.includes(words));
  const modes = mode.map((each) => each.replace(/^(?:SFTP|FTPS?) ?/, '')).filter((each) => each !== '');
  const cells = [`${name} ${version}`, protocol.toUpperCase(), modes.join(', '), count('passed'), count('failed'), missing.join('; ')];
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

function notOffered({ reasons }: ContractReport): string[] {
  const told = Object.values(reasons).filter((reason) => !aboutTheTest.some((pattern) => pattern.test(reason)));
  return [...new Set(told.map((reason) => inWords.find(([pattern]) => pattern.test(reason))?.[1] ?? reason.replace(/\.$/, '')))];
}

/** What no FTP server offers is said once. A read-only one was not asked for most of it. */
function missingEverywhere(reports: readonly ContractReport[]): string[] {
  const [first = [], ...others] = reports
    .filter(({ protocol }) => protocol !== 'sftp')
    .map(notOffered)
    .filter((missing) => !missing.includes('changes'));
  return first.filter((words) => others.every((missing) => missing.includes(words)));
}

/** README's table of servers, in Markdown, from what the last run of the contract saw. */
export async function serversTable(): Promise<string> {
  const reports = await readReports();
  if (reports.length === 0) throw new Error('The contract has not run: npm run contract');
  const everywhere = missingEverywhere(reports);
  return [
    '| server | protocol | mode | checks passed | failed | not offered by the server |',
    '| --- | --- | --- | --- | --- | --- |',
    ...reports.map((report) => row(report, report.protocol === 'sftp' ? [] : everywhere)),
    ...(everywhere.length > 0 ? ['', `Not offered by any of the FTP servers: ${everywhere.join('; ')}.`] : []),
  ].join('\n');
}
