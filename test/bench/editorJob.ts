import type { Times } from './times.ts';

/** A saved host of the VS Code that is measured. */
export interface EditorHost {
  readonly server: string;
  readonly line: 'near' | 'far';
  readonly authority: string;
  readonly protocol: string;
  /** Of the files, on the server. */
  readonly root: string;
  /** Item of `ferry.hosts`. */
  readonly setting: object;
}

export interface EditorJob {
  /** None: only the activation is measured. */
  readonly hosts: readonly EditorHost[];
  readonly runs: number;
  /** Of the files that are read and saved, in bytes. */
  readonly size: number;
  readonly rttMs: number;
  /** File for the figures. */
  readonly result: string;
}

export const editorOperations = ['stat', 'read', 'save', 'openDocument', 'saveDocument'] as const;
export type EditorOperation = (typeof editorOperations)[number];

/** What was measured within VS Code; milliseconds. */
export interface EditorFigures {
  readonly version: string;
  /** From the first need of the extension until it is ready: its code loaded and run, for the first time on that machine. */
  readonly activationMs: number;
  /** The same in the next window. */
  readonly nextActivationMs: number;
  /** With files that cost nothing: VS Code's own part. */
  readonly alone: EditorServer['times'];
  readonly servers: readonly EditorServer[];
}

export interface EditorServer {
  readonly server: string;
  readonly line: EditorHost['line'];
  readonly times: Readonly<Record<EditorOperation, Times>>;
  /** `workspace.fs.readDirectory` of 20,000 entries. */
  readonly listing: Work;
  /** The same folder in the Explorer, until the extension host has come to rest again; of near servers. */
  readonly expanding?: Work;
}

export interface Work {
  readonly ms: number;
  /** The longest work of the extension host's without a turn for others. */
  readonly longestWorkMs: number;
}
