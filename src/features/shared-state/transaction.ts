/** The variables as one transaction sees and changes them. */
export interface StateTransaction {
  /** The value, with what this transaction has changed. */
  get(name: string): unknown;
  /** Its version, 0 if there is none. */
  version(name: string): number;
  /** The new version. @throws as `SharedState.set` */
  set(name: string, value: unknown, options?: { readonly expected?: number }): number;
  /** The sum. */
  add(name: string, amount?: number): number;
  /** Whether there was one. */
  delete(name: string, options?: { readonly expected?: number }): boolean;
}
