import { type ExtensionContext, Uri } from 'vscode';
import type { Reach } from '../core/connect.ts';
import type { SavedHosts } from './hosts.ts';
import type { Settings } from './settings.ts';

/** What connections may need beyond their own host, as it is at that moment. Nothing of it is a workspace's to say. */
export function createReach(
  context: Pick<ExtensionContext, 'asAbsolutePath' | 'globalStorageUri'>,
  hosts: SavedHosts,
  settings: Settings,
): Reach {
  const askpass = context.asAbsolutePath('dist/askpass.cjs');
  const storage = Uri.joinPath(context.globalStorageUri, 'openssh').fsPath;
  return {
    findHost: (name) => hosts.find(name),
    get sshConfig() {
      return settings.sshConfig;
    },
    get openssh() {
      return { program: settings.opensshPath, askpass, storage };
    },
    get editorProxy() {
      return settings.editorProxy;
    },
    get editorNoProxy() {
      return settings.editorNoProxy;
    },
  };
}
