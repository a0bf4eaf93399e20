/** Milliseconds that a request may take once it was sent. Replies to earlier requests restart the clock. */
export interface Deadlines {
  /** Requests that move no file content. */
  readonly metadata: number;
  /** READ and WRITE: without a byte of progress. */
  readonly data: number;
  /** Requests that make the server write to its disk: fsync, CLOSE of a written file, copy-data. */
  readonly flush: number;
}
