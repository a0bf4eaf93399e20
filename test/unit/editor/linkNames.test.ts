import assert from 'node:assert/strict';
import { makeHost } from '../../servers/server.ts';
import { person } from './fakeVscode.ts';

const { LinkNames } = await import('../../../src/editor/linkNames.ts');

/** Of VS Code (`parseLinkedText`): what it makes a link of in a message. */
const linkedText = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;

describe('names that VS Code would make a link of', () => {
  const host = makeHost({ name: 'web', protocol: 'sftp', port: 22, user: 'ann' });
  const location = (path: string) => ({ host, path, key: `/sftp/web${path}` });
  const shown = (...names: string[]) =>
    new LinkNames().leaveOut(
      location('/home'),
      names.map((name) => ({ name })),
    );

  beforeEach(() => person.reset());

  it('are not shown, whichever part of a path they are; all others are', () => {
    const bad = [
      '[x](command:y)',
      '[a](COMMAND:b?%5B1%5D).txt',
      '[log](file:x)',
      'b](command:y)',
      '[a](command:x',
      '![i](command:y "title")',
    ];
    for (const name of bad) assert.deepEqual(shown(name, 'plain'), [{ name: 'plain' }], name);
    const good = [
      '[x](y)',
      '[draft](file: a).txt',
      'command:y',
      '[x] (command:y)',
      '$(bug)',
      '<a href=x>',
      '[a](https:',
      'a.command',
      '](',
      '[',
    ];
    assert.equal(shown(...good).length, good.length);
    const paths = ['/[words/', '/home/[w]', '/[a'].flatMap((folder) =>
      [...good].flatMap((one) => good.map((two) => `${folder}${one}/${two}`)),
    );
    for (const path of paths) assert.doesNotMatch(`Failed to save '${path}': sftp://web${path} (x)`, linkedText, path);
  });

  it('are told of once a folder, harmlessly', () => {
    const names = new LinkNames();
    const two = [{ name: '[x](command:y)' }, { name: '[z](command:y)' }];
    names.leaveOut(location('/home'), two);
    names.leaveOut(location('/home'), two);
    names.leaveOut(location('/other'), two.slice(1));
    assert.equal(person.dialogs.length, 2);
    assert.match(person.dialogs[0]?.message ?? '', /^\[x\]❨command∶y\) and 1 more in \/home on web are not shown/);
    for (const { message } of person.dialogs) assert.doesNotMatch(message, linkedText);
  });

  it('cost a hostile listing no time', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => ({ name: `${'](command:'.repeat(index % 20)}${index}` }));
    assert.equal(new LinkNames().leaveOut(location('/'), names).length, 5000);
  });
});
