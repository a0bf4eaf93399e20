import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { startHttpProxy, type HttpProxy } from '../servers/httpProxy.ts';
import { demo, saveHosts } from './demo.ts';
import { takePlace } from './person.ts';

/* VS Code's own `http.proxy` is for hosts that say so, and for no others. */
describe('the proxy of VS Code', () => {
  const http = vscode.workspace.getConfiguration('http');
  const { setting } = demo.hosts['demo-sftp'];
  const place = `127.0.0.1:${setting.port}`;
  let proxy: HttpProxy;

  before(async () => {
    takePlace();
    proxy = await startHttpProxy();
    await http.update('proxy', `http://127.0.0.1:${proxy.port}`, vscode.ConfigurationTarget.Global);
    await saveHosts(...['asking', 'asking-too'].map((name) => ({ ...setting, name, proxy: 'vscode' })), { ...setting, name: 'silent' });
  });

  after(async () => {
    for (const name of ['proxy', 'noProxy']) await http.update(name, undefined, vscode.ConfigurationTarget.Global);
    await saveHosts();
    await proxy.stop();
  });

  const list = (host: string) => vscode.workspace.fs.readDirectory(vscode.Uri.parse(`sftp://${host}/`));

  it('is left alone by a host that does not name it', async () => {
    await list('silent');
    assert.deepEqual(proxy.asked, []);
  });

  it('carries the connection of a host that names it', async () => {
    await list('asking');
    assert.deepEqual([...new Set(proxy.asked)], [place]);
  });

  it('is left alone where “http.noProxy” says so', async () => {
    const before = proxy.asked.length;
    await http.update('noProxy', ['127.0.0.1'], vscode.ConfigurationTarget.Global);
    await list('asking-too');
    assert.equal(proxy.asked.length, before);
  });
});
