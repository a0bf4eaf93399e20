/** A host that the person's ssh config names, with where it leads as far as that is known without running anything. */
export interface ConfiguredHost {
  readonly name: string;
  readonly address: string;
  readonly user: string;
  readonly port: number;
}

export interface ConfiguredHosts {
  readonly hosts: readonly ConfiguredHost[];
  /** All files that they come from, or would if they were there. */
  readonly files: readonly string[];
}
