import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolder, temporaryFolder } from './folder.ts';
import { findProgram, runProgram } from './program.ts';

export interface SshAgent {
  readonly socket: string;
  readonly end: () => void;
}

/** An agent that holds a key. */
export async function startSshAgent(key: string): Promise<SshAgent> {
  const folder = temporaryFolder('agent');
  const socket = join(folder, 'socket');
  const agent = spawn(findProgram('ssh-agent', 'openssh-client'), ['-D', '-a', socket], { stdio: 'ignore' });
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 10));
  runProgram('env', [`SSH_AUTH_SOCK=${socket}`, findProgram('ssh-add', 'openssh-client'), '-q', key]);
  return {
    socket,
    end() {
      agent.kill();
      removeFolder(folder);
    },
  };
}
