import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Work } from './editorJob.ts';
import { timesOf } from './times.ts';

/** Times of calls to the window that are compared with those before them. */
const sample = 20;
/** It is waited no longer, in ms: some machines never come to rest. */
const patience = 30_000;

/** Resolves once the window answers no quicker than a moment ago: it has opened, and what was begun in it is done. */
export async function calm(): Promise<void> {
  const end = performance.now() + patience;
  let before = Infinity;
  while (performance.now() < end) {
    const times: number[] = [];
    for (let call = 0; call < sample; call += 1) {
      const start = performance.now();
      // Answered by the window, by nothing but a look at what it knows.
      await vscode.commands.executeCommand('vscode.getEditorLayout');
      times.push(performance.now() - start);
    }
    const { median } = timesOf(times);
    if (median > 0.9 * before) return;
    before = median;
    await sleep(500);
  }
}

/** How long `work` takes, and how long it kept the extension host from all else; with what follows it there by itself. */
export async function watched(work: () => PromiseLike<unknown>): Promise<Work> {
  let [last, longestWorkMs] = [process.threadCpuUsage(), 0];
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last);
    longestWorkMs = Math.max(longestWorkMs, (user + system) / 1000);
    last = process.threadCpuUsage();
  }, 1);
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  await sleep(1000);
  clearInterval(timer);
  return { ms, longestWorkMs };
}
